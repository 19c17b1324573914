"""A daemon can be absent, slow, restarted or full: each becomes one sentence, and never a statement on a candidate."""

import contextlib
from collections.abc import Iterator

from bot.domain.errors import SandboxError

_SHOWN = 300


@contextlib.contextmanager
def reported(doing: str) -> Iterator[None]:
    """Turn whatever the Docker client raises inside into a SandboxError that says what was being done."""
    import requests
    from docker import errors

    try:
        yield
    except errors.ImageNotFound as error:
        raise SandboxError(
            f"{doing}: this Docker daemon does not hold the image; none is fetched during a run: pull or build it first"
        ) from error
    except errors.APIError as error:
        raise SandboxError(f"{doing}: {_explained(error)}") from error
    except requests.exceptions.Timeout as error:
        raise SandboxError(
            f"{doing}: the Docker daemon did not answer in time; look at its load and its log"
        ) from error
    except (errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise SandboxError(
            f"{doing}: no Docker daemon answers ({_root(error)}); start it, see `hotlap doctor`"
        ) from error


def _explained(error: Exception) -> str:
    text = " ".join(str(getattr(error, "explanation", None) or error).split())[:_SHOWN]
    if "no space left on device" in text.lower():
        return f"the Docker daemon's disk is full; `docker system prune` frees space ({text})"
    return f"the Docker daemon refused: {text}"


def _root(error: BaseException) -> str:
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(error).split())[:_SHOWN] or type(error).__name__
