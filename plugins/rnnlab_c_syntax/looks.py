"""What a name may be by its looks, where nothing in the text says what it is.

Headers hold the types, enumerators, macros and functions of a text, and a text without
them has only its conventions to go by. These are guesses and they are all here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: ``NR_syscalls``, ``SYS_gettid``, ``G_unit``: capitals first, as macros and enumerators have them; ``mmDMA_CNTL``:
#: capitals behind what says which registers they are.
_PREFIXED = re.compile(
    r"_*[A-Z][A-Z0-9]+_(?!(?:len|ptr)\Z)\w|_*[A-Z]_(?!(?:len|ptr|cnt|size|count|idx|buf|\d+)\Z)\w|(?:PRI|SCN)[diouxs]\w+|Q[a-z]\w*\Z|[A-Z]{2}[A-Z\d]*[a-z][A-Z\d]*(?:_[A-Z\d]+)+\Z|[a-z]{2,3}[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z|[a-z]{2,5}[A-Z]{4,}\Z|(?!(?:old|new)_)[a-z]+_[A-Z]{2}[A-Z0-9_]*\Z|[A-Z][A-Z\d_]*\dx\d[A-Z\d_]*\Z|[a-z]+_(?:true|false)\Z|the_\w"
)
#: ``COPY_8x8``: the only small letter is between two numbers.
_SIZED = re.compile(r"[A-Z][A-Z\d_]*\dx\d[A-Z\d_]*")
#: What ``DEFINE_SHOW_ATTRIBUTE(x)`` and ``DEVICE_ATTR_RO(x)`` make in the file around a cut-out function.
_MADE = re.compile(r"\w+_fops|dev_attr_\w+")
_TYPE = re.compile(
    r"(?!(?:old|new|prev|next|cur|tmp|saved)_t\Z)\w+_[tT]|_*[iusbl]e?(?:8|16|32|64)|u_?(?:[Cc]har|[Ss]hort|[Ii]nt|[Ll]ong)|u?int\d*|\w+_u?int_?\d+|[a-z]{2,5}_[A-Z][a-z][A-Za-z]+"
    r"|(?=\w{3})(?!(?:\w+_)?(?:None|True|False)\Z)[A-Z][A-Za-z0-9]*[a-z]\w*|(?!(?:old|new|prev|next|cur|tmp|saved)_)\w+_(?:FILE_)?p"
    r"|bool|va_list|size_t|FILE|DIR"
)
_AFFIX = re.compile(r"old|new|prev|next|cur|tmp|saved|my|first|last|start|end|len|ptr|cnt|size|count|idx|buf|[pqxn]")
_DECLARING = re.compile(
    r"DECL|DEFINE|^AUTO_|IDENTIFIER|RESERVE|LIST_HEAD|ON_STACK|VAR|LOCAL|CLASS|ALLOCA|TEMP|STACK|_INIT$|^INIT_|GUARD|DIM|_OPTS$|(?<!FREE|.GET|.PUT|.SET)_BUF$|^XA_STATE|^MA_|^INITIALIZE_|^DEF_|_scoped$"
)
_OWN_VARIABLE = re.compile(
    r"foreach_|[Ff]orEach[A-Z]|\AFOR_ALL_|\A(?!(?:TAILQ|S?LIST|STAILQ|SIMPLEQ|CIRCLEQ|RB|SPLAY|[CD]?LL?)_)[A-Z_]*FOREACH"
)
_STATING = re.compile(
    r"ASSERT|ASSIGN|BUG|WARN|CHECK|TRACE|PRINT|DEBUG|DBG|LOG|EXPECT|RETURN|FREE|LOCK|UNUSED|FATAL|ERR|^(?:GET|SET|EXTRACT|INSERT)_"
)
_WRITING = re.compile(r"(?:_|\b)WRITE(?:_|\b|[BLQW]?\d*$)|^WREG")
#: What functions that others are given are called: ``board_probe``, ``sig_handler``, ``sumFunc``. Counted over the
#: values of some sixty projects, at least three in four of the names that end so are functions'.
_CALLBACK = re.compile(
    r"(?!(?:is|was|has|had|need|needs|no|nr|num|do|to|can|should|total|last|max|min|\w*[a-z]s|old|new|saved|orig|prev|my)_)"
    r"[A-Za-z]\w*_(?:destroy|cmp|compare|(?:un|de)?init|exit|open|close|probe|remove|show|store|release|handler|callback|hook"
    r"|isr|dtor|alloc|malloc|free|f?read|f?write|f?flush|readline|decode|encode|find|func|cb|fn|stop|ioctl|poll|xmit|rcv|create"
    r"|resume|suspend|get|put|dump|bind|seek|mkdir|parse|mount|unlink|delete|rename|cleanup|shutdown|(?:recv|send)msg"
    r"|[gs]etattr|(?:en|de)queue|mmap|attach|detach|v?printf)"
    r"|[a-z]+handler|(?:cmp|compare)_[a-z]\w*|[a-z]\w+(?:Func|Callback|Cb|Handler|Command|Destructor)"
)
#: Who is given functions: ``atexit``, ``lua_sethook``, ``devm_request_irq``; and members that are: ``->handler``.
_TAKES_FUNCTIONS = re.compile(
    r"handler|callback|hook|cleanup_push|closure|cfunction|signal\Z|request_(?:threaded_)?irq|atexit|sort\Z|b(?:in)?search|for_?each|kthread"
    r"|thread_?create|create_?timer|\Aev(?:ent|timer|signal)_new\Z|\Apcap_(?:loop|dispatch)\Z|\Atputs\Z|protect\Z|iterate|(?:timer|tasklet)_setup|tasklet_init|each\Z|pcall|runprotected|method|_fn\Z|_cb\Z",
    re.IGNORECASE,
)
_FUNCTION_MEMBER = re.compile(
    r"(?:\w*_)?(?:handler|sigaction|callback|hook|func(?:tion)?|cb|isr|destructor|dtor)|\w*fn"
)
#: ``XenbusStateConnected``, ``GCSpause``: an enumerator, a type or a function.
_PASCAL = re.compile(
    r"(?=\w{6})(?:[A-Z]+[a-z\d]+(?:[A-Z]+[a-z\d]+)++[A-Z]?|[A-Z]{3,}[a-z]{4,}|[A-Z][a-z\d]+(?:_[A-Z]+[a-z\d]+)+)"
)
_FAMILY = re.compile(r"([a-z][a-z\d]*)_(?=[A-Za-z])|([a-z]{3,})(?=[A-Z][a-z])")
#: The same names are asked about again and again.
_MOST_KEPT: Final = 4096
_LONG_FUNCTION = 13
_LONGER_FUNCTION = 18
_MANY_WORDS = 2
_CAPITAL = re.compile(r"(?=\w{4})[A-Z]\w*?[a-z]")
#: ``tableFileEvent``
_CAMEL_TYPE = re.compile(r"[a-z]+(?:[A-Z][a-z]+)+[A-Z][a-z]{3,}(?<!Size)(?<!Name)(?<!Buffer)(?<!Data)")
#: No function is called so: ``sort_longopts``, or at most one of three that begin or end so: ``first_byte_offset``.
_OF_DATA = re.compile(
    r"(?:opts|_str|_fmt|_msg|filename|pathname|_(?:offset|index|length|mask|bytes|bits?|val|num|pos|blocks|width|height|shift"
    r"|base|sz|types|found|bitmap|min|duration|depth|pattern|errno|total|suffix|encoding"
    r"|(?<!to_)string|flag|entries|names|level|result|prefix|interval|limit|code|type|array))\Z|\A[a-z]+_name\Z"
    r"|\A(?:num|is|max|min|total|current|curr|save|orig|original|initial|previous|requested|remaining|need|expected|target|parent"
    r"|has|have|use|found|skip|bytes|ignore|best|was|did|valid|got)_"
)
#: ``lazyFreeLuaScripts``
_LONG_CAMEL = re.compile(r"(?=\w{15})[a-z]+\d*(?:[A-Z][a-z]+){3,}")
#: Constants that say of what is given behind them that it is a function: ``OPT_WRITEFUNCTION``.
_FUNCTION_CONSTANT = re.compile(rb"[A-Z](?:FUNCTION|CALLBACK|HANDLER|HOOK|_FUNC|_CB|_FN)\s*+,\s*+\Z")
#: What a value is cast to, or given to, if it is a function: ``(void (*)(void *))``, ``int (*call)(int) =``.
_FUNCTION_POINTER = re.compile(
    rb"\(\s*+\*[\s\w]*+\)\s*+\([^;{}]{0,200}?\)(?:\s*+=)?\s*+\Z"
    rb"|(?:_fn|func|_cb|_cmpf?|_callback|_handler)(?:_t)?[ \t]*+\*?+[ \t]*+\)[ \t]*+\Z"
)
_SHORTEST_OF_HEADER = 6
#: A prefix that only the implementation may use, before capitals: ``_Xy_NAME``.
_RESERVED = re.compile(r"_[A-Z][a-z]{1,5}_[A-Z][A-Z0-9_]*+")


def is_macro_name(name: str) -> bool:
    """Tell whether a name is written as macros are: it is taken for one without a ``#define``."""
    return name.isupper() or (
        name.startswith("_") and (name.strip("_0123456789") == "" or _RESERVED.fullmatch(name) is not None)
    )


