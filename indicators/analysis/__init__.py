"""What a series of answers says: signals, comparisons, causes, outlook."""
