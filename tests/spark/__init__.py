"""The engine Spark gives what DuckDB gives, row for row, and refuses what it would answer otherwise."""
