"""`python -m bot` and the console script `hotlap`."""

import gc
import os
import sys
from typing import NoReturn

from bot.cli.boundary import run


def main() -> NoReturn:
    """Run the command line of this process."""
    # A command's imports make many objects that stay: looking for garbage among them costs a tenth of the start.
    gc.set_threshold(100_000, 20, 20)
    # No package that happens to be installed may hook into how configuration is validated; looking costs 20 ms, too.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
