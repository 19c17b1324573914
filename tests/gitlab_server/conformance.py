"""Whether requests are valid against GitLab's API description. Placeholder rows are filled by the loader."""


class Conformance:
    """Collects `problems`: requests that the description does not allow; without a description it allows all."""

    def __init__(self, description=None) -> None:
        self.description = description
        self.problems = []

    def check(self, call, body):
        if self.description is not None:
            self.problems += self.description.problems(call, body)
