"""The first gate: what a change may touch at all, decided from the diff and the configuration alone."""
