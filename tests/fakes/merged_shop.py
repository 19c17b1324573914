"""A project with a slow function on the GitLab to test against, and the last job as it finds things."""

import datetime as dt
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.adapters.store.database import connect
from bot.adapters.store.memory import SqlMemory
from bot.adapters.store.migrate import opened
from bot.app.ci.environment import read
from bot.app.ci.exchange import EVIDENCE, PLAN, Exchange
from bot.domain.code import File, FileChange, Snapshot, Target
from bot.domain.evidence import Outcome
from bot.domain.exchange import Checked, Order, Plan, Proposed
from bot.domain.job import Candidate, EditSet, Trigger, TriggerKind
from bot.localize.index import Index
from bot.wiring.pipelines import Pipeline
from tests.fakes import exchange as made
from tests.fakes.ports import FakeProgress
from tests.gitlab_server import Access

PATH = "team/shop"
CORE = """\
def known(orders, customers):
    names = [one["name"] for one in customers]
    return [one for one in orders if one["customer"] in names]


def count(orders):
    return len(orders)
"""
FASTER = CORE.replace('[one["name"] for one in customers]', '{one["name"] for one in customers}')
KIND = "data-structure"


@dataclass
class LastJob:
    """`memory` is the store that HOTLAP_STORE names; `runs` counts what was published."""

    server: Any
    project: Any
    maria: Any
    bot: Any
    place: Path
    store: str
    progress: FakeProgress = field(default_factory=FakeProgress)

    @property
    def memory(self):
        return SqlMemory(opened(connect(self.store, lambda: dt.datetime.now(dt.UTC).isoformat(), str)), PATH)

    @property
    def head(self):
        return self.project.repository.sha("main")

    @property
    def requests(self):
        """The merge requests of the bot by their branch."""
        mine = [one for one in self.project.merge_requests.values() if one.author.id == self.bot.id]
        return {one.source_branch: one for one in mine}

    def said(self, mr):
        return [one.body for one in mr.human_notes if one.author.id == self.bot.id]

    def push(self, files, branch="main", user=None):
        self.server.push(self.project, user or self.maria, branch, files)
        return self.head

    def order(self, sha=None, kind=TriggerKind.SWEEP, **values):
        trigger = Trigger(kind, "maria", PATH, sha or self.head, **values.pop("trigger", {}))
        return Order(**({"trigger": trigger, "target_branch": "main", "most": 3} | values))

    def candidate(self, sha=None, core=CORE, after=FASTER):
        sha = sha or self.head
        function = next(
            one for one in Index(Snapshot(sha, {"shop.py": File(core.encode())})).functions("shop.py")
            if one.qualname == "known"
        )  # fmt: skip
        edits = EditSet((FileChange("shop.py", core.encode(), after.encode()),))
        target = Target(function, (made.BENCHMARK,), 0.3, 0.6, 0.7, 12, 3.3, "hot")
        return Candidate(edits, sha, "a set in place of a list", "rules/membership-set", target)

    def publish(self, *candidates, order=None, checks=(), checked=(), outcome=Outcome.ACCEPTED, **evidence):
        """Run the last job on candidates that one machine has judged; `checked` answers the checks of the plan."""
        order = order or self.order()
        plan = Plan(order, order.trigger.head_sha, tuple(map(Proposed.of, candidates)), checks=tuple(checks))
        exchange = Exchange(self.place / "hotlap-ci")
        digest = exchange.write(PLAN, plan)
        measured = (made.comparison(1.42, confirmed=True),)
        verdicts = [made.verdict(outcome, of=one, comparisons=measured) for one in candidates]
        found = made.evidence("here", *verdicts, plan_digest=digest, **evidence)
        judged = found.judged if candidates else ()
        exchange.write(EVIDENCE, replace(found, judged=judged, checked=tuple(checked)), "here")
        return self.job(plan.commit, digest).publish()

    def job(self, sha, digest):
        child = self.server.start_pipeline(self.project, self.maria, ref="main", source="schedule")
        environ = {
            "CI_PIPELINE_SOURCE": "parent_pipeline", "CI_PROJECT_PATH": PATH, "CI_COMMIT_SHA": sha,
            "CI_DEFAULT_BRANCH": "main", "HOTLAP_PLAN": digest, "HOTLAP_STEP": "publish",
            "CI_PIPELINE_ID": str(child.id), "CI_PIPELINE_URL": "http://gitlab.example/p/1",
        }  # fmt: skip
        return Pipeline(read(environ), self.place, self.progress, environ)

    def merged(self, mr, user=None):
        """Somebody merges a merge request; the commit of main after it is returned."""
        mr.title = mr.title.removeprefix("Draft: ")
        self.server.merge(mr, user or self.maria)
        return self.head


def answer(check, ratio):
    """What a machine says of a check: without the optimisation over with it."""
    return Checked(check.entry, check.commit, made.comparison(ratio, check.benchmark))


def stocked(server, place, monkeypatch, config="", access=Access.DEVELOPER):
    """A project with a slow function, a token of the bot's in the environment, and an empty store."""
    maria = server.add_user("maria")
    files = {"shop.py": CORE, "benchmarks/bench_shop.py": "from shop import known\n"}
    project = server.add_project(PATH, maria, files | ({".hotlap.yml": config} if config else {}))
    token = server.add_project_token(project, "hotlap", access, ("api", "write_repository"))
    store = str(place / "store.sqlite")
    for name, value in (("GITLAB_URL", server.url), ("GITLAB_TOKEN", token.secret), ("GITLAB_PROJECT", PATH)):
        monkeypatch.setenv(f"HOTLAP_{name}", value)
    monkeypatch.setenv("HOTLAP_STORE", store)
    return LastJob(server, project, maria, token.user, place / "job", store)
