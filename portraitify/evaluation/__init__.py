"""How good the shipped weights are on sitters whom training never saw."""
