"""One file for each benchmark tool: how its benchmarks are recognised in a tree."""
