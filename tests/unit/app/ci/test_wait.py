"""The bounded wait: only jobs that no runner took are stopped, and each machine's column says why it is empty."""

import datetime as dt
from dataclasses import dataclass, field

import pytest

from bot.app.ci.wait import call_off, early, stop_waiting, why
from bot.domain.forge import PipelineJob
from bot.domain.hardware import Hardware

JOBS = (
    PipelineJob(1, "hotlap-evaluate-amd", "success"),
    PipelineJob(2, "hotlap-evaluate-arm", "pending"),
    PipelineJob(3, "hotlap-evaluate-old", "waiting_for_resource"),
    PipelineJob(4, "hotlap-evaluate-new", "running"),
    PipelineJob(5, "hotlap-wait", "scheduled"),
    PipelineJob(6, "hotlap-publish", "created"),
    PipelineJob(7, "hotlap-evaluate-far", "failed"),
)


@dataclass
class FakePipelines:
    listed: tuple = JOBS
    cancelled: list = field(default_factory=list)

    def jobs(self, pipeline):
        return self.listed

    def cancel_job(self, job):
        self.cancelled.append(job)


def test_only_jobs_without_a_runner_are_stopped_a_busy_machine_is_waited_for():
    pipelines = FakePipelines()
    assert stop_waiting(pipelines, 9) == ("arm",)
    assert pipelines.cancelled == [2]


def test_the_wait_is_called_off_once_everybody_has_answered():
    pipelines = FakePipelines()
    call_off(pipelines, 9)
    assert pipelines.cancelled == [5]
    over = FakePipelines((PipelineJob(5, "hotlap-wait", "success"),))
    call_off(over, 9)
    assert over.cancelled == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("arm", "no runner with the tags a, b took the job within 30 minutes"),
        ("far", "its job failed before it could leave evidence; the job's log says why"),
        ("amd", "its job left no evidence"),
        ("gone", "its job left no evidence"),
    ],
)
def test_a_machine_without_evidence_has_a_reason(name, said):
    assert why(Hardware(name, ("a", "b")), JOBS, 1800.0) == said


def test_a_job_that_was_cancelled_had_no_runner():
    jobs = (PipelineJob(2, "hotlap-evaluate-arm", "canceled"),)
    assert why(Hardware("arm"), jobs, 600.0) == "no runner took the job within 10 minutes"


@pytest.mark.parametrize(
    ("created", "expected"),
    [("2026-01-01T00:00:00Z", False), ("2026-01-01T00:29:00Z", True), ("2026-01-01T00:29:00", True), ("soon", False)],
)
def test_a_wait_that_has_hardly_begun_is_not_over(created, expected):
    now = dt.datetime(2026, 1, 1, 0, 40, tzinfo=dt.UTC)
    assert early(created, now, 1800.0) is expected
