"""A first mapping for a file that nothing fits: `python -m pipelines inspect FILE --suggest`.

Columns are matched by name and content. What is not decided is a comment, never a guess; assumptions are marked. Of the
file's values only codes and names of areas are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indicators.catalogue.datasets import CODE
from pipelines.checking.fields import DATE, FIELDS
from pipelines.findings import RefusedFile, finding
from pipelines.identity_codes import holds_hetu
from pipelines.mapping.header_rows import likely_table
from pipelines.mapping.reshape import filled_down
from pipelines.reading.table import RawTable, read_table
from pipelines.reading.unpacking import Limits
from pipelines.settings import Settings
from pipelines.suggest.columns import Column, columns_of, words_match
from pipelines.suggest.facts import Facts
from pipelines.suggest.row_level import ROLES, ROW_LEVEL, row_level
from pipelines.suggest.tables import Table
from pipelines.suggest.words import word_lists
from pipelines.suggest.writing import Draft, written
from pipelines.warehouse.scales import fold

#: Columns of groups are filled less than this.
_MOST_FILLED = 0.7
_FEW = 2


def suggest(
    data: bytes,
    file_name: str,
    settings: Settings,
    language: str,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
) -> str:
    """The text of a first mapping for a file. Raises RefusedFile where it cannot be read or may not be."""
    if holds_hetu(file_name):
        raise RefusedFile([finding("person_id_in_wrong_place", reason="file_name")])
    limits = Limits(settings.largest_file_mb << 20, settings.largest_row_mb << 20)
    options, titles = likely_table(data, limits, sheet)
    options = replace(options, header_row=header_row or options.header_row)
    raw = read_table(data, options=replace(options, end_notes=True), limits=limits)
    # In a table of two columns a row of one cell may be a number that is not known.
    options = replace(options, end_notes=bool(raw.notes) and len(raw.headers) > _FEW)
    raw = raw if options.end_notes or not raw.notes else read_table(data, options=options, limits=limits)
    for position, header in enumerate(raw.headers, start=1):
        if holds_hetu(header):
            raise RefusedFile([finding("person_id_in_wrong_place", reason="header", position=position)])
    facts = _facts(raw, file_name, titles, settings, language)
    return written(_draft(facts), facts.columns, raw.headers, options, file_name, facts.say)


def _facts(raw: RawTable, file_name: str, titles: list[str], settings: Settings, language: str) -> Facts:
    columns = columns_of(raw)
    blank_below = headers_of_groups(columns)
    if blank_below:
        columns = columns_of(filled_down(raw, blank_below))
    # Of several columns of one name a mapping means the first.
    first = {fold(column.header): column for column in reversed(columns) if column.header}
    named = [column for column in columns if first.get(fold(column.header)) is column]
    return Facts(named, raw.headers, file_name, titles, settings, language, tuple(blank_below))


def _draft(facts: Facts) -> Draft:
    person = facts.best("person", lambda c: not c.is_day)
    keys = [
        c for c in facts.columns if c.is_key and not c.form and not c.has_identity_codes and c is not person
    ]
    key = facts.best("id", lambda c: c in keys) or next((c for c in keys if _may_be_id(facts, c)), None)
    days = [c for c in facts.columns if c.is_day]
    is_row_level = _row_level_words(facts) if key is not None else _is_of_persons(facts, person, days)
    if days and not facts.blank_below and is_row_level:
        return row_level(facts, key)
    return Table(facts).draft()


def _may_be_id(facts: Facts, column: Column) -> bool:
    """Whether distinct texts may be ids though nothing calls them so: not remarks, nor what is called like a date or a code."""
    fields = word_lists()["fields"]
    others = {f.name for dataset in ROW_LEVEL for f in FIELDS[dataset] if f.kind in (DATE, CODE)}
    named = any(words_match(column.header, fields.get(ROLES.get(name, name), ())) for name in others)
    return not named and not facts.called(column, "note")


def _is_of_persons(facts: Facts, person: Column | None, days: Sequence[Column]) -> bool:
    """Whether rows without an id are of single persons: a number of people is called like a person as well."""
    if any(c.is_person for c in facts.columns):
        return True
    if person is None:
        return False
    born = facts.best("birth_date", lambda c: c is not person) or facts.best(
        "birth_year", lambda c: c is not person
    )
    return not person.is_number or born is not None or len(days) > 1


def _row_level_words(facts: Facts) -> bool:
    """Whether something besides an id shows that a row is one contact, entry or referral."""
    names = {f.name for dataset in ROW_LEVEL for f in FIELDS[dataset] if f.kind == DATE}
    people = any(c.is_person for c in facts.columns) or facts.best("person", lambda c: not c.is_day)
    return bool(people or any(facts.best(name, lambda c: c.is_day) for name in names))


def headers_of_groups(columns: Sequence[Column]) -> list[str]:
    """Return the first columns, where they name a group only in the first of its rows."""
    found: list[str] = []
    begins = None
    for column in columns:
        has = column.codes >= 0
        sparse = (
            column.header
            and column.is_text
            and 0 < column.filled < _MOST_FILLED * column.rows
            and len(has)
            and has[0]
        )
        # Where a column begins a new group, those after it do as well.
        if not sparse or (begins is not None and (begins & ~has).any()):
            break
        begins = has
        found.append(column.header)
    return found
