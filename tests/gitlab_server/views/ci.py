"""JSON of pipelines, jobs, schedules, triggers and variables."""

from tests.gitlab_server.clock import stamp
from tests.gitlab_server.views import code
from tests.gitlab_server.views.people import user


def pipeline_basic(world, one):
    return {
        "id": one.id, "iid": one.iid, "project_id": one.project.id, "sha": one.sha, "ref": one.ref,
        "status": one.status, "source": one.source, "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at), "web_url": f"{one.project.web_url}/-/pipelines/{one.id}",
    }  # fmt: skip


def pipeline(world, one):
    return {
        **pipeline_basic(world, one), "before_sha": "0" * 40, "tag": False, "yaml_errors": one.error,
        "user": user(world, one.user), "started_at": stamp(one.started_at), "finished_at": stamp(one.finished_at),
        "committed_at": None, "duration": None, "queued_duration": None, "coverage": None, "archived": False,
        "detailed_status": {
            "icon": f"status_{one.status}", "text": one.status, "label": one.status, "group": one.status,
            "tooltip": one.status, "has_details": True, "details_path": "", "illustration": None, "favicon": "",
        },
    }  # fmt: skip


def job(world, one):
    path = f"{one.pipeline.project.web_url}/-/jobs/{one.id}"
    shown = {
        "id": one.id, "status": one.status, "stage": one.stage, "name": one.name, "ref": one.pipeline.ref,
        "tag": False, "coverage": None, "allow_failure": bool(one.allow_failure),
        "user": user(world, one.pipeline.user),
        "created_at": stamp(one.created_at), "started_at": stamp(one.started_at), "erased_at": None,
        "finished_at": stamp(one.finished_at), "duration": one.duration, "queued_duration": None, "web_url": path,
        "commit": code.commit(one.pipeline.project, one.pipeline.sha), "project": {"ci_job_token_scope_enabled": False},
        "pipeline": pipeline_basic(world, one.pipeline),
    }  # fmt: skip
    if one.failure_reason:
        shown["failure_reason"] = one.failure_reason
    if one.bridge:
        child = one.downstream
        return {**shown, "downstream_pipeline": pipeline_basic(world, child) if child else None}
    archive = {"filename": "artifacts.zip", "size": sum(map(len, one.artifacts.values()))} if one.artifacts else None
    return {
        **shown,
        "artifacts": [{**archive, "file_type": "archive", "file_format": "zip"}] if archive else [],
        "artifacts_file": archive,
        "artifacts_expire_at": None,
        "archived": False,
        "runner": None,
        "runner_manager": None,
        "tag_list": list(one.tags),
    }


def trigger(one, owner):
    return {
        "id": one.id, "token": one.secret, "description": one.name, "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at), "last_used": None, "expires_at": None, "owner": owner,
    }  # fmt: skip


def schedule(world, one, *, full=False):
    shown = {
        "id": one.id, "description": one.description, "ref": one.ref, "cron": one.cron, "cron_timezone": "UTC",
        "next_run_at": stamp(one.created_at), "active": one.active, "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at), "owner": user(world, one.owner), "inputs": one.inputs,
    }  # fmt: skip
    if full:
        last = pipeline_basic(world, one.pipelines[-1]) if one.pipelines else None
        shown |= {"last_pipeline": last, "variables": [variable(each) for each in one.variables]}
    return shown


def variable(one):
    return {
        "variable_type": "file" if one.file else "env_var", "key": one.key, "value": one.value, "hidden": False,
        "protected": one.protected, "masked": one.masked, "raw": False, "environment_scope": one.scope,
        "description": None,
    }  # fmt: skip


def runner(one):
    return {
        "id": one.id, "description": one.description, "ip_address": "127.0.0.1", "active": True, "paused": False,
        "is_shared": False, "runner_type": "project_type", "name": "gitlab-runner", "online": True,
        "status": "online", "tag_list": list(one.tags), "created_at": stamp(one.created_at), "created_by": None,
    }  # fmt: skip
