"""The cache of `ports.Cache` in a file: damaged, foreign, not writable, cut off in the middle, used by several."""

import sqlite3
import threading

import pytest

from bot.adapters import cache as module
from bot.adapters.cache import FileCache


@pytest.fixture
def place(tmp_path):
    return tmp_path / "state" / "cache.sqlite"


def test_what_was_put_is_there_for_the_next_one(place):
    FileCache(place).put({"a": b"1", "b": b"\0\xff"})
    FileCache(place).put({"a": b"2"})
    assert FileCache(place).get(["a", "b", "c"]) == {"a": b"2", "b": b"\0\xff"}


def test_nothing_is_known_of_a_file_that_is_not_there_and_none_is_made(place):
    assert FileCache(place).get(["a"]) == {}
    assert not place.exists()


def test_more_keys_than_a_statement_takes(place):
    many = {f"key {number}": b"%d" % number for number in range(module.AT_ONCE * 2 + 3)}
    FileCache(place).put(many)
    assert FileCache(place).get(tuple(many)) == many


@pytest.mark.parametrize("damage", [b"no database at all " * 100, b"SQLite format 3\0" + b"\xff" * 5000, b""])
def test_a_damaged_file_is_empty_and_then_begun_anew(place, damage):
    FileCache(place).put({"a": b"1"})
    place.write_bytes(damage)
    assert FileCache(place).get(["a"]) == {}
    FileCache(place).put({"a": b"3"})
    assert FileCache(place).get(["a"]) == {"a": b"3"}


def test_a_table_of_another_program_is_left_alone(place):
    place.parent.mkdir()
    with sqlite3.connect(place) as base:
        base.execute("CREATE TABLE found (other TEXT)")
    base.close()
    cache = FileCache(place)
    cache.put({"a": b"1"})
    assert cache.get(["a"]) == {}


def test_a_place_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    cache = FileCache(tmp_path / "file" / "cache.sqlite")
    cache.put({"a": b"1"})
    assert cache.get(["a"]) == {}


def test_a_write_that_was_cut_off_has_written_nothing(place):
    FileCache(place).put({"a": b"1"})
    base = sqlite3.connect(place)
    base.execute("INSERT OR REPLACE INTO found VALUES ('a', x'32')")
    base.close()  # as a killed process: without a commit
    assert FileCache(place).get(["a"]) == {"a": b"1"}


def test_several_at_once_lose_nothing(place):
    def put(number):
        for turn in range(5):
            FileCache(place).put({f"{number}/{turn}": b"x"})

    threads = [threading.Thread(target=put, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(FileCache(place).get([f"{number}/{turn}" for number in range(4) for turn in range(5)])) == 20
