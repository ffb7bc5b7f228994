"""What the surfaces of paintings are made of: strokes, paper, cracks, grit."""
