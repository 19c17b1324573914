"""Which language a file is in: by its name, and for C and C++ headers by what is in them."""

import re
from pathlib import PurePosixPath

PYTHON = "python"
SUFFIXES = {
    ".py": PYTHON,
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "typescript",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".c": "c",
    ".h": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cxx": "cpp",
    ".hh": "cpp",
    ".hpp": "cpp",
    ".hxx": "cpp",
}
ENDING = "|".join(sorted((one[1:] for one in SUFFIXES), key=lambda one: (-len(one), one)))
"""The suffixes without their dots as alternatives of a regular expression, longer ones first."""
CPLUSPLUS = re.compile(rb"^[ \t]*(?:class|namespace|template|using|public:|private:|protected:)\b|\w::\w", re.MULTILINE)


def language(path: str) -> str | None:
    """Return the language of a file by its name; None for one in which no functions are found."""
    return SUFFIXES.get(PurePosixPath(path).suffix)


def dialect(path: str, data: bytes) -> str:
    """Return the name of the grammar that reads a file; KeyError for a language without one."""
    suffix = PurePosixPath(path).suffix
    if suffix == ".tsx":
        return "tsx"
    if suffix == ".h" and CPLUSPLUS.search(data):
        return "cpp"
    return SUFFIXES[suffix]
