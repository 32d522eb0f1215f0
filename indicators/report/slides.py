"""The board's report as slides with native charts, whose numbers can be edited in the presentation."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from indicators.analysis.control_chart import COMMON
from indicators.drawing.emblem import eu_emblem
from indicators.drawing.picture import png
from indicators.report import tables, words
from indicators.report.chart import lowest_shown
from indicators.report.content import OVER_LIMIT, Report, Series
from indicators.report.tables import Table
from indicators.wording import colours, formats
from indicators.wording.audience import audience_words
from indicators.wording.funding import statement
from indicators.wording.translations import _, language

#: A slide of 16 : 9, its margin, and how many rows of a table fit on one.
WIDTH, HEIGHT, MARGIN = Inches(13.333), Inches(7.5), Inches(0.5)
ROWS_ON_SLIDE, MOST_CHARTS, LABELS_ON_AXIS = 9, 6, 8
_TITLE_ONLY, _TITLE_SLIDE = 5, 0
_EMBLEM_PIXELS = 240.0
_TEXT, _SMALL, _TABLE = Pt(18), Pt(12), Pt(13)


def slides(report: Report) -> bytes:
    """The report as a pptx file."""
    made = Presentation()
    made.slide_width, made.slide_height = WIDTH, HEIGHT
    made.core_properties.title = words.title(report)
    made.core_properties.subject = audience_words(report.asked.audience.name)
    made.core_properties.author = "Takuuvahti"
    made.core_properties.language = language()
    made.core_properties.created = made.core_properties.modified = datetime.combine(
        report.asked.as_of, datetime.min.time(), UTC
    )
    deck = _Deck(made, report)
    deck.first()
    deck.points(
        _("Targets of {year}").format(year=report.year), words.finding(report), when=not report.asked.units
    )
    deck.points(_("To be decided"), words.to_decide(report))
    deck.points(_("What to do on Monday"), words.actions(report))
    if report.results:
        known = [one for one in report.results if one.actual.has_value or one.verdict == "suppressed"]
        deck.table(tables.targets(report, sorted(known, key=lambda one: words.ORDER.index(one.verdict))))
    for one in _shown(report):
        deck.chart(one)
    for table in (tables.by_unit(report), tables.queues(report), tables.debt(report)):
        if table is not None:
            deck.table(table)
    deck.points(_("Coverage and caveats"), words.caveats(report))
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _shown(report: Report) -> list[Series]:
    """The series that are drawn: what changed, of units what there is, then the queues."""
    judged = [*report.series] if report.asked.units else words.changed(report)
    queues = [one for one in report.series if one.definition.id == OVER_LIMIT and one not in judged]
    return [*judged[:MOST_CHARTS], *([report.queue_series] if report.queue_series else []), *queues]


class _Deck:
    """A presentation that is written slide by slide; each says for whom it is."""

    def __init__(self, made: Any, report: Report) -> None:
        self._made, self._report = made, report

    def first(self) -> None:
        """The title: what, of which area, for whom, as of when."""
        report = self._report
        slide = self._made.slides.add_slide(self._made.slide_layouts[_TITLE_SLIDE])
        slide.shapes.title.text = words.title(report)
        self._place(slide.shapes.title, MARGIN, Inches(2.2), Inches(1.4))
        lines = [
            words.area_name(report),
            words.units_named(report),
            audience_words(report.asked.audience.name),
            words.made(report.asked, report.loads),
            words.demo(report),
        ]
        body = slide.placeholders[1]
        self._place(body, MARGIN, Inches(3.7), Inches(3))
        body.text_frame.text = "\n".join(line for line in lines if line)
        for paragraph in body.text_frame.paragraphs:
            paragraph.font.size = _TEXT
        said = statement(report.funding)
        if said:
            self._emblem(slide, said)

    def _emblem(self, slide: Any, said: str) -> None:
        """The emblem of who funds the project, with its words."""
        top, height = Inches(0.5), Inches(0.75)
        drawn = io.BytesIO(png(eu_emblem(_EMBLEM_PIXELS)))
        picture = slide.shapes.add_picture(drawn, MARGIN, top, height=height)
        picture.name = _("Emblem of the European Union")
        picture._element.nvPicPr.cNvPr.set("descr", picture.name)
        box = slide.shapes.add_textbox(MARGIN + picture.width + Inches(0.1), top, Inches(4), height)
        box.text_frame.word_wrap, box.text_frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
        box.text_frame.text = said
        box.text_frame.paragraphs[0].font.size = _SMALL

    def points(self, title: str, said: Sequence[str], *, when: bool = True) -> None:
        """A slide of sentences; none where there is nothing to say."""
        if not when or not said:
            return
        slide = self._slide(title)
        box = slide.shapes.add_textbox(MARGIN, Inches(1.5), WIDTH - 2 * MARGIN, Inches(4.8))
        box.text_frame.word_wrap = True
        for at, sentence in enumerate(said):
            paragraph = box.text_frame.paragraphs[0] if at == 0 else box.text_frame.add_paragraph()
            paragraph.text, paragraph.font.size, paragraph.space_after = sentence, _TEXT, Pt(10)

    def table(self, table: Table) -> None:
        """A table, on as many slides as it needs, with about as many rows on each."""
        count = math.ceil(len(table.rows) / ROWS_ON_SLIDE)
        on_each = math.ceil(len(table.rows) / max(count, 1))
        for first in range(0, len(table.rows), max(on_each, 1)):
            rows = table.rows[first : first + on_each]
            slide = self._slide(table.caption)
            shape = slide.shapes.add_table(
                len(rows) + 1, len(table.header), MARGIN, Inches(1.4), WIDTH - 2 * MARGIN, Inches(0.4)
            )
            shape.name = table.caption
            texts = [table.header, *([cell.text for cell in row] for row in rows)]
            for down, row in enumerate(texts):
                for at, said in enumerate(row):
                    cell = shape.table.cell(down, at)
                    cell.text = said
                    paragraph = cell.text_frame.paragraphs[0]
                    paragraph.font.size = _TABLE
                    paragraph.alignment = PP_ALIGN.RIGHT if table.numbers[at] else PP_ALIGN.LEFT
            _widen(shape.table, table)

    def chart(self, one: Series) -> None:
        """A native line chart: values, mean and limits of the present, and the target."""
        slide = self._slide(f"{one.definition.text[language()].short}, {formats.unit_word(one.definition)}")
        rows = one.answer.rows
        data = CategoryChartData(number_format="0.0" if one.definition.decimals else "0")
        data.categories = [
            formats.tick(label, with_year=True).replace("<br>", " ") for label in rows["period"]
        ]
        values = [None if formats.missing(value) else float(value) for value in rows["value"]]
        data.add_series(one.definition.text[language()].short, values)
        lines = [(colours.OURS, 2.5, None)]
        for name, levels, colour, dash in _levels(one):
            data.add_series(name, levels)
            lines.append((colour, 1.25, dash))
        frame = slide.shapes.add_chart(
            XL_CHART_TYPE.LINE_MARKERS, MARGIN, Inches(1.3), WIDTH - 2 * MARGIN, Inches(4.6), data
        )
        frame.name = one.definition.text[language()].name
        _describe(frame, words.alternative(one))
        _style(frame.chart, one, lines)
        box = slide.shapes.add_textbox(MARGIN, Inches(5.95), WIDTH - 2 * MARGIN, Inches(0.9))
        box.text_frame.word_wrap = True
        box.text_frame.text = words.series_sentence(one)
        box.text_frame.paragraphs[0].font.size = _TEXT

    def _slide(self, title: str) -> Any:
        slide = self._made.slides.add_slide(self._made.slide_layouts[_TITLE_ONLY])
        slide.shapes.title.text = title
        self._place(slide.shapes.title, MARGIN, Inches(0.3), Inches(0.9))
        heading = slide.shapes.title.text_frame.paragraphs[0]
        heading.font.size, heading.alignment = Pt(26), PP_ALIGN.LEFT
        foot = slide.shapes.add_textbox(MARGIN, Inches(6.95), WIDTH - 2 * MARGIN, Inches(0.4))
        report = self._report
        invented = _("Invented data") if report.demo else ""
        said = (
            words.area_name(report),
            audience_words(report.asked.audience.name),
            words.made(report.asked, report.loads),
            invented,
        )
        foot.text_frame.word_wrap = True
        foot.text_frame.text = " · ".join(text for text in said if text)
        foot.text_frame.paragraphs[0].font.size = _SMALL
        return slide

    @staticmethod
    def _place(shape: Any, left: int, top: int, height: int) -> None:
        shape.left, shape.top, shape.width, shape.height = left, top, WIDTH - 2 * MARGIN, height


def _levels(one: Series) -> Iterable[tuple[str, Sequence[float | None], str, Any]]:
    """The level lines of a chart: name, the level of each period, colour and dash."""
    limits, count = one.signals.limits, len(one.answer.rows)
    if limits is not None and not one.signals.provisional:
        yield _("Mean"), [limits.mean] * count, colours.OTHERS, None
        lower, upper = tables.within_scale(one, limits.lower, limits.upper)
        yield _("Lower limit"), [lower] * count, colours.OTHERS, MSO_LINE.ROUND_DOT
        yield _("Upper limit"), [upper] * count, colours.OTHERS, MSO_LINE.ROUND_DOT
    held = [one.target_on(day) for day in one.answer.rows["period_end"]]
    if any(level is not None for level in held):
        yield _("Target"), held, colours.TARGET, MSO_LINE.DASH


def _style(chart: Any, one: Series, lines: Sequence[tuple[str, float, Any]]) -> None:
    chart.has_legend, chart.has_title = True, False
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    chart.font.size = _SMALL
    chart.value_axis.minimum_scale = lowest_shown(one)
    if one.definition.is_share:
        chart.value_axis.maximum_scale = 100
    chart.value_axis.major_gridlines.format.line.color.rgb = _rgb(colours.LIGHT["border"])
    _fewer_labels(chart.category_axis, len(one.answer.rows))
    for at, (plotted, (colour, width, dash)) in enumerate(zip(chart.plots[0].series, lines, strict=True)):
        plotted.smooth = False
        plotted.format.line.color.rgb = _rgb(colour)
        plotted.format.line.width = Pt(width)
        if dash is not None:
            plotted.format.line.dash_style = dash
        plotted.marker.style = XL_MARKER_STYLE.CIRCLE if at == 0 else XL_MARKER_STYLE.NONE
        if at == 0:
            _fill_points(plotted, one, _rgb(colour))


def _fill_points(plotted: Any, one: Series, colour: RGBColor) -> None:
    """Hollow points, filled where the value is more than chance."""
    deviating = {point.label for point in one.signals.points if point.kind not in (None, COMMON)}
    _marker(plotted.marker, colour, RGBColor(255, 255, 255))
    for at, label in enumerate(one.answer.rows["period"]):
        if label in deviating:
            _marker(plotted.points[at].marker, colour, colour)


def _marker(marker: Any, rim: RGBColor, fill: RGBColor) -> None:
    marker.style = XL_MARKER_STYLE.CIRCLE
    marker.format.line.color.rgb = rim
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = fill


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())


def _fewer_labels(axis: Any, count: int) -> None:
    """At most about eight periods are named on the axis."""
    skip = axis._element.makeelement(qn("c:tickLblSkip"), {"val": str(max(count // LABELS_ON_AXIS, 1))})
    after = axis._element.find(qn("c:noMultiLvlLbl"))
    if after is None:
        axis._element.append(skip)
    else:
        after.addprevious(skip)


def _describe(frame: Any, text: str) -> None:
    """The alternative text of a chart."""
    frame._element.nvGraphicFramePr.cNvPr.set("descr", text)


def _widen(table: Any, of: Table) -> None:
    """Texts get twice the width of numbers."""
    shares = [1 if number else 2 for number in of.numbers]
    for column, share in zip(table.columns, shares, strict=True):
        column.width = int((WIDTH - 2 * MARGIN) * share / sum(shares))
