"""The ``c-compiler`` evaluator: what share of a text's functions would gcc or clang compile?

Generated C comes without its headers. So what a function lacks is declared for it, as the compiler
asks for it, and only what is then still wrong counts. Nothing is executed and no file is read.

sanitize    the text without directives, comments and whatever else could make a compiler read files
functions   where functions begin and end
compiler    one run of the compiler, and its messages
lacks       what a message asks for, and the declaration that gives it
evaluator   rounds of these until nothing new is asked for
"""

from rnnlab_c_compiler.evaluator import CCompiler

__all__ = ["CCompiler"]
