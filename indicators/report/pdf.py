"""A report as a tagged PDF (PDF/UA-1), made by typst without a browser or network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import typst

from indicators.drawing.emblem import eu_emblem
from indicators.report import tables, words
from indicators.report.chart import axis_sentence, series_chart
from indicators.report.content import OVER_LIMIT, Report, Series
from indicators.report.tables import Table
from indicators.wording import formats
from indicators.wording.audience import audience_words
from indicators.wording.colours import LIGHT
from indicators.wording.funding import statement
from indicators.wording.translations import _, language

TEMPLATE = Path(__file__).with_name("report.typ")
STANDARD: Final = "ua-1"
#: A word of the text colour mixed with the background, dark enough on both.
_MUTED = "#4d545d"
_SMALL, _USUAL = 8.5, 9.0
#: At most so many charts of what changed, and units in the table of coverage.
MOST_CHARTS, MOST_UNITS = 6, 8
_CHARTS_ABREAST = 2
#: With at most so many rows of tables the charts of a weekly sheet stand one below the other.
MOST_ROWS_UNDER_WIDE = 4
#: Shares of the width of the page: of the columns of targets; of other tables for texts, numbers and counts.
_WIDTHS_OF_TARGETS = (4.7, 2.2, 3.1, 1.7, 1.3, 2.2, 3.8)
_TEXT_WIDTH, _WIDEST_TEXT, _NUMBER_WIDTH, _COUNT_WIDTH = 2.6, 3.8, 1.8, 0.8
_COUNT_TITLE_LETTERS, _WIDTH_OF_LETTER = 3, 0.15
#: The height of the emblem in points.
_EMBLEM = 34.0
Block = dict[str, Any]


def pdf(report: Report) -> bytes:
    """The report as PDF/UA-1: the board's report, or the weekly sheet of units on one page."""
    blocks = _sheet(report) if report.asked.units else _board(report)
    content = {
        "title": words.title(report),
        "area": words.area_name(report),
        "author": "Takuuvahti",
        "audience": audience_words(report.asked.audience.name),
        "made": words.made(report.asked, report.loads),
        "language": language(),
        "colours": {"muted": _MUTED, "border": LIGHT["border"], "panel": LIGHT["panel"]},
        "funding": _funding(report),
        "blocks": blocks,
    }
    made = typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True),
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        pdf_standards=STANDARD,
        format="pdf",
        timestamp=_moment(report),
    )
    return bytes(made)


def _funding(report: Report) -> Block | None:
    """The emblem of who funds the project, with its words; None where nobody is declared."""
    said = statement(report.funding)
    return (
        {"text": said, "svg": eu_emblem(_EMBLEM), "alt": _("Emblem of the European Union")} if said else None
    )


def _moment(report: Report) -> datetime:
    """The day of the report, so that the same report is the same file."""
    return datetime.combine(report.asked.as_of, datetime.min.time(), UTC)


def _board(report: Report) -> list[Block]:
    """Targets, what changed, queues and debt, coverage and caveats, definitions."""
    return _some(
        _notice(words.demo(report)),
        *(_paragraph(said) for said in words.finding(report)),
        *_to_decide(report),
        *_targets(report),
        *_changes(report),
        *_queues_and_debt(report),
        *_caveats(report),
        *_definitions(report),
    )


def _to_decide(report: Report) -> list[Block]:
    said = words.to_decide(report)
    return [_heading(_("To be decided")), {"kind": "list", "items": said}] if said else []


def _targets(report: Report) -> list[Block]:
    told = [result for result in report.results if result.actual.has_value or result.verdict == "suppressed"]
    told.sort(key=lambda result: words.ORDER.index(result.verdict))
    if not report.results:
        return []
    return _some(
        _heading(_("Targets of {year}").format(year=report.year)),
        _table(replace(tables.targets(report, told), caption=""), widths=_WIDTHS_OF_TARGETS)
        if told
        else None,
        _paragraph(words.without_information(report), small=True),
    )


def _changes(report: Report) -> list[Block]:
    shown = words.changed(report)[:MOST_CHARTS]
    if not report.series:
        return []
    return _some(
        _heading(_("What really changed")),
        _paragraph(words.legend(shown), small=True) if shown else None,
        _charts(shown) if shown else None,
        _paragraph(words.changes(shown), small=True),
        _paragraph(words.unchanged(report, shown)),
    )


