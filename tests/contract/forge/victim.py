"""Publishes the change of `conftest.py` as a program of its own, with the real wiring, so that it can be killed."""

import sys
from pathlib import Path

from bot.app.publish import Publisher
from bot.domain.code import FileChange
from bot.domain.forge import Noteable, NoteableKind
from bot.domain.job import EditSet
from bot.domain.publication import Publication
from bot.wiring import forge as wiring


def main(place: str) -> None:
    forge = wiring.forge()
    remote = wiring.remote(Path(place), forge.directory.project().clone_url)
    base = remote.fetch("main")
    before = remote.checkout.snapshot(base).data("src/total.py")
    edits = EditSet((FileChange("src/total.py", before, before.replace(b"sum", b"fsum")),))
    commit = remote.checkout.commit(base, edits, "Make total faster\n")
    facts = ("Make total 1.3x faster", "It is **1.3x** faster.", ("src/total.py",))
    published = Publisher(forge, remote, remote).publish(
        Publication("hotlap/src-total-total", "main", base, commit, *facts)
    )
    at = Noteable(NoteableKind.MERGE_REQUEST, published.merge_request.iid)
    forge.talk.say(at, "report", "It is done.")


main(sys.argv[1])
