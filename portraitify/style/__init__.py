"""What is read off a photo, which style suits it and why, and which old painting it is painted after."""
