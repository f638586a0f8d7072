"""What c-syntax says about names: each line is a text and all the findings that it has."""

from __future__ import annotations

import pytest
from rnnlab_c_syntax import CSyntax

from rnnlab.evaluation import Evaluation, Source

ESSAY = """static int indicate_policy(void)
{
  int error;
  if (fd == MARN_EPT) {
    /*
     * The kernel blank will coeld it to userspace.
     */
    if (ss->segment < mem_total)
      unblock_graph_and_set_blocked();
    else
      ret = 1;
    goto bail;
  }
  segaddr = in_SB(in.addr);
  selector = seg / 16;
  setup_works = true;
  for (i = 0; i < blocks; i++) {
    seq = buf[i++];
    bpf = bd->bd.next + i * search;
    if (fd) {
      current = blocked;
    }
  }
  rw->name = "Getjbbregs";
  bprm_self_clearl(&iv->version);
  regs->new = blocks[(BPF_STATS << info->historidac)] | PFMR_CLOBATHINC_SECONDS << 12;
  return segtable;
}
"""
ESSAY_UNDEFINED = (
    "fd ss mem_total ret segaddr in selector seg setup_works i blocks seq buf bpf bd search blocked rw iv regs info"
)


def judge(text: str, *, whole: bool = False, known: tuple[str, ...] = (), parameters: bool = False) -> Evaluation:
    options = CSyntax.Options(known_names=known, unused_parameter=parameters)
    return CSyntax(options).evaluate(Source(text=text, start_cut=not whole, end_cut=not whole))


def found(text: str, *, whole: bool = False, known: tuple[str, ...] = (), parameters: bool = False) -> list[str]:
    evaluation = judge(text, whole=whole, known=known, parameters=parameters)
    return sorted(f"{finding.rule} {finding.symbol}".strip() for finding in evaluation.findings)


def findings(text: str, *expected: str) -> None:
    assert found(text) == sorted(expected), text


def test_the_function_of_the_essay_has_exactly_the_faults_that_it_is_famous_for() -> None:
    evaluation = CSyntax().evaluate(Source(text=ESSAY))
    by_rule: dict[str, list[str]] = {}
    for finding in evaluation.findings:
        by_rule.setdefault(finding.rule, []).append(finding.symbol)
    assert by_rule == {
        "unused-variable": ["error"],
        "undefined-label": ["bail"],
        "undefined-return": ["segtable"],
        "undefined-variable": ESSAY_UNDEFINED.split(),
    }
    counts = {metric.name: (metric.count, metric.total) for metric in evaluation.metrics}
    assert counts["bracket-balance"] == (30, 30)
    assert counts["clean-functions"] == (0, 1)
    assert counts["unused-declarations"] == (1, 1)
    assert counts["undefined-returns"] == (1, 1)
    assert counts["strings-closed"] == counts["comments-closed"] == (1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int f(void) { return x; }", ["undefined-return x"]),
        ("int f(int x) { return x; }", []),
        ("int f(void) { return (x); }", ["undefined-variable x"]),
        ("int f(void) { g(x); return x; }", ["undefined-return x", "undefined-variable x"]),
        ("int f(void) { int x = 1; return x; }", []),
        ("int f(void) { int x = x; return x; }", []),  # C11 6.2.1p7: in scope from its declarator on
        ("int f(void) { { int x = 1; g(x); } return x; }", ["undefined-return x"]),
        ("void f(void) { int x; }", ["unused-variable x"]),
        ("void f(void) { int x = g(); }", ["unused-variable x"]),
        ("void f(void) { int x; x = g(); }", ["set-but-unused x"]),
        ("void f(void) { int x; x += g(); }", []),
        ("void f(void) { int x, *y = &x; }", ["unused-variable y"]),
        ("void f(void) { static int x; }", ["unused-variable x"]),
        ("void f(void) { extern int x; }", []),
        ("void f(void) { int (*g)(int a); g(1); }", []),
        ("void f(void) { int g(int); g(1); }", []),
        ("void f(void) { for (int i = 0; i < 3; i++) g(i); h(i); }", ["undefined-variable i"]),
        ("void f(int n) { while (n) { int n = 1; } }", ["unused-variable n"]),
        ("void f(void) { a = b; a = b; }", ["undefined-variable a", "undefined-variable b"]),
        ("int x; int f(void) { return x; }", []),
        ("int f(void) { return x; } int x;", ["undefined-return x"]),
    ],
)
def test_scopes_are_those_of_c(text: str, expected: list[str]) -> None:
    findings(text, *expected)
