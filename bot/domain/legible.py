"""Text of strangers made fit to show: nothing in it moves a cursor, hides, reorders or runs on for ever."""


def harmless(text: str) -> str:
    """Return `text` with control, invisible, bidirectional and surrogate characters spelled out.

    Line feeds and tabs stay.
    """
    return "".join(char if char in "\n\t" or char.isprintable() else _spelled(char) for char in text)


def one_line(text: str, limit: int = 300) -> str:
    """Return `text` harmless, on one line and at most `limit` characters long, the middle left out."""
    line = harmless(" ".join(text.split()))
    if len(line) <= limit:
        return line
    tail = (limit - 1) // 3
    return f"{line[: limit - 1 - tail]}…{line[len(line) - tail :]}"


def _spelled(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
