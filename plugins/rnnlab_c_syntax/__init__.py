"""c-syntax: judges generated C as a compiler would if the text were complete.

An evaluator for rnnlab, and the reference for writing one: it uses the public contract and
nothing else. Headers are absent, macros unknown, the text starts and stops in mid-air: what
cannot be known is decided by rules that are written where they are applied.
"""

from rnnlab_c_syntax.evaluator import CSyntax

__all__ = ["CSyntax"]
