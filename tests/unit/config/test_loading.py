import os

import pytest

from bot.config import Config, load, parse
from bot.domain.errors import ConfigError


def complaint(text: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text if isinstance(text, bytes) else text.encode())
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "null\n", "\ufeff"])
def test_an_empty_file_means_the_defaults(text):
    assert parse(text.encode()) == Config()


def test_a_heading_with_nothing_under_it_means_its_defaults():
    assert parse(b"budget:\n  # seconds: 60\ntests:\n") == Config()


def test_defaults_are_those_of_the_documentation():
    config = Config()
    assert (config.version, config.python, config.import_roots, config.isolation) == (1, None, None, "auto")
    assert (config.tests.command, config.tests.junit, config.tests.timeout) == (None, None, 600)
    assert (config.benchmarks.paths, config.benchmarks.timeout) == (None, 60)
    assert (config.accept.margin, config.accept.confidence) == (0.01, 0.99)
    assert (config.accept.min_gain, config.accept.memory_margin) == (0.05, 0.10)
    assert (config.budget.seconds, config.budget.targets, config.budget.candidates) == (None, 5, 40)
    assert (config.limits.memory, config.limits.pids, config.limits.output) == (4 << 30, 512, 1 << 20)


def test_every_key_can_be_set():
    config = parse(
        b"""version: 1
python: .venv/bin/python
import_roots: [src, .]
tests: {command: 'python -m pytest "a b"', junit: out/junit.xml, timeout: 30}
benchmarks:
  paths: ["bench/*.py"]
  exclude: [bench/slow.py]
  timeout: 5
targets: {include: ["src/**"], exclude: [./src/vendor/**]}
accept: {margin: 0.02, confidence: 0.999, min_gain: 0.1, memory_margin: 1}
budget: {seconds: 120, targets: 2, candidates: 9}
limits: {memory: 1.5GiB, pids: 64, output: 65536}
isolation: process
protected: [src/secrets.py]
env: {APP_MODE: "test"}
"""
    )
    assert config.import_roots == ("src", "")
    assert config.tests.command == ("python", "-m", "pytest", "a b")
    assert config.targets.exclude == ("src/vendor/**",)
    assert config.limits.memory == 3 << 29
    assert config.limits.output == 65536
    assert config.accept.memory_margin == 1
    assert config.isolation == "process"
    assert config.env == {"APP_MODE": "test"}


