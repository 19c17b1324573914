"""Every `hotlap ...` that a reader may copy from documents, templates and messages exists, with each of its flags."""

import re
from pathlib import Path

import pytest
import typer
import yaml

from bot.cli.main import app

ROOT = Path(__file__).parents[3]
OURS = (path for path in ROOT.glob("tests/**/*.md") if "node_modules" not in path.parts)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *OURS])
SCRIPTS = [ROOT / "Makefile", *sorted(ROOT.glob(".ci/*"))]
TEMPLATES = sorted(ROOT.glob("templates/*.yml"))
SOURCES = sorted((ROOT / "bot").rglob("*.py"))
SPAN = re.compile(r"`(hotlap [a-z][^`\n]*)`")
QUOTED = re.compile(r"[`\"'](hotlap [a-z][^`\"'\n]*)[`\"']")
LONE = re.compile(r"`(--[a-z][a-z-]*)[^`\n]*`")
BLOCK = re.compile(r"^(?:```|~~~)\w*\n(.*?)^(?:```|~~~)$|((?:^ {4,}\S.*\n)+)", re.DOTALL | re.MULTILINE)
CALL = re.compile(r"(?:^|[\s;&|/)])hotlap +([a-z][^\n]*)", re.MULTILINE)
# An escaped bar is one of a table, where it means "or".
END = re.compile(r"(?<!\\)[|;#]|&&|\s>")
GROUP = typer.main.get_command(app)
CONTEXT = GROUP.make_context("hotlap", ["doctor"])
FLAG = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


def in_prose(text):
    """Yield the commands in code spans and in code blocks of Markdown."""
    yield from (found[1].removeprefix("hotlap ") for found in SPAN.finditer(text))
    for block in BLOCK.finditer(text):
        yield from in_script(block[1] or block[2])


def in_script(text):
    """Yield the commands in lines of a shell, continued lines joined."""
    for found in CALL.finditer(re.sub(r"\\\n\s*", " ", text)):
        yield END.split(found[1])[0].strip()


def in_template(text):
    for document in yaml.safe_load_all(text):
        for job in document.values():
            yield from in_script("\n".join(job.get("script", ())))


def all_commands():
    readers = [(DOCUMENTS, in_prose), (SCRIPTS, in_script), (TEMPLATES, in_template)]
    found = {
        (str(path.relative_to(ROOT)), line)
        for paths, read in readers
        for path in paths
        for line in read(path.read_text(encoding="utf-8"))
    }
    spans = {
        (str(path.relative_to(ROOT)), span[1].removeprefix("hotlap "))
        for path in SOURCES
        for span in QUOTED.finditer(path.read_text(encoding="utf-8"))
    }
    return sorted(found | spans)


def problems(line):
    """Return what is wrong with one command line, in words."""
    name, *words = line.split()
    if name not in GROUP.list_commands(CONTEXT):
        return [f"there is no command {name}"]
    _, command, _ = GROUP.resolve_command(CONTEXT, [name])
    commands = [command]
    if hasattr(command, "commands"):
        wanted = re.split(r"\\?\|", words[0]) if words else []
        unknown = [one for one in wanted if one not in command.commands]
        if unknown:
            return [f"{name} has no {one}" for one in unknown]
        commands = [command.commands[one] for one in wanted]
    known = {flag for one in commands for option in one.params for flag in option.opts} | {"--help", "-h"}
    return [f"{name} has no {flag}" for flag in FLAG.findall(line) if flag not in known]


def flags():
    """Return the flags of all commands."""
    found = [GROUP.resolve_command(CONTEXT, [name])[1] for name in GROUP.list_commands(CONTEXT)]
    found += [inner for command in found for inner in getattr(command, "commands", {}).values()]
    return {flag for command in [GROUP, *found] for option in command.params for flag in option.opts} | {"--help"}


COMMANDS = all_commands()


@pytest.mark.parametrize(("place", "line"), COMMANDS, ids=[f"{place}: {line}" for place, line in COMMANDS])
def test_the_command_exists_with_all_of_its_flags(place, line):
    assert problems(line) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_flag_that_is_named_alone_belongs_to_some_command(path):
    assert set(LONE.findall(path.read_text(encoding="utf-8"))) <= flags()


def test_commands_were_found_where_they_are_known_to_be():
    places = {place for place, _ in COMMANDS}
    assert {"README.md", "docs/cli.md", "Makefile", "templates/check.yml", "templates/optimize.yml"} <= places
    assert len(COMMANDS) > 30


def test_every_command_is_in_the_table_of_the_command_line():
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    shown = {line.split()[0] for line in in_prose(text)}
    assert shown >= set(GROUP.list_commands(CONTEXT))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("optimise --repo .", "there is no command optimise"),
        ("optimize --repo . --budgets 3", "optimize has no --budgets"),
        ("config check\\|sheme", "config has no sheme"),
        ("config check --out x", "config has no --out"),
        ("measure --base a -z", "measure has no -z"),
    ],
)
def test_what_does_not_exist_is_noticed(line, problem):
    assert problems(line) == [problem]


@pytest.mark.parametrize(
    ("read", "text", "lines"),
    [
        (
            in_prose,
            "Type `hotlap doctor --repo x` or\n\n    .venv/bin/hotlap init  # now\n",
            ["doctor --repo x", "init"],
        ),
        (in_prose, "```sh\nhotlap check \\\n  --base main | tee log\n```\n", ["check   --base main"]),
        (in_prose, "| `hotlap localize (--all \\| --text x)` |\n", ["localize (--all \\| --text x)"]),
        (in_prose, "hotlap makes code faster, says this sentence\n", []),
        (in_script, "status=0; hotlap optimize --repo . || status=$?", ["optimize --repo ."]),
        (in_template, "spec: {}\n---\na:\n  script:\n    - >-\n      hotlap check\n      --bad\n", ["check --bad"]),
    ],
)
def test_commands_are_read_as_they_stand(read, text, lines):
    assert [" ".join(one.split()) for one in read(text)] == [" ".join(one.split()) for one in lines]
