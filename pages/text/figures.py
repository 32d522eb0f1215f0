"""What the page of entering figures says: faults of an entry, an entry in words, the table of what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import span
from indicators.programme.entries import Entry
from indicators.programme.verdicts import DIRECTIONS
from indicators.wording import formats
from indicators.wording import targets as target_wording
from indicators.wording.targets import amount
from indicators.wording.translations import N_, _, language
from pages.text import measures, names
from pages.text.tables import Table, csv_bytes
from pages.ui import loading
from pages.ui.loading import Finding

#: The signs a target may have, and how they are read.
COMPARATORS: Mapping[str, str] = {
    "<=": N_("at most (≤)"),
    "<": N_("less than (<)"),
    ">=": N_("at least (≥)"),
    ">": N_("more than (>)"),
    "=": N_("exactly (=)"),
    **target_wording.DIRECTIONS,
}
_WHOLE = 100.0


#: What the fields of an entry are called on the page.
FIELDS: Mapping[str, str] = {
    "area": N_("Area"),
    "indicator": N_("Indicator"),
    "service": N_("Service"),
    "period_start": N_("Period"),
    "period_end": N_("Period"),
    "value": N_("Value"),
    "numerator": N_("Numerator"),
    "denominator": N_("Denominator"),
    "unit": N_("Unit"),
    "comparator": N_("The target is"),
    "as_written": N_("As written"),
    "note": N_("Note"),
    "cited_source": N_("Source"),
    "project": N_("Project"),
    "work_package": N_("Work package"),
    "milestone": N_("Milestone"),
    "scale": N_("Scale"),
    "planned_start": N_("Planned from"),
    "planned_end": N_("Planned to"),
    "status": N_("Status"),
    "achieved_on": N_("Achieved on"),
    "date": N_("Day"),
    "text_fi": N_("Annotation in Finnish"),
    "text_sv": N_("Annotation in Swedish"),
    "break": N_("The series begins anew here"),
    "measure": N_("Id"),
    **measures.NAMES,
    "better": N_("Direction"),
    "kind_words": N_("How it is counted"),
    "per": N_("Counted per"),
    "theme": N_("Subject"),
}
#: What follows from another finding where a file has one row.
_FOLLOWS = ("too_many_bad_rows",)


def faults(source: str | None, findings: Iterable[Finding]) -> list[str]:
    """What the checks found in an entry, each said once, with the names that its fields have on the page."""
    fields = {header: field for field, header in loading.headers(source).items()} if source else {}

    def called(found: Finding) -> str:
        # A rule about several columns names them all.
        named = [fields.get(one) for one in str(found.params.get("column", "")).split(" / ")]
        known = FIELDS if source != "targets" else {**FIELDS, "value": N_("Target level")}
        return " / ".join(dict.fromkeys(_(known[one]) for one in named if one in known))

    said = [
        found.entry_message(language(), called(found)) for found in findings if found.code not in _FOLLOWS
    ]
    return list(dict.fromkeys(said))


def period_words(start: date | None, end: date | None) -> str:
    """A period in words; a dash where it has none."""
    first, last = start or end, end or start
    return "–" if first is None or last is None else formats.period(span(first, last).label)


def level(fields: Mapping[str, Any], definition: Definition | None) -> str:
    """What an entry says, as it was written where its wording is stored."""
    if "milestone" in fields:
        return " · ".join(
            text for text in (fields["milestone"], fields["status"], fields["as_written"]) if text
        )
    if "measure" in fields:
        return measures.measure_words(fields)
    if "text_fi" in fields:
        return str(fields.get(f"text_{language()}") or fields["text_fi"])
    said = ""
    sign = fields.get("comparator") or ""
    if sign in DIRECTIONS:
        said = _(COMPARATORS[sign])
    elif fields["value"] is not None:
        stepped = definition is not None and definition.steps
        shown = (
            formats.step(fields["value"], definition)
            if stepped
            else amount(fields["value"], fields["unit"] or "")
        )
        said = f"{target_wording.SIGNS.get(sign, sign)} {shown}".strip()
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
            str(fields["measure"]) if "measure" in fields else period_words(start, end),
            level(fields, definition),
            str(fields.get("cited_source") or "–"),
            loaded,
        )
        rows.append(texts)
    first = _("Id") if rows and definition is None and "measure" in entry.fields else _("Period")
    header = (first, _("As written"), _("Source"), _("Load"))
    return Table.of(caption, header, rows)


def as_file(source: str, found: Iterable[Entry]) -> bytes:
    """Entries that are there, as a file of their source that can be corrected and loaded again."""
    columns = loading.headers(source)
    rows = [[entry.fields[field] for field in columns] for entry in found]
    return csv_bytes(list(columns.values()), rows)
