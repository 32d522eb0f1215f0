"""Suppression of small numbers, and of those from which they would follow."""
