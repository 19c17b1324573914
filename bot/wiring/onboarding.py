"""The onboarding merge request: what `hotlap init` would write, proposed on GitLab in place of the work tree."""

from bot.adapters import scratch
from bot.app.init import Plan, introduction
from bot.app.publish import Publisher, writable
from bot.domain.code import FileChange
from bot.domain.errors import Refused
from bot.domain.job import EditSet
from bot.domain.publication import BRANCHES, Publication, Published
from bot.wiring import forge as gitlab

_BRANCH = f"{BRANCHES}onboarding"


def onboard(plan: Plan) -> Published:
    """Open or update the merge request with the files of `plan`; Refused where they are merged already."""
    forge = gitlab.forge()
    project = writable(forge.directory.project())
    tip = forge.contents.tip(project.default_branch)
    if tip is None:
        raise Refused(f"{project.path} has no commit on {project.default_branch} yet: push something first")
    new = [(path, text) for path, text in plan.files if forge.contents.file(path, tip) is None]
    if not new:
        raise Refused(f"{plan.files[0][0]} is on {project.default_branch} already: there is nothing to propose")
    edits = EditSet(tuple(FileChange(path, None, text.encode()) for path, text in new))
    title, description = introduction(plan)
    with scratch.directory() as place:
        clone = gitlab.remote(place, project.clone_url)
        clone.fetch(project.default_branch)
        commit = clone.checkout.commit(tip, edits, f"{title}\n")
        names = tuple(path for path, _ in new)
        change = Publication(_BRANCH, project.default_branch, tip, commit, title, description, names)
        return Publisher(forge, clone, clone).publish(change)
