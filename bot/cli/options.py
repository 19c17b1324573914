"""The flags that several commands share, so that they read and behave the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

HERE = Path()

Json = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE|-", help="Write one JSON object to a file, or to standard output with -."),
]
Repo = Annotated[
    Path,
    typer.Option("--repo", metavar="PATH", exists=True, file_okay=False, help="The repository.", show_default="."),
]
Python = Annotated[
    str | None,
    typer.Option("--python", metavar="PATH", help="The repository's interpreter; detected where not given."),
]
