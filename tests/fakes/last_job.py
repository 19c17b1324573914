"""The last job of a pipeline on the GitLab to test against: a shop, a plan, its evidence, and the job itself."""

from dataclasses import dataclass, field
from typing import Any

from bot.app.ci.environment import read
from bot.app.ci.exchange import EVIDENCE, PLAN, Exchange
from bot.domain.code import File, FileChange, Snapshot, Target
from bot.domain.exchange import Order, Plan, Proposed
from bot.domain.job import Candidate, EditSet, Trigger, TriggerKind
from bot.localize.index import Index
from bot.wiring.pipelines import Pipeline
from tests.fakes import exchange as made
from tests.fakes.ports import FakeProgress
from tests.gitlab_server import Access

CORE = """\
def known(orders, customers):
    names = [one["name"] for one in customers]
    return [one for one in orders if one["customer"] in names]


def count(orders):
    return len(orders)
"""
FASTER = CORE.replace('[one["name"] for one in customers]', '{one["name"] for one in customers}')
NUMBA = "import numba\n\n\n" + FASTER.replace("return [", "return numba.typed.List(").replace("in names]", "in names)")
FILES = {"shop.py": CORE, "benchmarks/bench_shop.py": "from shop import known\n", "requirements.txt": "numba\n",
         "other.py": "import numba\n\n\ndef fast():\n    return numba.njit\n"}  # fmt: skip


@dataclass
class Shop:
    """A project on a server, its owner, a maintainer, a developer and a guest, and the bot's token."""

    server: Any
    project: Any
    people: dict
    token: Any
    place: Any
    jobs: list = field(default_factory=list)

    @property
    def bot(self):
        return self.token.user

    @property
    def sha(self):
        return self.project.repository.sha("main")

    @property
    def requests(self):
        """The merge requests of the bot."""
        return [one for one in self.project.merge_requests.values() if one.author.id == self.bot.id]

    @property
    def dashboard(self):
        (issue,) = self.project.issues.values()
        return issue

    def order(self, **values):
        trigger = Trigger(TriggerKind.SWEEP, "maria", self.project.path, self.sha)
        return Order(**({"trigger": trigger, "target_branch": "main", "most": 9} | values))

    def job(self, after=FASTER, *, function="known", proposer="rules/membership-set", **values):
        """Make the last job of a new pipeline, whose plan holds one candidate that every machine accepts."""
        number = len(self.jobs)
        tree = Snapshot(self.sha, {path: File(text.encode()) for path, text in FILES.items()})
        found = next(one for one in Index(tree).functions("shop.py") if one.qualname == function)
        target = Target(found, (made.BENCHMARK,), 0.3, 0.6, 0.7, 12, 3.3, "hot")
        edits = EditSet((FileChange("shop.py", CORE.encode(), after.encode()),))
        candidate = Candidate(edits, self.sha, "faster", proposer, target)
        place = self.place / f"job-{number}"
        exchange = Exchange(place / "hotlap-ci")
        digest = exchange.write(PLAN, Plan(self.order(**values), self.sha, (Proposed.of(candidate),), (), (target,)))
        evidence = made.evidence("here", made.verdict(of=candidate), plan_digest=digest)
        exchange.write(EVIDENCE, evidence, "here")
        pipeline = self.server.start_pipeline(self.project, self.people["maria"], ref="main", source="schedule")
        environ = {
            "CI_PIPELINE_SOURCE": "parent_pipeline", "CI_PROJECT_PATH": self.project.path, "CI_COMMIT_SHA": self.sha,
            "CI_DEFAULT_BRANCH": "main", "HOTLAP_PLAN": digest, "HOTLAP_STEP": "publish",
            "CI_PIPELINE_ID": str(pipeline.id), "CI_PIPELINE_URL": "http://gitlab.example/p/1",
        }  # fmt: skip
        job = Pipeline(read(environ), place, FakeProgress(), environ)
        self.jobs.append(job)
        return job


def opened(server, place, monkeypatch, path="team/shop"):
    """Return a shop in which the environment names the bot's token."""
    people = {name: server.add_user(name) for name in ("maria", "max", "dev", "guest")}
    project = server.add_project(path, people["maria"], FILES)
    server.add_member(project, people["max"], Access.MAINTAINER)
    server.add_member(project, people["dev"], Access.DEVELOPER)
    server.add_member(project, people["guest"], Access.GUEST)
    token = server.add_project_token(project, "hotlap", Access.DEVELOPER, ("api", "write_repository"))
    for name, value in (("URL", server.url), ("TOKEN", token.secret), ("PROJECT", path)):
        monkeypatch.setenv(f"HOTLAP_GITLAB_{name}", value)
    for name in ("HOTLAP_STORE", "HOTLAP_STATE_BRANCH", "CI_JOB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return Shop(server, project, people, token, place)
