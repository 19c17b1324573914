"""Which benchmarks a pattern of the user means: the same rule on the command line and in the configuration."""

from fnmatch import fnmatchcase


def names(pattern: str, benchmark: str) -> bool:
    """Say whether `pattern` means a benchmark: its whole name, the part after "::", or a glob of either.

    A name that is written out is taken as it is, although "[" and "*" may stand in it.
    """
    parts = (benchmark, benchmark.rpartition("::")[2])
    return pattern in parts or any(fnmatchcase(part, pattern) for part in parts)
