"""One walk over the tree of a text that tells :mod:`scopes` what it meets.

The walk is a loop over a cursor, not a recursion: a megabyte of nested blocks is one long
path. A function that holds an ERROR node is abandoned here and read flat by :mod:`flat`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from tree_sitter import Node, Tree

from rnnlab_c_syntax.known import member_macros
from rnnlab_c_syntax.looks import declares_arguments, is_macro_name, is_type_name
from rnnlab_c_syntax.mask import Masked
from rnnlab_c_syntax.scopes import ENUMERATOR, FUNCTION, PARAMETER, QUIET, TYPEDEF, VARIABLE, Names
from rnnlab_c_syntax.syntax import Faults, language

_DECLARES = frozenset(
    ("pointer_declarator", "parenthesized_declarator", "attributed_declarator", "declaration", "parameter_declaration")
)
_DECLARES_FIRST = frozenset(("init_declarator", "array_declarator", "function_declarator"))
_DECLARATORS = _DECLARES | _DECLARES_FIRST
# fmt: off
_SKIPPED = frozenset((
    "string_literal", "char_literal", "number_literal", "concatenated_string", "field_designator",
    "system_lib_string", "field_identifier", "primitive_type", "true", "false", "null", "storage_class_specifier",
    "type_qualifier",
))
#: The kinds of nodes that the walk stops at, apart from identifiers.
_ENTERED = (
    "function_definition", "compound_statement", "for_statement", "declaration", "type_definition", "parameter_list",
    "argument_list", ",", "ERROR", "type_identifier", "statement_identifier", "return_statement",
    "parenthesized_expression", "macro_type_specifier", "while_statement",
)
_MARKED = frozenset((";", ")", "}", "]", "(", "{", ":", "while", "="))
_LEAF = ""
_ERROR_KIND = 65535
#: Where a name that is known is read, and nothing more is to be said.
_PLAIN = frozenset((
    "binary_expression", "field_expression", "subscript_expression", "pointer_expression", "argument_list",
    "unary_expression", "update_expression", "conditional_expression", "cast_expression", "sizeof_expression",
))
# fmt: on
#: What does not read the value of an assignment.
_DISCARDING = frozenset(("expression_statement", "for_statement", "comma_expression"))
_NEVER_VARIABLE = frozenset(("macro_type_specifier", "case_statement", "expression_statement"))
_AROUND_TYPE = frozenset(("sizeof_expression", "binary_expression", "alignof_expression", "pointer_expression"))
_MEMBER_ASSIGNED = re.compile(rb"(?:(?:\.|->)\s*\w+|\])\s*=\s*\Z")
_ASSIGNED = re.compile(rb"\s*=(?!=)")
_NO_DECLARATION = re.compile(rb"\)\s*\n\s*")
#: How many members deep an argument is followed.
_DEEPEST = 8
_LOOP_NAME = re.compile(r"for_?each", re.IGNORECASE)
_LINE_ENDS = re.compile(rb"[ \t\r]*\n")
_KEYWORDS = frozenset(("return", "case", "if", "else", "for", "while", "do", "switch", "break", "continue", "goto"))
_TYPEOF = frozenset(("typeof", "__typeof__", "__typeof", "typeof_unqual", "_Atomic"))
_STORAGE = re.compile(rb"\s*(?:(?:const|volatile|register|auto|inline)\s+)*(extern|typedef|static)?\b")


@dataclass(slots=True)
class _Call:
    """The arguments of a call while they are walked."""

    name: str
    statement: bool
    index: int = 0
    type_index: int = -1
    #: Bare names among the arguments that mean nothing yet: name, offset, which argument.
    bare: list[tuple[str, int, int]] = field(default_factory=list)


@lru_cache(maxsize=1)
def _grammar() -> tuple[dict[int, str], dict[int, str], frozenset[int], frozenset[int]]:
    """Number the kinds of nodes: names, what to do at which, identifiers, and tokens that may be made up."""
    grammar = language()
    names = {kind: grammar.node_kind_for_id(kind) or "" for kind in range(grammar.node_kind_count)}
    names[_ERROR_KIND] = "ERROR"
    actions: dict[int, str] = {}
    for kind, name in names.items():
        if name in _ENTERED:
            actions[kind] = name
        elif name in _SKIPPED or (not grammar.node_kind_is_named(kind) and kind != _ERROR_KIND):
            actions[kind] = _LEAF
    identifiers = frozenset(kind for kind, name in names.items() if name == "identifier")
    return names, actions, identifiers, frozenset(kind for kind, name in names.items() if name in _MARKED)


class Walk:
    """Reads one tree; ``covered`` says which functions it could judge."""

    def __init__(
        self, text: str, masked: Masked, names: Names, braces: list[int], faults: Faults | None = None
    ) -> None:
        self.text = text
        self.code = masked.code
        self.masked = masked
        self.names = names
        self.faults = faults
        self.braces = braces  # of all functions, by their looks
        self.covered: list[tuple[int, int]] = []
        self.kinds: list[str] = []
        self.calls: list[_Call] = []
        self.loop = -1  # where the statement stands that was an iteration macro
        self.loops: list[tuple[int, _Call]] = []
        self.members = member_macros()
        self.callee = ""
        self.header = 0  # depth of the function definition whose header is being read
        self.own_parameters = False
        self.header_macro = False
        self.parameters: list[bool] = []
        self.extern = False
        self.static = False
        self.capital_type = False
        self.no_declaration = False
        self.enter = {
            "function_definition": self._function,
            "compound_statement": self._block,
            "for_statement": self._for,
            "declaration": self._declaration,
            "type_definition": self._declaration,
            "parameter_list": self._parameter_list,
            "argument_list": self._arguments,
            ",": self._comma,
            "ERROR": self._error,
            "type_identifier": self._type,
            "statement_identifier": self._label,
            "return_statement": self._return,
            "parenthesized_expression": self._parenthesis,
            "macro_type_specifier": self._macro_type,
            "while_statement": self._while,
        }
        self.leave = {
            "function_definition": self._function_end,
            "compound_statement": self._block_end,
            "for_statement": self._scope_end,
            "declaration": self._declaration_end,
            "parameter_list": self._parameter_list_end,
            "argument_list": self._arguments_end,
            "parenthesized_expression": self._parenthesis_end,
        }

    def run(self, tree: Tree) -> None:
        """Walk the tree from its root."""
        cursor = tree.walk()
        down, right, up = cursor.goto_first_child, cursor.goto_next_sibling, cursor.goto_parent
        kinds, leave = self.kinds, self.leave
        names, actions, identifiers, marks = _grammar()
        enter: dict[int, Callable[[Node], bool] | None] = {
            kind: None if what == _LEAF else self.enter[what] for kind, what in actions.items()
        }
        if tree.root_node.has_error:
            enter.update(dict.fromkeys(marks, self._mark))
        first = True
        while True:
            node = cursor.node
            assert node is not None
            kind_id = node.kind_id
            if kind_id in identifiers:
                self._identifier(node, kinds[-1] if kinds else "", first)
            elif kind_id not in enter:
                if down():
                    kinds.append(names[kind_id])
                    first = True
                    continue
            else:
                action = enter[kind_id]
                if action is not None and action(node):
                    kind = names[kind_id]
                    if down():
                        kinds.append(kind)
                        first = True
                        continue
                    if kind in leave:
                        leave[kind](node)
            first = False
            while not right():
                if not up():
                    return
                kind = kinds.pop()
                if kind in leave:
                    node = cursor.node
                    assert node is not None
                    leave[kind](node)

    # -- functions and scopes ------------------------------------------------------------------

    def _function(self, node: Node) -> bool:
        function = self.names.enter_function(node.start_byte)
        self.header = len(self.kinds) + 1
        self.own_parameters = False
        self.no_declaration = False
        kind = node.child_by_field_name("type")
        declarator = node.child_by_field_name("declarator")
        if kind is not None and declarator is not None:
            returns_void = kind.type == "primitive_type" and self._word(kind) == "void"
            function.is_void = returns_void and declarator.type == "function_declarator"
            if kind.type in ("macro_type_specifier",) or declarator.type != "function_declarator":
                function.is_void = None if not returns_void else False
            if self.code[node.start_byte : node.start_byte + 6] == b"static" and not self.names.open[:-1]:
                function.is_static = True
        return True

    def _function_end(self, node: Node) -> None:
        names = self.names
        self.header = 0
        body = node.child_by_field_name("body")
        # A tree that runs on into the next function has lost its way.
        members = self.code[node.end_byte : node.end_byte + 20].lstrip().startswith(b";")  # FIXTURE(x) { int a; };
        if members or names.open[-1].damaged or body is None or self._braces_within(body.start_byte + 1, node.end_byte):
            names.abandon_function()
            return
        names.leave_function(node.end_byte)
        if not names.open:
            self.covered.append((node.start_byte, node.end_byte))

    def _braces_within(self, start: int, end: int) -> bool:
        return bisect_left(self.braces, start) < bisect_left(self.braces, end)

    def _block(self, _node: Node) -> bool:
        if self.kinds and self.kinds[-1] == "function_definition":
            self.header = 0
            return True
        if not self.names.open:
            return False
        self.names.push()
        return True

    def _block_end(self, _node: Node) -> None:
        if not self.kinds or self.kinds[-1] != "function_definition":
            self.names.pop()

    def _for(self, _node: Node) -> bool:
        self.names.push()
        return True

    def _scope_end(self, _node: Node) -> None:
        self.names.pop()

    def _mark(self, node: Node) -> bool:
        """Take a token that the parser may have made up."""
        if node.start_byte == node.end_byte and self.faults is not None:
            self.faults.missing(node, in_function=bool(self.names.open))
        return False

    def _error(self, node: Node) -> bool:
        if self.faults is not None:
            self.faults.error(node, in_function=bool(self.names.open))
        if self.names.open:
            if not self.header or self.parameters:
                self.names.open[-1].damaged = True
                return True
            return False
        return bool(self.kinds) and self.kinds[-1] != "translation_unit"

    # -- declarations --------------------------------------------------------------------------

    def _declaration(self, node: Node) -> bool:
        match = _STORAGE.match(self.code, node.start_byte, node.start_byte + 80)
        self.extern = match is not None and match[1] == b"extern"
        self.static = match is not None and match[1] == b"static"
        first = node.child(0)
        self.capital_type = first is not None and is_macro_name(self._word(first))
        self.no_declaration = False
        return True

    def _declaration_end(self, _node: Node) -> None:
        self.no_declaration = False

    def _macro_type(self, node: Node) -> bool:
        name = node.child_by_field_name("name")
        if name is None or self._word(name) in _TYPEOF:
            return True
        if self.kinds[-1] == "declaration" and _NO_DECLARATION.match(self.code, node.end_byte - 1):
            if self.faults is not None and self.names.open:
                self.faults.unended(node.end_byte)
            self.no_declaration = True  # a loop without braces, or a macro that needs no semicolon
        return True

    def _parameter_list(self, _node: Node) -> bool:
        own = self.own_parameters
        self.own_parameters = False
        self.parameters.append(own)
        if not own:
            self.names.push()
        return True

    def _parameter_list_end(self, _node: Node) -> None:
        own = self.parameters.pop()
        if not own:
            self.names.drop()
        elif self.header_macro:
            self.own_parameters, self.header_macro = True, False

    def _type(self, node: Node) -> bool:
        parent = self.kinds[-1] if self.kinds else ""
        name = self._word(node)
        if "type_definition" in self.kinds[-4:] and self._is_typedef_name(node, parent):
            self.names.declare(name, node.start_byte, TYPEDEF)
        elif parent == "parameter_declaration" and self.no_declaration:
            self.names.mention(name)
        elif parent == "parameter_declaration":
            after = self.code[node.end_byte : node.end_byte + 40].lstrip()[:1]
            if self.parameters and self.parameters[-1] and after in (b",", b")"):
                self.names.declare(name, node.start_byte, QUIET)
        elif self.names.open and parent in ("type_descriptor", "declaration"):
            binding = self.names.find(name)
            if binding is not None and binding.kind <= PARAMETER:
                binding.reads += 1
                self.no_declaration = self.no_declaration or parent == "declaration"
            elif parent == "declaration" and _LINE_ENDS.match(self.code, node.end_byte):
                self.no_declaration = True  # a macro that is a statement
            elif self.no_declaration and parent == "type_descriptor":
                self.names.use(name, node.start_byte)
        return False

    def _is_typedef_name(self, node: Node, parent: str) -> bool:
        if parent in ("struct_specifier", "union_specifier", "enum_specifier"):
            return False
        if parent == "type_definition":
            return self.code[node.end_byte : node.end_byte + 40].lstrip()[:1] in (b";", b",", b"")
        return parent in ("pointer_declarator", "array_declarator", "function_declarator", "parenthesized_declarator")

    def _declared(self, node: Node, name: str, parent: str) -> None:
        names = self.names
        start = node.start_byte
        if self.header:
            if parent == "function_declarator" or (parent == "parenthesized_declarator" and not names.open[-1].name):
                if self.parameters:
                    if self.parameters[-1]:
                        names.declare(name, start, PARAMETER)
                    return
                names.declare(name, start, FUNCTION, level=names.open[-1].depth - 1)
                names.shared.add(name)
                if names.open[-1].is_static:
                    names.static_functions.setdefault(name, start)
                names.open[-1].name = name
                self.own_parameters = True
                # NAME(x)(parameters): a macro that makes the name
                self.header_macro = self.kinds[-2:] == ["function_declarator", "function_declarator"]
            else:
                names.declare(name, start, PARAMETER if self.parameters and self.parameters[-1] else QUIET)
        elif self.parameters:
            names.declare(name, start, QUIET)
        elif parent == "function_declarator":
            names.declare(name, start, FUNCTION)
        elif names.open:
            quiet = self.extern or (self.capital_type and is_macro_name(name) and len(name) > 1)
            names.declare(name, start, QUIET if quiet else VARIABLE, again=self.extern)
        else:
            names.declare(name, start, QUIET)
            if not self.static:
                names.shared.add(name)

    # -- uses ----------------------------------------------------------------------------------

    def _word(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def _identifier(self, node: Node, parent: str, first: bool) -> None:
        start = node.start_byte
        name = self.text[start : node.end_byte]
        names = self.names
        if parent in _PLAIN and start not in self.masked.types:
            binding = names.visible.get(name)
            if binding is not None and names.open:
                binding.reads += 1
                names.open[-1].uses += 1
                return
        if not name:
            self._mark(node)  # the parser made it up
            return
        if name in _KEYWORDS:
            return  # the parser's recovery took it for a name
        if node.start_byte in self.masked.types:
            if parent == "argument_list":
                call = self.calls[-1]
                if call.index or name.startswith(("struct", "union")):
                    call.type_index = call.index
            return
        if parent == "call_expression" and first:
            self.callee = name
            names.mention(name)
        elif parent in _DECLARATORS and (first or parent in _DECLARES):
            if self.no_declaration and parent == "function_declarator":
                names.mention(name)  # a call
            elif self.no_declaration:
                if names.open:
                    names.use(name, node.start_byte)
            else:
                self._declared(node, name, parent)
        elif not names.open:
            if parent == "enumerator" and first:
                names.declare(name, node.start_byte, ENUMERATOR)
            else:
                names.mention(name)
        elif parent == "argument_list" or (
            parent == "field_expression" and first and self.calls and self._roots_argument()
        ):
            call = self.calls[-1]
            if names.find(name) is not None or name in names.context.macros:
                names.use(name, node.start_byte)
            elif is_type_name(name) and parent == "argument_list":
                call.type_index = call.index or -1
            else:
                call.bare.append((name, node.start_byte, call.index))
        elif (
            parent == "assignment_expression"
            and first
            and self.kinds[-2] in _DISCARDING
            and _ASSIGNED.match(self.code, node.end_byte)
        ):
            names.write(name, node.start_byte)
        elif self.loops and parent in ("comma_expression", "parenthesized_expression"):
            self._loop_argument(name, node.start_byte)
        elif parent == "return_statement":
            names.use(name, node.start_byte, returned=True)
        else:
            self._other(node, name, parent, first)

    def _roots_argument(self) -> bool:
        """Tell whether a name begins a path of members that is an argument of a macro that may want one."""
        depth = len(self.kinds) - 1
        while depth > len(self.kinds) - _DEEPEST and self.kinds[depth] in ("field_expression", "subscript_expression"):
            depth -= 1
        call = self.calls[-1]
        return (
            depth >= 0
            and self.kinds[depth] == "argument_list"
            and call.index > 0
            and (call.type_index >= 0 or call.name in self.members)
        )

    def _other(self, node: Node, name: str, parent: str, first: bool) -> None:
        names = self.names
        start = node.start_byte
        if parent == "enumerator" and first:
            names.declare(name, start, ENUMERATOR)
        elif parent in _NEVER_VARIABLE:
            names.mention(name)  # ``case NAME:`` wants a constant, ``NAME;`` can only be a macro
        elif parent == "parenthesized_expression" and self._may_be_type(name):
            names.mention(name)
        elif (
            parent == "assignment_expression" and not first and self._assigns_member(start)
        ) or parent == "initializer_pair":
            names.use(name, start, handed_on=True)
        elif parent == "gnu_asm_goto_list":
            names.open[-1].gotos.setdefault(name, start)
        elif parent in ("gnu_asm_output_operand", "gnu_asm_input_operand") and self.code[:start].endswith(b"["):
            return
        elif parent == "pointer_expression" and self.code[start - 2 : start] == b"&&" and self.kinds[-2] == parent:
            names.open[-1].gotos.setdefault(name, start)
        else:
            names.use(name, start)

    def _may_be_type(self, name: str) -> bool:
        """Tell whether the whole of ``(name)`` may be a cast or what ``sizeof`` measures."""
        if self.names.find(name) is not None or len(self.kinds) < 2:
            return False
        around = self.kinds[-2]
        if around == "call_expression":
            return True
        return around in _AROUND_TYPE and is_type_name(name)

    def _assigns_member(self, start: int) -> bool:
        return _MEMBER_ASSIGNED.search(self.code, max(0, start - 80), start) is not None

    def _label(self, node: Node) -> bool:
        if self.names.open:
            function = self.names.open[-1]
            name = self._word(node)
            if self.kinds[-1] == "goto_statement":
                function.gotos.setdefault(name, node.start_byte)
            else:
                function.labels.setdefault(name, node.start_byte)
        return False

    def _return(self, node: Node) -> bool:
        if self.names.open:
            function = self.names.open[-1]
            function.returns += 1
            bare = node.child_count <= 2 and not node.is_missing and node.named_child_count == 0
            (function.bare_returns if bare else function.value_returns).append(node.start_byte)
        return True

    # -- calls and macros that look like them --------------------------------------------------

    def _arguments(self, _node: Node) -> bool:
        statement = len(self.kinds) > 1 and self.kinds[-2] == "expression_statement"
        self.calls.append(_Call(self.callee, statement))
        self.callee = ""
        return True

    def _comma(self, _node: Node) -> bool:
        if self.calls and self.kinds[-1] == "argument_list":
            self.calls[-1].index += 1
        return False

    def _arguments_end(self, _node: Node) -> None:
        call = self.calls.pop()
        if call.bare:
            self._judge_bare(call)

    def _judge_bare(self, call: _Call) -> None:
        """Decide what the names among a call's arguments are that no scope knows."""
        names = self.names
        macro = names.context.macros.get(call.name)
        capitals = is_macro_name(call.name)
        if call.statement and call.bare and _LOOP_NAME.search(call.name):
            index = call.bare[-1][2]
            if index == call.index > 1 and not capitals and macro is None:
                call.bare.pop()  # the member that links the list
        for name, start, index in call.bare:
            if macro is not None:
                plain = macro.plain
                if macro.parameters is not None and index < len(plain) and not plain[index]:
                    if call.statement:
                        names.declare(name, start, QUIET)
                    continue
            elif capitals and call.statement and declares_arguments(call.name):
                names.declare(name, start, QUIET)
                continue
            elif (
                (0 <= call.type_index < index) or (index > 0 and call.name in self.members) or (capitals and index > 0)
            ):
                continue
            names.use(name, start, handed_on=True)

    def _parenthesis(self, _node: Node) -> bool:
        if self.loop >= 0 and self.kinds[-1] == "while_statement" and self.names.open:
            self.loops.append((len(self.kinds), _Call(self._loop_name(self.loop), True)))
            self.loop = -1
        return True

    def _while(self, node: Node) -> bool:
        self.loop = node.start_byte if node.start_byte in self.masked.loops else -1
        return True

    def _loop_name(self, start: int) -> str:
        end = start
        while end < len(self.text) and (self.text[end].isalnum() or self.text[end] == "_"):
            end += 1
        return self.text[start:end]

    def _loop_argument(self, name: str, start: int) -> None:
        self.loops[-1][1].bare.append((name, start, 0))

    def _parenthesis_end(self, node: Node) -> None:
        if not self.loops or self.loops[-1][0] != len(self.kinds):
            return
        call = self.loops.pop()[1]
        names = self.names
        names.mention(call.name)
        for name, start, _ in call.bare:
            before = self.code[node.start_byte : start]
            last = before.count(b",") > 1 and self.code[start + len(name) : node.end_byte].strip() == b")"
            if names.find(name) is not None or name in names.context.macros:
                names.use(name, start)
            elif call.name in names.context.macros or declares_arguments(call.name):
                names.declare(name, start, QUIET, level=names.open[-1].depth)
            elif not last and not (is_macro_name(call.name) and before.strip() != b"("):
                names.use(name, start)
