"""Tables, tiles and facts as HTML. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.wording import formats
from indicators.wording.translations import _
from pages.text.tables import Table
from pages.text.tiles import Tile

#: A word longer than this may break over two lines.
SHORT_WORDING = 14


@dataclass(frozen=True)
class Field:
    """A cell of a board: its HTML, safe to show, and what its column is called on a narrow screen."""

    html: str
    label: str = ""


def facts_html(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values as a description list."""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in pairs)
    return f'<dl class="tv-facts">{rows}</dl>'


def table_html(table: Table) -> str:
    """A table with caption, column and row headings."""
    side = [' class="tv-right"' if right else "" for right in table.right]
    head = "".join(
        f'<th scope="col"{place}>{html.escape(title)}</th>'
        for title, place in zip(table.header, side, strict=True)
    )
    body = []
    for row in table.rows:
        cells = [f'<th scope="row"{side[0]}>{html.escape(row[0].text)}</th>']
        cells += [
            f"<td{place}>{html.escape(cell.text)}</td>" for cell, place in zip(row[1:], side[1:], strict=True)
        ]
        body.append("<tr>" + "".join(cells) + "</tr>")
    caption = f"<caption>{html.escape(table.caption)}</caption>" if table.caption else ""
    return _region("tv-table", table.caption or _("Table"), caption, head, f"<tbody>{''.join(body)}</tbody>")


def board_html(
    header: Sequence[str],
    groups: Sequence[tuple[str, Sequence[Sequence[Field]]]],
    caption: str,
    *,
    kind: str = "",
) -> str:
    """A table with groups of rows; the first field of a row is its heading. On a narrow screen rows become cards."""
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in header)
    body = []
    for title, rows in groups:
        lines = []
        if title:
            lines.append(
                f'<tr class="tv-group"><th scope="rowgroup" colspan="{len(header)}">{title}</th></tr>'
            )
        for row in rows:
            # The last field, where the row has one more than the header, is a line of its own below it.
            under = row[-1].html if len(row) > len(header) else ""
            cells = [f'<th scope="row">{row[0].html}</th>', *map(_board_cell, row[1 : len(header)])]
            lines.append(f"<tr{' class=tv-led' if under else ''}>" + "".join(cells) + "</tr>")
            if under:
                lines.append(f'<tr class="tv-under"><td colspan="{len(header)}">{under}</td></tr>')
        body.append("<tbody>" + "".join(lines) + "</tbody>")
    hidden = f'<caption class="tv-hidden">{html.escape(caption)}</caption>'
    return _region(f"tv-board {kind}", caption, hidden, head, "".join(body))


def _board_cell(field: Field) -> str:
    label = f' data-label="{html.escape(field.label, quote=True)}"' if field.label and field.html else ""
    return f"<td{label}>{field.html}</td>"


def _region(kind: str, label: str, caption: str, head: str, body: str) -> str:
    return (
        f'<div class="{kind}" tabindex="0" role="region" aria-label="{html.escape(label, quote=True)}"><table>'
        f"{caption}<thead><tr>{head}</tr></thead>{body}</table></div>"
    )


def mark(verdict: str, *, word: str | None = None) -> str:
    """A verdict as its shape and its word; a screen reader reads the word alone."""
    said = word or formats.verdict_word(verdict)
    shown = f"{_shape(verdict)}{formats.NBSP}{html.escape(said)}"
    return f'<span class="tv-nowrap">{shown}</span>' if len(said) <= SHORT_WORDING else shown


def _shape(verdict: str) -> str:
    return f'<span class="tv-mark tv-shape tv-{verdict}" aria-hidden="true">{formats.VERDICTS[verdict][0]}</span>'


def muted(text: str) -> str:
    """A second line of a cell; empty where the text is."""
    return f'<span class="tv-muted">{html.escape(text)}</span>' if text else ""


def tiles_html(shown: Sequence[Tile]) -> str:
    """Number tiles next to each other."""
    return f'<ul class="tv-tiles tv-of-{len(shown)}">' + "".join(map(_tile, shown)) + "</ul>"


def _tile(tile: Tile) -> str:
    details = "".join(f'<p class="tv-muted">{html.escape(text)}</p>' for text in tile.details)
    # A word in place of a number is smaller.
    size = "tv-number" if any(sign.isdigit() for sign in tile.number) else "tv-number tv-word"
    return (
        f'<li class="tv-tile"><p class="tv-name">{html.escape(tile.title)}</p>'
        f'<p class="{size}">{html.escape(tile.number)}</p>{details}</li>'
    )
