"""The stories, each on one screen."""
