"""Why a share changed and where the days go, in words and tables: pure, in three languages."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import pytest

from indicators.analysis.decomposition import (
    CHANCE,
    NOT_JUDGED,
    NOTHING,
    NUMBERS_SUPPRESSED,
    MixResult,
    decompose,
)
from indicators.analysis.stages import StageRow
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import parse_label
from indicators.engine.question import Answer
from indicators.wording.translations import in_language
from pages import charts
from pages.text import causes

SEVEN_DAYS = definition("seven_day_access")
NO_ANSWER = cast(Answer, None)
#: Every group got faster, and yet the whole got slower, because more fell to the slow one.
SLOWER = decompose(
    {"nurse": (90, 100), "doctor": (5, 10)}, {"nurse": (95, 100), "doctor": (60, 100)}, scale=100
)
FASTER = decompose(
    {"nurse": (50, 100), "doctor": (50, 100)}, {"nurse": (71, 100), "doctor": (71, 100)}, scale=100
)
QUICK_MIX = decompose(
    {"nurse": (90, 100), "doctor": (50, 100)}, {"nurse": (180, 200), "doctor": (1, 2)}, scale=100
)


def result(mix: object, reason: str | None = None) -> MixResult:
    return MixResult(mix, reason, NO_ANSWER)  # type: ignore[arg-type]


def said(language: str, found: dict[str, MixResult], than: str, **more: bool) -> str:
    with in_language(language):
        return causes.change_sentences(found, SEVEN_DAYS, than, **more).replace("\xa0", " ")


def test_a_change_is_said_with_its_parts_in_finnish() -> None:
    assert said("fi", {"profession": result(SLOWER)}, "aiemmin") == (
        "Viimeisten 13 viikon osuus on 77,5 %, aiemmin se oli 86,4 %. Muutoksesta −8,9 %-yks. syntyi +6,5 %-yks. "
        "ammattiryhmien sisällä ja −15,3 %-yks. niiden jakaumasta. Ryhmät itse ja niiden jakauma vetävät eri suuntiin: "
        "katso kumpaakin erikseen."
    )


@pytest.mark.parametrize(
    ("language", "ends"),
    [
        ("fi", "Suurin osa muutoksesta syntyi ryhmien sisällä."),
        ("sv", "Största delen av förändringen uppstod inom grupperna själva."),
        ("en", "Most of the change came about within the groups themselves."),
    ],
)
def test_an_improvement_of_the_groups_is_called_so(language: str, ends: str) -> None:
    assert said(language, {"profession": result(FASTER)}, "x").endswith(ends)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fi", "Viimeisten 13 viikon osuus on 62,7 %, aiemmin se oli 73,3 %. Muutos on liian pieni syiden etsimiseen: sattuma "
         "riittää selittämään sen."),
        ("sv", "Förändringen är för liten för att man ska söka orsaker: slumpen räcker som förklaring."),
        ("en", "The change is too small to have causes: chance is enough to explain it."),
    ],
)  # fmt: skip
def test_a_change_within_chance_has_no_causes(language: str, told: str) -> None:
    small = MixResult(None, CHANCE, NO_ANSWER, 73.3, 62.7)
    assert said(language, {"profession": small, "mode": small}, "aiemmin").endswith(told)


@pytest.mark.parametrize(
    ("language", "ends"),
    [
        ("fi", "sattuma riittää selittämään sen. 13 viikossa viimeisten jaksojen poikkeama tasoittuu."),
        ("sv", "slumpen räcker som förklaring. Under 13 veckor jämnas de senaste periodernas avvikelse ut."),
        ("en", "chance is enough to explain it. In 13 weeks a deviation of the newest periods evens out."),
    ],
)
def test_chance_beside_a_deviation_of_the_newest_period_has_its_reason(language: str, ends: str) -> None:
    small = MixResult(None, CHANCE, NO_ANSWER, 73.3, 62.7)
    assert said(language, {"profession": small}, "aiemmin", newest_deviates=True).endswith(ends)


@pytest.mark.parametrize(
    ("language", "ends"),
    [
        ("fi", "ryhmät itse muuttuivat vähemmän."),
        ("sv", "grupperna själva förändrades mindre."),
        ("en", "the groups themselves changed less."),
    ],
)
def test_a_change_of_the_mix_is_no_improvement(language: str, ends: str) -> None:
    """The split that finds the mix decides, even where another does not."""
    found = {"profession": result(FASTER), "mode": result(QUICK_MIX)}
    assert said(language, found, "x").endswith(ends)


@pytest.mark.parametrize("reason", [NUMBERS_SUPPRESSED, NOT_JUDGED, NOTHING])
def test_why_a_change_is_not_split_is_said(reason: str) -> None:
    for language, begins in (
        ("fi", "Muutosta ei voi jakaa osiin"),
        ("sv", "Förändringen kan inte delas upp"),
        ("en", "The change cannot be split"),
    ):
        assert said(language, {"profession": result(None, reason)}, "x").startswith(begins)


def test_the_table_of_parts_sums_in_each_row() -> None:
    with in_language("fi"):
        table = causes.mix_table(
            {"profession": result(SLOWER), "mode": result(None, NUMBERS_SUPPRESSED)}, SEVEN_DAYS
        )
    _name, within, mix, whole = (cell.plain for cell in table.rows[0])
    assert within + mix == pytest.approx(whole)
    assert [cell.plain for cell in table.rows[1][1:]] == [None] * 3


def stage_row(
    key: str,
    days: tuple[int, int, int] | None,
    complete: int | None = 10,
    visits: int = 20,
    **paths: int | None,
) -> StageRow:
    found = {
        "no_contact": 4,
        "no_assessment": 3,
        "no_booking": 2,
        "reversed": 1,
        "complete": complete,
    } | paths
    means = None if days is None else tuple(Fraction(one, complete) for one in days)
    return StageRow(parse_label("2025"), (key,), visits, found, means, "ok" if days else "suppressed")


@pytest.mark.parametrize(
    ("days", "fi", "sv", "en"),
    [
        ((80, 10, 10), "Pullonkaula on hoidon tarpeen arviointi: 80 %", "vårdbehovet: 80 %", "need: 80%"),
        ((10, 80, 10), "Pullonkaula on ajanvaraus: 80 %", "Flaskhalsen är tidsbokningen: 80 %", "is booking: 80%"),
        ((10, 10, 80), "Pullonkaula on vastaanottoaikojen määrä: 80 %", "antalet mottagningstider: 80 %", "is capacity: 80%"),
        ((34, 33, 33), "Mikään yksittäinen vaihe ei ole", "Inget enskilt steg är", "No single stage is"),
    ],
)  # fmt: skip
def test_the_bottleneck_is_the_stage_with_most_of_the_days(
    days: tuple[int, int, int], fi: str, sv: str, en: str
) -> None:
    for language, expected in (("fi", fi), ("sv", sv), ("en", en)):
        with in_language(language):
            found = causes.stage_sentences(stage_row("x", days)).replace("\xa0", " ")
        assert expected in found
    with in_language("fi"):
        assert "Kaikki neljä päivää on kirjattu 50 % käynneistä (n = 10)." in causes.stage_sentences(
            stage_row("x", days)
        ).replace("\xa0", " ")


def test_too_few_known_paths_are_not_told() -> None:
    with in_language("fi"):
        assert "vaiheiden kestoa ei voi laskea" in causes.stage_sentences(stage_row("x", None, None))
        assert causes.stage_sentences(None) == "Näiltä viikoilta ei ole käyntejä."


def test_the_bars_sum_to_the_whole_and_the_table_counts_what_is_missing() -> None:
    rows = [
        stage_row("a", (10, 10, 30)),
        stage_row("b", (10, 10, 80), reversed=None),
        stage_row("c", None, None),
    ]
    called = {"a": "A", "b": "B", "c": "C"}
    with in_language("fi"):
        bars = charts.stacks(rows, called)
        table = causes.stage_table(rows, "unit", called)
        figure = charts.stacked(bars, ["1", "2", "3"], "vrk")
    assert [(bar.name, sum(bar.lengths)) for bar in bars] == [("B", 10.0), ("A", 5.0)]
    assert [list(trace.x) for trace in figure.data] == [[1.0, 1.0], [1.0, 1.0], [8.0, 3.0]]
    first, _second, last = ([cell.text.replace("\xa0", " ") for cell in row] for row in table.rows)
    assert first == ["B", "1,0 vrk", "1,0 vrk", "8,0 vrk", "10 vrk", "20", "10", "4", "3", "2", "■ peitetty"]
    assert last[1] == "peitetty"
