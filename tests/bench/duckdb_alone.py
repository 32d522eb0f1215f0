"""DuckDB alone: what anybody could do in a few lines. No checks, no codes, no pseudonyms, no history.

`python -m tests.bench.duckdb_alone FILE DATABASE` reads an extract of visits into a typed table. It imports nothing
of ours, so that its time and memory are DuckDB's own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

DATE_COLUMNS = ("Yhteydenotto", "Hoidon tarpeen arviointi", "Ajanvaraus tehty", "Käynti")
CONFIG = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def read_with_duckdb(path: Path, database: Path) -> None:
    """Read the visits of a file into a typed table of a new database.

    DuckDB knows no Windows-1252, so the file is written in UTF-8 first.
    """
    transcoded = database.with_suffix(".csv")
    transcoded.write_text(path.read_bytes().decode("cp1252"), encoding="utf-8", newline="")
    dates = ", ".join(
        f"try_strptime(split_part(\"{column}\", ' ', 1), '%d.%m.%Y')::DATE AS \"{column}\""
        for column in DATE_COLUMNS
    )
    with duckdb.connect(database, config=CONFIG) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            f"""CREATE TABLE visits AS
                SELECT * REPLACE ({dates}, try_cast("Syntymävuosi" AS SMALLINT) AS "Syntymävuosi")
                FROM read_csv(?, delim = ';', header = true, all_varchar = true)""",
            [str(transcoded)],
        )
        connection.execute("CHECKPOINT")


if __name__ == "__main__":
    read_with_duckdb(Path(sys.argv[1]), Path(sys.argv[2]))
