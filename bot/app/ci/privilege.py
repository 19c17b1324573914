"""One privilege for each job: a job that holds more than it needs refuses to work, and says what to change."""

from collections.abc import Mapping

from bot.app.ci.environment import Step
from bot.domain.errors import Refused
from bot.domain.evidence import Isolation

TOKEN, KEY, STORE = "HOTLAP_GITLAB_TOKEN", "HOTLAP_MODEL_KEY", "HOTLAP_STORE"
_PROPOSE, _PUBLISH = "hotlap/propose", "hotlap/publish"
_FORBIDDEN = {
    Step.SURVEY: (TOKEN, KEY, STORE),
    Step.EVALUATE: (TOKEN, KEY, STORE),
    Step.WAIT: (KEY,),
    Step.PUBLISH: (KEY,),
}
_SCOPES = {TOKEN: f"{_PROPOSE} and {_PUBLISH}", KEY: _PROPOSE, STORE: f"{_PROPOSE} and {_PUBLISH}"}


def held(step: Step, environ: Mapping[str, str]) -> None:
    """Refuse a job that can see a secret which another job is for."""
    for name in _FORBIDDEN.get(step, ()):
        if _secret(environ, name):
            runs = "runs code of the repository" if step in {Step.SURVEY, Step.EVALUATE} else "asks no model"
            raise Refused(
                f"the job for {step} {runs} and must not see {name}: set the variable's environment scope to "
                f"{_SCOPES[name]} (Settings > CI/CD > Variables); docs/install.md"
            )


def apart(isolation: Isolation, environ: Mapping[str, str]) -> None:
    """Refuse secrets and candidates in one job where nothing keeps them apart."""
    secrets = [name for name in (TOKEN, KEY, STORE) if _secret(environ, name)]
    if isolation is Isolation.PROCESS and secrets:
        raise Refused(
            f"this job holds {' and '.join(secrets)}, and nothing on this runner isolates the code that it would run: "
            "use the components with several jobs, or a runner where `hotlap doctor` finds a sandbox"
        )


def _secret(environ: Mapping[str, str], name: str) -> bool:
    """Say whether a variable holds a secret: a store is one where its address has a user in it, as a file has none."""
    value = environ.get(name, "")
    return "@" in value.partition("://")[2] if name == STORE else bool(value)
