"""The tiny language of these tests: a text, and all the findings that it has."""

from __future__ import annotations

from rnnlab_c_syntax import CSyntax

from rnnlab.evaluation import Evaluation, Source

#: The function that the 2015 essay shows.
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


def judge(text: str, *, whole: bool = False, known: tuple[str, ...] = (), parameters: bool = False) -> Evaluation:
    options = CSyntax.Options(known_names=known, unused_parameter=parameters)
    return CSyntax(options).evaluate(Source(text=text, start_cut=not whole, end_cut=not whole))


def found(text: str, *, whole: bool = False, known: tuple[str, ...] = (), parameters: bool = False) -> list[str]:
    evaluation = judge(text, whole=whole, known=known, parameters=parameters)
    return sorted(f"{finding.rule} {finding.symbol}".strip() for finding in evaluation.findings)


def assert_findings(text: str, *expected: str) -> None:
    assert found(text) == sorted(expected), text


def assert_findings_within(statements: str, *expected: str) -> None:
    """A function with the parameters n and p around ``statements``."""
    assert_findings(f"int f(int n, struct node *p)\n{{\n\t{statements}\n\treturn n + p->a;\n}}\n", *expected)
