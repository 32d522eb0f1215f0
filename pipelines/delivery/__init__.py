"""Mailing the weekly sheet of units to the people of a list."""
