"""What others would answer a county's questions with, each in a few lines: DuckDB, SQLite, pandas and polars by hand.

All of them read the Exreport extract of the synthetic county. A realised visit is one whose state is `Toteutunut`, counted once
by its number; non-urgent care is `Kiireetön` and `SH`; what was handled without the client (R60, R71, R72, R80) is not a visit.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from tests.bench.duckdb_alone import CONFIG, read_with_duckdb
from tests.bench.loading import Run, pipelines

OURS = "Takuuvahti"
#: The questions by name, in words.
QUESTIONS: Mapping[str, str] = {
    "month": "share within 7 days by month",
    "week_unit": "share within 7 days by week and unit",
    "month_unit_profession": "the same by month, unit and profession",
    "median": "median wait by month",
    "people": "distinct people by month",
}
WITHOUT_CLIENT = ("R60", "R71", "R72", "R80")
_ID, _PERSON, _UNIT, _PROFESSION = "Käyntitunnus", "Potilas", "Yksikkökoodi", "Ammattiryhmä"
_MODE, _URGENCY, _NATURE, _STATE = "Yhteystapa", "Kiireellisyys", "Käynnin luonne", "Tila"
_ASSESSED, _VISIT = "Hoidon tarpeen arviointi", "Käynti"
_COLUMNS = (_ID, _PERSON, _UNIT, _PROFESSION, _MODE, _URGENCY, _NATURE, _STATE, _ASSESSED, _VISIT)


#: Words that mean the same.
_PLAIN = {"Terveydenhoitaja": "Sairaanhoitaja"}


class Tool(Protocol):
    """Reads the visits of all years, and answers each question with one number a cell, in any order."""

    def load(self, files: list[Path], folder: Path) -> Run | None:
        """Read the files; what processes of its own took for it, where it starts any."""

    def forget(self) -> None:
        """Forget what earlier questions left, before one is timed."""

    def cells(self, question: str) -> list[float]:
        """The value of every cell of a question of `QUESTIONS`: percent, days or people."""


class _KeepsNothing:
    """A tool that answers each question anew."""

    def forget(self) -> None:
        """Nothing is kept between questions."""


class Takuuvahti:
    """The commands load; the engine answers, for internal use, from nothing that it was asked before."""

    _ASKED: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
        "month": ("seven_day_access", "month", ()),
        "week_unit": ("seven_day_access", "week", ("unit",)),
        "month_unit_profession": ("seven_day_access", "month", ("unit", "profession")),
        "median": ("wait_median", "month", ()),
        "people": ("patients", "month", ()),
    }

    def load(self, files: list[Path], folder: Path) -> Run:
        from pipelines.settings import load_settings

        warehouse = folder / "warehouse"
        runs = []
        for path in files:
            year = int(path.stem[-4:])
            runs.append(
                pipelines(
                    warehouse,
                    "load",
                    str(path),
                    "--source",
                    "exreport_kaynnit",
                    "--as-of",
                    f"{year + 1}-01-01",
                    "--window",
                    f"{year}-01-01..{year}-12-31",
                )
            )
        self._settings = replace(load_settings({}), warehouse=warehouse)
        self.forget()
        return Run(
            sum(one.seconds for one in runs),
            sum(one.processor_seconds for one in runs),
            max(one.peak_mb for one in runs),
        )

    def forget(self) -> None:
        """Open the version anew, with what it computes once for all questions."""
        from pipelines.warehouse.reader import Warehouse

        self._snapshot = Warehouse(self._settings.warehouse).current()
        self._values("visits", "year", ())

    def cells(self, question: str) -> list[float]:
        return self._values(*self._ASKED[question])

    def _values(self, indicator: str, grain: str, splits: tuple[str, ...]) -> list[float]:
        from indicators.engine.evaluate import answer_from_data
        from indicators.engine.question import Question

        asked = Question(indicator, by=grain, splits=splits, suppress=False, area="all")
        return answer_from_data(self._snapshot, asked, self._settings).rows["value"].dropna().tolist()


class _Sql(_KeepsNothing):
    """What the two databases share: the same text over a table of typed visits, `v`."""

    GROUPS: Mapping[str, str] = {
        "month": "month",
        "week_unit": "week, unit",
        "month_unit_profession": "month, unit, profession",
    }
    CARE = "assessed IS NOT NULL AND visit >= assessed AND urgency = 'Kiireetön' AND nature = 'SH'"
    days = "visit - assessed"
    median = "median(visit - assessed)"

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def cells(self, question: str) -> list[float]:
        if question == "people":
            sql = "SELECT count(DISTINCT person) FROM v WHERE person <> '' GROUP BY month"
        elif question == "median":
            sql = self._median()
        else:
            sql = f"""SELECT 100.0 * sum(CASE WHEN {self.days} <= 7 THEN 1 ELSE 0 END) / count(*)
                FROM v WHERE {self.CARE} GROUP BY {self.GROUPS[question]}"""
        return [float(value) for (value,) in self._rows(sql)]

    def _median(self) -> str:
        return f"SELECT quantile_disc({self.days}, 0.5) FROM v WHERE {self.CARE} GROUP BY month"


class ByDuckDB(_Sql):
    """A typed table of each file, and a table of the realised visits."""

    def load(self, files: list[Path], folder: Path) -> None:
        import duckdb

        self._connection = duckdb.connect(folder / "by_hand.duckdb", config=CONFIG)
        self._connection.execute("SET enable_progress_bar = false")
        for path in files:
            alone = folder / f"alone_{path.stem}.duckdb"
            read_with_duckdb(path, alone)
            self._connection.execute(f"ATTACH '{alone}' AS y{path.stem[-4:]} (READ_ONLY)")
        every = " UNION ALL ".join(f"FROM y{path.stem[-4:]}.visits" for path in files)
        self._connection.execute(
            f"""CREATE TABLE v AS
                SELECT coalesce("{_PERSON}", '') AS person, "{_UNIT}" AS unit, "{_PROFESSION}" AS profession,
                    "{_URGENCY}" AS urgency, "{_NATURE}" AS nature, "{_ASSESSED}" AS assessed, "{_VISIT}" AS visit,
                    date_trunc('month', "{_VISIT}") AS month, date_trunc('week', "{_VISIT}") AS week
                FROM (SELECT DISTINCT ON ("{_ID}") * FROM ({every}))
                WHERE "{_STATE}" = 'Toteutunut' AND coalesce("{_MODE}", '') NOT IN {WITHOUT_CLIENT} AND "{_VISIT}" IS NOT NULL"""
        )

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()


class BySQLite(_Sql):
    """A table in a file, with an index that each of the questions can use."""

    days = "julianday(visit) - julianday(assessed)"

    def load(self, files: list[Path], folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "by_hand.sqlite")
        self._connection.execute(
            "CREATE TABLE v (id PRIMARY KEY, person, unit, profession, urgency, nature, assessed, visit, month, week)"
        )
        for path in files:
            with path.open(encoding="cp1252", newline="") as file:
                reader = csv.DictReader(file, delimiter=";")
                self._connection.executemany(
                    """INSERT OR IGNORE INTO v
                        SELECT ?, ?, ?, ?, ?, ?, ?, visit, substr(visit, 1, 7),
                            date(visit, 'weekday 0', '-6 days') FROM (SELECT ? AS visit)""",
                    (
                        (
                            *(row[name] for name in _COLUMNS[:4]),
                            row[_URGENCY],
                            row[_NATURE],
                            _iso(row[_ASSESSED]),
                            visit,
                        )
                        for row in reader
                        if row[_STATE] == "Toteutunut"
                        and row[_MODE] not in WITHOUT_CLIENT
                        and (visit := _iso(row[_VISIT]))
                    ),
                )
        self._connection.execute("CREATE INDEX by_month ON v (month, unit, profession)")
        self._connection.commit()

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def _median(self) -> str:
        # SQLite has no median: the wait in the middle by its rank.
        return f"""SELECT days FROM (
            SELECT {self.days} AS days, row_number() OVER (PARTITION BY month ORDER BY {self.days}) AS rank,
                count(*) OVER (PARTITION BY month) AS n FROM v WHERE {self.CARE}) WHERE rank = (n + 1) / 2"""


def _iso(text: str) -> str | None:
    """A Finnish date, with a time or without, as an ISO date; None where there is none or no such day."""
    try:
        day, month, year = text.partition(" ")[0].split(".")
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


class ByPandas(_KeepsNothing):
    """One frame in memory, checked with pandera."""

    def load(self, files: list[Path], folder: Path) -> None:
        import pandas as pd
        import pandera.pandas as pandera

        frames = []
        for path in files:
            frame = pd.read_csv(path, sep=";", encoding="cp1252", dtype=str, usecols=list(_COLUMNS))
            for name in (_ASSESSED, _VISIT):
                frame[name] = pd.to_datetime(
                    frame[name].str.partition(" ")[0], format="%d.%m.%Y", errors="coerce"
                )
            frames.append(frame.astype(dict.fromkeys(_COLUMNS[2:8], "category")))
        every = pd.concat(frames, ignore_index=True)
        pandera.DataFrameSchema(
            {
                _ID: pandera.Column(str),
                _VISIT: pandera.Column("datetime64[us]", coerce=True, nullable=True),
                _ASSESSED: pandera.Column("datetime64[us]", coerce=True, nullable=True),
            }
        ).validate(every, lazy=True)
        every = every.drop_duplicates(_ID)
        kept = (every[_STATE] == "Toteutunut") & ~every[_MODE].isin(WITHOUT_CLIENT) & every[_VISIT].notna()
        self._visits = every[kept].assign(
            month=lambda rows: rows[_VISIT].dt.to_period("M"),
            week=lambda rows: rows[_VISIT].dt.to_period("W"),
        )

    def cells(self, question: str) -> list[float]:
        rows = self._visits
        if question == "people":
            return rows.groupby("month")[_PERSON].nunique().tolist()
        rows = rows[
            (rows[_URGENCY] == "Kiireetön") & (rows[_NATURE] == "SH") & (rows[_VISIT] >= rows[_ASSESSED])
        ]
        days = (rows[_VISIT] - rows[_ASSESSED]).dt.days
        if question == "median":
            return days.groupby(rows["month"]).quantile(0.5, interpolation="lower").tolist()
        by = {"month": ["month"], "week_unit": ["week", _UNIT]}.get(question, ["month", _UNIT, _PROFESSION])
        keys = [rows[name] for name in by]
        return ((days <= 7).groupby(keys, observed=True, dropna=False).mean() * 100).tolist()


class ByPolars(_KeepsNothing):
    """One frame in memory, asked lazily."""

    def load(self, files: list[Path], folder: Path) -> None:
        import polars as pl

        frames = []
        for path in files:
            text = io.BytesIO(path.read_bytes().decode("cp1252").encode())
            frame = pl.read_csv(text, separator=";", infer_schema=False, columns=list(_COLUMNS))
            frames.append(
                frame.with_columns(
                    pl.col(name).str.split(" ").list.first().str.to_date("%d.%m.%Y", strict=False)
                    for name in (_ASSESSED, _VISIT)
                )
            )
        self._visits = (
            pl.concat(frames)
            .unique(_ID, keep="first", maintain_order=True)
            .filter(
                pl.col(_STATE) == "Toteutunut",
                ~pl.col(_MODE).fill_null("").is_in(WITHOUT_CLIENT),
                pl.col(_VISIT).is_not_null(),
            )
            .with_columns(
                month=pl.col(_VISIT).dt.truncate("1mo"),
                week=pl.col(_VISIT).dt.truncate("1w"),
                days=(pl.col(_VISIT) - pl.col(_ASSESSED)).dt.total_days(),
            )
        )

    def cells(self, question: str) -> list[float]:
        import polars as pl

        rows = self._visits.lazy()
        if question == "people":
            known = rows.filter(pl.col(_PERSON).is_not_null())
            return known.group_by("month").agg(pl.col(_PERSON).n_unique()).collect()[_PERSON].to_list()
        rows = rows.filter(pl.col(_URGENCY) == "Kiireetön", pl.col(_NATURE) == "SH", pl.col("days") >= 0)
        if question == "median":
            return (
                rows.group_by("month").agg(pl.col("days").quantile(0.5, "lower")).collect()["days"].to_list()
            )
        by = {"month": ["month"], "week_unit": ["week", _UNIT]}.get(question, ["month", _UNIT, _PROFESSION])
        share = (pl.col("days") <= 7).mean() * 100
        return rows.group_by(by).agg(share).collect()["days"].to_list()


def without_faults(path: Path, clean: Path, year: int) -> None:
    """Write the lines of an extract that every tool reads alike: visits of the year, dates that exist,
    numbers given once, no spaces around values, one word for nurses."""
    with path.open(encoding="cp1252", newline="") as lines:
        reader = csv.DictReader(lines, delimiter=";")
        every = ({name: _PLAIN.get(value, value.strip()) for name, value in row.items()} for row in reader)
        rows = [
            row for row in every if row[_UNIT] and (visit := _iso(row[_VISIT])) and visit[:4] == str(year)
        ]
    times = Counter(row[_ID] for row in rows)
    with clean.open("w", encoding="cp1252", newline="") as lines:
        writer = csv.DictWriter(lines, reader.fieldnames or (), delimiter=";")
        writer.writeheader()
        writer.writerows(
            row for row in rows if times[row[_ID]] == 1 and bool(row[_ASSESSED]) == bool(_iso(row[_ASSESSED]))
        )


TOOLS: Mapping[str, Callable[[], Tool]] = {
    OURS: Takuuvahti,
    "DuckDB": ByDuckDB,
    "SQLite": BySQLite,
    "pandas": ByPandas,
    "polars": ByPolars,
}
