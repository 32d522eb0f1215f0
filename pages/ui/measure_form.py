"""The form that defines a measure: an indicator that only exists as entered or uploaded figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from indicators.programme.entries import Entry
from indicators.wording.translations import _, language
from pages.text.measures import BETTER, NAMES, UNITS
from pages.ui import filters, loading
from pages.ui.indicator_choice import group_name

#: A text field of the page: name, label, value, help.
Field = Callable[..., str]
STEPS, SCALE = "stage: ", "points, scale "
_NONE = ""


def form(there: tuple[Entry, ...], text: Field, key: Callable[[str], str]) -> dict[str, str]:
    """The fields of a measure, a new one or one that is there; returns them as they are written (field → text)."""
    name = f"name_{language()}"
    known = sorted(there, key=lambda one: str(one.fields[name]).casefold())
    at = st.selectbox(
        _("Measure"),
        [-1, *range(len(known))],
        format_func=lambda one: str(known[one].fields[name]) if one >= 0 else _("A new measure"),
        key=key("known_measure"),
    )
    now: Mapping[str, object] = known[at].fields if at >= 0 else {}

    def field(name: str, label: str, help: str | None = None) -> str:
        return text(f"{name}_{at}", label, value=str(now.get(name) or ""), help=help)

    def pick(name: str, label: str, options: Mapping[str, str], first: str) -> str:
        before = str(now.get(name) or first)
        listed = list(dict.fromkeys([*options, before]))
        return st.selectbox(
            label,
            listed,
            index=listed.index(before),
            format_func=lambda one: options.get(one, one),
            key=key(f"{name}_{at}"),
        )

    row = {"measure": str(now.get("measure") or "")}
    if at < 0:
        row["measure"] = field(
            "measure",
            _("Id"),
            _("Small letters a–z, digits and underscores; it appears in files and addresses."),
        )
    cells = st.columns(3)
    for cell, (name, label) in zip(cells, NAMES.items(), strict=True):
        with cell:
            row[name] = field(name, _(label))
    cells = st.columns(3)
    with cells[0]:
        row["unit"] = pick("unit", _("Unit"), filters.labels(UNITS), "count")
    with cells[1]:
        row["better"] = pick("better", _("Direction"), filters.labels(BETTER), "up")
    with cells[2]:
        themes = sorted(loading.themes(), key=lambda one: group_name(one).casefold())
        row["theme"] = pick(
            "theme", _("Subject"), {_NONE: "–", **{one: group_name(one) for one in themes}}, _NONE
        )

    def note(name: str, label: str, value: str, help: str) -> str:
        return text(f"{name}_{row['unit']}_{at}", label, value=value, help=help)

    row["kind_words"] = _kind(row["unit"], str(now.get("kind_words") or ""), note)
    row["per"] = field("per", _("Counted per"), _("For example: area; service mental_health."))
    row["family"] = str(now.get("family") or "aggregate")
    row["as_written"] = field("as_written", _("As written"), _("The words of the source, unchanged."))
    row["cited_source"] = field(
        "cited_source", _("Source"), _("The document and its place, for example a report and its chapter.")
    )
    return row


def _kind(unit: str, before: str, text: Callable[..., str]) -> str:
    """The note on how it is counted: of a stage its steps, of points their scale."""
    if unit == "yes_no":
        return unit
    if unit == "stage":
        steps = before.removeprefix(STEPS) if before.startswith(STEPS) else ""
        measure_words = _("Steps, first to last, parted by /")
        written = text("steps", measure_words, steps, _("Without steps the stage is shown but not judged."))
        return f"{STEPS}{written}" if written else "level, scale not measure_words"
    if unit == "points":
        scale = before.removeprefix(SCALE) if before.startswith(SCALE) else ""
        measure_words = _("Scale")
        written = text(
            "scale",
            measure_words,
            scale,
            _("For example 1–5. Without a scale the points are shown but not judged."),
        )
        return f"{SCALE}{written}" if written else before or "points, scale not measure_words"
    return (
        text("kind_words", _("How it is counted"), before, _("A note in words, for example: count a year."))
        or unit
    )
