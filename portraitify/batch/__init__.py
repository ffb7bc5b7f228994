"""Many photos: inputs, jobs, what is there already, and a runner that none of them stops."""
