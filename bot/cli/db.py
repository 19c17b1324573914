"""`hotlap db`: the store's form, its contents as a file, and what is forgotten."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.output import Output
from bot.domain.errors import Refused
from bot.domain.plain import plain

if TYPE_CHECKING:
    from bot.wiring.keeping import Keeping

app = typer.Typer(no_args_is_help=False)

_Revision = Annotated[str, typer.Argument(metavar="[REVISION]", help="A revision such as 0003, +1, -1, head or base.")]
_File = Annotated[str, typer.Argument(metavar="FILE|-", help="JSON lines; with the ending .zst compressed.")]


@app.callback()
def db() -> None:
    """Bring the store up to date, back, or elsewhere: SQLite beside the repository, or what HOTLAP_STORE names."""


@app.command()
def upgrade(revision: _Revision = "head", repo: options.Repo = options.HERE, json_target: options.Json = None) -> None:
    """Bring the store to the form that this version knows; a new store is made."""
    output, keeping = Output(json_target), _keeping(repo)
    before, after = keeping.upgrade(revision)
    output.say(f"{keeping.place}: revision {after or 'none'}" + ("" if before != after else ", as it was"))
    output.result({"store": keeping.place, "before": before, "revision": after})


@app.command()
def downgrade(revision: _Revision = "-1", repo: options.Repo = options.HERE, json_target: options.Json = None) -> None:
    """Bring the store back to an earlier form; what only later ones can hold is lost: export it first."""
    output, keeping = Output(json_target), _keeping(repo)
    before, after = keeping.downgrade(revision)
    output.say(f"{keeping.place}: revision {after or 'none'}" + ("" if before != after else ", as it was"))
    output.result({"store": keeping.place, "before": before, "revision": after})


@app.command()
def export(file: _File, repo: options.Repo = options.HERE, json_target: options.Json = None) -> None:
    """Write the whole store as lines of JSON, whichever database it is in."""
    if file == "-" and json_target == "-":
        raise Refused("the lines and --json cannot both go to standard output")
    # With the lines on standard output, people read standard error.
    output, keeping = Output("-" if file == "-" else json_target), _keeping(repo)
    rows = keeping.export_to(None if file == "-" else Path(file), sys.stdout)
    output.say(f"{rows} row(s) of {keeping.place} written to {'standard output' if file == '-' else file}")
    if file != "-":
        output.result({"store": keeping.place, "rows": rows, "file": file})


@app.command(name="import")
def import_(file: _File, repo: options.Repo = options.HERE, json_target: options.Json = None) -> None:
    """Merge an export into the store, all of it or nothing; importing it again changes nothing."""
    output, keeping = Output(json_target), _keeping(repo)
    rows = keeping.import_from(None if file == "-" else Path(file), sys.stdin)
    output.say(f"{rows} row(s) merged into {keeping.place}")
    output.result({"store": keeping.place, "rows": rows})


@app.command()
def prune(
    runs: Annotated[int, typer.Option("--runs", metavar="DAYS", min=1, help="How long runs are kept.")] = 365,
    metrics: Annotated[
        int, typer.Option("--metrics", metavar="DAYS", min=1, help="How long the bot's own figures are kept.")
    ] = 90,
    repo: options.Repo = options.HERE,
    json_target: options.Json = None,
) -> None:
    """Forget old runs, deliveries and the bot's own figures; lessons, suggestions, the ledger and the audit stay."""
    output, keeping = Output(json_target), _keeping(repo)
    gone = keeping.prune(runs, metrics)
    output.say(f"forgotten: {gone.runs} run(s), {gone.metrics} figure(s), {gone.deliveries} delivery(ies)")
    output.result(gone)


@app.command()
def ledger(
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="A page: HTML with the ending .html, else Markdown.")
    ] = "-",
    repo: options.Repo = options.HERE,
    json_target: options.Json = None,
) -> None:
    """Write the ledger: what merged optimisations claimed, and what is left of it.

    Exit code 1 means that it is empty.
    """
    from bot.report.ledger import ledger as markdown
    from bot.report.render import ledger_page
    from bot.wiring.keeping import ledger_at

    output, entries = Output(json_target), ledger_at(repo, os.environ)
    if file == "-":
        output.say(markdown(entries).rstrip())
    else:
        page = ledger_page(entries) if file.endswith(".html") else markdown(entries)
        Path(file).write_text(page, encoding="utf-8")
        output.say(f"the ledger is in {file}")
    found = [one for one in entries if one.landed]
    output.result([{"id": one.id, "standing": one.standing, **plain(one)} for one in found])
    raise typer.Exit(0 if found else 1)


@app.command()
def sync(
    no_push: Annotated[bool, typer.Option("--no-push", help="Only read the branch.")] = False,
    repo: options.Repo = options.HERE,
    json_target: options.Json = None,
) -> None:
    """Merge the branch hotlap/state of origin into the store, and push the records that wait here."""
    from bot.wiring.keeping import synchronised_at

    output = Output(json_target)
    with synchronised_at(repo, os.environ) as state:
        merged = state.merge()
        pushed = 0 if no_push else state.publish()
        waiting = len(state.waiting())
    damaged = f", {len(merged.damaged)} damaged and skipped" if merged.damaged else ""
    output.say(f"{merged.records} record(s) merged{damaged}, {pushed} pushed, {waiting} waiting")
    output.result({"merged": merged.records, "damaged": merged.damaged, "pushed": pushed, "waiting": waiting})


def _keeping(repo: Path) -> "Keeping":
    from bot.wiring.keeping import keeping_at

    return keeping_at(repo, os.environ)