def is_local_macro(name: str) -> bool:
    """Tell whether a name that looks declared in a function, or its type, is written as a macro: ``LOAD_8x8_TOP``."""
    return is_macro_name(name) or ("x" in name and _SIZED.fullmatch(name) is not None)


@lru_cache(maxsize=_MOST_KEPT)
def is_constant_name(name: str) -> bool:
    """Tell whether a name is written as a macro or as an enumerator with a prefix in capitals."""
    return is_macro_name(name) or _PREFIXED.match(name) is not None


def is_made_name(name: str) -> bool:
    """Tell whether a name is one that well-known macros in file scope paste together."""
    return _MADE.fullmatch(name) is not None


@lru_cache(maxsize=_MOST_KEPT)
def is_type_name(name: str) -> bool:
    """Tell whether a name is written as types are: ``size_t``, ``u32``, ``ApndFile``."""
    return _TYPE.fullmatch(name) is not None


def may_be_measured_type(name: str) -> bool:
    """Tell whether a name of which ``sizeof`` is taken may be a type's: ``list_node``, but not ``path_len``."""
    parts = name.strip("_").split("_")
    if _CAMEL_TYPE.fullmatch(name):
        return True
    return is_type_name(name) or (len(parts) > 1 and not is_made_of_local(parts))