def test_a_command_may_be_a_list():
    assert parse(b"tests:\n  command: [tox, -e, py]\n").tests.command == ("tox", "-e", "py")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 1\n\nbugdet: 3\n", ".hotlap.yml:3: unknown key 'bugdet'; did you mean 'budget'?"),
        ("tests:\n  comand: x\n", ".hotlap.yml:2: unknown key 'tests.comand'; did you mean 'command'?"),
        ("min_gain: 0.2\n", ".hotlap.yml:1: unknown key 'min_gain'; did you mean 'accept.min_gain'?"),
        ("margin: 0.2\n", ".hotlap.yml:1: unknown key 'margin'; did you mean 'accept.margin' or 'check.margin'?"),
        (
            "tests:\n  zzz: 1\n",
            ".hotlap.yml:2: unknown key 'tests.zzz'; valid keys are command, junit, timeout",
        ),
        ("tests:\n  timeout: 5\n  timeout: 6\n", ".hotlap.yml:3: duplicate key 'timeout', first on line 2"),
        ("- a\n- b\n", ".hotlap.yml:1: the file must hold keys, such as 'version: 1'"),
        ("just words\n", ".hotlap.yml:1: the file must hold keys, such as 'version: 1'"),
        ("42\n", ".hotlap.yml:1: the file must hold keys, such as 'version: 1'"),
        ("version: 2\n", ".hotlap.yml:1: 'version' must be 1, the only version that this Hotlap reads, not 2"),
        ("version: true\n", ".hotlap.yml:1: 'version' must be 1, the only version that this Hotlap reads, not true"),
        ("version: '1'\n", ".hotlap.yml:1: 'version' must be 1, the only version that this Hotlap reads, not '1'"),
        ("tests:\n  timeout: soon\n", ".hotlap.yml:2: 'tests.timeout' must be a number, not 'soon'"),
        ("tests:\n  timeout: yes\n", ".hotlap.yml:2: 'tests.timeout' must be a number, not true"),
        ("tests:\n  timeout: 0\n", ".hotlap.yml:2: 'tests.timeout' must be above 0, not 0"),
        ("tests:\n  timeout: 86401\n", ".hotlap.yml:2: 'tests.timeout' must be at most 86400, not 86401"),
        ("tests:\n  timeout: .inf\n", ".hotlap.yml:2: 'tests.timeout' must be a finite number, not inf"),
        ("accept:\n  margin: .nan\n", ".hotlap.yml:2: 'accept.margin' must be a finite number, not nan"),
        ("accept: {confidence: 99}\n", ".hotlap.yml:1: 'accept.confidence' must be below 1, not 99"),
        ("tests: pytest\n", ".hotlap.yml:1: 'tests' must hold keys below it, not 'pytest'"),
        ("budget: [1]\n", ".hotlap.yml:1: 'budget' must hold keys below it, not a list"),
        ("budget:\n  targets: 2.5\n", ".hotlap.yml:2: 'budget.targets' must be a whole number, not 2.5"),
        ("budget:\n  targets:\n", ".hotlap.yml:2: 'budget.targets' must be a whole number, not empty"),
        ("protected: src/x.py\n", ".hotlap.yml:1: 'protected' must be a list, not 'src/x.py'"),
        ("protected:\n- a\n- 7\n", ".hotlap.yml:3: 'protected[2]' must be text in quotes, not 7"),
        ("python: 3.11\n", ".hotlap.yml:1: 'python' must be text in quotes, not 3.11"),
        ("python: ''\n", ".hotlap.yml:1: 'python' must not be empty"),
        (
            "isolation: none\n",
            ".hotlap.yml:1: 'isolation' must be 'auto', 'docker', 'namespace' or 'process', not 'none'",
        ),
        (
            "sandbox: {image: 'python:3.12'}\n",
            (
                ".hotlap.yml:1: 'sandbox.image' must name an image by its digest: NAME@sha256:<64 digits>, or "
                "sha256:<64 digits>, not 'python:3.12'"
            ),
        ),
        ("sandbox: {network: host}\n", ".hotlap.yml:1: 'sandbox.network' must be true or false, not 'host'"),
        ("setup: make\n", ".hotlap.yml:1: 'setup' must be a list, not 'make'"),
        (
            "limits: {memory: plenty}\n",
            ".hotlap.yml:1: 'limits.memory' must be a size such as 512MiB or 4GiB, not 'plenty'",
        ),
        ("limits: {memory: 1B}\n", ".hotlap.yml:1: 'limits.memory' must be at least 1024, not 1"),
        (
            "tests: {command: 'a \"b'}\n",
            ".hotlap.yml:1: 'tests.command' is not a command line: no closing quotation, not 'a \"b'",
        ),
        ("tests: {command: []}\n", ".hotlap.yml:1: 'tests.command' must not be empty"),
        ("env:\n  A: 1\n", ".hotlap.yml:2: 'env.A' must be text in quotes, not 1"),
        ("env:\n  'a-b': x\n", ".hotlap.yml:1: 'env' holds 'a-b', which is not a name of a variable"),
    ],
)
def test_each_mistake_gets_one_sentence_with_its_line(text, expected):
    assert complaint(text) == expected


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "a/../../b", "~root", "''", "' '"])
def test_globs_stay_inside_the_repository(path):
    assert complaint(f"targets:\n  include:\n  - {path}\n").startswith(".hotlap.yml:3: 'targets.include[1]' must ")


@pytest.mark.parametrize("name", ["PATH", "PYTHONPATH", "PYTHONHASHSEED", "LD_PRELOAD", "HOTLAP_TOKEN", "HOME"])
def test_variables_that_the_measurement_rests_on_are_reserved(name):
    assert f"must not set {name}" in complaint(f"env: {{{name}: x}}\n")


