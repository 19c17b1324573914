"""The statistics of a claim of speed: samples in, decisions and intervals out; imports nothing of bot."""
