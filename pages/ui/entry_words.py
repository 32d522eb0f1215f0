"""What the page of entering figures says: faults of an entry, an entry in words, the table of what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from indicators.definition import Definition
from indicators.entries import Entry
from indicators.periods import span
from pages.ui import formats, loading, names
from pages.ui.parts import Cell, Table
from pages.ui.target_view import amount
from pages.ui.texts import N_, _, language

#: The signs a target may have, and how they are read.
COMPARATORS: Mapping[str, str] = {
    "<=": N_("at most (≤)"),
    "<": N_("less than (<)"),
    ">=": N_("at least (≥)"),
    ">": N_("more than (>)"),
    "=": N_("exactly (=)"),
}
_SIGNS = {"<=": "≤", ">=": "≥"}
_WHOLE = 100.0


def unit_words(unit: str) -> str:
    """A unit of an entry in words."""
    return {
        "percent": "%",
        "days": _("days"),
        "months": _("months"),
        "count": _("number"),
        "ratio": _("ratio"),
        "points": _("points"),
        "euros": "€",
    }.get(unit, unit)


def faults(source: str, row: Mapping[str, str], definition: Definition | None) -> list[str]:
    """What is missing from an entry or contradicts itself, in sentences; the loader's own checks come after these."""
    found = []
    if source == "figures":
        found += _figure_faults(row)
    elif source == "targets":
        if not row["value"] and not row["as_written"]:
            found.append(_("Give the target's level or its wording."))
        if row["value"] and not row["comparator"]:
            found.append(_("Choose how the level is read: at most, at least or exactly."))
    elif source == "milestones":
        if not row["project"] or not row["milestone"]:
            found.append(_("Give the project and the milestone."))
    elif not row["text_fi"]:
        found.append(_("Write the annotation in Finnish; Swedish is welcome beside it."))
    start, end = ("period_start", "period_end") if "period_start" in row else ("planned_start", "planned_end")
    if source in ("figures", "targets") and not (row[start] and row[end]):
        found.append(_("Give both days of the period."))
    if row.get(start) and row.get(end) and row[start] > row[end]:
        found.append(_("The period ends before it begins."))
    if source == "annotations" and not row["date"]:
        found.append(_("Give the day of the annotation."))
    if "cited_source" in row and not row["cited_source"]:
        found.append(_("Name the source: the document and its place, so that anyone can check the entry."))
    return found + _number_faults(row, definition)


def _figure_faults(row: Mapping[str, str]) -> list[str]:
    parts = bool(row["numerator"]), bool(row["denominator"])
    if row["value"] and any(parts):
        return [_("Give either the value or the numerator and the denominator, not both.")]
    if not row["value"] and not any(parts):
        return [_("Give the value, or the numerator and the denominator.")]
    if any(parts) and not all(parts):
        return [_("A numerator and a denominator belong together: give both.")]
    return []


def _number_faults(row: Mapping[str, str], definition: Definition | None) -> list[str]:
    found = []
    titles = {"value": _("Value"), "numerator": _("Numerator"), "denominator": _("Denominator")}
    read: dict[str, float] = {}
    for field, title in titles.items():
        text = row.get(field, "")
        number = loading.number_written(text) if text else None
        if text and number is None:
            found.append(_("{field}: “{text}” is not a number.").format(field=title, text=text))
        elif number is not None:
            read[field] = number
    if "denominator" in read and read["denominator"] <= 0:
        found.append(_("The denominator must be greater than zero."))
    elif definition is not None and definition.is_share and row.get("unit") == "percent":
        share = read.get("value")
        if "numerator" in read and "denominator" in read:
            share = _WHOLE * read["numerator"] / read["denominator"]
        if share is not None and not 0 <= share <= _WHOLE:
            found.append(
                _("A share lies between 0 and 100 %; this one would be {share}.").format(
                    share=formats.percent(share)
                )
            )
    if definition is not None and definition.unit == "count" and any(number < 0 for number in read.values()):
        found.append(_("A count is never below zero."))
    return found


def period_words(start: date | None, end: date | None) -> str:
    """A period in words; a dash where it has none."""
    first, last = start or end, end or start
    return "–" if first is None or last is None else formats.period(span(first, last).label)


def level(fields: Mapping[str, Any], definition: Definition | None) -> str:
    """What an entry says, as it was written where its wording is kept."""
    if "milestone" in fields:
        return " · ".join(
            text for text in (fields["milestone"], fields["status"], fields["as_written"]) if text
        )
    if "text_fi" in fields:
        return str((language() == "sv" and fields["text_sv"]) or fields["text_fi"])
    said = ""
    if fields["value"] is not None:
        sign = fields.get("comparator") or ""
        said = f"{_SIGNS.get(sign, sign)} {amount(fields['value'], fields['unit'] or '')}".strip()
    elif fields.get("numerator") is not None and fields.get("denominator"):
        said = f"{formats.number(fields['numerator'])} / {formats.number(fields['denominator'])}"
        if definition is not None:
            scale = _WHOLE if definition.is_share else 1
            said += f" = {formats.value(scale * fields['numerator'] / fields['denominator'], definition)}"
    service = names.name("service", fields["service"]) if fields.get("service") else ""
    return " · ".join(text for text in (said, service, fields.get("as_written"), fields.get("note")) if text)


def table(found: Iterable[Entry], definition: Definition | None, caption: str) -> Table:
    """Entries that are there, each with its period, what it says, its source and its load."""
    rows = []
    for entry in found:
        fields = entry.fields
        start = fields.get("period_start", fields.get("planned_start", fields.get("date")))
        end = fields.get("period_end", fields.get("planned_end", fields.get("date")))
        loaded = _("{number}, {day}, {who}").format(
            number=entry.load_id,
            day=formats.day(loading.local_time(entry.loaded_at).date()),
            who=entry.loaded_by,
        )
        texts = (
            period_words(start, end),
            level(fields, definition),
            str(fields.get("cited_source") or "–"),
            loaded,
        )
        rows.append(tuple(Cell(text, text) for text in texts))
    header = (_("Period"), _("As written"), _("Source"), _("Load"))
    return Table(header, tuple(rows), (False,) * len(header), caption)
