"""What trends, sparklines, bars and histograms draw, read back from their SVG: as many points as values, each in its place."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from lxml import etree

from indicators.analysis.control_chart import Break, SpcResult
from indicators.analysis.signals import spc_of
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import label_of
from indicators.drawing.small import SPARK_HEIGHT, SPARK_WIDTH, Bar, coverage_bar, histogram, sparkline
from indicators.drawing.svg import ON_PAGE, ON_PAPER, Size, tick_step
from indicators.drawing.trend import DatedBreak, Level, Trend, trend
from indicators.engine.question import INCOMPLETE, NO_DATA
from indicators.wording import colours
from indicators.wording.translations import in_language
from tests.spec.series import series

SHARE, COUNT = definition("seven_day_access"), definition("queue_length")
MONDAY = date(2024, 12, 30)
SIZE = Size(820, 212, left=34, right=84, top=14, bottom=38, text=12)
INK = {name: f"the-{name}" for name in colours.INKS}
ORDINARY = [70.0, 72.0, 69.0, 71.0, 70.0, 73.0, 68.0, 71.0, 70.0, 72.0, 69.0, 70.0]
#: Two texts are apart where their boxes are, of letters this wide at most.
LETTER = 0.58


def week(at: int) -> str:
    return label_of(MONDAY + timedelta(weeks=at), "week")


@dataclass(frozen=True)
class Drawing:
    """An SVG as it is read."""

    root: etree._Element

    @classmethod
    def of(cls, svg: str) -> Drawing:
        return cls(etree.fromstring(re.sub(' xmlns="[^"]*"', "", svg, count=1).encode()))

    def all(self, tag: str, **attributes: str) -> list[etree._Element]:
        return [
            one
            for one in self.root.iter(tag)
            if all(one.get(name.replace("_", "-")) == value for name, value in attributes.items())
        ]

    def texts(self, **attributes: str) -> list[str]:
        return [str(one.text).replace("\xa0", " ") for one in self.all("text", **attributes)]

    @property
    def labels(self) -> list[etree._Element]:
        """Texts that always stand there: not those under the pointer."""
        return [one for one in self.root.iter("text") if one.getparent().get("class") != "tv-tip"]


def draw(
    values: Sequence[float | None],
    statuses: dict[str, str] | None = None,
    meant=SHARE,
    *,
    judged: SpcResult | None = None,
    size: Size = SIZE,
    **more: object,
) -> Drawing:
    rows = series(meant.id, "week", MONDAY, values, statuses).rows
    with in_language("fi"):
        return Drawing.of(trend(Trend(rows, meant, judged, **more), size, ink=INK))


def number(element: etree._Element, name: str) -> float:
    return float(element.get(name))


# --- points and lines ---------------------------------------------------------------------------------------------


def test_there_is_a_circle_per_value_and_none_where_there_is_none() -> None:
    values = [70.0, None, 0.0, 80.0, None, None, 100.0]
    drawn = draw(values)
    circles = drawn.all("circle")
    assert len(circles) == 4
    # In the order of time, equally far apart by week.
    places = [number(one, "cx") for one in circles]
    assert places == sorted(places)
    assert [round((x - places[0]) / (places[-1] - places[0]) * 6) for x in places] == [0, 2, 3, 6]
    assert (places[0], places[-1]) == (SIZE.left, SIZE.right_edge)
    heights = [number(one, "cy") for one in circles]
    assert heights[1] == pytest.approx(SIZE.foot) and heights[3] == pytest.approx(SIZE.top)


def test_the_line_is_broken_where_a_value_is_missing() -> None:
    drawn = draw([70.0, 71.0, None, 72.0, 73.0, 74.0, None, 75.0])
    assert [len(one.get("points").split()) for one in drawn.all("polyline")] == [2, 3]
    ends = {tuple(one.get("points").split()[at]) for one in drawn.all("polyline") for at in (0, -1)}
    assert len(ends) == 4


def test_values_lie_where_the_axis_says() -> None:
    values = [43.0, 55.5, 99.0]
    drawn = draw(values)
    ticks = {
        float(one.text): number(one, "y") - SIZE.text / 3
        for one in drawn.all("text", text_anchor="end", fill="the-muted")
    }
    (low, foot), *_rest, (high, top) = sorted(ticks.items())
    for circle, value in zip(drawn.all("circle"), values, strict=True):
        assert number(circle, "cy") == pytest.approx(
            foot + (top - foot) * (value - low) / (high - low), abs=0.2
        )


def test_an_incomplete_period_is_hollow_dashed_and_without_a_label() -> None:
    drawn = draw([70.0, 71.0, 72.0, 40.0], {week(3): INCOMPLETE})
    *_complete, last = drawn.all("circle")
    assert last.get("fill") == "the-paper" and last.get("stroke-dasharray")
    [solid] = drawn.all("polyline")
    assert len(solid.get("points").split()) == 3
    [dashed] = drawn.all("line", stroke="the-ours")
    assert dashed.get("stroke-dasharray") == "3 3"
    assert number(dashed, "x2") == number(last, "cx")
    assert drawn.texts(font_weight="bold") == []


def test_an_incomplete_period_between_complete_ones_is_not_drawn_over() -> None:
    drawn = draw([70.0, 71.0, 40.0, 72.0, 73.0], {week(2): INCOMPLETE})
    assert [len(one.get("points").split()) for one in drawn.all("polyline")] == [2, 2]
    assert len([one for one in drawn.all("line", stroke="the-ours") if one.get("stroke-dasharray")]) == 2
    assert len(drawn.all("circle")) == 5


def trend_of(
    values: Sequence[float | None], statuses: dict[str, str] | None = None, **more: object
) -> Drawing:
    """A trend with its signals, whose target is 80."""
    breaks = tuple(more.pop("law", ()))
    found = series(SHARE.id, "week", MONDAY, values, statuses)
    shown = Trend(found.rows, SHARE, spc_of(found, 80.0, breaks), **more)
    with in_language("fi"):
        return Drawing.of(trend(shown, SIZE, ink=INK))


def test_the_judged_value_alone_is_labelled_and_what_deviates_is_filled() -> None:
    drawn = trend_of([*ORDINARY, 95.0, 70.0], judged=week(13))
    filled = [at for at, one in enumerate(drawn.all("circle")) if one.get("fill") == "the-ours"]
    # The judged value is large, not filled: filled says that it is more than chance.
    assert filled == [12]
    assert drawn.texts(font_weight="bold") == ["70,0 %"]
    radii = [number(one, "r") for one in drawn.all("circle")]
    assert radii[13] > radii[12] > radii[0]
    asked = trend_of([*ORDINARY, 95.0, 40.0], {week(13): INCOMPLETE}, judged=week(13))
    assert asked.texts(font_weight="bold") == []
    assert asked.all("circle")[13].get("fill") == "the-paper"


def test_points_have_their_tips_and_addresses_also_where_nothing_is_known() -> None:
    tips = {week(at): f"<i>{at}</i>" for at in range(3)}
    links = {week(at): f'?kausi={week(at)}&"<' for at in range(3)}
    drawn = draw([70.0, None, 72.0], tips=tips, links=links)
    points = drawn.all("g", **{"class": "tv-point"})
    assert [one.get("data-href") for one in points] == list(links.values())
    assert [one.find("g/text").text for one in points] == list(tips.values())
    assert [len(one.findall("circle")) for one in points] == [1, 0, 1]
    # The places under the pointer lie side by side.
    hits = [one.find("rect") for one in points]
    for first, second in itertools.pairwise(hits):
        assert number(first, "x") + number(first, "width") <= number(second, "x") + 0.2


# --- the axis -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "targets", "lowest"),
    [
        ([43.0, 99.0], (), 40), ([40.0], (), 40), ([39.9], (), 20), ([95.0], (), 80), ([100.0], (), 80),
        ([95.0], (15.0,), 0), ([95.0], (60.0,), 60), ([0.0, 90.0], (), 0), ([], (), 0),
    ],
)  # fmt: skip
def test_the_axis_of_shares_begins_at_the_multiple_of_20_below_everything(
    values: list[float], targets: tuple[float, ...], lowest: int
) -> None:
    levels = [Level(MONDAY, date(2025, 12, 31), one) for one in targets]
    rows = series(SHARE.id, "week", MONDAY, values).rows
    shown = Trend(rows, SHARE, targets=levels)
    assert shown.lowest() == lowest
    with in_language("fi"):
        drawn = Drawing.of(trend(shown, SIZE, ink=INK))
    ticks = sorted(float(one.text) for one in drawn.all("text", text_anchor="end", fill="the-muted"))
    assert (ticks[0], ticks[-1]) == (lowest, 100)
    assert 5 <= len(ticks) <= 7
    assert len({b - a for a, b in itertools.pairwise(ticks)}) == 1


def test_the_limits_are_within_the_axis_too() -> None:
    values = [61.0, 79.0] * 8
    found = series(SHARE.id, "week", MONDAY, values)
    judged = spc_of(found, 80.0)
    assert judged.limits.lower < 40
    assert Trend(found.rows, SHARE, judged).lowest() <= judged.limits.lower
    assert Trend(found.rows, SHARE).lowest() == 60


@pytest.mark.parametrize("highest", [0.0, 1.0, 3.0, 7.0, 11.0, 15.0, 47.0, 99.0, 151.0, 1234.0, 98765.0])
def test_counts_begin_at_zero_and_have_round_ticks_up_to_the_highest(highest: float) -> None:
    drawn = draw([0.0, highest], meant=COUNT)
    ticks = sorted(
        float(one.text.replace("\xa0", "").replace(",", "."))
        for one in drawn.all("text", text_anchor="end", fill="the-muted")
    )
    assert ticks[0] == 0 and ticks[-1] >= highest
    assert ticks[-2] < max(highest, 1)
    assert len({round(b - a, 6) for a, b in itertools.pairwise(ticks)}) == 1
    assert len(ticks) <= 10
    # Whole numbers have at least five ticks where there are as many.
    assert len(ticks) >= min(5, max(highest, 1) + 1)
    assert number(drawn.all("circle")[1], "cy") == pytest.approx(
        SIZE.foot - (SIZE.foot - SIZE.top) * highest / ticks[-1], abs=0.1
    )


@pytest.mark.parametrize("highest", [1, 3, 11, 16, 47, 500, 12_345])
def test_a_step_is_one_two_or_five(highest: float) -> None:
    assert str(int(tick_step(highest)))[0] in "125"
    assert set(str(int(tick_step(highest)))[1:]) <= {"0"}


# --- limits, targets, breaks --------------------------------------------------------------------------------------


def test_the_limits_are_drawn_by_stretch_and_clipped_to_the_frame() -> None:
    wide = [100.0, 60.0] * 8
    drawn = trend_of(
        [*ORDINARY, *[20.0 + value / 10 for value in ORDINARY]], law=(Break(date(2025, 3, 24), "laki"),)
    )
    bands = drawn.all("rect", fill_opacity="0.12")
    assert len(bands) == 2
    first, second = bands
    assert number(first, "x") + number(first, "width") < number(second, "x")
    assert number(first, "y") < number(second, "y")
    for band in (*bands, *trend_of(wide).all("rect", fill_opacity="0.12")):
        assert number(band, "y") >= SIZE.top - 0.1
        assert number(band, "y") + number(band, "height") <= SIZE.foot + 0.1
    assert spc_of(series(SHARE.id, "week", MONDAY, wide), 80.0).limits.upper > 100


def test_few_values_have_no_limits() -> None:
    assert trend_of(ORDINARY[:8]).all("rect", fill_opacity="0.12") == []
    assert len(trend_of(ORDINARY).all("rect", fill_opacity="0.12")) == 1


def test_target_steps_stand_at_their_dates() -> None:
    changes = date(2025, 2, 10)
    levels = [
        Level(MONDAY, changes - timedelta(days=1), 60.0, "tavoite 60"),
        Level(changes, date(2025, 12, 31), 80.0, "tavoite 80"),
    ]
    drawn = draw(ORDINARY, targets=levels)
    first, second, step = sorted(
        drawn.all("line", stroke="the-target"), key=lambda one: one.get("stroke-dasharray") is None
    )
    middles = [MONDAY + timedelta(weeks=at, days=3) for at in (0, len(ORDINARY) - 1)]
    share = (changes - middles[0]) / (middles[1] - middles[0])
    at = SIZE.left + (SIZE.right_edge - SIZE.left) * share
    assert number(second, "x1") == pytest.approx(at, abs=0.1)
    assert number(first, "x2") == pytest.approx(at, abs=10)
    assert number(first, "y1") == number(first, "y2") > number(second, "y1") == number(second, "y2")
    assert (number(step, "y1"), number(step, "y2")) == (number(first, "y1"), number(second, "y1"))
    assert number(step, "x1") == number(step, "x2") == number(second, "x1")
    # The last alone has its words.
    assert drawn.texts(fill="the-target") == ["tavoite 80"]


def test_targets_of_other_times_are_not_drawn_and_a_gap_between_two_is_no_step() -> None:
    levels = [
        Level(date(2020, 1, 1), date(2020, 12, 31), 50.0, "a"),
        Level(MONDAY, date(2025, 1, 19), 60.0, "b"),
        Level(date(2025, 2, 10), date(2025, 12, 31), 80.0, "c"),
    ]
    lines = draw(ORDINARY, targets=levels).all("line", stroke="the-target")
    assert len(lines) == 2 and all(one.get("stroke-dasharray") for one in lines)


def boxes(drawn: Drawing) -> list[tuple[float, float, float, float]]:
    found = []
    for one in drawn.labels:
        width = len(one.text) * SIZE.text * LETTER
        x, y = number(one, "x"), number(one, "y")
        left = {"start": x, "end": x - width, "middle": x - width / 2}[one.get("text-anchor")]
        found.append((left, left + width, y - SIZE.text * 0.75, y))
    return found


@pytest.mark.parametrize("value", [70.0, 74.0, 79.0, 80.0, 81.0, 86.0, 99.0])
@pytest.mark.parametrize("level", [40.0, 80.0, 100.0])
def test_labels_do_not_overlap(value: float, level: float) -> None:
    levels = [Level(MONDAY, date(2026, 12, 31), level, "tavoite 80")]
    breaks = [
        DatedBreak(date(2025, 2, 3), "3.2.2025: lain raja muuttui"),
        DatedBreak(date(2025, 2, 17), "17.2.2025: uusi järjestelmä"),
        DatedBreak(date(2025, 3, 3), "3.3.2025: lain raja muuttui taas"),
        DatedBreak(date(2030, 1, 1), "joskus"),
    ]
    drawn = trend_of([*ORDINARY, value], targets=levels, breaks=breaks, judged=week(12))
    texts = [one.text for one in drawn.labels]
    assert [one.words in texts for one in breaks] == [True, True, True, False]
    for one, other in itertools.combinations(boxes(drawn), 2):
        apart = one[0] >= other[1] or other[0] >= one[1] or one[2] >= other[3] or other[2] >= one[3]
        assert apart, (one, other, texts)


def test_a_break_stands_on_its_day() -> None:
    day = MONDAY + timedelta(weeks=6, days=3)
    drawn = draw([70.0] * 13, breaks=[DatedBreak(day, "laki")])
    [at] = drawn.all("line", stroke="the-muted")
    assert number(at, "x1") == number(at, "x2") == pytest.approx((SIZE.left + SIZE.right_edge) / 2, abs=0.1)


def test_the_periods_below_do_not_overlap_on_a_telephone() -> None:
    narrow = Size(358, 210, left=30, right=62, top=14, bottom=38, text=12)
    drawn = draw([70.0] * 52, size=narrow)
    ends = sorted(
        (
            number(one, "x") - len(one.text) * 12 * LETTER / 2,
            number(one, "x") + len(one.text) * 12 * LETTER / 2,
        )
        for one in drawn.all("text", text_anchor="middle")
        if number(one, "y") < narrow.foot + 12 * 2
    )
    assert len(ends) >= 3
    for (_a, end), (start, _b) in itertools.pairwise(ends):
        assert end <= start


def test_words_for_those_who_do_not_see_it() -> None:
    rows = series(SHARE.id, "week", MONDAY, [70.0]).rows
    svg = trend(Trend(rows, SHARE), SIZE, alt='Osuus "7" <b>')
    assert 'role="img"' in svg and Drawing.of(svg).root.get("aria-label") == 'Osuus "7" <b>'


def test_nothing_known_draws_an_axis_alone() -> None:
    drawn = draw([None, None], {week(0): NO_DATA})
    assert drawn.all("circle") == drawn.all("polyline") == []


def test_on_paper_no_colour_depends_on_a_style_sheet() -> None:
    rows = series(SHARE.id, "week", MONDAY, ORDINARY).rows
    printed = trend(Trend(rows, SHARE), SIZE, ink=ON_PAPER)
    assert "var(" not in printed
    assert set(re.findall(r'(?:fill|stroke)="(#[^"]*)"', printed)) <= set(ON_PAPER.values())
    assert set(ON_PAGE) == set(ON_PAPER) == set(colours.INKS)


# --- sparkline and bar --------------------------------------------------------------------------------------------


def test_a_sparkline_has_gaps_a_dot_at_its_end_and_its_target() -> None:
    drawn = Drawing.of(sparkline([50.0, 60.0, None, 70.0, 80.0, None], target=65.0, alt="x", ink=INK))
    assert [len(one.get("points").split()) for one in drawn.all("polyline")] == [2, 2]
    [dot] = drawn.all("circle")
    assert dot.get("cx") + "," + dot.get("cy") == drawn.all("polyline")[1].get("points").split()[-1]
    [level] = drawn.all("line", stroke="the-target")
    heights = [
        float(point.split(",")[1]) for one in drawn.all("polyline") for point in one.get("points").split()
    ]
    assert heights == sorted(heights, reverse=True)
    assert heights[1] > number(level, "y1") > heights[2]


def test_sparklines_of_one_scale_can_be_compared() -> None:
    one, other = (Drawing.of(sparkline(values, low=0.0, high=100.0)) for values in ([10, 20], [80, 90]))
    assert number(other.all("circle")[0], "cy") < number(one.all("circle")[0], "cy")
    beyond = Drawing.of(sparkline([-50, 500], low=0.0, high=100.0))
    for x, y in (map(float, point.split(",")) for point in beyond.all("polyline")[0].get("points").split()):
        assert 0 <= x <= SPARK_WIDTH and 0 <= y <= SPARK_HEIGHT


@pytest.mark.parametrize("values", [[], [None, None], [5.0], [None, 5.0, None]])
def test_fewer_than_two_values_make_no_line(values: list[float | None]) -> None:
    assert sparkline(values, target=3.0) == ""


def test_a_constant_line_and_a_single_value_between_gaps_are_drawn() -> None:
    assert len(Drawing.of(sparkline([5.0, 5.0])).all("polyline")) == 1
    drawn = Drawing.of(sparkline([5.0, None, 6.0, None, 7.0]))
    assert len(drawn.all("polyline")) == 3


@pytest.mark.parametrize(
    ("percent", "filled"), [(0.0, 0.0), (50.0, 17.5), (100.0, 35.0), (140.0, 35.0), (-3.0, 0.0)]
)
def test_a_bar_of_coverage_is_as_long_as_its_share(percent: float, filled: float) -> None:
    for low, ink in ((True, "the-breach"), (False, "the-muted")):
        whole, bar = Drawing.of(coverage_bar(percent, low=low, ink=INK)).all("rect")
        assert (number(whole, "width"), number(bar, "width")) == (35.0, filled)
        assert bar.get("fill") == ink


def test_what_is_alone_decoration_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in coverage_bar(50.0, low=False)
    assert 'aria-hidden="true"' in sparkline([1, 2])
    assert 'role="img" aria-label="1 → 2"' in sparkline([1, 2], alt="1 → 2")


# --- histogram ----------------------------------------------------------------------------------------------------

BARS = (
    Bar(0, 6, ((70.0, "others", 1.0),), "0–6 vrk: 70"),
    Bar(7, 7, ((12.0, "breach", 1.0),)),
    Bar(8, 13, ((18.0, "breach", 1.0), (6.0, "limit", 0.5))),
    Bar(14, 29, ((4.0, "limit", 1.0),), '<b>"14"'),
    Bar(30, 89, ((0.0, "limit", 1.0),)),
)
WAITS = Size(600, 200, left=40, right=20, top=14, bottom=30, text=12)


def waits(
    bars: Sequence[Bar] = BARS, marks: dict[int, tuple[str, str]] | None = None, size: Size = WAITS
) -> Drawing:
    with in_language("fi"):
        return Drawing.of(histogram(bars, marks or {}, size, alt="jono", ink=INK))


def test_the_areas_of_a_histogram_are_the_counts() -> None:
    drawn = waits()
    parts = [count for bar in BARS for count, _ink, _opacity in bar.parts]
    rectangles = drawn.all("rect")
    assert len(rectangles) == len(parts)
    scale = (WAITS.right_edge - WAITS.left) / 90
    gap = min(1.0, scale * 0.2)
    areas = [(number(one, "width") + gap) * number(one, "height") for one in rectangles]
    for area, count in zip(areas, parts, strict=True):
        assert area / areas[0] == pytest.approx(count / parts[0], abs=0.02)
    # All stand within the frame, and parts of a bar upon each other.
    for one in rectangles:
        assert number(one, "y") >= WAITS.top - 0.1
        assert number(one, "y") + number(one, "height") <= WAITS.foot + 0.1
    lower, upper = rectangles[2:4]
    assert number(upper, "y") + number(upper, "height") == pytest.approx(number(lower, "y"), abs=0.2)
    assert [one.get("fill") for one in rectangles][:4] == [
        "the-others",
        "the-breach",
        "the-breach",
        "the-limit",
    ]


def test_bars_lie_side_by_side_over_their_days() -> None:
    rectangles = [one for at, one in enumerate(waits().all("rect")) if at != 3]
    scale = (WAITS.right_edge - WAITS.left) / 90
    for one, bar in zip(rectangles, BARS, strict=True):
        assert number(one, "x") == pytest.approx(WAITS.left + bar.first * scale, abs=0.1)
    for one, other in itertools.pairwise(rectangles):
        assert number(one, "x") + number(one, "width") <= number(other, "x") + 0.1


def test_the_axis_of_a_histogram_counts_from_zero_to_the_highest_day() -> None:
    drawn = waits()
    ticks = sorted(float(one.text) for one in drawn.all("text", text_anchor="end", fill="the-muted"))
    assert ticks[0] == 0 and ticks[-1] >= 12
    assert max(bar.height for bar in BARS) == 12


@pytest.mark.parametrize(
    "marks",
    [
        {7: ("tavoite 7 vrk", "target"), 14: ("raja 14 vrk", "limit")},
        {
            83: ("7 vrk rajaan", "breach"),
            76: ("14 vrk rajaan", "breach"),
            90: ("enimmäisaika 90 vrk", "limit"),
        },
        {89: ("aivan lopussa oleva raja", "limit"), 0: ("alussa", "target")},
    ],
)
def test_marks_stand_at_the_end_of_their_day_and_their_words_do_not_overlap(
    marks: dict[int, tuple[str, str]],
) -> None:
    for size in (WAITS, Size(340, 190, left=30, right=10, top=14, bottom=30, text=12)):
        drawn = waits(marks=marks, size=size)
        days = max(90, max(marks) + 1)
        boxes = []
        for day, (said, ink) in marks.items():
            [line] = drawn.all(
                "line",
                stroke=f"the-{ink}",
                x1=f"{size.left + (size.right_edge - size.left) * (day + 1) / days:.1f}",
            )
            assert line.get("x1") == line.get("x2")
            [text] = [one for one in drawn.all("text") if one.text == said]
            width, x = len(said) * size.text * LETTER, number(text, "x")
            left = x - width if text.get("text-anchor") == "end" else x
            boxes.append((left, left + width, number(text, "y")))
        for one, other in itertools.combinations(boxes, 2):
            assert one[0] >= other[1] or other[0] >= one[1] or abs(one[2] - other[2]) >= size.text


def test_the_words_of_a_bar_stand_under_the_pointer_and_are_escaped() -> None:
    tips = [one.find("text").text for one in waits().all("g", **{"class": "tv-tip"})]
    assert tips[0] == "0–6 vrk: 70"
    assert tips[3] == '<b>"14"'


def test_no_bars_make_an_empty_frame() -> None:
    drawn = waits(())
    assert drawn.all("rect") == []
    assert drawn.root.get("aria-label") == "jono"