def test_the_first_of_several_mistakes_is_told_and_the_rest_counted():
    assert complaint("budget:\n  targets: x\nfoo: 1\nbar: 2\n").startswith(".hotlap.yml:2: ")
    assert complaint("budget:\n  targets: x\nfoo: 1\nbar: 2\n").endswith("(and 2 more)")


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: &x [1]\nb: *x\n", 1, "anchors and aliases are not allowed"),
        ("protected: *x\n", 1, "anchors and aliases are not allowed"),
        ("version: 1\nbudget: !!python/object/apply:os.system ['true']\n", 2, "the tag '!!python/object"),
        ("env: !!python/dict {}\n", 1, "the tag '!!python/dict' is not allowed"),
        ("env: !secret x\n", 1, "the tag '!secret' is not allowed"),
        ("? [a]\n: 1\n", 1, "a key must be a plain word"),
        ("a: [1, 2\nb: 3\n", 2, "not valid YAML: "),
        ("version: 1\nbudget:\n\ttargets: 1\n", 3, "not valid YAML: "),
        ("version: 1\n---\nversion: 1\n", 2, "not valid YAML: "),
        ("<<: {version: 1}\n", 1, "unknown key '<<'"),
        ("version: 0b_\n", 1, "is not a number"),
        ("version: 1\nenv: {A: \x00}\n", 2, "holds a character that YAML does not allow"),
    ],
)
def test_yaml_that_could_harm_or_mislead_is_refused(text, line, part):
    message = complaint(text)
    assert message.startswith(f".hotlap.yml:{line}: ")
    assert part in message


@pytest.mark.parametrize("depth", [13, 30_000])
def test_deep_nesting_is_refused_without_a_recursion_error(depth):
    assert "nested more than 12 levels deep" in complaint("protected: " + "[" * depth)


def test_billion_laughs_ends_at_the_first_anchor():
    bomb = "a: &a [x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]\n" for i in range(9))
    assert complaint(bomb).startswith(".hotlap.yml:1: anchors")


def test_other_encodings_are_refused_with_the_line():
    assert complaint(b"version: 1\npython: caf\xe9\n") == ".hotlap.yml:2: is not UTF-8 text"
    assert complaint("version: 1\n".encode("utf-16")).startswith(".hotlap.yml:1: is not UTF-8 text")


def test_size_is_capped():
    assert complaint(b"#" * ((64 << 10) + 1)) == ".hotlap.yml: is larger than 64 KiB"
    assert parse(b"#" * (64 << 10)) == Config()


def test_a_date_is_text():
    assert parse(b"python: 2020-13-45\n").python == "2020-13-45"


def test_hostile_keys_are_made_printable_and_short():
    message = complaint('"\\u001b[31m' + "k" * 500 + '": 1\n')
    assert "\x1b" not in message
    assert len(message) < 400


def test_loading_from_a_directory(tmp_path):
    assert load(tmp_path) == Config()
    (tmp_path / ".hotlap.yml").write_text("budget: {targets: 2}\n")
    assert load(tmp_path).budget.targets == 2


def test_the_other_suffix_is_not_silently_ignored(tmp_path):
    (tmp_path / ".hotlap.yaml").write_text("version: 1\n")
    with pytest.raises(ConfigError, match=r"^\.hotlap\.yaml: is not read; rename it to \.hotlap\.yml$"):
        load(tmp_path)


def test_links_directories_and_pipes_are_not_followed_or_waited_for(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("password: hunter2\n")
    place = tmp_path / ".hotlap.yml"
    place.symlink_to(secret)
    with pytest.raises(ConfigError, match="is a symbolic link"):
        load(tmp_path)
    place.unlink()
    place.mkdir()
    with pytest.raises(ConfigError, match=r"^\.hotlap\.yml: "):
        load(tmp_path)
    place.rmdir()
    os.mkfifo(place)
    with pytest.raises(ConfigError, match="is not a regular file"):
        load(tmp_path)


def test_values_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Config().budget.targets = 9
