"""What a medium is, and the media: oil, Renaissance, watercolor, ink."""
