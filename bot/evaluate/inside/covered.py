"""Runs the tests and writes how many lines of some functions they reach.

Arguments: SPEC OUT (-m MODULE | SCRIPT) [ARG ...]. SPEC is JSON: [{"path", "start", "end"}, ...], with paths relative
to the tree; OUT gets {"lines", "hit"} or {"error"}.
"""

import dis
import json
import os
import runpy
import sys
import threading


def executable(path, spans):
    """Return the lines that can be run of the functions of a file that begin within `spans`, (start, end) pairs."""
    with open(path, "rb") as file:
        module = compile(file.read(), path, "exec", dont_inherit=True)
    found = set()
    for code in _inner(module):
        if any(start <= code.co_firstlineno <= end for start, end in spans):
            lines = {line for _, line in dis.findlinestarts(code) if line}
            found |= (lines - {code.co_firstlineno}) or lines
    return found


def _inner(code):
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            if not constant.co_flags & 0x02:  # a class body: what is in it are functions
                yield from _inner(constant)
                continue
            yield constant
            yield from _inner(constant)


class Tracer:
    """A trace function that follows the code of the wanted files only."""

    def __init__(self, wanted):
        self.hit = set()
        self._wanted = wanted
        self._known = {}

    def __call__(self, frame, _event, _arg):
        """Return the tracer of lines for a frame of a wanted file, None for the rest."""
        name = frame.f_code.co_filename
        if name not in self._known:
            self._known[name] = os.path.realpath(name) if os.path.realpath(name) in self._wanted else None
        return self._line if self._known[name] is not None else None

    def _line(self, frame, event, _arg):
        if event == "line":
            self.hit.add((self._known[frame.f_code.co_filename], frame.f_lineno))
        return self._line


def run(command):
    """Run a module or a script as the interpreter itself would."""
    if command[0] == "-m":
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = command
        runpy.run_path(command[0], run_name="__main__")


def main():
    """Run the tests under the tracer; whatever they end with, what was seen is written."""
    spec, out, command = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3:]
    spans = {}  # type: dict[str, list[tuple[int, int]]]
    for one in spec:
        spans.setdefault(os.path.realpath(one["path"]), []).append((one["start"], one["end"]))
    try:
        lines = {(path, line) for path, inside in spans.items() for line in executable(path, inside)}
    except (OSError, SyntaxError, ValueError) as error:
        _write(out, {"error": "a file cannot be read: %s" % error})
        return
    tracer = Tracer(spans)
    threading.settrace(tracer)
    sys.settrace(tracer)
    try:
        run(command)
    finally:
        still = sys.gettrace() is tracer
        sys.settrace(None)
        threading.settrace(None)
        found = {"lines": len(lines), "hit": len(lines & tracer.hit)}
        _write(out, found if still else {"error": "the tests put another tracer in its place"})


def _write(out, found):
    with open(out, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main()
