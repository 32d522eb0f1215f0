"""The few shapes of SQL that all indicators share, and the conditions that definitions name."""
