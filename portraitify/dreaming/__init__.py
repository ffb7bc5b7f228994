"""What a network sees in a picture, drawn into it."""
