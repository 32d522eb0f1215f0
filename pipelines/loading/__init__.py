"""From checked rows to the next published version, and back: loads, withdrawals, rebuilding."""
