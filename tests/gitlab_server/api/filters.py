"""What the lists of merge requests and issues have in common: filters and order."""

from datetime import datetime


def filtered(request, things):
    """The things that the query asks for, newest first."""
    query = request.query
    state = query.get("state", "all")
    tests = [lambda thing: state in {"all", thing.state}]
    if query.get("labels"):
        wanted = set(request.words("labels"))
        tests.append(lambda thing: wanted <= set(thing.labels))
    if query.get("author_id"):
        tests.append(lambda thing: thing.author.id == int(query["author_id"]))
    if query.get("author_username"):
        tests.append(lambda thing: thing.author.username == query["author_username"])
    if query.get("search"):
        fields = query.get("in", "title,description").split(",")
        word = query["search"].lower()
        tests.append(lambda thing: any(word in getattr(thing, field).lower() for field in fields))
    if query.get("iids"):
        numbers = {int(number) for number in request.words("iids")}
        tests.append(lambda thing: thing.iid in numbers)
    if query.get("updated_after"):
        # GitLab keeps microseconds and shows milliseconds: what is asked for by the shown time is found again.
        edge = datetime.fromisoformat(query["updated_after"])
        tests.append(lambda thing: thing.updated_at >= edge)
    found = [thing for thing in things if all(test(thing) for test in tests)]
    moment = (lambda thing: (thing.updated_at, thing.id)) if query.get("order_by") == "updated_at" else _created
    return sorted(found, key=moment, reverse=query.get("sort", "desc") == "desc")


def _created(thing):
    return (thing.created_at, thing.id)
