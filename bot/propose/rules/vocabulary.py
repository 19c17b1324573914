"""The vocabulary of purity: built-in functions, methods and modules whose effects are known."""

SCALAR_CALLS = frozenset({
    "abs", "bool", "bytes", "chr", "complex", "divmod", "float", "format", "frozenset", "hash", "hex", "id",
    "int", "isinstance", "issubclass", "len", "oct", "ord", "pow", "repr", "round", "str", "type",
})  # fmt: skip
READING_CALLS = SCALAR_CALLS | frozenset({
    "all", "any", "dict", "enumerate", "list", "max", "min", "range", "reversed", "set", "slice", "sorted",
    "sum", "tuple", "zip", "bytearray",
})  # fmt: skip
PURE_MODULES = frozenset({
    "math", "textwrap", "cmath", "operator", "itertools", "statistics", "unicodedata", "bisect", "copy", "json",
})  # fmt: skip
IMPURE_MEMBERS = frozenset({
    "delitem", "ior", "setitem", "iconcat", "iadd", "insort", "dump", "load", "insort_left", "insort_right",
})  # fmt: skip
NUMPY = frozenset({
    "abs", "all", "any", "arange", "argmax", "argmin", "array", "asarray", "ceil", "cos", "cumsum", "diff",
    "dot", "exp", "floor", "full", "hypot", "linspace", "log", "log10", "log2", "max", "maximum", "mean",
    "median", "min", "minimum", "norm", "ones", "prod", "round", "sin", "sqrt", "std", "sum", "tan", "tanh",
    "unique", "var", "where", "zeros", "zeros_like",
})  # fmt: skip
SCALAR_METHODS = frozenset({
    "bit_length", "casefold", "capitalize", "count", "decode", "encode", "endswith", "find", "format", "hex",
    "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
    "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "removeprefix", "removesuffix",
    "replace", "rfind", "rindex", "rjust", "rstrip", "startswith", "strip", "swapcase", "title", "to_bytes",
    "translate", "upper", "zfill", "issubset", "issuperset", "isdisjoint",
})  # fmt: skip
READING_METHODS = SCALAR_METHODS | frozenset({
    "copy", "difference", "get", "intersection", "items", "keys", "partition", "rpartition", "rsplit", "split",
    "splitlines", "symmetric_difference", "union", "values", "mean", "sum", "std", "var",
})  # fmt: skip
CHANGING_METHODS = frozenset({
    "add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert", "pop", "popitem",
    "popleft", "remove", "reverse", "setdefault", "sort", "update", "write", "writelines", "difference_update",
    "intersection_update",
})  # fmt: skip
