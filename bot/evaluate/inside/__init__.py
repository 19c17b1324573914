"""Shipped into the sandbox as the package `hotlap_inside`: the standard library of Python 3.8 only, nothing of bot."""
