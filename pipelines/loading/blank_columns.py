"""Columns that a source's earlier files filled and this one does not: nothing known is lost, but its months have no value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from indicators.catalogue.datasets import DATASETS, Dataset
from indicators.catalogue.languages import LANGUAGES
from pipelines.checking.fields import REALISED, field_of
from pipelines.checking.prepare import Prepared, PreparedPart
from pipelines.findings import Finding, finding
from pipelines.loading.lost_values import (
    MAY_END,
    Meanings,
    code_maps,
    column_params,
    compared_columns,
    count_known,
    fields_of,
    in_codes,
    is_there,
    known_value,
    meanings_of,
    reason_of,
    unknown_codes,
)
from pipelines.loading.publication import Published
from pipelines.loading.report import PlannedLoad
from pipelines.settings import Settings
from pipelines.warehouse.previous_rows import PreviousRows

CODE = "column_went_blank"


@dataclass(frozen=True)
class _Month:
    """A month (`2025-04`) of a load: its rows, and how many of them have a known value by column."""

    month: str
    rows: int
    known: Mapping[str, int]


def blank_columns(
    connection: duckdb.DuckDBPyConnection,
    plan: PlannedLoad,
    prepared: Prepared,
    published: Published,
    settings: Settings,
) -> tuple[Finding, ...]:
    """Return a finding for each column that indicators need and that months of the load hardly have, unlike the rows of
    the source before. Reads the tables of `prepare_incoming`. The corrected mapping of a file has no earlier files.
    """
    if published.old is None or plan.replaces:
        return ()
    same_source = [
        r for r in plan.earlier if (r.source, r.origin) == (plan.record.source, plan.record.origin)
    ]
    found: list[Finding] = []
    for part in prepared.parts:
        dataset = DATASETS[part.dataset]
        if dataset.row_level and any(record.part(part.dataset) for record in same_source):
            before, after = code_maps(plan, published, settings)
            meanings = meanings_of(plan.record.source, dataset, before, after)
            found += _of_part(connection, plan, part, published, settings, meanings)
    return tuple(found)


# Many parameters because a load is compared with what is published.
def _of_part(
    connection: duckdb.DuckDBPyConnection,
    plan: PlannedLoad,
    part: PreparedPart,
    published: Published,
    settings: Settings,
    meanings: Mapping[str, Meanings],
) -> Iterator[Finding]:
    dataset, columns = DATASETS[part.dataset], compared_columns(DATASETS[part.dataset])
    unknown = unknown_codes(connection, f"effective_{dataset.name}", columns, meanings)
    months = _months(connection, plan, dataset, columns, unknown)
    share = settings.known_values_share
    gaps = [name for name in columns if any(m.known[name] < share * m.rows for m in months)]
    if not gaps:
        return
    # The definitions are imported where there is something to say.
    from pipelines.checking.lost_indicators import needed_fields

    needed = needed_fields(part.dataset)
    usual = _usual_shares(connection, plan, dataset, published, gaps, meanings)
    for name in gaps:
        of = [d for names in needed if {*names} & {*fields_of(name)} for d in needed[names]]
        there = is_there(part, name)
        if not of or (there and _comes_later(dataset, name)):
            continue
        least, expected = settings.lost_values_least if there else 1, usual[name]
        blank = [
            month.month
            for month in months
            if month.known[name] < share * expected * month.rows
            and expected * month.rows - month.known[name] >= least
        ]
        if blank:
            yield _finding(name, part, expected, blank, of, there, bool(unknown.get(name)))


def _months(
    connection: duckdb.DuckDBPyConnection,
    plan: PlannedLoad,
    dataset: Dataset,
    columns: Sequence[str],
    unknown: Mapping[str, Sequence[str]],
) -> list[_Month]:
    """The months of a load up to its extract date."""
    counts = ", ".join(f'{count_known(name, unknown.get(name, ()))} AS "{name}"' for name in columns)
    rows = connection.execute(
        f"""SELECT strftime(month, '%Y-%m'), rows, * EXCLUDE (month, rows) FROM (
                SELECT date_trunc('month', {dataset.day}) AS month, count(*) AS rows, {counts}
                FROM effective_{dataset.name} e WHERE {dataset.day} <= ? GROUP BY ALL) ORDER BY month""",
        [plan.record.extract_date],
    ).fetchall()
    return [_Month(month, count, dict(zip(columns, known, strict=True))) for month, count, *known in rows]


def _usual_shares(
    connection: duckdb.DuckDBPyConnection,
    plan: PlannedLoad,
    dataset: Dataset,
    published: Published,
    columns: Sequence[str],
    meanings: Mapping[str, Meanings],
) -> Mapping[str, float]:
    """By column the share of the published rows of the source in which it is known."""
    rows = PreviousRows(
        connection, dataset, published.old, [r for r in plan.earlier if r.part(dataset.name)]
    ).query()

    def count(name: str) -> str:
        value = known_value("o", name)
        had = f"lower(trim({value}::VARCHAR))"
        return f"count({value})" + (
            f" FILTER ({in_codes(had, sorted(meanings[name].before))})" if name in meanings else ""
        )

    ((total, *known),) = connection.execute(
        f"SELECT count(*), {', '.join(map(count, columns))} FROM ({rows}) o WHERE source = ? AND origin = ?",
        [plan.record.source, plan.record.origin],
    ).fetchall()
    return {name: number / total if total else 0.0 for name, number in zip(columns, known, strict=True)}


def _comes_later(dataset: Dataset, column: str) -> bool:
    """Whether the newest rows may lack a column that older ones have: what happens after the day of a row."""
    if column == MAY_END:
        return True
    is_day = dataset.base[column] == "DATE"
    return dataset.name != "visits" and is_day and field_of(dataset.name, column).event == REALISED


# Many parameters because the message tells all of them.
def _finding(
    column: str,
    part: PreparedPart,
    usual: float,
    months: Sequence[str],
    definitions: Sequence[Any],
    there: bool,
    is_meaningless: bool,
) -> Finding:
    name, params = column_params(column, part)
    different = {d.id: d for d in definitions}
    for language in LANGUAGES:
        params[f"names_{language}"] = [d.text[language].short for d in different.values()]
    return finding(
        CODE,
        name,
        len(months),
        reason=reason_of(name, part, there, is_meaningless),
        usual=f"{100 * usual:.0f}",
        months=months[0] if len(months) == 1 else f"{months[0]}–{months[-1]}",
        indicators=sorted(different),
        **params,
    )
