"""Who asks: tokens in headers, their end, their scopes, and what a CI job's token may not do."""

import base64
import binascii

from tests.gitlab_server.world import RefusalError

READS = ("api", "read_api")
WRITES = ("api",)


def find(world, secret):
    """The living token of a secret. Raises RefusalError 401 or 403 as GitLab words it."""
    token = world.tokens.get(secret)
    if token is None:
        raise RefusalError(401, "401 Unauthorized")
    if token.revoked:
        raise _dead("Token was revoked. You have to re-authorize from the user.")
    if token.kind == "job" and token.job is not None and token.job.status != "running":
        raise RefusalError(401, "401 Unauthorized")
    if token.expires_at is not None and token.expires_at <= world.clock.today():
        raise _dead("Token is expired. You can either do re-authorization or token refresh.")
    if token.user.state != "active":
        raise RefusalError(403, "403 Forbidden - Your account has been blocked.")
    return token


def authenticate(request):
    """The token of a call of the API, or None where it brings none."""
    headers = request.headers
    bearer = headers.get("authorization", "")
    secret = headers.get("private-token") or headers.get("job-token")
    secret = secret or request.query.get("private_token") or request.query.get("job_token")
    if secret is None and bearer.lower().startswith("bearer "):
        secret = bearer[7:].strip()
    if not secret:
        return None
    token = find(request.world, secret)
    if token.kind == "job" and not (headers.get("job-token") or request.query.get("job_token")):
        raise RefusalError(401, "401 Unauthorized")
    return token


def check_job_token(token, project):
    """Refuse a job's token of another project that this one has not allowed (`job_token_allowlist` holds its paths)."""
    if token is None or token.kind != "job" or project.visibility == "public" or token.project is project:
        return
    if token.project.path not in project.job_token_allowlist:
        way = f"from {token.project.path} to {project.path}"
        raise RefusalError(403, f"403 Forbidden - Authentication by CI/CD job token not allowed {way}.")


def check_scope(request, route):
    """Refuse a token that may not do this: 403 with GitLab's words, 401 for a job's token."""
    token = request.token
    if token is None:
        return
    if token.kind == "job":
        if not route.job:
            raise RefusalError(401, "401 Unauthorized")
        return
    wanted = READS if request.method in {"GET", "HEAD"} else WRITES
    if not {*wanted, *route.scopes} & set(token.scopes) and "*" not in route.scopes:
        raise RefusalError(
            403,
            {
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": " ".join(wanted),
            },
        )


def basic(world, header):
    """The token in a header of HTTP basic authentication, as git sends it, or None where there is none."""
    kind, _, encoded = (header or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        _, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise RefusalError(401, "401 Unauthorized") from None
    return find(world, secret)


def _dead(why):
    return RefusalError(401, {"error": "invalid_token", "error_description": why})
