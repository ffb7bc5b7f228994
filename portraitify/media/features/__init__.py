"""Eyes and mouths as painters simplify them, before any surface sees the picture."""
