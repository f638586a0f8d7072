"""The ``c-compiler`` evaluator: what share of a text's functions would gcc or clang compile?

Generated C comes without its headers. So what a function lacks is declared for it, as the compiler
asks for it, and only what is then still wrong counts. Nothing is executed and no file is read.

sanitize    the text without directives, comments and whatever else could make a compiler read files
functions   where functions begin and end
stretches   long texts in stretches of whole functions, each with the macros from above
compiler    one run of the compiler, and its messages
lacks       what a message asks for
units       a stretch with the declarations that its functions lack
work        rounds of these until nothing new is asked for
evaluator   from a text to its verdict
"""

from rnnlab_c_compiler.evaluator import CCompiler

__all__ = ["CCompiler"]
