"""The ``python-syntax`` evaluator: Python text judged with ``ast`` and ``symtable`` alone.

Whether the text parses, which names it uses that nothing defines, and which locals it never
reads. Knows nothing of types, of modules, or of what a program would do. A text in which a function binds
thousands of names around thousands of lambdas, comprehensions or functions is refused: CPython takes the square of
the time for it.
"""

from rnnlab_python_syntax.evaluator import PythonSyntax

__all__ = ["PythonSyntax"]
