"""Pipelines that run: gitlab-ci-local reads the configuration and executes each job, the server decides which and when.

GitLab's own part (order, needs, runners with tags, tokens, child pipelines, artifacts between pipelines) is done here,
because gitlab-ci-local leaves it out or does it differently.
"""

from tests.gitlab_server.executor.pipeline import CiLocal

__all__ = ["CiLocal"]
