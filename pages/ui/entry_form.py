"""The form of an entry: a figure, target, milestone, annotation or measure, by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import streamlit as st
from babel.dates import get_month_names

from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import code_names
from indicators.programme.entries import Entry
from indicators.wording import formats
from indicators.wording.translations import _
from pages.text import figures as words
from pages.text import names
from pages.ui import components, loading, measure_form
from pipelines.warehouse.scales import YES_NO

NONE = ""
#: Session key: how many forms there have been.
TURN = "figures_turn"


def begin_anew() -> None:
    """Empty the form."""
    st.session_state[TURN] += 1


def form(what: str, area: str, definition: Definition | None, there: tuple[Entry, ...]) -> dict[str, str]:
    """The fields of an entry; returns them as they are written (field → text)."""
    with st.container(border=True):
        if what == "milestones":
            return {"area": area, **_milestone(there)}
        if what == "measures":
            components.note(
                _(
                    "A measure is an indicator of which no extract has rows. Once it is defined, figures and targets of it "
                    "can be entered."
                )
            )
            return measure_form.form(there, _text, _key)
        row = {"area": area, "indicator": definition.id if definition else ""}
        if definition is not None:
            components.note(names.text(definition).what)
        if what == "figures" and definition is not None and definition.row_level:
            components.note(
                _("An entered figure counts for its period, also where extracts cover it.")
                if definition.figures_first
                else _(
                    "This indicator is computed from the rows of extracts. An entered figure counts only for periods "
                    "that extracts do not cover fully."
                )
            )
        if what == "annotations":
            return _annotation(row)
        row |= _period()
        return row | (_figure(definition) if what == "figures" else _target(definition))


def _key(name: str) -> str:
    """The key of a field; a new form has new ones, so that it begins empty."""
    return f"entry_{name}_{st.session_state.setdefault(TURN, 0)}"


def _text(name: str, label: str, *, value: str = "", help: str | None = None, long: bool = False) -> str:
    """A field of text, without spaces around it and in one line."""
    box: Callable[..., str | None] = st.text_area if long else st.text_input
    return " ".join((box(label, value=value, key=_key(name), help=help) or "").split())


def _day(name: str, label: str, *, value: date | None = None, help: str | None = None) -> str:
    """A day as a file has it; empty where none is given."""
    chosen = st.date_input(
        label,
        value=value,
        key=_key(name),
        help=help,
        format="DD.MM.YYYY",
        min_value=date(1990, 1, 1),
        max_value=date(2100, 12, 31),
    )
    return chosen.isoformat() if isinstance(chosen, date) else ""


def _period() -> dict[str, str]:
    kinds = {"year": _("Year"), "quarter": _("Quarter"), "month": _("Month"), "days": _("Two days")}
    cells = st.columns(3, vertical_alignment="bottom")
    with cells[0]:
        kind = st.selectbox(_("Period"), list(kinds), format_func=kinds.__getitem__, key=_key("period"))
    if kind == "days":
        with cells[1]:
            first = _day("first", _("First day"))
        with cells[2]:
            last = _day("last", _("Last day"))
        return {"period_start": first, "period_end": last}
    with cells[1]:
        _now, today = loading.now_and_today()
        latest = today.year - 1
        given = st.number_input(
            _("Year"), min_value=1990, max_value=2100, value=latest, step=1, key=_key("year")
        )
        year = latest if given is None else int(given)
    begin, months = 1, 12
    with cells[2]:
        if kind == "quarter":
            quarter = st.selectbox(
                _("Quarter"),
                [1, 2, 3, 4],
                format_func=lambda one: formats.period(f"{year}-Q{one}"),
                key=_key("quarter"),
            )
            begin, months = 3 * quarter - 2, 3
        elif kind == "month":
            named = get_month_names("wide", "stand-alone", formats.locale())
            begin = st.selectbox(
                _("Month"), list(range(1, 13)), format_func=lambda one: named[one], key=_key("month")
            )
            months = 1
    after = begin + months
    end = date(year + (after > 12), (after - 1) % 12 + 1, 1) - timedelta(days=1)
    return {"period_start": date(year, begin, 1).isoformat(), "period_end": end.isoformat()}


def _figure(definition: Definition | None) -> dict[str, str]:
    unit = definition.unit if definition else ""
    row = {"unit": unit, "numerator": "", "denominator": ""}
    cells = st.columns(3)
    with cells[0]:
        label = _("Value ({unit})").format(unit=formats.unit_words(unit))
        row["value"] = _step("value", label, definition) if _stepped(definition) else _text("value", label)
    if unit != "count" and not _stepped(definition):
        with cells[1]:
            row["numerator"] = _text("numerator", _("or numerator"))
        with cells[2]:
            row["denominator"] = _text("denominator", _("and denominator"))
    services = [code for domain, code in code_names() if domain == "service"]
    row["service"] = st.selectbox(
        names.dimension("service"),
        [NONE, *services],
        format_func=lambda code: names.name("service", code) if code else _("All services"),
        key=_key("service"),
    )
    return row | {"cited_source": _source(), "note": _text("note", _("Note"))}


def _target(definition: Definition | None) -> dict[str, str]:
    unit = definition.unit if definition else ""
    cells = st.columns(3)
    with cells[0]:
        options = [NONE, *words.COMPARATORS]
        comparator = st.selectbox(
            _("The target is"),
            options,
            format_func=lambda one: _(words.COMPARATORS[one]) if one else "–",
            key=_key("comparator"),
        )
    with cells[1]:
        label = _("Target level")
        value = _step("value", label, definition) if _stepped(definition) else _text("value", label)
    with cells[2]:
        units = ["days", "months"] if unit == "days" else [unit]
        chosen = st.selectbox(
            _("Unit"),
            units,
            format_func=formats.unit_words,
            key=_key("unit") + unit,
            disabled=len(units) == 1,
        )
    wording = _text("as_written", _("As written"), help=_("The words of the source, unchanged."))
    return {
        "comparator": comparator,
        "value": value,
        "unit": chosen or unit,
        "as_written": wording,
        "cited_source": _source(),
    }


def _stepped(definition: Definition | None) -> bool:
    return definition is not None and bool(definition.steps)


def _step(name: str, label: str, definition: Definition | None) -> str:
    """One of the steps of a stage or of yes and no, as its number; empty where none is chosen."""
    if definition is None:
        return NONE
    first = 0 if definition.unit == YES_NO else 1
    options = [NONE, *(str(first + at) for at in range(len(definition.steps)))]
    return st.selectbox(
        label,
        options,
        format_func=lambda one: formats.step(float(one), definition) if one else "–",
        key=_key(f"{name}_{definition.id}"),
    )


def _milestone(there: tuple[Entry, ...]) -> dict[str, str]:
    known = sorted(there, key=lambda one: (one.fields["project"], one.fields["milestone"]))
    at = st.selectbox(
        _("Milestone"),
        [-1, *range(len(known))],
        format_func=lambda one: known[one].fields["milestone"] if one >= 0 else _("A new milestone"),
        key=_key("known"),
    )
    now: Mapping[str, object] = known[at].fields if at >= 0 else {}

    def text(name: str, label: str) -> str:
        return _text(f"{name}_{at}", label, value=str(now.get(name) or ""))

    def day(name: str, label: str) -> str:
        before = now.get(name)
        return _day(f"{name}_{at}", label, value=before if isinstance(before, date) else None)

    row = {name: str(now.get(name) or "") for name in ("project", "work_package", "milestone", "scale")}
    if at < 0:
        row = {
            "project": text("project", _("Project")),
            "work_package": text("work_package", _("Work package")),
            "milestone": text("milestone", _("Milestone")),
            "scale": text("scale", _("Scale")),
        }
    cells = st.columns(3)
    with cells[0]:
        row["planned_start"] = day("planned_start", _("Planned from"))
    with cells[1]:
        row["planned_end"] = day("planned_end", _("Planned to"))
    with cells[2]:
        row["achieved_on"] = day("achieved_on", _("Achieved on"))
    steps = loading.steps_of(row["scale"])
    if steps:
        before = str(now.get("status") or "")
        options = list(dict.fromkeys([NONE, *steps, before]))
        row["status"] = st.selectbox(
            _("Status"),
            options,
            index=options.index(before),
            format_func=lambda one: one or "–",
            key=_key(f"status_{at}"),
        )
    else:
        row["status"] = text("status", _("Status"))
    row["as_written"] = text("as_written", _("As written"))
    return row | {"cited_source": _source(str(now.get("cited_source") or ""), f"cited_source_{at}")}


def _annotation(row: dict[str, str]) -> dict[str, str]:
    row["date"] = _day("date", _("Day"))
    row["text_fi"] = _text("text_fi", _("Annotation in Finnish"), long=True)
    row["text_sv"] = _text("text_sv", _("Annotation in Swedish"), long=True)
    breaks = st.checkbox(
        _("The series begins anew here"),
        key=_key("break"),
        help=_("After this day the limits of usual variation are computed again."),
    )
    return row | {"break": "yes" if breaks else "no"}


def _source(value: str = "", name: str = "cited_source") -> str:
    return _text(
        name,
        _("Source"),
        value=value,
        help=_("The document and its place, for example a report and its chapter."),
    )
