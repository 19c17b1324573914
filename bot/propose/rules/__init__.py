"""Rewrite rules that need no model: one small file each, with its precondition written down."""
