"""The typer commands, one file per group; the only place that prints."""
