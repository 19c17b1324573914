from bot.config import in_force, parse

DIGEST = "sha256:" + "0" * 64


def test_a_change_cannot_ask_for_less_isolation():
    here, merged = parse(b"isolation: process\ntests: {timeout: 5}\n"), parse(b"")
    config, unheeded = in_force(here, merged, "origin/main")
    assert (config.isolation, config.tests.timeout) == ("auto", 5)
    assert unheeded == ("`isolation:` in .hotlap.yml is not heeded here: only what origin/main says counts",)


def test_image_network_setup_and_interpreter_are_decided_before_too():
    asked = f"sandbox: {{image: '{DIGEST}', network: true}}\nsetup: [curl evil]\npython: /home/ci/bin/x\n"
    config, unheeded = in_force(parse(asked.encode()), parse(b"setup: [make]\n"), "main")
    assert (config.sandbox.image, config.sandbox.network, config.python) == (None, False, None)
    assert config.setup == (("make",),)
    assert len(unheeded) == 3


def test_what_the_default_branch_says_counts_although_the_change_leaves_it_out():
    config, unheeded = in_force(parse(b""), parse(b"isolation: process\n"), "main")
    assert (config.isolation, unheeded) == ("process", ())


def test_the_same_words_on_both_sides_need_no_remark():
    text = b"isolation: process\nsetup: ['make all']\n"
    assert in_force(parse(text), parse(text), "main")[1] == ()


def test_a_change_cannot_ask_for_more_of_the_machine():
    asked = parse(b"limits: {memory: 900GiB, pids: 1000000, output: 1GiB}\n")
    config, unheeded = in_force(asked, parse(b"limits: {pids: 600}\n"), "main")
    assert (config.limits.memory, config.limits.pids, config.limits.output) == (4 << 30, 600, 1 << 20)
    assert unheeded == ("`limits:` in .hotlap.yml is not heeded here: only what main says counts",)
