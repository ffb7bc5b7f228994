"""The numbers of the rectifier, apart from torch."""

from __future__ import annotations

import math

LEAK = 0.2
# Keeps the variance of a leaky rectifier's output at that of its input.
GAIN = math.sqrt(2 / (1 + LEAK**2))
