"""A table of a first screen: headings that sort, rows that are links, one row selected. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from indicators.analysis.queue_outlook import Waiting
from indicators.drawing.small import coverage_bar
from indicators.wording import formats
from indicators.wording.translations import _
from pages.sheet.pieces import link, verdict_badge

#: The prefix of a column's code in the address where the largest come first.
DESCENDING = "-"


@dataclass(frozen=True)
class Column:
    """A column: its code in the address, its heading, and whether it is aligned right.

    `hides` is the width from which on down it is left out: "medium" (below 960 px), "narrow" (below 760), "small" (360).
    `sorts` is whether its heading sorts; `largest_first` the order of its first sorting.
    """

    code: str
    title: str
    right: bool = True
    hides: str = ""
    sorts: bool = True
    largest_first: bool = False


@dataclass(frozen=True)
class Value:
    """A cell: its HTML, safe to show, and what it is sorted by; None is sorted last whatever the order."""

    html: str
    key: Any = None


def plain_value(text: str, key: Any = None, *, kind: str = "") -> Value:
    """A cell of a text; `kind` is an ink and makes it bold, "muted" only pales it."""
    if not kind:
        return Value(escape(text), key)
    return Value(
        f'<span class="tv-ink-{kind}{"" if kind == "muted" else " tv-strong"}">{escape(text)}</span>', key
    )


@dataclass(frozen=True)
class Row:
    """A row: what it is called, the address it opens, its cells after the first column, and whether it is selected."""

    name: str
    href: str
    cells: tuple[Value, ...]
    selected: bool = False
    remark: str = ""


def coverage_value(row: Mapping[str, Any], *, low: bool) -> Value:
    """A cell of the coverage of an answer's row that has one, with its bar; `low` is below what is enough."""
    bar = coverage_bar(float(row["coverage"]), low=low)
    return Value(f"{formats.coverage(row)} {bar}", float(row["coverage"]))


def waiting_value(waiting: Waiting, ink: str) -> Value:
    """A cell of a number of queue entries; `ink` is that of entries that there are, a suppressed number has its word for
    screen readers."""
    if waiting.suppressed:
        return Value(verdict_badge("suppressed", alone=True))
    if waiting.count is None:
        return plain_value("–", kind="muted")
    return plain_value(formats.number(waiting.count), waiting.count, kind=ink if waiting.count else "muted")


def orders(columns: Sequence[Column]) -> list[str]:
    """The orders that an address may name: each column whose heading sorts, from either end."""
    return [f"{sign}{column.code}" for column in columns if column.sorts for sign in ("", DESCENDING)]


# Many parameters because a table has its columns, its rows, its order and its words.
def data_table(
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    order: str,
    sorted_by: Callable[[str], str] | None = None,
    *,
    groups: Sequence[tuple[str, Sequence[Row]]] = (),
    foot: str = "",
) -> str:
    """The table; `order` is the code of a column, after "-" where the largest come first; empty keeps the order given.

    `sorted_by` gives the address of another order; None: the headings do not sort. `groups` are rows under headings
    (HTML) in the place of `rows`. The first column holds the names.
    """
    heads = "".join(_head(column, order, sorted_by) for column in columns)
    if groups:
        body = "".join(
            f'<tbody><tr class="tv-group"><th scope="rowgroup" colspan="{len(columns)}">{title}</th></tr>'
            f"{_rows(columns, grouped, order)}</tbody>"
            for title, grouped in groups
        )
    else:
        body = f"<tbody>{_rows(columns, rows, order)}</tbody>"
    more = _left_out(columns) + (f'<p class="tv-small">{escape(foot)}</p>' if foot else "")
    return (
        f'<div class="tv-data" tabindex="0" role="region" aria-label="{escape(caption, quote=True)}"><table>'
        f'<caption class="tv-sr">{escape(caption)}</caption><thead><tr>{heads}</tr></thead>{body}</table></div>{more}'
    )


def _left_out(columns: Sequence[Column]) -> str:
    """On narrow screens: a line that unfolds the columns that are left out; the table then scrolls sideways."""
    said = []
    for width, hidden in (("narrow", ("medium", "narrow")), ("medium", ("medium",))):
        titles = ", ".join(dict.fromkeys(column.title for column in columns if column.hides in hidden))
        if titles:
            text = _("Show also: {columns}").format(columns=titles)
            said.append(
                f'<details class="tv-small tv-more tv-only-{width}"><summary>{escape(text)}</summary></details>'
            )
    return "".join(said)


def _head(column: Column, order: str, sorted_by: Callable[[str], str] | None) -> str:
    current = order.removeprefix(DESCENDING) == column.code
    down = order.startswith(DESCENDING)
    title = escape(column.title)
    if sorted_by is not None and column.sorts:
        first = f"{DESCENDING if column.largest_first else ''}{column.code}"
        other = column.code if down else f"{DESCENDING}{column.code}"
        arrow = f' <span aria-hidden="true">{"▾" if down else "▴"}</span>' if current else ""
        href = escape(sorted_by(other if current else first), quote=True)
        title = f'<a href="{href}">{title}{arrow}</a>'
    said = (
        f' aria-sort="{"descending" if down else "ascending"}"' if current and sorted_by is not None else ""
    )
    return f'<th scope="col"{_classes(column)}{said}>{title}</th>'


def _classes(column: Column) -> str:
    named = [*(["tv-right"] if column.right else []), *([f"tv-hide-{column.hides}"] if column.hides else [])]
    return f' class="{" ".join(named)}"' if named else ""


def _rows(columns: Sequence[Column], rows: Sequence[Row], order: str) -> str:
    return "".join(_row(columns, row) for row in _sorted(columns, rows, order))


def _sorted(columns: Sequence[Column], rows: Sequence[Row], order: str) -> list[Row]:
    code = order.removeprefix(DESCENDING)
    at = next((place for place, column in enumerate(columns) if column.code == code), None)
    if at is None or not order:
        return list(rows)

    def key(row: Row) -> Any:
        return row.name.casefold() if at == 0 else row.cells[at - 1].key

    known = [row for row in rows if not formats.missing(key(row))]
    unknown = [row for row in rows if formats.missing(key(row))]
    return sorted(known, key=key, reverse=order.startswith(DESCENDING)) + unknown


def _row(columns: Sequence[Column], row: Row) -> str:
    name = link(row.href, row.name) if row.href else escape(row.name)
    remark = f'<br><span class="tv-small">{escape(row.remark)}</span>' if row.remark else ""
    cells = "".join(
        f"<td{_classes(column)}>{cell.html}</td>" for column, cell in zip(columns[1:], row.cells, strict=True)
    )
    selected = ' class="tv-selected" aria-current="true"' if row.selected else ""
    return f'<tr{selected}><th scope="row"{_classes(columns[0])}>{name}{remark}</th>{cells}</tr>'
