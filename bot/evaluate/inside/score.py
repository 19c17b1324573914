"""Driver that asks the target's own score function: one frame with tables in, one with numbers out."""

import math

from . import channel, ready


def filled(table, logs):
    """Return the table with the ratio of base over candidate and the candidate's seconds of one row."""
    made = []
    for one, log in zip(table, logs):  # noqa: B905 - Python 3.8
        ratio = math.exp(log)
        made.append(dict(one, ratio=ratio, candidate_seconds=one["base_seconds"] / ratio))
    return made


def number(value):
    """Return a finite float; TypeError for whatever else a function returns."""
    found = None if isinstance(value, (bool, str, bytes)) else float(value)
    if found is None or not math.isfinite(found):
        raise TypeError("it returned %.60r, not a finite number" % (value,))
    return found


def main():
    """Answer one request."""
    frames = channel.take_over()
    request = frames.receive()
    if request is None:
        return
    try:
        function = getattr(ready.load(request["path"]), request["name"])
        values = [number(function(filled(request["table"], logs))) for logs in request["rows"]]
        reply = {"values": values}
    except (Exception, SystemExit) as error:
        reply = {"error": ready.said(error)}
    frames.send(reply)
    frames.receive()


if __name__ == "__main__":
    main()
