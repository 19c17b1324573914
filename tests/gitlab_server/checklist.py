"""Boxes in descriptions, as GitLab's Taskable compares them: by place, and only where the text stayed the same."""

import re

ITEM = re.compile(r"^[ \t>]*(?:[-+*]|\d+[.)])[ \t]+\[(?P<mark>[ xX])\][ \t]+(?P<label>\S.*)$", re.MULTILINE)


def changed(before, after):
    """(text, "completed" or "incomplete") of each box that was ticked or unticked."""
    old, new = _items(before), _items(after)
    return [
        (label, done) for (label, done), known in zip(new, old, strict=False) if known[0] == label and known[1] != done
    ]


def _items(text):
    found = ITEM.finditer(text or "")
    return [(one["label"].strip(), "incomplete" if one["mark"] == " " else "completed") for one in found]
