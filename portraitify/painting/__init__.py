"""From aligned faces to paintings: preprocessing, the generator on canvases, background, colour."""
