"""Finds the compiled copies of this package's modules, if there are any and they are of these sources.

They are made by mypyc when a wheel is made (``hatch_build.py``), which calls a ``cached_property`` anew each
time: what the modules find out once they therefore keep themselves, in attributes named ``_kept_…``. Nor may a
slice of bytes end before it begins there: ``code[max(end - 1, 0) : end]``.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

FOLDER = "rnnlab_c_syntax_compiled"


def digest(package: Path) -> str:
    """Return a digest of all modules of ``package``, whose names and order are part of it."""
    found = hashlib.blake2b(digest_size=16)
    for path in sorted(package.rglob("*.py")):
        text = path.read_bytes()
        found.update(f"{path.relative_to(package).as_posix()} {len(text)}\n".encode())
        found.update(text)
    return found.hexdigest()


def compiled_folder(package: Path) -> str | None:
    """Return the folder with compiled copies of the modules that are in ``package``; ``None``: use these as they are.

    A copy of other sources is not one: whoever changes a module must see the change.
    ``RNNLAB_PURE_PYTHON=1`` asks for no copies.
    """
    if os.environ.get("RNNLAB_PURE_PYTHON"):
        return None
    for place in sys.path:
        folder = Path(place) / FOLDER
        try:
            told = (folder / "SOURCES").read_text(encoding="ascii")
        except OSError:
            continue
        return str(folder) if told == digest(package) else None
    return None


if __name__ == "__main__":
    sys.stdout.write(digest(Path(sys.argv[1])))
