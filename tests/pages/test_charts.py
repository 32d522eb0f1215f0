"""Figures: what they draw, in which colours, and that they say what the table says."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from indicators.catalogue.definition import definition
from indicators.catalogue.periods import periods_between
from indicators.wording import colours, formats
from indicators.wording.translations import in_language
from pages import charts
from pages.text.tables import answer_table, worst_first
from pages.ui import components

SEVEN_DAYS, LONGEST = definition("seven_day_access"), definition("queue_longest_wait")
NOTHING = float("nan")


@pytest.fixture(autouse=True)
def _finnish() -> None:
    with in_language("fi"):
        yield


def rows(*statuses: str, unit: str = "TK-1", value: float = 70.0) -> pd.DataFrame:
    """Weeks of 2025 from the tenth on, one per status, with values rising by one."""
    weeks = periods_between(date(2025, 3, 3), date(2025, 12, 28), "week")
    frame = []
    for at, status in enumerate(statuses):
        hidden = status in ("suppressed", "no_data")
        frame.append(
            {
                "indicator": "seven_day_access",
                "period": weeks[at].label,
                "period_start": weeks[at].start,
                "period_end": weeks[at].end,
                "unit": unit,
                "value": NOTHING if hidden else value + at,
                "numerator": NOTHING if hidden else 70.0,
                "denominator": 100.0,
                "coverage": 80.0,
                "status": status,
                "low": 97.3 if status == "suppressed" else NOTHING,
                "high": 99.3 if status == "suppressed" else NOTHING,
                "possible_low": NOTHING if hidden else 56.0,
                "possible_high": NOTHING if hidden else 76.0,
                "note": None,
            }
        )
    return pd.DataFrame(frame)


def lines(figure, width: float) -> list:
    return [trace for trace in figure.data if trace.type == "scatter" and trace.line.width == width]


def test_a_share_has_a_scale_from_0_to_100_with_finnish_texts() -> None:
    figure = charts.trend(rows("ok", "ok"), SEVEN_DAYS, "week")
    assert figure.layout.yaxis.range == (0, 102)
    assert figure.layout.yaxis.ticktext[-1] == "100\xa0%"
    assert list(figure.layout.xaxis.ticktext) == ["vk 10<br>2025", "vk 11"]


def test_days_start_from_zero_and_name_their_unit() -> None:
    figure = charts.trend(rows("ok", "ok", value=12), LONGEST, "week")
    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] > 13
    assert "vrk" in [note.text for note in figure.layout.annotations]


def test_a_debt_below_zero_is_within_the_axis() -> None:
    """More was done than expected: the value is drawn, not cut off."""
    debt = definition("service_debt_hidden")
    for figure in (
        charts.trend(rows("ok", "ok", value=-500), debt, "week"),
        charts.against_targets(rows("ok", "ok", value=-500), debt),
        charts.small(rows("ok", "ok", value=-500), debt, "week"),
    ):
        low, high = figure.layout.yaxis.range
        assert low < -500 < 0 < high


def test_an_incomplete_period_is_hollow() -> None:
    figure = charts.trend(rows("ok", "incomplete_period"), SEVEN_DAYS, "week")
    assert list(lines(figure, 2.5)[0].marker.symbol) == ["circle", "circle-open"]


def test_a_hidden_share_is_a_gap_with_its_interval() -> None:
    figure = charts.trend(rows("ok", "suppressed", "ok"), SEVEN_DAYS, "week")
    line = lines(figure, 2.5)[0]
    assert pd.isna(line.y[1])
    assert line.connectgaps is False
    assert [list(trace.y) for trace in lines(figure, 5)] == [[97.3, 99.3]]


@pytest.mark.parametrize("status", ["ok", "suppressed", "incomplete_period"])
def test_the_tooltip_says_what_the_table_says(status: str) -> None:
    frame = rows("ok", status)
    said = lines(charts.trend(frame, SEVEN_DAYS, "week"), 2.5)[0].customdata[1]
    table = answer_table(frame, SEVEN_DAYS)
    period, value, _numerator, n, coverage, _status = (cell.text for cell in table.rows[0])
    assert said.startswith(f"<b>{period}</b><br>{value}<br>n = {n}<br>kattavuus {coverage}")


def test_a_target_is_a_step_in_its_own_colour_with_its_words() -> None:
    step = charts.Step(date(2025, 1, 1), date(2025, 12, 31), 80.0, "tavoite 80 %")
    figure = charts.trend(rows("ok", "ok"), SEVEN_DAYS, "week", targets=[step])
    level = lines(figure, 3)[0]
    assert (level.line.color, list(level.y)) == (colours.TARGET, [80.0, 80.0])
    assert list(level.x) == [date(2025, 3, 3), date(2025, 3, 10)]
    assert any("tavoite 80 %" in note.text for note in figure.layout.annotations)


def test_a_change_of_law_is_drawn_only_where_the_time_covers_it() -> None:
    inside = charts.Break(date(2025, 3, 12), "enimmäisaika muuttui")
    outside = charts.Break(date(2023, 9, 1), "aiempi muutos")
    figure = charts.trend(rows("ok", "ok", "ok"), SEVEN_DAYS, "week", breaks=[inside, outside])
    said = "".join(note.text for note in figure.layout.annotations)
    assert "enimmäisaika muuttui" in said
    assert "aiempi" not in said


def test_the_possible_range_is_a_band() -> None:
    with_band = charts.trend(rows("ok", "ok"), SEVEN_DAYS, "week", band=True)
    without = charts.trend(rows("ok", "ok"), SEVEN_DAYS, "week")
    assert [list(trace.y) for trace in with_band.data if trace.fill == "tonexty"] == [[76.0, 76.0]]
    assert not [trace for trace in without.data if trace.fill == "tonexty"]


def ranking() -> pd.DataFrame:
    frame = pd.concat(
        [
            rows("ok", unit="hyvä", value=90),
            rows("ok", unit="heikko", value=40),
            rows("suppressed", unit="väli"),
            rows("no_data", unit="tyhjä"),
        ]
    )
    return frame.reset_index(drop=True)


def test_the_ranking_has_the_worst_first_and_what_is_not_known_last() -> None:
    assert list(worst_first(ranking(), SEVEN_DAYS)["unit"]) == ["heikko", "hyvä", "väli", "tyhjä"]
    worst_is_high = worst_first(ranking(), LONGEST)
    assert list(worst_is_high["unit"])[-2:] == ["heikko", "tyhjä"]


def test_the_ranking_writes_every_value_and_marks_low_coverage() -> None:
    figure = charts.ranked(
        ranking(), SEVEN_DAYS, "unit", {}, level=(80, "tavoite"), emphasis=charts.Emphasis(85)
    )
    said = [note.text for note in figure.layout.annotations]
    assert said[:4] == ["40,0\xa0%", "90,0\xa0%", "■\xa097–99\xa0%", "ei tietoa"]
    assert figure.layout.yaxis.ticktext[0].startswith("heikko<br>")
    assert "n = 100, kattavuus 80" in figure.layout.yaxis.ticktext[0]
    points = next(trace for trace in figure.data if trace.mode == "markers")
    assert list(points.marker.symbol) == ["circle-open", "circle-open", "square"]


def test_the_chosen_ones_are_seen_among_the_others() -> None:
    figure = charts.ranked(ranking(), SEVEN_DAYS, "unit", {}, emphasis=charts.Emphasis(chosen=("hyvä",)))
    points = next(trace for trace in figure.data if trace.mode == "markers")
    assert list(points.marker.color) == [colours.OTHERS, colours.OURS, colours.OTHERS]


BANDS = [
    charts.Band(0, 7, 50.0),
    charts.Band(8, 14, None),
    charts.Band(15, 30, 0.0),
    charts.Band(31, None, 0.0),
]


def test_the_histogram_marks_the_limits_and_hides_what_is_hidden() -> None:
    figure = charts.histogram(BANDS, [charts.Mark(7, "tavoite"), charts.Mark(14, "laki")], "käyntiä")
    assert list(figure.data[0].y) == [50.0, None]
    [hidden] = [note for note in figure.layout.annotations if note.text == "■"]
    assert (hidden.x, hidden.y) == (1, 0)
    assert hidden.hovertext.endswith(formats.verdict("suppressed"))
    assert figure.data[0].customdata[1].endswith(formats.verdict("suppressed"))
    assert [shape.x0 for shape in figure.layout.shapes] == [0.5, 1.5]
    assert list(figure.layout.xaxis.ticktext)[:2] == ["0–7", "8–14"]


def test_empty_bands_at_the_end_are_left_out() -> None:
    assert len(charts.histogram(BANDS, [], "käyntiä").data[0].x) == 2


def test_a_limit_between_bands_is_not_drawn_in_a_wrong_place() -> None:
    assert not charts.histogram(BANDS, [charts.Mark(10, "väärä")], "käyntiä").layout.shapes


def test_small_charts_have_one_scale() -> None:
    assert charts.small(rows("ok", "ok"), SEVEN_DAYS, "week").layout.yaxis.range == (0, 102)
    assert charts.small(rows("ok", "ok", value=3), LONGEST, "week", top=50).layout.yaxis.range[
        1
    ] == pytest.approx(56)


def test_a_period_that_a_split_answer_does_not_tell_is_a_gap_not_a_slope() -> None:
    told = rows("ok", "ok", "ok", "ok").drop(index=[1, 2])
    for figure in (charts.small(told, SEVEN_DAYS, "week"), charts.trend(told, SEVEN_DAYS, "week")):
        line = figure.data[0]
        assert [None if pd.isna(value) else value for value in line.y] == [70.0, None, None, 73.0]
        assert line.connectgaps is not True
        assert line.customdata[1].endswith("ei tietoa")


def test_published_periods_of_other_lengths_have_no_places_between_them() -> None:
    told = rows("ok", "ok").assign(
        period=["2021", "2024"],
        period_start=[date(2021, 1, 1), date(2024, 1, 1)],
        period_end=[date(2021, 12, 31), date(2024, 12, 31)],
    )
    assert len(charts.small(told, SEVEN_DAYS, "week").data[0].y) == 2


def test_the_possible_range_is_not_drawn_over_periods_that_are_not_known() -> None:
    figure = charts.trend(rows("ok", "ok", "no_data", "ok", "ok"), SEVEN_DAYS, "week", band=True)
    bands = [trace for trace in figure.data if trace.line.width == 0]
    assert [len(trace.x) for trace in bands] == [2, 2, 2, 2]


def test_a_dot_of_a_period_that_is_not_complete_is_hollow_and_says_so() -> None:
    told = pd.concat([rows("incomplete_period", unit="TK-1"), rows("ok", unit="TK-2")], ignore_index=True)
    figure = charts.ranked(told, SEVEN_DAYS, "unit", {"TK-1": "Yksi", "TK-2": "Kaksi"})
    assert list(figure.data[-1].marker.symbol) == ["circle-open", "circle"]
    assert ["tiedot vajaat" in text for text in figure.layout.yaxis.ticktext] == [True, False]


def test_nothing_goes_to_a_cloud_and_there_is_no_mode_bar() -> None:
    assert components.CHART_CONFIG["showSendToCloud"] is False
    assert components.CHART_CONFIG["plotlyServerURL"] == ""
    assert components.CHART_CONFIG["displayModeBar"] is False


def test_text_has_no_colour_of_its_own() -> None:
    figure = charts.trend(rows("ok", "ok"), SEVEN_DAYS, "week")
    assert figure.layout.font.color is None
    assert all(note.font.color is None for note in figure.layout.annotations)
