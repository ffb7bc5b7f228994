"""From the generator's picture to one of the size that was asked for."""
