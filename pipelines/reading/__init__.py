"""From the bytes of a file to a table of texts, and from texts to dates and numbers."""
