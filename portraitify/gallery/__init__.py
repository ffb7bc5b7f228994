"""A page to look at paintings and choose among them, and the list of those that are kept."""
