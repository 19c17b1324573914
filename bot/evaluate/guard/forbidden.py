"""What a candidate may not begin to use: clocks, files, the network, other processes, the interpreter's insides."""

MODULES = frozenset({
    "__main__", "_ctypes", "_io", "_posixsubprocess", "_thread", "_winapi", "asyncio", "atexit", "bdb", "builtins",
    "cProfile", "code", "codeop", "compileall", "concurrent", "ctypes", "dbm", "dis", "faulthandler", "fcntl",
    "fileinput", "ftplib", "gc", "glob", "http", "imp", "importlib", "inspect", "linecache", "marshal", "mmap",
    "multiprocessing", "nt", "pdb", "pickle", "pkgutil", "platform", "posix", "profile", "pty", "py_compile",
    "pytest", "resource", "runpy", "sched", "select", "selectors", "shelve", "shutil", "signal", "site", "smtplib",
    "socket", "socketserver", "sqlite3", "ssl", "subprocess", "symtable", "sysconfig", "tarfile", "tempfile",
    "threading", "time", "timeit", "trace", "traceback", "tracemalloc", "unittest", "urllib.request", "webbrowser",
    "xmlrpc", "zipfile", "zipimport",
})  # fmt: skip
"""Modules: an import more than before, or a further use of one that was there, counts."""

NAMES = frozenset({
    "codecs.open", "contextlib.redirect_stderr", "contextlib.redirect_stdout", "decimal.getcontext",
    "decimal.setcontext", "io.FileIO", "io.open", "io.open_code", "locale.setlocale", "logging.FileHandler",
    "logging.basicConfig", "logging.disable", "numpy.fromfile", "numpy.load", "numpy.memmap", "numpy.random.seed",
    "numpy.random.set_state", "numpy.save", "numpy.savetxt", "numpy.savez", "numpy.setbufsize", "numpy.seterr",
    "numpy.seterrcall", "numpy.testing", "pandas.read_pickle", "random.getstate", "random.seed", "random.setstate",
    "types.FrameType", "warnings.catch_warnings", "warnings.filterwarnings", "warnings.resetwarnings",
    "warnings.simplefilter", "weakref.finalize",
})  # fmt: skip
"""Functions of modules that are harmless otherwise; what stands below them counts as well."""

ALLOWED = {
    "os": frozenset({
        "PathLike", "altsep", "curdir", "extsep", "fsdecode", "fsencode", "fspath", "linesep", "name", "pardir",
        "path", "pathsep", "sep",
    }),
    "sys": frozenset({
        "byteorder", "float_info", "getsizeof", "hash_info", "hexversion", "implementation", "int_info", "intern",
        "maxsize", "maxunicode", "platform", "stderr", "stdin", "stdout", "version", "version_info",
    }),
}  # fmt: skip
"""All that may be used of two modules through which everything can be reached."""

READS_FILES = "use of the file system"
FILE_READING = frozenset({"listdir", "lstat", "scandir", "stat", "walk"})
FAMILIES = frozenset({READS_FILES})
"""Uses that may grow where there was one before: one way of listing a directory is as good as another."""

BUILTINS = frozenset({
    "__builtins__", "__file__", "__import__", "__loader__", "__spec__", "breakpoint", "compile", "delattr", "eval",
    "exec", "exit", "globals", "input", "locals", "open", "quit", "setattr", "vars", "SystemExit", "KeyboardInterrupt",
    "GeneratorExit",
})  # fmt: skip

INNER = frozenset({
    "__builtins__", "__closure__", "__code__", "__defaults__", "__globals__", "__kwdefaults__", "__reduce__",
    "__reduce_ex__", "__subclasses__", "__traceback__", "__wrapped__", "ag_frame", "cell_contents", "cr_frame",
    "f_back", "f_builtins", "f_code", "f_globals", "f_locals", "f_trace", "gi_frame", "tb_frame", "tb_next",
})  # fmt: skip
"""Attributes that lead from any object to the interpreter's frames and namespaces."""

FILE_METHODS = frozenset({
    "hardlink_to", "mkdir", "read_bytes", "read_text", "rmdir", "symlink_to", "to_pickle", "tofile", "touch",
    "unlink", "write_bytes", "write_text",
})  # fmt: skip

METHODS = frozenset({
    "__array__", "__array_ufunc__", "__class__", "__class_getitem__", "__del__", "__eq__", "__getattr__",
    "__getattribute__", "__hash__", "__ne__", "__reduce__", "__reduce_ex__", "__init_subclass__", "__set_name__",
})  # fmt: skip
"""Methods by which an object deceives whoever compares it, or works when nobody looks."""
