"""docs/sandbox.md answers for every case of the conformance suite and every backend."""

import re
from pathlib import Path

TEXT = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
ROWS = {
    int(row[0]): row[1:]
    for row in re.findall(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \| (.+) \| ?(.*) ?\|$", TEXT, re.MULTILINE)
}
DOCKER, NAMESPACE, PROCESS, REMARKS = range(1, 5)
RESOURCES_FILES_AND_NETWORK = {*range(1, 28), 38}


def test_every_case_has_an_answer_for_every_backend():
    assert sorted(ROWS) == list(range(1, 46))
    assert all(all(cell.strip() for cell in row[: PROCESS + 1]) for row in ROWS.values())


def test_what_is_not_held_has_a_reason():
    short = {number for number, row in ROWS.items() if {"no", "partly", "-"} & {cell.strip() for cell in row[1:4]}}
    without = {number for number in short if not ROWS[number][REMARKS].strip()}
    assert not without


def test_containers_and_namespaces_hold_every_resource_process_network_and_file_case():
    for number in RESOURCES_FILES_AND_NETWORK:
        assert ROWS[number][DOCKER].strip() == "yes", number
        assert ROWS[number][NAMESPACE].strip() in {"yes", "group"}, number


def test_a_process_is_said_to_hold_what_the_suite_expects_of_it():
    assert {number for number, row in ROWS.items() if row[PROCESS].strip() == "no"} == {6, 7, 8, 9, 23, 38}
