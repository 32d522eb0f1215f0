"""Signal or noise in words, marks and chart: pure, in three languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from indicators.analysis.control_chart import Break, SpcResult, spc
from indicators.analysis.signals import spc_of
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import label_of
from indicators.wording.translations import in_language
from pages import charts
from pages.text import signals as signal
from tests.spec.series import series

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
        ("fi", "Luku poikkeaa tavanomaisesta vaihtelusta parempaan suuntaan: "
         "arvo on tavanomaisen vaihtelun ylärajan yläpuolella."),
        ("sv", "Värdet avviker från den normala variationen till det bättre: "
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
    ("language", "count", "since", "said"),
    [
        ("fi", 5, False, "Arviota ei vielä anneta: arvoja on 5, tarvitaan vähintään 12."),
        ("sv", 5, False, "Ingen bedömning ännu: det finns 5 värden, minst 12 behövs."),
        ("en", 5, False, "No verdict yet: there are 5 values, and at least 12 are needed."),
        ("fi", 1, True, "Arviota ei vielä anneta: katkoksen jälkeen on 1 arvo, tarvitaan vähintään 12."),
        ("fi", 3, True, "Arviota ei vielä anneta: katkoksen jälkeen on 3 arvoa, tarvitaan vähintään 12."),
        ("sv", 1, True, "Ingen bedömning ännu: efter brottet finns 1 värde, minst 12 behövs."),
        ("en", 1, True, "No verdict yet: since the break there is 1 value, and at least 12 are needed."),
    ],
)
def test_too_few_values_give_no_verdict_and_the_page_says_how_many_there_are(
    language: str, count: int, since: bool, said: str
) -> None:
    values = [*ORDINARY, *ORDINARY[:count]] if since else ORDINARY[:count]
    first = date(2024, 12, 30)
    breaks = [Break(first + timedelta(weeks=len(ORDINARY)), "laki")] if since else []
    found = spc_of(series("seven_day_access", "week", first, values), 80.0, breaks)
    with in_language(language):
        assert signal.judgement(found, found.last.label) == (None, said)
        (tile,) = signal.marks(found)
        assert tile.details == (said,)
        assert signal.trend_mark(found) == said
        assert signal.assurance_words(found) == ""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "fi",
            "Arviota ei anneta, koska uusin jakso puuttuu. Viimeinen tiedossa oleva jakso: viikko 12/2025.",
        ),
        (
            "sv",
            "Ingen bedömning ges, eftersom den nyaste perioden saknas. Sista period med uppgifter: vecka 12/2025.",
        ),
        ("en", "No verdict: the newest period is not known, and the last known one is week 12/2025."),
    ],
)
def test_an_unknown_newest_period_gives_no_verdict(language: str, said: str) -> None:
    found = spc_of(series("seven_day_access", "week", date(2024, 12, 30), [*ORDINARY, None]), 80.0)
    with in_language(language):
        assert plain(signal.missing(found)) == said
        assert [plain(tile.details[0]) for tile in signal.marks(found)] == [said]


def test_a_constant_series_has_no_limits_and_is_not_judged() -> None:
    found = judged([70.0] * 20)
    with in_language("fi"):
        usual, why = signal.judgement(found, "2025-W20")
        assert usual is None
        assert "ei voi vielä arvioida" in why
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
    assert plain(variation.number) == "tavanomainen vaihtelu"
    assert assurance.number == word


def test_without_a_target_there_is_no_assurance() -> None:
    with in_language("sv"):
        assert [tile.title for tile in signal.marks(judged(ORDINARY, None))] == ["Variation"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Sivun arvio tehdään kuukausittain: tavanomainen vaihtelu. Tässä viikoittain: poikkeama parempaan suuntaan. "
         "Viikoissa näkyvät lyhyetkin muutokset."),
        ("sv", "Sidans bedömning görs per månad: normal variation. Här per vecka: avvikelse till det bättre. "
         "I veckorna syns också kortare förändringar."),
        ("en", "The page judges by month: ordinary variation. Here by week: deviation for the better. "
         "Weeks see shorter changes too."),
    ],
)  # fmt: skip
def test_another_grain_is_told_with_the_reason_why_it_may_differ(language: str, said: str) -> None:
    with in_language(language):
        found = signal.other_grain_words(judged(ORDINARY), "month", judged([*ORDINARY, 95.0]), "week")
        assert plain(found) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Kuukausittain: tavanomainen vaihtelu (viikko 12/2025)."),
        ("sv", "Per månad: normal variation (vecka 12/2025)."),
        ("en", "By month: ordinary variation (week 12/2025)."),
    ],
)  # fmt: skip
def test_the_grain_that_decides_is_named_with_its_period(language: str, said: str) -> None:
    with in_language(language):
        assert plain(signal.leading_grain_words(judged(ORDINARY))) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Viikoittain, mikä ei ratkaise: poikkeama parempaan suuntaan. Viikoissa näkyvät lyhyetkin muutokset."),
        ("sv", "Per vecka, vilket inte avgör: avvikelse till det bättre. I veckorna syns också kortare förändringar."),
        ("en", "By week, which does not decide: deviation for the better. Weeks see shorter changes too."),
    ],
)  # fmt: skip
def test_a_grain_that_does_not_decide_says_so(language: str, said: str) -> None:
    shown = judged([*ORDINARY, 95.0])
    with in_language(language):
        assert (
            plain(signal.other_grain_does_not_decide(shown, str(shown.last and shown.last.label), "week"))
            == said
        )
        assert signal.other_grain_does_not_decide(shown, "2019-W01", "week") == ""


def test_why_a_change_of_the_law_starts_a_series_anew_is_told_where_one_does() -> None:
    again = judged([*ORDINARY, *ORDINARY], breaks=(Break(date(2025, 3, 24), "laki"),))
    with in_language("fi"):
        assert "rajat lasketaan siitä päivästä alkaen uudelleen" in signal.why_breaks(again)
        assert signal.why_breaks(judged(ORDINARY)) == ""


def test_every_rule_has_words_in_every_language() -> None:
    for language in ("fi", "sv", "en"):
        with in_language(language):
            said = {signal._(words) for words in signal.RULE_WORDS.values()}
        assert len(said) == len(signal.RULE_WORDS)


def test_a_break_is_numbered_and_told_with_its_reason() -> None:
    found = judged(
        [*ORDINARY, *[value + 20 for value in ORDINARY]], breaks=(Break(date(2025, 3, 24), "laki"),)
    )
    with in_language("fi"):
        assert "1 = rajat lasketaan uudelleen 24.3.2025 alkaen: laki" in signal.remark(found)


def test_the_chart_fills_what_is_more_than_chance_and_stays_within_0_and_100() -> None:
    found = judged([*ORDINARY, 99.0, 40.0])
    with in_language("fi"):
        figure = charts.xmr(found, SEVEN_DAYS, "week", {"2025-W13": "sana"})
    points = figure.data[-1]
    assert list(points.marker.symbol[-3:]) == ["circle-open", "circle", "circle"]
    assert points.customdata[-2].endswith("sana")
    assert all(0 <= y <= 100 for trace in figure.data for y in trace.y)
    assert tuple(figure.layout.yaxis.range) == (0, 102)


def test_the_table_has_limits_and_words_for_every_value() -> None:
    with in_language("fi"):
        table = signal.table(judged([*ORDINARY, 95.0]), SEVEN_DAYS)
    newest = [plain(cell.text) for cell in table.rows[0]]
    assert newest[:2] == ["viikko 13/2025", "95,0 %"]
    assert newest[5].startswith("poikkeama parempaan suuntaan: arvo on")
    assert len(table.rows) == 13


def with_suppressed(values: list[float], gone: list[int], breaks: tuple[Break, ...] = ()) -> SpcResult:
    """A weekly series of shares of 40 visits, of which some weeks are suppressed and have one to four late."""
    found = series("seven_day_access", "week", date(2024, 12, 30), values)
    rows = found.rows.assign(numerator=found.rows["value"] * 0.4, denominator=40.0)
    for place in gone:
        rows.loc[place, ["value", "numerator", "status"]] = float("nan"), float("nan"), "suppressed"
        n = 38.0 + place % 5
        rows.loc[place, ["denominator", "low", "high"]] = n, 100 - 1000 / n, 100 - 100 / n
    return spc_of(replace(found, rows=rows), 80.0, breaks)


BETTER = [*[50.0, 52.5, 55.0] * 6, *[90.0, 92.5, 95.0] * 5]


def test_suppressed_values_are_judged_but_not_drawn() -> None:
    found = with_suppressed(BETTER, list(range(18, 33)))
    with in_language("fi"):
        variation, assurance = signal.marks(found)
        assert plain(variation.number) == "poikkeama parempaan suuntaan"
        assert assurance.number == "ei vielä arvioitavissa"
        assert "katkos muutoksen kohdalle" in assurance.details[0]
        newest = [plain(cell.text) for cell in signal.table(found, SEVEN_DAYS).rows[0]]
        assert newest[1] == "peitetty"
        assert newest[5].startswith("poikkeama parempaan suuntaan: arvo on")
        (run, *_rest) = signal.runs(found)
        assert (run.first, run.last, run.kind) == ("2025-W19", "2025-W33", "improvement")


@pytest.mark.parametrize(("language", "word"), [("fi", "varmasti"), ("sv", "säkert"), ("en", "reliably")])
def test_after_a_break_the_target_is_reached_reliably(language: str, word: str) -> None:
    law = Break(date(2024, 12, 30) + timedelta(weeks=18), "laki")
    found = with_suppressed(BETTER, list(range(18, 33)), (law,))
    with in_language(language):
        assert word in signal.assurance_words(found)
        figure = charts.xmr(found, SEVEN_DAYS, "week", {})
    # Mean and limits of both stretches.
    assert [trace.mode for trace in figure.data] == ["lines"] * 6 + ["lines+markers"]
