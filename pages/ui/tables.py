"""Tables whose headings sort, in the address; a heading with its explanation one tap away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import plotly.graph_objects as go
import streamlit as st

from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.sheet import Column, Row, Value, data_table, titled
from pages.sheet.table import DESCENDING
from pages.text.tables import Table
from pages.ui import components, pictures, sheet
from pages.ui.pictures import Caption

#: The address parameter of the column that tables are sorted by.
ORDER = "jarjestys"
#: More rows than this scroll in a box that shows that there is more.
LONG = 15


def explained(title: str, text: str) -> None:
    """A heading of a part of the page, with what it shows and how one tap away."""
    st.header(title, anchor=False)
    components.how_to_read(text)


# Many parameters because a chart has its alternative text, its table, its names and how it is read.
def chart_with_reading(
    figure: go.Figure,
    alt: str,
    table: Table,
    key: str,
    *,
    what: str,
    picture: Caption,
    reading: Sequence[str],
) -> None:
    """A chart, how to read it one tap away, and its table on demand, which headings sort.

    `picture` is what its picture says of itself besides how it is read.
    """
    components.show_chart(figure, alt, key=f"chart_{key}")
    components.how_to_read(*reading)
    with st.expander(_("Table and download"), key=f"table_{key}"):
        sorted_table(table, key, what=what)
        pictures.of_figure(figure, replace(picture, notes=(*reading, *picture.notes)), alt, key, what=what)


def sorted_table(table: Table, key: str, *, what: str = "") -> None:
    """A table that a heading sorts; without a choice in the order given. With `what`, its download below it."""
    sheet.show(sorted_html(table, key), key=f"table_{key}")
    if what:
        components.download(table, key, what=what)


def sorted_html(table: Table, key: str, *, links: Sequence[str] = (), heading: str = "") -> str:
    """A table that a heading sorts, as HTML; `links` are the addresses that its rows open, `heading` is above it.

    A long one scrolls in a box that shows that there is more, and says how many rows it has.
    """
    codes = [f"{key}.{at}" for at in range(len(table.header))]
    columns = [
        Column(code, title, right, largest_first=right)
        for code, title, right in zip(codes, table.header, table.right, strict=True)
    ]
    rows = [
        Row(
            cells[0].text,
            links[at] if links else "",
            tuple(
                Value(escape(cell.text), _key(cell.plain, right))
                for cell, right in zip(cells[1:], table.right[1:], strict=True)
            ),
        )
        for at, cells in enumerate(table.rows)
    ]
    written = st.query_params.get(ORDER, "")
    order = written if written.removeprefix(DESCENDING) in codes else ""
    long = len(rows) > LONG
    count = ngettext("{count} row", "{count} rows", len(rows)).format(count=formats.number(len(rows)))
    shown = data_table(
        table.caption or _("Table"), columns, rows, order, _address_of_order, foot=count if long else ""
    )
    shown = f'<div class="tv-long">{shown}</div>' if long else shown
    return titled(heading, shown) if heading else shown


def _key(plain: str | float | None, right: bool) -> str | float | None:
    """What a cell is sorted by: texts without regard to case, in a column of numbers numbers alone."""
    if isinstance(plain, str):
        return None if right else plain.casefold()
    return plain


def _address_of_order(order: str) -> str:
    return components.link_here({ORDER: order})
