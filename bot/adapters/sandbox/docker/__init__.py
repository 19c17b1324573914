"""Containers of a Docker daemon: one for each candidate, started ahead, never used twice."""