def is_function_name(name: str) -> bool:
    """Tell whether a name that is only ever handed on may be a function's.

    Functions have long names of several words, and none of those that make one local of another; even so
    ``crypt_process_block64`` is one if it is longer.
    """
    parts = name.strip("_").split("_")
    if _OF_DATA.search(name):
        return False
    if len(name) < _LONG_FUNCTION or len(parts) < 2:
        return _LONG_CAMEL.fullmatch(name) is not None
    return not is_made_of_local(
        parts if len(name) < _LONGER_FUNCTION else [*parts[:-1], parts[-1].rstrip("0123456789")]
    )


def is_callback_name(name: str) -> bool:
    """Tell whether a name that is only ever handed on says that it is a function's: ``board_probe``."""
    return _CALLBACK.fullmatch(name) is not None


@lru_cache(maxsize=_MOST_KEPT)
def takes_functions(callee: str) -> bool:
    """Tell whether a function's name says that it is given functions: ``atexit``, ``set_handler``."""
    return _TAKES_FUNCTIONS.search(callee) is not None


def is_function_member(member: str) -> bool:
    """Tell whether a member's name says that it is a function: ``handler``, ``compare_fn``."""
    return _FUNCTION_MEMBER.fullmatch(member) is not None


@lru_cache(maxsize=_MOST_KEPT)
def may_be_capital_enumerator(name: str) -> bool:
    """Tell whether a name begins with a capital and goes on in small letters: ``RxComplete``."""
    return _CAPITAL.match(name) is not None


