"""The results folder: every indicator as tidy tables for Power BI, Excel and other programs."""
