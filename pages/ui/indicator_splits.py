"""The splits of an indicator as a table: each part in the period looked at, its change, its course and its signal."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from indicators.catalogue.definition import Definition
from indicators.drawing.small import sparkline
from indicators.engine.question import Answer
from indicators.wording import formats
from indicators.wording.translations import _
from pages.sheet import Column, Row, Value, data_table, plain_value, titled
from pages.sheet.evidence import signal_in_row
from pages.sheet.table import coverage_value, orders
from pages.text import indicator as words
from pages.text import names
from pages.ui import address, cache, components
from pages.ui.opened_indicator import OpenedIndicator
from pages.views.indicator_parts import Part, Record, earlier_than, parts_of


def split_table(
    shown: OpenedIndicator, split: str, parameter: str, most: int | None = None
) -> tuple[str, Answer]:
    """The table of a split, worst first unless sorted by the reader; with `most` the worst alone. Returns the answer too."""
    view, opened, settings = shown.view, shown.view.opened, cache.settings()
    question = view.by_split(split)
    label = None if shown.actual is None else shown.actual.period.label
    parts: Sequence[Part] = view.read(parts_of, question, settings, label, shown.breaks)
    called = names.names(split, [part.code for part in parts])
    columns = _columns(opened, split, parts)
    order = address.selected(parameter, orders(columns), "")
    drawn = parts if most is None or order else parts[:most]
    feet = []
    if not order and any(part.is_small for part in parts):
        least = settings.share_min_n if opened.is_share else settings.p90_min_n
        feet.append(_("Last: those with fewer than {count} cases.").format(count=least))
    if len(drawn) < len(parts):
        more = _("The {count} worst of {all}; the others are under Splits.")
        feet.append(more.format(count=formats.number(len(drawn)), all=formats.number(len(parts))))
    scale = [value for part in parts if not part.is_small for value in part.values if value is not None]
    codes = [column.code for column in columns]
    rows = [_row(shown, part, called[part.code], split, codes, scale) for part in drawn]
    heading = words.split_finding(names.dimension(split), {called[part.code]: part.kind for part in parts})
    period = "" if label is None else f", {formats.period(label)}"
    table = data_table(
        f"{names.dimension(split)}{period}",
        columns,
        rows,
        order,
        lambda code: components.link_here({parameter: code}),
        foot=" ".join(feet),
    )
    answer = view.ask(question)
    remark = "" if label is None else words.split_remark(label, earlier_than(answer))
    return titled(heading, table, escape(remark)), answer


def _columns(opened: Definition, split: str, parts: Sequence[Part]) -> list[Column]:
    """The columns that any part has something for."""
    rows = [part.row for part in parts if part.row is not None]
    change_unit = {"percent": _("pp"), "days": _("d")}.get(opened.unit)
    change = ", ".join(text for text in (_("Change"), change_unit) if text)
    has_coverage = any(not formats.missing(row["coverage"]) for row in rows)
    has_n = any(not formats.missing(row["denominator"]) for row in rows)
    is_judged = any(part.judged is not None for part in parts)
    return [
        Column("nimi", names.dimension(split), right=False),
        Column("arvo", _("Share") if opened.is_share else _("Value")),
        *([Column("n", "n", hides="medium", largest_first=True)] if has_n else []),
        *([Column("kattavuus", _("Coverage"), hides="medium")] if has_coverage else []),
        Column("muutos", change, hides="narrow"),
        Column("kehitys", _("Trend"), right=False, sorts=False, hides="narrow"),
        *([Column("suunta", _("Direction"), right=False, sorts=False)] if is_judged else []),
    ]


# Many parameters because a row has its part, its name and what the table has in common.
def _row(
    shown: OpenedIndicator, part: Part, name: str, split: str, codes: Sequence[str], scale: Sequence[float]
) -> Row:
    """A part as a row, which narrows the page to it where the address has a filter for the split."""
    opened, parameter = shown.view.opened, address.PARAMETERS.get(split)
    selected = parameter is not None and part.code in shown.view.chosen.of(split)
    href = ""
    if parameter is not None:
        href = components.link_here({parameter: address.EVERYTHING if selected else part.code})
    cells = {
        "arvo": _value(part.row, opened),
        "n": _n(part.row),
        "kattavuus": _coverage(part.row),
        "muutos": _change(part.change, opened),
        "kehitys": _course(part, opened, scale),
        "suunta": _signal(part),
    }
    return Row(name, href, tuple(cells[code] for code in codes[1:]), selected)


def _nothing() -> Value:
    return plain_value("–", None, kind="muted")


def _signal(part: Part) -> Value:
    """The signal of the newest value; nothing where an earlier period is looked at."""
    last = None if part.judged is None else part.judged.last
    if part.judged is None or last is None or part.row is None or last.label != part.row["period"]:
        return _nothing()
    return Value(signal_in_row(part.judged))


def _value(row: Record | None, opened: Definition) -> Value:
    if row is None:
        return _nothing()
    key = _known(row["value"])
    return plain_value(formats.short_marked(row, opened), key, kind="muted" if key is None else "text")


def _known(value: Any) -> float | None:
    return None if formats.missing(value) else float(value)


def _n(row: Record | None) -> Value:
    if row is None:
        return _nothing()
    return plain_value(formats.count(row, "denominator"), formats.counted(row, "denominator"))


def _coverage(row: Record | None) -> Value:
    if row is None or not formats.has_coverage(row):
        return _nothing()
    return coverage_value(row, low=bool(row["coverage"] < cache.settings().low_coverage_pct))


def _change(change: float | None, opened: Definition) -> Value:
    if change is None:
        return _nothing()
    if not round(change, opened.decimals):
        return plain_value(_("unchanged"), 0.0, kind="muted")
    return plain_value(formats.signed(change, opened.decimals), change)


def _course(part: Part, opened: Definition, scale: Sequence[float]) -> Value:
    """The values of a part as a small line between the lowest and highest of a scale, and in words for who hears it."""
    line = sparkline(part.values, low=min(scale, default=None), high=max(scale, default=None))
    if not line:
        return _nothing()
    said = _("{first} {start} – {last} {end}").format(
        first=formats.period(part.first["period"]),
        start=formats.marked(part.first, opened),
        last=formats.period(part.last["period"]),
        end=formats.marked(part.last, opened),
    )
    return Value(f'{line}<span class="tv-sr">{escape(said)}</span>')