def is_name_of_sentence(name: str) -> bool:
    """Tell whether a name has so many words as no local has: ``audio_route_input_mic``."""
    return name.count("_") > _MANY_WORDS and len(name) >= _LONGER_FUNCTION and not is_made_of_local(name.split("_"))


def is_call_of_member(name: str, member: str) -> bool:
    """Tell whether a member that is a function by its name is set to one that begins so: ``.close = close_folder``."""
    return name.startswith(f"{member}_") and is_callback_name(f"any_{member}")


def precedes_function(before: bytes) -> bool:
    """Tell whether what stands ``before`` a name says that it is a function's: a constant, or a pointer's type."""
    last = before.rstrip()[-1:]
    if last == b",":
        return _FUNCTION_CONSTANT.search(before) is not None
    return last in (b")", b"=") and _FUNCTION_POINTER.search(before) is not None


def is_pascal_name(name: str) -> bool:
    """Tell whether a name is of several words with capitals, as no local's is: ``StateConnected``."""
    return _PASCAL.fullmatch(name) is not None


def is_made_of_local(parts: list[str]) -> bool:
    """Tell whether the words of a name are as people make one local of another: ``old_x``, ``x_len``, ``x2``."""
    return _AFFIX.fullmatch(parts[0]) is not None or _AFFIX.fullmatch(parts[-1]) is not None or parts[-1][-1:].isdigit()


@lru_cache(maxsize=_MOST_KEPT)
def family_of(name: str) -> str:
    """Give what a name begins with, where others may begin so: ``cm`` of ``cm_while``, ``action`` of ``actionQuit``.

    It is nothing if the rest makes one local of another: ``page_len`` and ``page_ptr`` are no family.
    """
    match = _FAMILY.match(name)
    if match is None or (match[1] and is_made_of_local(name.split("_"))):
        return ""
    return match[1] or match[2]


def may_be_header_name(name: str) -> bool:
    """Tell whether a name is long enough, and of several words, for one that a header declares."""
    return len(name) >= _SHORTEST_OF_HEADER and ("_" in name.strip("_") or not name.islower())


def is_data_name(name: str) -> bool:
    """Tell whether a name says that it is no function's: ``node_id``, ``first_byte_offset``."""
    return not name.endswith("_name") and (name.endswith("_id") or _OF_DATA.search(name) is not None)


@lru_cache(maxsize=_MOST_KEPT)
def declares_arguments(macro: str) -> bool:
    """Tell whether a macro that nobody defines looks as if it declared its arguments."""
    return _DECLARING.search(macro) is not None


def keeps_next(loop: str) -> bool:
    """Tell whether the last argument of an iteration macro is a variable, in which it keeps what comes next."""
    return loop.endswith("_SAFE") and "FOREACH" in loop


@lru_cache(maxsize=_MOST_KEPT)
def declares_variable(loop: str) -> bool:
    """Tell whether an iteration macro that nobody defines declares what it goes through with: ``STRV_FOREACH(s, all)``.

    Those of the Linux kernel and of BSD's lists do not.
    """
    return _OWN_VARIABLE.search(loop) is not None


def may_declare(macro: str) -> bool:
    """Tell whether a macro that nobody defines may declare its arguments, if it stands where declarations do."""
    return _STATING.search(macro) is None


def ends_in_value(macro: str) -> bool:
    """Tell whether the last argument of a macro that nobody defines is a value: ``WRITE_REG(card, CTRL, size)``."""
    return _WRITING.search(macro) is not None
