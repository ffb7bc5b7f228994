"""Faces that nobody has: several sitters in one."""
