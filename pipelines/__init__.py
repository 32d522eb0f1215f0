"""From an extract to the published warehouse."""
