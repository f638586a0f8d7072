"""c-syntax: judges generated C as a compiler would if the text were complete.

An evaluator for rnnlab, and the reference for writing one: it uses the public contract and
nothing else. Headers are absent, macros unknown, the text starts and stops in mid-air: what
cannot be known is decided by rules that are written where they are applied.
"""

from pathlib import Path

from rnnlab_c_syntax.compiled import compiled_folder

_FOLDER = compiled_folder(Path(__file__).parent)
#: Whether the modules in use are compiled, which judges a third to two fifths faster.
COMPILED = _FOLDER is not None
if _FOLDER is not None:
    __path__.insert(0, _FOLDER)

from rnnlab_c_syntax.evaluator import CSyntax  # noqa: E402 - which copies of the modules to use is decided first

__all__ = ["COMPILED", "CSyntax"]
