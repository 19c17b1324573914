"""Whether requests are valid against GitLab's API description, and whether our own answers are."""

from functools import cache

from tests.gitlab_server import description
from tests.gitlab_server.description import answer_problems, request_problems


@cache
def known():
    """The description, read once; None where it is not at hand."""
    return description.find()


class Conformance:
    """Collects `problems` (requests that the description does not allow) and `flaws` (answers that it does not)."""

    def __init__(self) -> None:
        self.problems = []
        self.flaws = []

    def check(self, call, body, reply):
        """Hold one call and its answer against the description, where there is one."""
        # A webhook that starts a pipeline brings its own payload as the body.
        if known() is None or "x-gitlab-event" in call.headers:
            return
        operation = known().operation(call.method, call.path)
        if operation is None:
            self.problems.append(f"{call.method} {call.path} is not in GitLab's description")
            return
        said = request_problems(operation, call.query, body)
        self.problems += [f"{call.method} {call.path}: {one}" for one in said]
        if reply.status < 400 and not isinstance(reply.body, bytes | str):
            said = answer_problems(operation, reply.status, reply.body, paged="X-Page" in reply.headers)
            self.flaws += [f"{call.method} {call.path}: {one}" for one in said]
