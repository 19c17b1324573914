"""`hardware:` and the policy over it: what a person may write, and what is told to one who mistypes."""

import pytest

from bot.config import Config, in_force, parse
from bot.domain.errors import ConfigError

TWO = "hardware:\n  - {name: amd, tags: [bench, amd], cpu: EPYC, weight: 2}\n  - name: arm\n"


def test_machines_have_a_name_tags_a_cpu_and_a_weight():
    amd, arm = parse(TWO.encode()).hardware
    assert (amd.name, amd.tags, amd.cpu, amd.weight) == ("amd", ("bench", "amd"), "EPYC", 2.0)
    assert (arm.tags, arm.cpu, arm.weight) == ((), "", 1.0)
    assert parse(b"hardware:\n").hardware == Config().hardware == ()


def test_the_policy_says_which_machines_must_agree():
    assert Config().accept.hardware == "all"
    assert parse(f"{TWO}accept: {{hardware: named, named: [arm]}}\n".encode()).accept.named == ("arm",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hardware:\n  - name: amd\n  - name: amd\n", "names 'amd' twice"),
        ("hardware:\n  - name: AMD\n", "hardware[1].name"),
        ("hardware:\n  - tags: [x]\n", "'hardware[1].name' is missing"),
        ("hardware:\n  - {name: a, tags: [$SECRET]}\n", "hardware[1].tags[1]"),
        ("hardware:\n  - {name: a, weight: 0}\n", "must be above 0"),
        ("hardware: amd\n", "must be a list"),
        ("accept: {hardware: named}\n", "must name one machine or more"),
        (f"{TWO}accept: {{named: [intel]}}\n", "must list 'intel'"),
        ("hardware:\n  - {name: a, tag: [x]}\n", "did you mean 'tags'"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(text, said):
    with pytest.raises(ConfigError, match=r"^\.hotlap\.yml:") as found:
        parse(text.encode())
    assert said in str(found.value)


def test_which_machines_are_taken_is_for_the_default_branch_to_say():
    config, notes = in_force(parse(TWO.encode()), Config(), "main")
    assert config.hardware == ()
    assert notes == ("`hardware:` in .hotlap.yml is not heeded here: only what main says counts",)
