"""The variables that GitLab gives to a job: predefined ones, the project's, the pipeline's, in their precedence."""

import fnmatch
import json
import re

from tests.gitlab_server.ci import Variable
from tests.gitlab_server.clock import stamp


def of_pipeline(world, pipeline):
    """What rules and includes see: everything but the job's own facts."""
    return list(merged(predefined(world, pipeline), unscoped(world, pipeline), pipeline.variables).values())


def of_job(world, job, token, dotenv):
    """Everything that one job gets, its token included; secrets only where their scope fits its environment."""
    pipeline = job.pipeline
    own = [*predefined(world, pipeline), *_job_facts(world, job, token)]
    scoped = [one for one in allowed(world, pipeline) if one.scope == "*" or _fits(one.scope, environment(job))]
    inherited = [Variable(key, value) for key, value in dotenv.items()]
    return list(merged(own, inherited, scoped, pipeline.variables).values())


def merged(*groups):
    """Variables by key; later groups win."""
    return {one.key: one for group in groups for one in group}


def unscoped(world, pipeline):
    return [one for one in allowed(world, pipeline) if one.scope == "*"]


def allowed(world, pipeline):
    """The project's variables; protected ones only on protected branches."""
    protected = pipeline.merge_request is None and world.protection(pipeline.project, pipeline.ref) is not None
    return [one for one in pipeline.project.variables if protected or not one.protected]


def environment(job):
    """The name of the job's environment, or None."""
    given = job.definition.get("environment")
    return given.get("name") if isinstance(given, dict) else given


def _fits(scope, name):
    return name is not None and fnmatch.fnmatchcase(name, scope)


def predefined(world, pipeline):
    facts = {**_server(world), **_project(world, pipeline), **_commit(world, pipeline), **_pipeline(world, pipeline)}
    if pipeline.merge_request is not None:
        facts |= _merge_request(world, pipeline.merge_request)
    return [Variable(key, str(value)) for key, value in facts.items()]


def _server(world):
    protocol, _, rest = world.base.partition("://")
    host, _, port = rest.partition(":")
    return {
        "CI": "true", "GITLAB_CI": "true", "CI_SERVER": "yes", "CI_SERVER_URL": world.base, "CI_SERVER_HOST": host,
        "CI_SERVER_PORT": port, "CI_SERVER_PROTOCOL": protocol, "CI_SERVER_FQDN": rest, "CI_SERVER_NAME": "GitLab",
        "CI_SERVER_VERSION": "18.9.0", "CI_SERVER_VERSION_MAJOR": "18", "CI_SERVER_VERSION_MINOR": "9",
        "CI_API_V4_URL": f"{world.base}/api/v4", "CI_API_GRAPHQL_URL": f"{world.base}/api/graphql",
    }  # fmt: skip


def _project(world, pipeline):
    project = pipeline.project
    return {
        "CI_PROJECT_ID": project.id, "CI_PROJECT_NAME": project.name, "CI_PROJECT_TITLE": project.name,
        "CI_PROJECT_PATH": project.path, "CI_PROJECT_PATH_SLUG": slug(project.path),
        "CI_PROJECT_NAMESPACE": project.namespace, "CI_PROJECT_ROOT_NAMESPACE": project.namespace.partition("/")[0],
        "CI_PROJECT_URL": project.web_url, "CI_PROJECT_VISIBILITY": project.visibility,
        "CI_DEFAULT_BRANCH": project.default_branch, "CI_REPOSITORY_URL": project.url,
        "CI_CONFIG_PATH": ".gitlab-ci.yml",
    }  # fmt: skip


