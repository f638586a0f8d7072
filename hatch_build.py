"""Compiles c-syntax with mypyc while a wheel is made; where that is impossible, it stays Python.

The compiled modules lie in a folder of their own beside the packages, with the digest of the
sources that they were made from: :mod:`rnnlab_c_syntax` uses them only while that digest is
true, so that an edited module of an editable installation is never hidden by an old copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "rnnlab_c_syntax"
FOLDER = f"{PACKAGE}_compiled"
#: The modules that find out which copies of the others to use, and the one with a class within a class,
#: which mypyc does not know.
INTERPRETED = ("__init__.py", "compiled.py", "evaluator.py")
#: A minute is usual; a machine that needs ten had better not compile.
LONGEST = 600.0


class CompileHook(BuildHookInterface[Any]):
    """Adds the compiled modules to wheels, editable ones included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile in a temporary folder and hand over what came of it."""
        if os.environ.get("RNNLAB_PURE_PYTHON"):
            return
        self._built = Path(tempfile.mkdtemp(prefix="rnnlab-"))
        try:
            modules = self._compile(Path(self.root) / "plugins" / PACKAGE)
        except (OSError, subprocess.SubprocessError) as reason:
            said = getattr(reason, "stdout", None) or ""
            self.app.display_warning(f"c-syntax stays interpreted Python: {reason}\n{said[-2000:]}".rstrip())
            return
        include = build_data["force_include_editable" if version == "editable" else "force_include"]
        include.update(modules)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, *_: object) -> None:
        """Remove the temporary folder."""
        shutil.rmtree(getattr(self, "_built", ""), ignore_errors=True)

    def _compile(self, sources: Path) -> dict[str, str]:
        """Return for each built file its place in the wheel."""
        copy = self._built / PACKAGE
        shutil.copytree(sources, copy, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        modules = [
            str(path.relative_to(self._built))
            for path in sorted(copy.rglob("*.py"))
            if path.parent != copy or path.name not in INTERPRETED
        ]
        # Only the plugin's own types are needed: the libraries of the rest are not there in an isolated build.
        flags = ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent"]
        environment = os.environ | {"MYPYPATH": self.root, "MYPYC_DEBUG_LEVEL": "0"}
        subprocess.run(
            [sys.executable, "-m", "mypyc", *flags, *modules],
            cwd=self._built,
            env=environment,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST,
        )
        places = {str(path): path.name for path in self._built.glob("*__mypyc.*")}
        for path in copy.rglob("*"):
            if path.suffix in (".so", ".pyd"):
                places[str(path)] = f"{FOLDER}/{path.relative_to(copy).as_posix()}"
        digest = subprocess.run(
            [sys.executable, str(copy / "compiled.py"), str(copy)], check=True, text=True, stdout=subprocess.PIPE
        ).stdout
        told = self._built / "SOURCES"
        told.write_text(digest, encoding="ascii")
        return places | {str(told): f"{FOLDER}/{told.name}"}
