"""Fields of which a load would leave little: the column is missing or blank now, or its codes mean nothing any more.

A later blank replaces what was known, row by row: that is a correction. A whole column that is lost is a fault of the
extract or of its mapping.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from indicators.catalogue.datasets import DATASETS, Dataset
from indicators.catalogue.languages import LANGUAGES
from pipelines.checking.ages import UNKNOWN
from pipelines.checking.codes import our_codes
from pipelines.checking.fields import FIELDS, field_of
from pipelines.checking.prepare import Prepared, PreparedPart
from pipelines.findings import Finding, finding
from pipelines.loading.publication import Published, code_map_of
from pipelines.loading.report import PlannedLoad
from pipelines.settings import Settings
from pipelines.texts import name_of
from pipelines.warehouse import master
from pipelines.warehouse.load_effect import same_key, touched_years
from pipelines.warehouse.previous_rows import PreviousRows
from pipelines.warehouse.records import CodeRow, LoadRecord
from pipelines.warehouse.sql import count_rows, text_literal

ABSENT, UNMAPPED, BLANK, MEANINGLESS = "absent", "unmapped", "blank", "meaningless"
#: What is stored of a person's age, and the fields it is made of.
AGE, BIRTH = "age_group", ("birth_year", "birth_date", "age")
#: Stored beside others that say the same, or codes of their own: names of units and keys are no values to lose.
_NO_VALUES = ("age_band", "age_uncertain", "over_75", "unit_code")
#: A plan may be blank once it has been carried out.
MAY_END = "booked_for"


@dataclass(frozen=True)
class _Lost:
    """Of one column the values `known` in the rows before, and how many are `lost`: blank or without a meaning after."""

    column: str
    known: int
    blank: int
    meaningless: int

    @property
    def lost(self) -> int:
        return self.blank + self.meaningless


@dataclass(frozen=True)
class Meanings:
    """The codes of a domain that have a meaning before the load and after it, as codes are compared."""

    before: frozenset[str]
    after: frozenset[str]


def lost_values(
    connection: duckdb.DuckDBPyConnection,
    plan: PlannedLoad,
    prepared: Prepared,
    published: Published,
    settings: Settings,
) -> tuple[Finding, ...]:
    """Return a finding for each field of which the load would leave less than the settings ask for.

    A field that the file or its mapping no longer has is lost with its first value; another, and one that the corrected
    mapping of a file leaves out, where so many values go that it cannot be a correction. Reads the tables of
    `prepare_incoming`.
    """
    if published.snapshot is None or published.old is None:
        return ()
    before, after = code_maps(plan, published, settings)
    found: list[Finding] = []
    for part in prepared.parts:
        dataset = DATASETS[part.dataset]
        meanings = meanings_of(plan.record.source, dataset, before, after)
        for lost in _counted(connection, plan, part, published, meanings, settings):
            is_gone = not is_there(part, lost.column) and not plan.replaces
            if lost.lost and (is_gone or _is_nearly_all(lost, settings)):
                found.append(_finding(lost, part, is_there(part, lost.column)))
    return tuple(found)


def is_there(part: PreparedPart, column: str) -> bool:
    """Whether a file has a column that a stored one is made of."""
    return any(name in part.headers for name in fields_of(column))


def code_maps(
    plan: PlannedLoad, published: Published, settings: Settings
) -> tuple[Sequence[CodeRow], Sequence[CodeRow]]:
    """The meanings of codes before a load and after it."""
    edits = master.read_edits(settings.warehouse)
    after = master.master_of(code_map_of([*plan.earlier, plan.record]), edits).code_map
    return published.known_data().code_map, after


def without_repeats(findings: Iterable[Finding], lost: Collection[Finding]) -> tuple[Finding, ...]:
    """Some findings without what those about lost values say already of the same columns and fields."""
    columns = {one.params["column"] for one in lost}
    fields = {one.field for one in lost}
    return tuple(
        one
        for one in findings
        if not (one.code in ("absent_column", "indicator_lost") and columns.issuperset(one.params["columns"]))
        and not (one.code in ("indicator_unmapped", "column_went_blank") and one.field in fields)
    )


def _is_nearly_all(lost: _Lost, settings: Settings) -> bool:
    is_share = lost.known - lost.lost < settings.known_values_share * lost.known
    return is_share and lost.lost >= settings.lost_values_least and lost.column != MAY_END


def compared_columns(dataset: Dataset) -> list[str]:
    """The columns of a dataset whose values can be lost."""
    return [name for name in dataset.base if name not in (*dataset.key, *_NO_VALUES)]


def fields_of(column: str) -> tuple[str, ...]:
    """The fields that a stored column is made of."""
    return BIRTH if column == AGE else (column,)


def _finding(lost: _Lost, part: PreparedPart, there: bool) -> Finding:
    name, params = column_params(lost.column, part)
    reason = reason_of(name, part, there, lost.meaningless > lost.blank)
    return finding(
        "values_lost",
        name,
        lost.lost,
        reason=reason,
        known=lost.known,
        **params,
    )


def column_params(column: str, part: PreparedPart) -> tuple[str, dict[str, Any]]:
    """The field of a stored column that the file or its layout has, and what a message says of it: the reader's own
    name of the column, what it is, the list of its codes."""
    names = [name for name in fields_of(column) if name in part.layout_headers]
    name = next((one for one in names if one in part.headers), names[0] if names else fields_of(column)[0])
    named = {one: name_of("field", name, one) for one in LANGUAGES}
    params: dict[str, Any] = {
        f"what_{one}": "" if what == name else f" ({what})" for one, what in named.items()
    }
    params["column"] = part.headers.get(name) or part.layout_headers.get(name, name)
    params["domain"] = field_of(part.dataset, name).domain
    return name, params


def reason_of(name: str, part: PreparedPart, there: bool, is_meaningless: bool) -> str:
    """Why the values of a field are not there."""
    if there:
        return MEANINGLESS if is_meaningless else BLANK
    return ABSENT if name in part.layout_headers else UNMAPPED


def meanings_of(
    source: str, dataset: Dataset, before: Iterable[CodeRow], after: Iterable[CodeRow]
) -> Mapping[str, Meanings]:
    """Return by column what its codes mean before and after the load; units are their own codes."""
    domains = {one.name: one.domain for one in FIELDS[dataset.name] if one.domain not in (None, "unit")}

    def known(rows: Iterable[CodeRow]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for mapped_source, domain, code, *_ in rows:
            if mapped_source == source:
                found.setdefault(domain, set()).add(code.strip().lower())
        return found

    one, other = known(before), known(after)
    return {
        column: Meanings(frozenset(ours | one.get(domain, set())), frozenset(ours | other.get(domain, set())))
        for column, domain in domains.items()
        if domain is not None and (ours := {code.lower() for code in our_codes(domain)}) is not None
    }


# Many parameters because a load is compared with what is published.
def _counted(
    connection: duckdb.DuckDBPyConnection,
    plan: PlannedLoad,
    part: PreparedPart,
    published: Published,
    meanings: Mapping[str, Meanings],
    settings: Settings,
) -> Iterator[_Lost]:
    """Yield what each column loses, in the rows that are replaced and in those whose codes lose their meaning."""
    dataset, effective = DATASETS[part.dataset], f"effective_{part.dataset}"
    columns = compared_columns(dataset)
    unknown = unknown_codes(connection, effective, columns, meanings)
    gaps = _gaps(connection, effective, columns, unknown)
    active = [*plan.earlier, *(r for r in published.records if r.load_id in plan.replaces)]
    same_dataset = [record for record in active if record.part(dataset.name)]
    previous = PreviousRows(connection, dataset, published.old, same_dataset)
    rows = previous.query()
    if dataset.row_level and not plan.replaces:
        rows = previous.query_of(touched_years(connection, dataset))
    if dataset.row_level and not plan.replaces and gaps and same_dataset:
        sure = {name for name, meaning in meanings.items() if meaning.before - meaning.after}
        may_be_lost = _may_be_lost(connection, plan.record, part, rows, gaps, settings)
        gaps = {name: count for name, count in gaps.items() if name in sure or name in may_be_lost}
    counts: dict[str, list[int]] = {}
    columns = list(gaps)
    if columns and same_dataset:
        asked = ", ".join(
            text for name in columns for text in _counts(name, unknown.get(name, ()), meanings.get(name))
        )
        (row,) = connection.execute(
            f"SELECT {asked} FROM ({rows}) o JOIN {effective} e ON {same_key(dataset)}"
        ).fetchall()
        counts = {name: list(row[3 * at : 3 * at + 3]) for at, name in enumerate(columns)}
    for name, known, lost in _lose_their_meaning(
        connection, plan.record, dataset, previous.query(), meanings
    ):
        before = counts.setdefault(name, [0, 0, 0])
        counts[name] = [before[0] + known, before[1], before[2] + lost]
    for name, (known, blank, meaningless) in counts.items():
        yield _Lost(name, known, blank, meaningless)


def unknown_codes(
    connection: duckdb.DuckDBPyConnection,
    effective: str,
    columns: Sequence[str],
    meanings: Mapping[str, Meanings],
) -> dict[str, tuple[str, ...]]:
    """Return by column the codes of the load without a meaning."""
    found: dict[str, tuple[str, ...]] = {}
    for name in (one for one in columns if one in meanings):
        codes = connection.execute(f'SELECT DISTINCT "{name}"::VARCHAR FROM {effective}').fetchall()
        after = meanings[name].after
        found[name] = tuple(c for (c,) in codes if c is not None and c.strip().lower() not in after)
    return found


def _gaps(
    connection: duckdb.DuckDBPyConnection,
    effective: str,
    columns: Sequence[str],
    unknown: Mapping[str, Sequence[str]],
) -> dict[str, int]:
    """Return in how many rows of the load a column is blank or without a meaning, where it is in any."""
    asked = ", ".join(f"count(*) - {count_known(name, unknown.get(name, ()))}" for name in columns)
    (blanks,) = connection.execute(f"SELECT {asked} FROM {effective} e").fetchall()
    return {name: blank for name, blank in zip(columns, blanks, strict=True) if blank}


# Many parameters because a load is compared with what is published.
def _may_be_lost(
    connection: duckdb.DuckDBPyConnection,
    record: LoadRecord,
    part: PreparedPart,
    rows: str,
    gaps: Mapping[str, int],
    settings: Settings,
) -> set[str]:
    """Return the columns that may have lost as much as is told of, so that few are compared row by row.

    A row of the load takes the place of one row at most: no more goes than it has gaps. Of the rows replaced as many are known
    at least as of all, less those that are not replaced.
    """
    asked = ", ".join(f"count({known_value('o', name)})" for name in gaps)
    ((total, *known),) = connection.execute(
        f"SELECT count(*), {asked} FROM ({rows}) o WHERE source = ? AND origin = ?",
        [record.source, record.origin],
    ).fetchall()
    stay = total - count_rows(connection, f"superseded_{part.dataset} WHERE replaced")
    most_lost = 1 - settings.known_values_share
    return {
        name
        for (name, gap), before in zip(gaps.items(), known, strict=True)
        if before and (not is_there(part, name) or gap >= most_lost * (before - stay))
    }


def known_value(table: str, name: str) -> str:
    """The SQL of a value, NULL where it is not known."""
    return f"nullif({table}.\"{name}\"::VARCHAR, '{UNKNOWN}')" if name == AGE else f'{table}."{name}"'


def count_known(name: str, unknown: Sequence[str]) -> str:
    """The SQL of the number of known values of a column of the load; a code without a meaning is none."""
    value = known_value("e", name)
    without = f" FILTER (NOT {in_codes(f'{value}::VARCHAR', unknown)})" if unknown else ""
    return f"count({value}){without}"


def _counts(name: str, unknown: Sequence[str], meaning: Meanings | None) -> tuple[str, str, str]:
    """The SQL of the counts of one column: known before, blank after, without a meaning after that had one."""
    old, new = known_value("o", name), known_value("e", name)
    meaningless = "0"
    if unknown and meaning is not None:
        had = in_codes(f"lower(trim({old}::VARCHAR))", sorted(meaning.before))
        meaningless = f"count(*) FILTER ({in_codes(f'{new}::VARCHAR', unknown)} AND {had})"
    return f"count({old})", f"count({old}) FILTER ({new} IS NULL)", meaningless


def in_codes(value: str, codes: Iterable[str]) -> str:
    listed = ", ".join(map(text_literal, codes))
    return f"{value} IN ({listed})" if listed else "false"


def _lose_their_meaning(
    connection: duckdb.DuckDBPyConnection,
    record: LoadRecord,
    dataset: Dataset,
    rows: str,
    meanings: Mapping[str, Meanings],
) -> Iterator[tuple[str, int, int]]:
    """Yield by column how many values of the rows that stay are known, and how many the mapping no longer explains.

    A mapping of one's own explains every row of its source: codes that the newest one leaves out lose their meaning.
    """
    if not dataset.row_level:
        return
    for name, meaning in meanings.items():
        gone = sorted(meaning.before - meaning.after)
        if not gone or name not in dataset.base:
            continue
        ((known, lost),) = connection.execute(
            f"""SELECT count("{name}"), count(*) FILTER ({in_codes(f'lower(trim("{name}"::VARCHAR))', gone)})
                FROM ({rows}) o WHERE source = ? AND origin = ? AND NOT EXISTS (
                    SELECT 1 FROM effective_{dataset.name} e WHERE {same_key(dataset)})""",
            [record.source, record.origin],
        ).fetchall()
        yield name, known, lost