def _queues_and_debt(report: Report) -> list[Block]:
    queues, debt = tables.queues(report), tables.debt(report)
    series = [report.queue_series] if report.queue_series else []
    series += [one for one in report.series if one.definition.id == OVER_LIMIT]
    if queues is None and debt is None:
        return []
    return _some(
        _heading(_("Queues and service debt")),
        _charts(series) if series else None,
        _paragraph(words.changes(series), small=True),
        _table(queues) if queues else None,
        _table(debt) if debt else None,
    )


def _caveats(report: Report) -> list[Block]:
    coverage, said = tables.coverage(report), words.caveats(report)
    lines: Block | None = {"kind": "list", "items": said} if said else None
    return _some(
        _heading(_("Coverage and caveats")),
        lines,
        _table(coverage, most=max(MOST_UNITS, words.low_units(report))) if coverage else None,
    )


def _definitions(report: Report) -> list[Block]:
    listed = tables.definitions(report)
    items = [{"term": row[0].text, "text": row[2].text} for row in listed.rows]
    return [_heading(_("Definitions")), {"kind": "terms", "items": items}] if items else []


def _sheet(report: Report) -> list[Block]:
    """One page: the newest figures of the units, their series, their queues."""
    by_unit, queues = tables.by_unit(report), tables.queues(report)
    series = [*report.series, *([report.queue_series] if report.queue_series else [])]
    rows = sum(len(table.rows) for table in (by_unit, queues) if table is not None)
    return _some(
        _paragraph(words.units_named(report)),
        _notice(words.demo(report)),
        *_actions(report),
        _charts(series, level=2, columns=1 if rows <= MOST_ROWS_UNDER_WIDE else _CHARTS_ABREAST)
        if series
        else None,
        _paragraph(formats.one_after_another([words.legend(series), words.changes(series)]), small=True)
        if series
        else None,
        _paragraph(words.grains(report), small=True),
        _table(by_unit) if by_unit else None,
        _table(queues) if queues else None,
        _paragraph("" if series or by_unit or queues else _("No data of these units is loaded.")),
    )


def _actions(report: Report) -> list[Block]:
    said = words.actions(report)
    return [_heading(_("What to do on Monday")), {"kind": "list", "items": said}] if said else []


def _some(*blocks: Block | None) -> list[Block]:
    return [block for block in blocks if block is not None]


def _heading(text: str) -> Block:
    return {"kind": "heading", "level": 2, "text": text}


def _paragraph(text: str, *, small: bool = False) -> Block | None:
    return {"kind": "paragraph", "text": text, "small": small} if text else None


def _notice(text: str) -> Block | None:
    return {"kind": "notice", "text": text} if text else None


def _charts(series: Iterable[Series], level: int = 3, columns: int = _CHARTS_ABREAST) -> Block:
    items = [
        {
            "title": f"{one.definition.text[language()].short}, {formats.unit_word(one.definition)}",
            "svg": series_chart(one),
            "alt": words.alternative(one),
            "text": formats.one_after_another([words.series_sentence(one), axis_sentence(one)]),
        }
        for one in series
    ]
    return {"kind": "charts", "items": items, "columns": columns, "level": level}


def _table(table: Table, *, widths: Sequence[float] = (), most: int | None = None) -> Block:
    """A table as it is printed; of a long one the first rows, and how many more there are."""
    rows = table.rows[:most]
    left = len(table.rows) - len(rows)
    caption = table.caption
    if left:
        caption = _("{caption}; the first {shown} of {count}").format(
            caption=caption, shown=len(rows), count=len(table.rows)
        )
    shares = list(widths) or [_width(table, at) for at in range(len(table.header))]
    return {
        "kind": "table",
        "caption": caption,
        "header": list(table.header),
        "rows": [[cell.text for cell in row] for row in rows],
        "right": list(table.numbers),
        "widths": shares,
        "size": _SMALL if len(table.header) > 5 else _USUAL,
    }


def _width(table: Table, at: int) -> float:
    """The share of the page's width that a column gets."""
    if not table.numbers[at]:
        longest = max(len(row[at].text) for row in table.rows)
        return min(max(_TEXT_WIDTH, _WIDTH_OF_LETTER * longest), _WIDEST_TEXT)
    if len(table.header[at]) <= _COUNT_TITLE_LETTERS:
        return _COUNT_WIDTH
    return max(_NUMBER_WIDTH, _WIDTH_OF_LETTER * max(map(len, table.header[at].split())))