def _commit(world, pipeline):
    project, mr = pipeline.project, pipeline.merge_request
    message = project.repository.git("log", "-1", "--format=%B", pipeline.sha)
    name = mr.source_branch if mr else pipeline.ref
    facts = {
        "CI_COMMIT_SHA": pipeline.sha, "CI_COMMIT_SHORT_SHA": pipeline.sha[:8], "CI_COMMIT_REF_NAME": name,
        "CI_COMMIT_REF_SLUG": slug(name), "CI_COMMIT_MESSAGE": message, "CI_COMMIT_BEFORE_SHA": "0" * 40,
        "CI_COMMIT_TITLE": message.partition("\n")[0], "CI_COMMIT_DESCRIPTION": message.partition("\n\n")[2],
        "CI_COMMIT_REF_PROTECTED": str(mr is None and world.protection(project, name) is not None).lower(),
        "CI_COMMIT_TIMESTAMP": project.repository.git("log", "-1", "--format=%cI", pipeline.sha),
    }  # fmt: skip
    return facts if mr else {**facts, "CI_COMMIT_BRANCH": name}


def _pipeline(world, pipeline):
    user = pipeline.user
    facts = {
        "CI_PIPELINE_ID": pipeline.id, "CI_PIPELINE_IID": pipeline.iid, "CI_PIPELINE_SOURCE": pipeline.source,
        "CI_PIPELINE_URL": f"{pipeline.project.web_url}/-/pipelines/{pipeline.id}",
        "CI_PIPELINE_CREATED_AT": stamp(pipeline.created_at), "GITLAB_USER_ID": user.id, "GITLAB_USER_NAME": user.name,
        "GITLAB_USER_LOGIN": user.username, "GITLAB_USER_EMAIL": user.email,
    }  # fmt: skip
    return {**facts, "CI_PIPELINE_TRIGGERED": "true"} if pipeline.source == "trigger" else facts


def _merge_request(world, mr):
    base = mr.versions[-1].base if mr.versions else ""
    protected = world.protection(mr.project, mr.target_branch) is not None
    facts = {
        "ID": mr.id, "IID": mr.iid, "REF_PATH": f"refs/merge-requests/{mr.iid}/head", "PROJECT_ID": mr.project.id,
        "PROJECT_PATH": mr.project.path, "PROJECT_URL": mr.project.web_url, "TARGET_BRANCH_NAME": mr.target_branch,
        "TARGET_BRANCH_PROTECTED": str(protected).lower(), "TARGET_BRANCH_SHA": "", "SOURCE_BRANCH_SHA": "",
        "SOURCE_PROJECT_ID": mr.source_project.id, "SOURCE_PROJECT_PATH": mr.source_project.path,
        "SOURCE_PROJECT_URL": mr.source_project.web_url, "SOURCE_BRANCH_NAME": mr.source_branch, "TITLE": mr.title,
        "DESCRIPTION": mr.description[:2700], "LABELS": ",".join(mr.labels), "EVENT_TYPE": "detached",
        "DIFF_BASE_SHA": base, "DIFF_ID": mr.versions[-1].id if mr.versions else "", "DRAFT": str(mr.draft).lower(),
        "APPROVED": str(bool(mr.approvals)).lower(),
        "ASSIGNEES": ", ".join(user.username for user in mr.assignees),
    }  # fmt: skip
    named = {f"CI_MERGE_REQUEST_{key}": value for key, value in facts.items()}
    return {**named, "CI_OPEN_MERGE_REQUESTS": f"{mr.source_project.path}!{mr.iid}"}


def _job_facts(world, job, token):
    facts = {
        "CI_JOB_ID": job.id, "CI_JOB_NAME": job.name, "CI_JOB_NAME_SLUG": slug(job.name), "CI_JOB_STAGE": job.stage,
        "CI_JOB_URL": f"{job.pipeline.project.web_url}/-/jobs/{job.id}", "CI_JOB_TOKEN": token.secret,
        "CI_JOB_STARTED_AT": stamp(job.started_at or world.now()), "CI_RUNNER_TAGS": json.dumps(job.tags),
    }  # fmt: skip
    return [Variable(key, str(value)) for key, value in facts.items()]


def slug(text):
    """Lower case, dashes for the rest, 63 characters: as GitLab makes names for hosts."""
    return re.sub(r"[^a-z0-9]", "-", text.lower())[:63].strip("-")
