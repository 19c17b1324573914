"""The stories of a GitLab pipeline: each job does one of them, with one privilege, and hands data to the next."""
