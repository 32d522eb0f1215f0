"""How numbers, periods, targets and verdicts are written in every language: the same on pages and in reports."""
