"""Signal or noise in words, marks and chart: pure, in three languages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from indicators.definition import definition
from indicators.periods import label_of
from indicators.spc import RULES, Break, SpcResult, spc
from pages.ui import charts, signal
from pages.ui.texts import in_language

SEVEN_DAYS = definition("seven_day_access")
ORDINARY = [70.0, 72.0, 69.0, 71.0, 70.0, 73.0, 68.0, 71.0, 70.0, 72.0, 69.0, 70.0]


def judged(
    values: list[float | None], target: float | None = 80.0, breaks: tuple[Break, ...] = ()
) -> SpcResult:
    """A weekly series from the first week of 2025 on."""
    days = [date(2024, 12, 30) + timedelta(weeks=week) for week in range(len(values))]
    labels = [label_of(day, "week") for day in days]
    return spc(days, values, better="up", target=target, breaks=breaks, labels=labels)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Luku poikkeaa tavanomaisesta vaihtelusta parempaan: arvo on tavanomaisen vaihtelun ylärajan yläpuolella."),
        ("sv", "Talet avviker från den normala variationen till det bättre: "
         "värdet ligger över den övre gränsen för normal variation."),
        ("en", "The figure differs from ordinary variation for the better: "
         "the value is above the upper limit of ordinary variation."),
    ],
)  # fmt: skip
def test_a_value_beyond_the_limits_is_more_than_ordinary(language: str, said: str) -> None:
    with in_language(language):
        assert signal.judgement(judged([*ORDINARY, 95.0]), "2025-W13") == (False, said)


@pytest.mark.parametrize(
    ("language", "word"), [("fi", "huonompaan"), ("sv", "till det sämre"), ("en", "for the worse")]
)
def test_the_direction_decides_what_is_worse(language: str, word: str) -> None:
    with in_language(language):
        usual, why = signal.judgement(judged([*ORDINARY, 45.0]), "2025-W13")
    assert usual is False
    assert word in why


def test_an_ordinary_value_needs_no_more_words() -> None:
    with in_language("fi"):
        assert signal.judgement(judged(ORDINARY), "2025-W12") == (True, "")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Rajat ovat alustavia: ne perustuvat 5 arvoon."),
        ("sv", "Gränserna är preliminära: de bygger på 5 värden."),
        ("en", "The limits are provisional: they rest on 5 values."),
    ],
)
def test_few_values_make_provisional_limits(language: str, said: str) -> None:
    with in_language(language):
        assert signal.judgement(judged(ORDINARY[:5]), "2025-W05") == (True, said)


def test_a_constant_series_has_no_limits_and_is_not_judged() -> None:
    found = judged([70.0] * 20)
    with in_language("fi"):
        usual, why = signal.judgement(found, "2025-W20")
        assert usual is None
        assert "rajoja ei vielä ole" in why
        assert [tile.number for tile in signal.marks(found)] == ["ei rajoja"]
        assert signal.trend_mark(found) == "ei rajoja"
        assert "mitään arvioida" in signal.remark(found)


def test_a_period_without_a_value_is_not_judged() -> None:
    assert signal.judgement(judged([*ORDINARY, None]), "2025-W13") == (None, "")
    assert signal.judgement(judged(ORDINARY), "2019-W01") == (None, "")


@pytest.mark.parametrize(
    ("target", "word"), [(50.0, "saavuttaa tavoitteen"), (99.0, "jää tavoitteesta"), (71.0, "vaihtelee")]
)
def test_the_assurance_says_whether_the_target_is_kept(target: float, word: str) -> None:
    with in_language("fi"):
        variation, assurance = signal.marks(judged(ORDINARY, target))
    assert plain(variation.number) == "● tavanomainen vaihtelu"
    assert assurance.number == word


def test_without_a_target_there_is_no_assurance() -> None:
    with in_language("sv"):
        assert [tile.title for tile in signal.marks(judged(ORDINARY, None))] == ["Variation"]


def test_every_rule_has_words_in_every_language() -> None:
    for language in ("fi", "sv", "en"):
        with in_language(language):
            said = {signal._(signal.RULE_WORDS[rule]) for rule in RULES}
        assert len(said) == len(RULES)


def test_a_break_is_numbered_and_told_with_its_reason() -> None:
    found = judged(
        [*ORDINARY, *[value + 20 for value in ORDINARY]], breaks=(Break(date(2025, 3, 24), "laki"),)
    )
    with in_language("fi"):
        assert "1 = rajat alkavat uudestaan 24.3.2025: laki" in signal.remark(found)
        figure = charts.xmr(found, SEVEN_DAYS, "week", {})
    assert "1" in [note.text for note in figure.layout.annotations]
    # Mean and two limits of each of the two stretches, then the values.
    levels = [trace for trace in figure.data if trace.mode == "lines"]
    assert len(levels) == 6
    assert max(levels[3].x) > max(levels[0].x) >= date(2025, 3, 17)


def test_the_chart_marks_signals_by_shape_and_stays_within_0_and_100() -> None:
    found = judged([*ORDINARY, 99.0, 40.0])
    with in_language("fi"):
        figure = charts.xmr(found, SEVEN_DAYS, "week", {"2025-W13": "sana"})
    points = figure.data[-1]
    assert list(points.marker.symbol[-3:]) == ["circle", "diamond", "x"]
    assert points.customdata[-2].endswith("sana")
    assert all(0 <= y <= 100 for trace in figure.data for y in trace.y)
    assert tuple(figure.layout.yaxis.range) == (0, 102)


def test_the_table_has_limits_and_words_for_every_value() -> None:
    with in_language("fi"):
        table = signal.table(judged([*ORDINARY, 95.0]), SEVEN_DAYS)
    newest = [plain(cell.text) for cell in table.rows[0]]
    assert newest[:2] == ["viikko 13/2025", "95,0 %"]
    assert newest[5].startswith("◆ poikkeama parempaan: arvo on")
    assert len(table.rows) == 13


def test_many_hidden_periods_are_told() -> None:
    days = [date(2025, 1, 1) + timedelta(days=day) for day in range(12)]
    values = [*ORDINARY[:8], None, None, None, None]
    found = spc(days, values, better="up", statuses=["ok"] * 8 + ["suppressed"] * 4)
    with in_language("fi"):
        assert "Jaksoista 4/12 on peitetty" in signal.remark(found)
