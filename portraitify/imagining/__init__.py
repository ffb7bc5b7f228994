"""Portraits of people who do not exist."""
