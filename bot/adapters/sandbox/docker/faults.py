"""A daemon can be absent, slow, restarted or full: each becomes one sentence, and never a statement on a candidate."""

import contextlib
from collections.abc import Iterator

from bot.domain.errors import SandboxError

_SHOWN = 300


@contextlib.contextmanager
def reported(doing: str) -> Iterator[None]:
    """Turn whatever the Docker client raises inside into a SandboxError that says what was being done.

    An answer is read inside too: what is not of the form that a daemon's answers have is a fault of the daemon.
    """
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
    except (errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        first = _first(error)
        if isinstance(first, TimeoutError):
            raise SandboxError(
                f"{doing}: the Docker daemon did not answer in time; see its load and its log"
            ) from error
        raise SandboxError(f"{doing}: no Docker daemon answers ({_shown(first)}); see `hotlap doctor`") from error
    except (TypeError, KeyError, AttributeError, IndexError, ValueError) as error:
        raise SandboxError(
            f"{doing}: what answers is no Docker daemon, or a broken one: its answer lacks what it should hold; "
            "see DOCKER_HOST and `hotlap doctor`"
        ) from error


def _explained(error: Exception) -> str:
    text = " ".join(str(getattr(error, "explanation", None) or error).split())[:_SHOWN]
    if "no space left on device" in text.lower():
        return f"the Docker daemon's disk is full; `docker system prune` frees space ({text})"
    return f"the Docker daemon refused: {text}"


def _first(error: BaseException) -> BaseException:
    """Return the error at the bottom: the client wraps what the socket said several times."""
    while error.__context__ is not None:
        error = error.__context__
    return error


def _shown(error: BaseException) -> str:
    return " ".join(str(error).split())[:_SHOWN] or type(error).__name__
