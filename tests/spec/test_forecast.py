"""What a forecast draws, read back from its SVG: the known line, the cases to come with their bands, axis, target, labels."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from indicators.drawing.forecast import Band, Course, Forecast, forecast
from indicators.drawing.svg import ON_PAGE, ON_PAPER, Size
from indicators.wording.translations import in_language

SIZE = Size(400, 200, left=40, right=100, top=10, bottom=40, text=12)
DAYS = [date(2025, 3, 3) + timedelta(weeks=at) for at in range(8)]
TODAY = Course("others", [50.0, 60.0, 70.0, 80.0], [Band([40.0] * 4, [90.0] * 4, 0.12)], "as today 80", "5 3")
PLANNED = Course(
    "ours", [40.0, 30.0, 20.0, 10.0], [Band([30.0, 20.0, 10.0, 0.0], [50.0] * 4, 0.22)], "scenario 10"
)
SHOWN = Forecast(DAYS[:4], [10.0, 20.0, 30.0, 40.0], DAYS[4:], [TODAY, PLANNED], now_words="now")


def drawn(shown: Forecast) -> str:
    with in_language("en"):
        return forecast(shown, SIZE, alt="A & B")


def lines(svg: str) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in (point.split(",") for point in found.split())]
        for found in re.findall(r'<polyline points="([^"]*)"', svg)
    ]


def test_values_lie_where_the_axis_says_and_cases_go_on_from_what_is_known() -> None:
    svg = drawn(SHOWN)
    assert SHOWN.axis() == (0.0, 100.0, 20.0)
    known, today, planned = lines(svg)
    # From 40 at the left to 300 at the right over seven weeks; 100 at the top (10), 0 at the foot (160).
    assert known[0] == (40.0, 145.0) and known[-1][1] == pytest.approx(100.0)
    assert today[0] == planned[0] == known[-1]
    assert [y for _x, y in today[1:]] == pytest.approx([85.0, 70.0, 55.0, 40.0])
    assert planned[-1] == (300.0, 145.0)
    # Bands open from what is known.
    first = re.findall(r'<polygon points="(\S+) ', svg)
    assert [tuple(map(float, point.split(","))) for point in first] == [known[-1]] * 2
    assert 'aria-label="A &amp; B"' in svg


def test_a_week_without_a_value_breaks_the_line_and_its_band() -> None:
    middle = [50.0, None, 70.0, 80.0]
    svg = drawn(replace(SHOWN, courses=[replace(TODAY, middle=middle, bands=[Band(middle, middle, 0.1)])]))
    assert [len(one) for one in lines(svg)] == [4, 2, 2]
    [band] = re.findall(r'<polygon points="([^"]*)"', svg)
    assert len(band.split()) == 2 * 4


@pytest.mark.parametrize(
    ("lowest", "axis"), [(85.0, (80.0, 100.0, 5.0)), (79.0, (60.0, 100.0, 10.0)), (12.0, (0.0, 100.0, 20.0))]
)
def test_the_axis_of_shares_begins_at_the_multiple_of_20_below_everything(
    lowest: float, axis: tuple[float, float, float]
) -> None:
    shown = Forecast(DAYS[:2], [95.0, 90.0], DAYS[2:4], [Course("ours", [90.0, lowest])], is_share=True)
    assert shown.axis() == axis


def test_the_target_is_in_the_axis_and_labels_do_not_overlap() -> None:
    close = [replace(TODAY, middle=[40.0] * 4), replace(PLANNED, middle=[40.0] * 4)]
    shown = replace(SHOWN, courses=close, target=40.0, target_words="target")
    svg = drawn(shown)
    places = [
        float(y) for y, words in re.findall(r'<text x="306.0" y="([\d.]+)"[^>]*>([^<]*)<', svg) if words
    ]
    assert len(places) == 3
    assert all(after - before >= 12 for before, after in itertools.pairwise(places))
    assert replace(shown, target=400.0).axis()[1] == 400.0


def test_labels_at_the_foot_stay_within_the_drawing() -> None:
    low = [replace(TODAY, middle=[0.0] * 4), replace(PLANNED, middle=[0.0] * 4)]
    svg = drawn(replace(SHOWN, courses=low))
    places = [float(y) for y in re.findall(r'<text x="306.0" y="([\d.]+)"', svg)]
    assert max(places) <= SIZE.foot + 4 and places[1] - places[0] >= 12


def test_every_week_says_its_words_under_the_pointer() -> None:
    svg = drawn(replace(SHOWN, tips=[f"week {at} <b>" for at in range(8)]))
    assert len(re.findall('class="tv-tip"', svg)) == 8 and "week 7 &lt;b&gt;" in svg


def test_on_paper_no_colour_depends_on_a_style_sheet() -> None:
    with in_language("en"):
        assert "var(" not in forecast(SHOWN, SIZE, ink=ON_PAPER)
        assert "var(" in forecast(SHOWN, SIZE, ink=ON_PAGE)


def test_a_week_with_fewer_weekdays_is_shaded_up_to_the_day_it_ends() -> None:
    shaded = r'<rect x="([\d.]+)" y="10(?:\.0)?" width="([\d.]+)"'
    assert not re.findall(shaded, drawn(SHOWN))
    [(x, wide)] = re.findall(shaded, drawn(replace(SHOWN, short=[DAYS[2]])))
    # Seven weeks over 260: a week is 37.1.
    assert (float(x) + float(wide), float(wide)) == pytest.approx((40 + 2 * 260 / 7, 260 / 7), abs=0.2)
