"""c-syntax is compiled when it is installed: what that must not change."""

from __future__ import annotations

import ast
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import rnnlab_c_syntax
from rnnlab_c_syntax.compiled import FOLDER, compiled_folder, digest

PACKAGE = Path(rnnlab_c_syntax.__file__).parent
JUDGE = """
import json, sys
from pathlib import Path
import rnnlab_c_syntax
from rnnlab.evaluation import Source

judge = rnnlab_c_syntax.CSyntax()
found = {}
for path in sys.argv[1:]:
    judged = judge.evaluate(Source(text=Path(path).read_text(encoding="latin-1"), name=path))
    found[path] = [[str(finding) for finding in judged.findings], [str(metric) for metric in judged.metrics]]
print(json.dumps([list(rnnlab_c_syntax.__path__), found]))
"""
BROKEN = """#define PAIR(name) int name##_first, name##_second
#define SWAP(a, b) do { int t = a; a = b; b = t; } while (0)
#ifdef CONFIG_X
static int only_here(int n) { return n + undefined_there; }
#else
static int only_here(int n) { return n; }
#endif
#define ROUND(x) ABOUT(x)
#define ABOUT(x) (ROUND(x) + around)
int f(int argc, char **argv)
{
    PAIR(my);
    int unused, set = 1;
    set = 2;
    SWAP(my_first, my_second);
    list_for_each_entry(pos, head, member) { total += pos->size; }
    goto nowhere;
    return error;
}
void g(void) { return 1 + (2 * [3); "never closed
}
void around_all(void)
{
    char around;
#if 0
    ROUND(0);
#endif
}
int h(x, y) int x; char *y; { struct { int a; } s = { .a = x }; return s.a + *y; }
"""


def judged(paths: list[Path], **environment: str) -> tuple[list[str], object]:
    texts = [str(path) for path in paths]
    run = subprocess.run(
        [sys.executable, "-c", JUDGE, *texts], env=os.environ | environment, check=True, capture_output=True, text=True
    )
    where, found = json.loads(run.stdout)
    return where, found


def test_compiled_modules_find_what_their_sources_find(tmp_path: Path) -> None:
    paths = []
    for number, text in enumerate(
        (BROKEN, BROKEN[len(BROKEN) // 3 :], BROKEN * 3, "}" * 999, "", "\0\xff(", "asm { nop }")
    ):
        paths.append(tmp_path / f"{number}.c")
        paths[-1].write_text(text, encoding="latin-1")
    chance = random.Random(1)
    for number in range(150):
        damaged = list(BROKEN)
        for _ in range(1 + number % 9):
            place = chance.randrange(len(damaged))
            damaged[place : place + chance.randrange(3)] = chance.choice("(){}[];\"'/*#\\,&. \n")
        paths.append(tmp_path / f"damaged{number}.c")
        paths[-1].write_text("".join(damaged)[chance.randrange(90) :])
    paths += sorted(Path(sys.base_prefix, "include").rglob("*.h"))[:60]
    compiled, found = judged(paths)
    sources, expected = judged(paths, RNNLAB_PURE_PYTHON="1")
    assert sources == [str(PACKAGE)]
    assert found == expected
    if compiled == sources:
        pytest.skip("the modules of this installation are not compiled, or were changed since")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Sources, and a folder of compiled copies of them beside which ``sys.path`` looks."""
    package, folder = tmp_path / "sources" / "rnnlab_c_syntax", tmp_path / "site" / FOLDER
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    folder.mkdir(parents=True)
    (folder / "SOURCES").write_text(digest(package))
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.delenv("RNNLAB_PURE_PYTHON", raising=False)
    return package, folder


def test_compiled_copies_of_these_sources_are_used(installed: tuple[Path, Path]) -> None:
    package, folder = installed
    assert compiled_folder(package) == str(folder)


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename"])
def test_a_changed_module_is_never_hidden_by_an_old_compiled_copy(installed: tuple[Path, Path], change: str) -> None:
    package, _ = installed
    module = package / "tree" / "walk.py"
    if change == "edit":
        module.write_text(module.read_text() + "# changed\n")
    elif change == "add":
        (package / "tree" / "more.py").touch()
    elif change == "remove":
        module.unlink()
    else:
        module.rename(package / "tree" / "walks.py")
    assert compiled_folder(package) is None


def test_sources_are_used_where_that_is_asked_for(
    installed: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_PURE_PYTHON", "1")
    assert compiled_folder(installed[0]) is None


def test_no_module_keeps_values_in_a_way_that_mypyc_forgets() -> None:
    """A compiled cached_property is found anew each time, which made a megabyte take minutes."""
    using = [path.name for path in PACKAGE.rglob("*.py") if "@cached_property" in path.read_text(encoding="utf-8")]
    assert using == []


def test_no_loop_rebinds_the_name_that_it_loops_over() -> None:
    """A compiled loop would go over the new list, and with macros that name each other in a circle for ever."""
    rebound = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for loop in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(loop, ast.For) and isinstance(loop.iter, ast.Name):
                stored = [name for step in loop.body for name in ast.walk(step) if isinstance(name, ast.Name)]
                rebound += [(path.name, n.id) for n in stored if isinstance(n.ctx, ast.Store) and n.id == loop.iter.id]
    assert rebound == []
