"""A first mapping for a file whose layout is unknown."""
