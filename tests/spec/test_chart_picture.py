"""An indicator as a picture to take away: judged as on its page, its targets over their own periods, a name of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from indicators.analysis.signals import known_until, spc_of
from indicators.answers import answer
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import span
from indicators.drawing.picture import Picture, file_of
from indicators.engine.question import LoadUsed, Question
from indicators.programme.annotations import Annotation
from indicators.programme.verdicts import Target
from indicators.report import content, words
from indicators.report.chart import indicator_picture, series_chart
from indicators.report.content import Asked, Series, breaks_of
from indicators.report.file_names import chart_stem, file_stem
from indicators.results.values import Audience
from indicators.wording.translations import in_language
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse
from tests.spec.series import series

TODAY = date(2026, 1, 2)
ASKED = Asked("18", TODAY, Audience())
UNIT = "TK-KOK-02"
ONE_UNIT = Question("seven_day_access", by="month", area="18", where=(("unit", (UNIT,)),))
WAITS = definition("oral_health_wait_days")


def drawn_of(values: list[float | None], first: date, *, grain: str = "month", **more: object) -> Series:
    found = series(WAITS.id, grain, first, values)
    return Series(WAITS, found, spc_of(found), None, **more)  # type: ignore[arg-type]


def target(year: int, value: float, unit: str = "days", comparator: str = "<=") -> Target:
    return Target(
        WAITS.id, "18", span(date(year, 1, 1), date(year, 12, 31)), comparator, value, unit, "", None
    )


def dashed_levels(svg: str) -> list[tuple[float, float, float]]:
    """The dashed lines of targets: where they begin, where they end, and how high they are."""
    found = re.findall(r'<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="\2"[^>]*dasharray="6 3"', svg)
    return [(float(first), float(last), float(y)) for first, y, last in found]


def test_the_chart_of_one_unit_starts_anew_where_that_unit_does(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = Annotation(date(2025, 3, 3), "Tiimimalli.", "Teammodell.", "18", UNIT, None, True)
    monkeypatch.setattr(
        content, "annotations_for", lambda *asked: [change] if asked[3:] == (UNIT,) else list[Annotation]()
    )
    snapshot = Warehouse(demo_settings.warehouse).current()
    found = answer(snapshot, ONE_UNIT, demo_settings)
    until = known_until(found, lambda other: answer(snapshot, other, demo_settings))
    both = replace(ONE_UNIT, where=(("unit", (UNIT, "TK-KOK-01")),))

    def sentence(*breaks: Annotation) -> str:
        judged = spc_of(found, None, breaks_of(breaks), until=until)
        return words.series_sentence(Series(definition(ONE_UNIT.indicator), found, judged, None))

    with in_language("fi"):
        said, of_both = (
            "\n".join(indicator_picture(snapshot, demo_settings, ASKED, question).notes)
            for question in (ONE_UNIT, both)
        )
        anew, as_one = sentence(change), sentence()
    assert anew != as_one
    assert anew in said
    assert "3.3.2025: Tiimimalli" in said
    assert "Tiimimalli" not in of_both


def test_a_unit_whose_series_ends_early_is_not_judged(demo_settings: Settings) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    whole = answer(snapshot, ONE_UNIT, demo_settings)
    early = replace(whole, rows=whole.rows.iloc[:-2].reset_index(drop=True))
    until = known_until(early, lambda other: answer(snapshot, other, demo_settings))
    assert until is not None
    assert until > early.rows["period_end"].max()
    assert spc_of(early, until=until).unjudged is not None
    assert known_until(replace(early, question=replace(ONE_UNIT, where=())), lambda _other: whole) is None


@pytest.mark.parametrize(
    ("grain", "said"),
    [("week", "4 weeks before"), ("month", "4 months before"), ("quarter", "4 quarters before")],
)
def test_a_change_is_told_in_its_own_periods(grain: str, said: str) -> None:
    with in_language("en"):
        sentence = words.series_sentence(
            drawn_of([50.0 + at % 3 for at in range(12)], date(2023, 1, 2), grain=grain)
        )
    assert f"against the mean of the {said}" in sentence


def test_every_target_is_drawn_over_its_own_period() -> None:
    targets = (target(2023, 70), target(2024, 90), target(2025, 2, "months"), target(2025, 5, "percent"))
    one = drawn_of([60.0] * 24, date(2024, 1, 1), targets=targets)
    with in_language("en"):
        before, after = dashed_levels(series_chart(one))
        said = words.targets(one)
    # Two months are at most 62 days: below the 90 days of the year before, which end where they begin.
    assert before[0] < before[1] < after[1]
    assert before[1] == pytest.approx(after[0], abs=2)
    assert before[2] < after[2]
    assert "2024" in said
    assert "2023" not in said
    assert (one.target_on(date(2024, 12, 31)), one.target_on(date(2025, 1, 1))) == (90, 62)
    assert one.target_on(date(2026, 1, 1)) is None


def test_a_series_before_its_target_has_no_line_of_it() -> None:
    one = drawn_of([60.0] * 12, date(2024, 1, 1), targets=(target(2025, 50),))
    with in_language("en"):
        assert dashed_levels(series_chart(one)) == []
        assert words.targets(one) == ""


def test_two_changes_on_one_day_are_both_named_and_each_once() -> None:
    day = date(2024, 5, 1)
    noted = tuple(
        Annotation(day, text, text, None, None, None, True) for text in ("Ensimmäinen.", "Toinen", "Toinen.")
    )
    with in_language("fi"):
        said = words.changes([drawn_of([60.0] * 12, date(2024, 1, 1), changes=noted)])
    assert said.count("1.5.2024: Ensimmäinen") == said.count("1.5.2024: Toinen") == 1


def test_data_is_known_until_the_last_day_covered_not_that_of_the_extract() -> None:
    loads = [
        LoadUsed("1", "visits", "a.csv", date(2026, 1, 2), date(2025, 1, 1), date(2025, 12, 30), demo=True),
        LoadUsed("2", "visits", "b.csv", date(2026, 1, 5), None, None, demo=True),
    ]
    with in_language("fi"):
        assert words.made(ASKED, loads) == "Tietoja 30.12.2025 asti · Laadittu 2.1.2026"
        assert words.made(ASKED, []) == "Laadittu 2.1.2026"


def test_charts_of_other_questions_have_other_names() -> None:
    units = tuple(f"U-{at}" for at in range(5))

    def where(**named: tuple[str, ...]) -> Question:
        return Question("visits", by="month", area="18", where=tuple(named.items()))

    asked = [
        where(),
        replace(where(), by="week"),
        where(unit=("A",)),
        where(service=("A",)),
        where(unit=("A",), service=("B",)),
        where(unit=("B",), service=("A",)),
        where(unit=units[:4]),
        where(unit=(*units[:3], units[4])),
        where(unit=("A B",)),
        where(unit=("A-B",)),
        replace(where(), date_from=date(2025, 1, 1)),
        replace(where(), date_to=date(2025, 1, 1)),
        replace(where(), date_from=date(2025, 1, 1), date_to=date(2025, 6, 30)),
    ]
    with in_language("en"):
        names = [chart_stem(ASKED, question, "en") for question in asked]
        sheets = [file_stem(replace(ASKED, units=codes), "en") for codes in (units[:4], units[1:], units)]
    assert len(set(names)) == len(names)
    assert len(set(sheets)) == len(sheets)
    assert names[0] == "visits_month_18_2026-01-02_shareable_en"
    assert names[-1] == "visits_month_18_from-2025-01-01_to-2025-06-30_2026-01-02_shareable_en"
    assert all(re.fullmatch(r"[\w+.-]+", name) for name in (*names, *sheets))


def test_a_picture_holds_no_character_that_xml_forbids() -> None:
    with in_language("fi"):
        drawing = series_chart(drawn_of([60.0] * 12, date(2024, 1, 1)))
    evil = "Tiimi\x01malli\x00 \ufffe😀 ä\ud800\x0b"
    svg = Picture(evil, drawing, subtitle=evil, mark=evil, alt=evil, notes=(evil,)).svg()
    assert svg.count("Tiimimalli 😀 ä") == 6
    assert file_of(svg, "png").startswith(b"\x89PNG")


def test_levels_of_slides_stand_in_their_periods_alone() -> None:
    one = drawn_of([60.0] * 24, date(2024, 1, 1), targets=(target(2025, 50),))
    held = pd.Series([one.target_on(day) for day in one.answer.rows["period_end"]])
    assert held.notna().tolist() == [False] * 12 + [True] * 12
