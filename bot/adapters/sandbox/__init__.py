"""Ways of running hostile code, one file for each backend."""
