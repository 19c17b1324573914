"""How the tables came to be, one file a step; each stands as it was written and imports nothing of ours."""
