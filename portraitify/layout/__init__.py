"""What stands around and beside paintings: picture frames, contact sheets, text."""
