"""Care that did not happen, and people who wait beyond the law."""
