"""`make bench-proof`: record what is missing within the minutes given, then write the table and the pictures."""

import argparse
import contextlib
import secrets
import time
from pathlib import Path

from bot.domain.errors import HotlapError
from tests.bench.proof import report, target
from tests.bench.proof.record import recorder
from tests.bench.proof.recordings import Part, Recordings, parts

ROOT = Path(__file__).parents[3]
_ANALYSIS_SHARE = 0.06


def main() -> None:
    """Record and report; a second call goes on where the first was ended, and `--report` records nothing."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.proof", description=__doc__)
    parser.add_argument("--minutes", type=float, default=35.0, help="for everything; parts are cut to fit")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "proof-out", help="raw recordings; what is there is not recorded again"
    )
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where benchmarks/proof.md and pictures go")
    parser.add_argument("--report", action="store_true", help="only write the report from what is recorded")
    asked = parser.parse_args()
    found = Recordings(asked.out)
    planned = parts(target.KINDS, target.OTHERS)
    if not asked.report:
        _record(found, planned, asked.minutes * 60)
    report.write(found, planned, asked.docs)
    print(f"wrote {asked.docs / 'benchmarks' / 'proof.md'}")


def _record(found: Recordings, planned: list[Part], seconds: float) -> None:
    begun = time.monotonic()
    each = seconds * (1 - _ANALYSIS_SHARE) / sum(part.weight for part in planned)
    source = recorder(secrets.randbits(64))
    missing = [part for part in planned if not found.has(part)]
    for number, part in enumerate(missing):
        try:
            with contextlib.closing(source.record(part, each * part.weight)) as recorded:
                rows = f"{found.write(part, recorded)} rows"
        except HotlapError as error:
            rows = f"not recorded: {error}"
        passed = time.monotonic() - begun
        print(f"{passed:6.0f} s  {number + 1}/{len(missing)}  {part.name}: {rows}", flush=True)


if __name__ == "__main__":
    main()
