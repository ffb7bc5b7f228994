"""Pictures in and out: reading, encoding, files written whole, and what a painting says about itself."""
