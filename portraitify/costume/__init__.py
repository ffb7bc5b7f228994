"""Sitting for a master: the sitter's own head in an old master's own picture."""
