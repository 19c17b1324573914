"""Messages of the warden: whole, with their descriptors, and what a closed side is."""

import os
import socket

from bot.adapters.sandbox.warden import names, wire


def test_a_message_arrives_with_its_descriptors():
    one, two = socket.socketpair()
    with one, two:
        read, write = os.pipe()
        wire.send(one, {"op": "start", "argv": ["\udcff\n"], "env": {"A": "x" * 1000}}, [write])
        os.close(write)
        message, (got,) = wire.receive(two)
        os.write(got, b"through")
        assert os.read(read, 10) == b"through"
        assert not os.get_inheritable(got)
        assert message["argv"] == ["\udcff\n"]
        for descriptor in (read, got):
            os.close(descriptor)


def test_a_closed_side_is_no_message():
    one, two = socket.socketpair()
    with two:
        one.sendall(b"\0\0\0\x20{")
        one.close()
        assert wire.receive(two) is None
        assert wire.receive(two) is None


def test_names_have_one_length_and_tell_whether_their_owner_lives():
    mine, first = names.of(os.getpid()), names.of(1)
    assert len(mine) == len(first)
    assert not names.is_dead(mine)
    assert names.is_dead(f"{names.here()}{os.getpid():08d}-{1:012d}")
    foreign = ("hotlap-00000000-0000000001-00000001-000000000001", f"{names.here()}x-1", f"{names.here()}1", "other")
    assert not any(names.is_dead(one) for one in foreign)
