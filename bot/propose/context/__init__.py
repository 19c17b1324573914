"""What a model is shown of a repository: one function, what it needs to be understood, and nothing else."""
