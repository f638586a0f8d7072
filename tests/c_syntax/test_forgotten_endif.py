"""Generated text forgets its #endif lines; that must not hide what follows."""

from __future__ import annotations

from rnnlab_c_syntax import CSyntax

from rnnlab.evaluation import Source

FUNCTION = "static int f%d(int a)\n{\n\tint unused%d;\n\n\treturn a + missing%d;\n}\n\n"


def undefined(text: str) -> list[str]:
    evaluation = CSyntax().evaluate(Source(text=text))
    return [finding.symbol for finding in evaluation.findings if finding.rule == "undefined-return"] + [
        finding.symbol for finding in evaluation.findings if finding.rule == "undefined-variable"
    ]


def functions(first: int, last: int) -> str:
    return "".join(FUNCTION % (n, n, n) for n in range(first, last))


def test_functions_after_a_branch_that_is_never_closed_are_judged_all_the_same() -> None:
    text = functions(0, 3) + "#ifdef CONFIG_SMP\nint x;\n#else\nint y;\n\n" + functions(3, 20)
    assert set(undefined(text)) >= {f"missing{n}" for n in (0, 1, 2, *range(4, 20))}


def test_functions_after_an_else_without_an_if_are_judged_all_the_same() -> None:
    text = functions(0, 3) + "#else\n" + functions(3, 20)
    assert set(undefined(text)) >= {f"missing{n}" for n in (0, 1, 2, *range(4, 20))}


def test_a_branch_that_is_closed_stays_hidden_as_a_whole() -> None:
    text = functions(0, 1) + "#if 0\n" + functions(1, 5) + "#endif\n" + functions(5, 6)
    assert set(undefined(text)) == {"missing0", "missing5"}
