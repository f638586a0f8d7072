"""Compile a C file of this folder at first use, keep the library in the user's cache, load it.

Nothing here knows what the C code computes. Every caller must have a portable path of its own:
`library` raises `NativeUnavailable`, with the reason, where there is no compiler, where it
fails, or where RNNLAB_NATIVE=0 forbids it.

A library is kept under a name made of everything that decides its content (source with its
``<name>_*.h``, options, compiler, processor), and moved into place in one rename, so two processes may build at once
and an update never meets an old file.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import platformdirs

_FOLDER = Path(__file__).parent
_COMMON = ("-O3", "-std=gnu11", "-fPIC", "-shared", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
_TUNINGS = (("-march=native",), ("-mcpu=native",), ())  # the first that the compiler accepts
_PATIENCE = 120  # seconds for one compilation


class NativeUnavailable(Exception):  # noqa: N818  # not an error: callers go on with their portable path
    """There is no native library; the message says why, in words for a person."""


@functools.cache
def library(name: str) -> ctypes.CDLL:
    """The compiled ``<name>.c``, built if it has not been on this machine.

    Raises:
        NativeUnavailable: no compiler, a failed build, or RNNLAB_NATIVE=0.
    """
    if os.environ.get("RNNLAB_NATIVE", "1") == "0":
        raise NativeUnavailable("RNNLAB_NATIVE=0 turns native code off")
    compiler = _compiler()
    source = _FOLDER / f"{name}.c"
    target = _cache() / f"{name}-{_fingerprint(source, compiler)}.so"
    if target.exists():
        try:
            return ctypes.CDLL(str(target))
        except OSError:  # a damaged file: build it again
            target.unlink(missing_ok=True)
    _build(source, compiler, target)
    try:
        return ctypes.CDLL(str(target))
    except OSError as error:
        raise NativeUnavailable(f"the compiled {name} cannot be loaded ({error})") from None


def _compiler() -> str:
    named = os.environ.get("CC", "").split()
    for candidate in (*named[:1], "cc", "gcc", "clang"):
        path = shutil.which(candidate)
        if path:
            return path
    raise NativeUnavailable("no C compiler was found (looked for $CC, cc, gcc and clang)")


def _cache() -> Path:
    return Path(os.environ.get("RNNLAB_CACHE") or platformdirs.user_cache_dir("rnnlab")) / "native"


def _fingerprint(source: Path, compiler: str) -> str:
    binary = Path(compiler).resolve()
    facts = [compiler, str(binary), str(binary.stat().st_mtime_ns), repr(_COMMON), platform.machine(), _processor()]
    texts = [source, *sorted(_FOLDER.glob(f"{source.stem}_*.h"))]
    content = b"\0".join(path.read_bytes() for path in texts)
    return hashlib.sha256(content + "\0".join(facts).encode()).hexdigest()[:20]


def _processor() -> str:
    """What the processor can do: a home folder may be shared by machines of several kinds."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(sorted({line for line in lines if line.startswith(("flags", "Features", "model name"))}))


def _build(source: Path, compiler: str, target: Path) -> None:
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(prefix=target.stem, suffix=".part", dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise NativeUnavailable(f"the cache folder {target.parent} cannot be written ({error.strerror})") from None
    try:
        complaint = ""
        for tuning in _TUNINGS:
            command = [compiler, *_COMMON, *tuning, "-o", made, str(source), "-lm", "-lpthread"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
            except (OSError, subprocess.TimeoutExpired) as error:
                raise NativeUnavailable(f"{compiler} did not run ({error})") from None
            if done.returncode == 0:
                Path(made).replace(target)
                return
            complaint = complaint or (done.stderr.strip().splitlines() or ["no message"])[0]
        raise NativeUnavailable(f"{compiler} could not compile {source.name}: {complaint}")
    finally:
        Path(made).unlink(missing_ok=True)
