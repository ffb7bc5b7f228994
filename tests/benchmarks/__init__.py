"""Times what people wait for, beside a rival: ``make bench`` writes BENCH.md."""
