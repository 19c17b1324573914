"""From bytes to arguments: queries, forms with brackets in names, multipart, JSON."""

import json
import re
from email import message_from_bytes
from email.policy import HTTP
from urllib.parse import parse_qsl

from tests.gitlab_server.web import File
from tests.gitlab_server.world import RefusalError


def query(text: str) -> dict:
    return nested(parse_qsl(text, keep_blank_values=True))


def nested(pairs) -> dict:
    """Fold `a[b]=1` into {"a": {"b": "1"}} and `a[]=1` into {"a": ["1"]}."""
    folded = {}
    for name, value in pairs:
        key, place = name.partition("[")[0], folded
        for inner in re.findall(r"\[([^\]]*)\]", name):
            if inner == "":
                place = place.setdefault(key, [])
                break
            place = place.setdefault(key, {})
            key = inner
        if isinstance(place, list):
            place.append(value)
        else:
            place[key] = value
    return folded


def body(headers: dict, raw: bytes) -> dict:
    """The arguments of a body by its content type. Raises RefusalError 400 for JSON that is none."""
    kind = headers.get("content-type", "").lower()
    if not raw:
        return {}
    if "json" in kind:
        try:
            loaded = json.loads(raw)
        except ValueError:
            raise RefusalError(400, {"error": "Problem while parsing request body"}) from None
        return loaded if isinstance(loaded, dict) else {"": loaded}
    if "multipart/form-data" in kind:
        return _multipart(headers["content-type"], raw)
    if "x-www-form-urlencoded" in kind:
        return query(raw.decode(errors="replace"))
    return {}


def _multipart(kind, raw):
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw, policy=HTTP)
    pairs, files = [], {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True) or b""
        if part.get_filename() is None:
            pairs.append((name, content.decode(errors="replace")))
        else:
            files[name] = File(part.get_filename(), content)
    return {**nested(pairs), **files}
