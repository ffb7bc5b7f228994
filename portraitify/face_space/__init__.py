"""What faces are like: a small statistical model of their shape and appearance."""
