"""What definitions, limits, labels and periods are."""
