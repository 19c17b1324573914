"""Measures benchmarks each run of which is a process: blocks of runs in ABBA order, timed from start to end."""
