"""Frozen values that travel along the flow, and the one error tree; imports nothing but the standard library."""
