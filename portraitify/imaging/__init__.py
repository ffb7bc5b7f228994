"""Pure functions on arrays: colour spaces, filters, noise, masks, skin."""
