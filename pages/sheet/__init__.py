"""The pieces of a first screen as HTML with inline SVG: finding, number, trend, what to do, the comparison. Pure."""

from pages.sheet.pieces import (
    Action,
    Fact,
    action_list,
    charts_of_widths,
    columns,
    finding,
    fold,
    hidden,
    link,
    note,
    number_block,
    sheet_grid,
    signal_badge,
    titled,
    verdict_badge,
)
from pages.sheet.table import Column, Row, Value, data_table, plain_value

__all__ = (
    "Action",
    "Column",
    "Fact",
    "Row",
    "Value",
    "action_list",
    "charts_of_widths",
    "columns",
    "data_table",
    "finding",
    "fold",
    "hidden",
    "link",
    "note",
    "number_block",
    "plain_value",
    "sheet_grid",
    "signal_badge",
    "titled",
    "verdict_badge",
)
