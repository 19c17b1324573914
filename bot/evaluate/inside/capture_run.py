"""Runs `python -m module ...` or `python script ...` with the recorder installed: for test commands without pytest."""

from __future__ import annotations

import os
import runpy
import sys

from . import recorder


def main() -> None:
    """Run the command in our own arguments and write the sample, however it ends."""
    watching, spec = recorder.from_environment(os.environ)
    watching.sample.origin = "tests"
    sys.argv = sys.argv[1:]
    try:
        if sys.argv[0] == "-m":
            del sys.argv[0]
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        recorder.write(watching, spec)


if __name__ == "__main__":
    main()
