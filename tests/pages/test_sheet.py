"""The pieces of a first screen: every text is escaped, tables sort with what is not known last, badges say what they mean."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from lxml import etree

from indicators.analysis.control_chart import spc
from indicators.analysis.signals import spc_of
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import label_of, parse_label
from indicators.drawing.trend import DatedBreak, Level
from indicators.engine.question import INCOMPLETE, NO_DATA, OK, SUPPRESSED
from indicators.programme.targets import TargetResult, nothing
from indicators.programme.verdicts import Target
from indicators.wording import formats
from indicators.wording.translations import in_language
from pages import sheet
from pages.charts.levels import levels_over_time, targets_in_periods
from pages.sheet import Action, Column, Fact, Row, Value, evidence, plain_value
from pages.sheet.pieces import ACTION_INKS
from pages.text import signals
from tests.pages.app import words
from tests.spec.series import series

SEVEN_DAYS = definition("seven_day_access")
#: What a file may call a unit.
EVIL = """<b>"x"&'</b><script>alert(1)</script>"""
ADDRESS = 'queues?yksikko=<b>"x"&'
QUARTER = Target(SEVEN_DAYS.id, "18", parse_label("2025-Q4"), ">=", 80.0, "percent", "80 %", None)
ORDINARY = [70.0, 72.0, 69.0, 71.0, 70.0, 73.0, 68.0, 71.0, 70.0, 72.0, 69.0, 70.0]
FIRST = date(2024, 12, 30)


def a_table(**more: object) -> str:
    columns = [Column("nimi", EVIL, right=False), Column("n", EVIL)]
    row = Row(EVIL, ADDRESS, (plain_value(EVIL, 1, kind="text"),), selected=True, remark=EVIL)
    return sheet.data_table(EVIL, columns, [row], "n", lambda code: f"{ADDRESS}{code}", foot=EVIL, **more)


def a_trend() -> str:
    found = series(SEVEN_DAYS.id, "week", FIRST, ORDINARY)
    return evidence.trend_chart(
        EVIL,
        found.rows.assign(coverage=80.0),
        SEVEN_DAYS,
        spc_of(found, 80.0),
        targets=[Level(FIRST, date(2025, 12, 31), 80.0, EVIL)],
        breaks=[DatedBreak(date(2025, 2, 3), EVIL)],
        label="2025-W12",
        link=lambda label: f"{ADDRESS}{label}",
        alt=EVIL,
    ).html()


BUILDERS: dict[str, Callable[[], str]] = {
    "finding": lambda: sheet.finding(f"A {EVIL} b", [EVIL]),
    "number": lambda: sheet.number_block(EVIL, EVIL, facts=[Fact(EVIL, EVIL), Fact(EVIL, EVIL, "limit", ADDRESS)]),
    "number with a unit": lambda: sheet.number_block(EVIL, f"71,4 {EVIL}"),
    "verdict": lambda: sheet.verdict_badge("met", EVIL),
    "signal": lambda: sheet.signal_badge("up", EVIL, EVIL) + sheet.signal_badge("up", EVIL, inline=True),
    "actions": lambda: sheet.action_list(EVIL, [Action(EVIL, "limit", EVIL, EVIL, ADDRESS)], EVIL),
    "no actions": lambda: sheet.action_list(EVIL, (), EVIL),
    "table": a_table,
    "groups": lambda: a_table(groups=[("title", [Row(EVIL, ADDRESS, (plain_value(EVIL),), remark=EVIL)])]),
    "titled": lambda: sheet.titled(EVIL, "", ""),
    "fold": lambda: sheet.fold(EVIL, ""),
    "funding": lambda: sheet.funding_line("", EVIL, EVIL),
    "note": lambda: sheet.note(EVIL),
    "link": lambda: sheet.link(ADDRESS, EVIL),
    "hidden words": lambda: sheet.hidden(EVIL),
    "trend": a_trend,
}  # fmt: skip


@pytest.mark.parametrize("name", BUILDERS)
def test_no_text_becomes_markup(name: str) -> None:
    with in_language("fi"):
        made = BUILDERS[name]()
    parsed = etree.fromstring(f"<div>{made.replace('<br>', '<br/>')}</div>".encode())
    tags = {element.tag.rpartition("}")[2] for element in parsed.iter()}
    assert not tags & {"b", "script"}
    assert EVIL in html.unescape(made)
    for element in parsed.iter():
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on")
            if attribute in ("href", "data-href"):
                assert value.startswith(ADDRESS)


# --- tables -------------------------------------------------------------------------------------------------------

COLUMNS = [
    Column("nimi", "Yksikkö", right=False),
    Column("osuus", "Osuus"),
    Column("n", "n", hides="medium", largest_first=True),
    Column("kehitys", "Kehitys", right=False, sorts=False),
]
ROWS = [
    Row("Åminne", "?y=1", (plain_value("70 %", 70.0), plain_value("10", 10.0), Value(""))),
    Row("beta", "?y=2", (plain_value("■", None), plain_value("ei tietoa", float("nan")), Value(""))),
    Row("Alfa", "?y=3", (plain_value("0 %", 0.0), plain_value("300", 300.0), Value("")), selected=True),
    Row("gamma", "?y=4", (plain_value("57 %", 57.0), plain_value("20", 20.0), Value(""))),
]


def drawn(order: str, sorted_by: Callable[[str], str] | None = lambda code: f"?jarjestys={code}") -> str:
    return sheet.data_table("Yksiköt", COLUMNS, ROWS, order, sorted_by)


def names_in(table: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a [^>]*>(.*?)</a>', table)


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("osuus", ["Alfa", "gamma", "Åminne", "beta"]),
        ("-osuus", ["Åminne", "gamma", "Alfa", "beta"]),
        ("n", ["Åminne", "gamma", "Alfa", "beta"]),
        ("-n", ["Alfa", "gamma", "Åminne", "beta"]),
        ("nimi", ["Alfa", "beta", "gamma", "Åminne"]),
        ("-nimi", ["Åminne", "gamma", "beta", "Alfa"]),
        ("", ["Åminne", "beta", "Alfa", "gamma"]),
        ("-", ["Åminne", "beta", "Alfa", "gamma"]),
        ("tuntematon", ["Åminne", "beta", "Alfa", "gamma"]),
    ],
)  # fmt: skip
def test_rows_are_sorted_with_what_is_not_known_last(order: str, names: list[str]) -> None:
    assert names_in(drawn(order)) == names


def heads(table: str) -> dict[str, tuple[str | None, str | None]]:
    """The headings: what each says of the order, and where it leads."""
    found = {}
    for attributes, inner in re.findall(r'<th scope="col"([^>]*)>(.*?)</th>', table):
        said, href = re.search(r'aria-sort="(\w+)"', attributes), re.search(r'href="([^"]*)"', inner)
        found[words(inner).rstrip(" ▴▾")] = (said and said[1], href and href[1])
    return found


def test_headings_say_the_order_and_sort() -> None:
    assert heads(drawn("osuus")) == {
        "Yksikkö": (None, "?jarjestys=nimi"),
        "Osuus": ("ascending", "?jarjestys=-osuus"),
        "n": (None, "?jarjestys=-n"),
        "Kehitys": (None, None),
    }
    assert heads(drawn("-n"))["n"] == ("descending", "?jarjestys=n")
    assert heads(drawn("n"))["n"] == ("ascending", "?jarjestys=-n")
    assert heads(drawn("-osuus"))["Osuus"] == ("descending", "?jarjestys=osuus")
    # A table that cannot be sorted says nothing of an order.
    assert set(heads(drawn("osuus", None)).values()) == {(None, None)}


def test_the_selected_row_is_told_and_every_row_is_a_link() -> None:
    table = drawn("osuus")
    [row] = re.findall(r'<tr class="tv-selected" aria-current="true">(.*?)</tr>', table)
    assert words(row).startswith("Alfa")
    assert re.findall(r'<th scope="row"[^>]*><a href="([^"]*)"', table) == ["?y=3", "?y=4", "?y=1", "?y=2"]
    assert '<caption class="tv-sr">Yksiköt</caption>' in table
    assert 'tabindex="0" role="region" aria-label="Yksiköt"' in table


def test_groups_keep_their_headings_and_are_sorted_within() -> None:
    table = sheet.data_table(
        "x", COLUMNS, (), "osuus", groups=[("<p>ensin</p>", ROWS[:2]), ("<p>sitten</p>", ROWS[2:])]
    )
    assert names_in(table) == ["Åminne", "beta", "Alfa", "gamma"]
    assert table.index("ensin") < table.index("Åminne") < table.index("sitten") < table.index("Alfa")
    assert table.count(f'scope="rowgroup" colspan="{len(COLUMNS)}"') == 2


def test_a_row_with_too_few_cells_is_a_fault() -> None:
    with pytest.raises(ValueError, match="zip"):
        sheet.data_table("x", COLUMNS, [Row("a", "", ())], "")


# --- finding, number, badges --------------------------------------------------------------------------------------


def test_n_and_its_number_stay_together_and_the_number_stands_out() -> None:
    made = sheet.finding("Viikolla 10 osuus on 71,4 % (n = 44).", ["71,4 %"])
    assert "<strong>71,4 %</strong>" in made
    assert "(n\xa0=\xa044)" in made
    assert 'role="status"' in made


@pytest.mark.parametrize(
    ("number", "headline"),
    [
        ("71,4\xa0%", "71,4<small>\xa0%</small>"),
        ("1\xa0234", "1\xa0234<small></small>"),
        ("−2,5\xa0vrk", "−2,5<small>\xa0vrk</small>"),
        ("■\xa076–84\xa0%", "■\xa076–84<small>\xa0%</small>"),
        ("ei tiedetä", '<span class="tv-word">ei tiedetä</span>'),
        ("■\xa0peitetty", '<span class="tv-word">■\xa0peitetty</span>'),
    ],
)
def test_a_headline_is_a_number_with_its_unit_or_a_word(number: str, headline: str) -> None:
    made = sheet.number_block("x", number)
    assert f'<p class="tv-headline">{headline}</p>' in made


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("verdict", formats.VERDICTS)
def test_a_verdict_has_a_shape_and_a_word(verdict: str, language: str) -> None:
    with in_language(language):
        word = formats.capital(formats.verdict_word(verdict))
        for made in (sheet.verdict_badge(verdict), sheet.verdict_badge(verdict, alone=True)):
            assert f'aria-hidden="true">{formats.VERDICTS[verdict][0]}</span>' in made
            assert words(made).endswith(word.replace("\xa0", " "))


def test_every_kind_of_action_has_its_ink_and_a_remark_stands_for_none() -> None:
    for kind in ACTION_INKS:
        made = sheet.action_list("Mitä", [Action("3", kind, "a", "b", "queues?x=1")], "lisäksi")
        assert f"tv-ink-{ACTION_INKS[kind]}" in made and 'href="queues?x=1"' in made
        assert "lisäksi" in made
    made = sheet.action_list("Mitä", (), "Ei mitään.")
    assert "<ul>" not in made and "<p>Ei mitään.</p>" in made


def test_empty_pieces_of_a_sheet_are_left_out() -> None:
    made = sheet.sheet_grid("<p>1</p>", "", "<p>2</p>", "")
    assert made.count("<div") == 3
    assert sheet.note("") == ""


# --- verdict and signal -------------------------------------------------------------------------------------------


def verdict_of(verdict: str, value: float | None = 74.0) -> TargetResult:
    actual = replace(nothing(QUARTER.period), value=value, status=OK)
    return TargetResult(QUARTER, actual, verdict, None, 1, None, ())


def badge(
    period: str, today: date, result: TargetResult | None, status: str = OK, value: float | None = 74.4
):
    row = {"period": period, "value": value, "status": status}
    with in_language("fi"):
        return words(evidence.target_badge(row, QUARTER, SEVEN_DAYS, result, today))


DURING, AFTER = date(2025, 12, 15), date(2026, 1, 2)


@pytest.mark.parametrize(("verdict", "shape"), [("met", "● Saavutettu"), ("not_met", "▲ Ei saavutettu")])
def test_only_the_targets_own_period_has_a_verdict(verdict: str, shape: str) -> None:
    result = verdict_of(verdict)
    assert badge("2025-Q4", AFTER, result) == f"{shape} tavoite vähintään 80 %"
    for period in ("2025-W50", "2025-12", "2025-Q3", "2025"):
        said = badge(period, AFTER, result)
        assert said.startswith("○ −5,6 %-yks. tavoitteesta")
        assert said.endswith("tavoitejakso on päättynyt")
        assert "saavutettu" not in said.lower()
    # The own period of another scope than the target's has none either.
    assert badge("2025-Q4", AFTER, None).startswith("○ −5,6 %-yks. tavoitteesta")


def test_before_its_end_the_badge_says_until_when_the_target_period_lasts() -> None:
    said = badge("2025-W50", DURING, verdict_of("not_due"))
    assert said.startswith("○ −5,6 %-yks. tavoitteesta")
    assert "31.12.2025" in said
    assert "päättynyt" not in said
    assert badge("2025-W50", date(2025, 12, 31), None).endswith("31.12.2025")


@pytest.mark.parametrize(
    ("status", "value"), [(INCOMPLETE, 74.4), (NO_DATA, None), (SUPPRESSED, None), (OK, None)]
)
def test_what_is_not_complete_or_not_known_has_no_distance(status: str, value: float | None) -> None:
    said = badge("2025-W50", DURING, verdict_of("not_due"), status, value)
    assert said.startswith("○ Ei vielä arvioitavissa")
    assert "tavoitteesta" not in said
    # After the end of the period there is nothing to wait for.
    over = badge("2025-W50", AFTER, verdict_of("not_due"), status, value)
    assert over == "○ Tavoite vähintään 80 % tavoitejakso on päättynyt"


def test_a_miss_does_not_read_as_a_hit() -> None:
    said = badge("2025-W50", DURING, None, OK, 79.96)
    assert said.startswith("○ −0,04 %-yks. tavoitteesta")


def test_without_a_target_there_is_no_badge() -> None:
    assert evidence.target_badge({}, None, SEVEN_DAYS, None, AFTER) == ""


def test_the_target_period_in_small_print() -> None:
    with in_language("fi"):
        name, said = evidence.verdict_fact(verdict_of("not_met", 74.2), SEVEN_DAYS)
        assert (name, said.replace("\xa0", " ")) == (
            "Tavoitejakso: 4. neljännes 2025",
            "74,2 %, ▲ ei saavutettu",
        )
        for verdict in ("not_due", "no_data", "suppressed"):
            said = evidence.verdict_fact(verdict_of(verdict, None), SEVEN_DAYS)[1]
            assert said == formats.verdict(verdict)


def judged(values: list[float | None]):
    days = [date.fromordinal(FIRST.toordinal() + 7 * week) for week in range(len(values))]
    return spc(days, values, better="up", target=80.0, labels=[label_of(day, "week") for day in days])


@pytest.mark.parametrize(
    ("last", "arrow", "meaning", "said"),
    [
        (95.0, "M14 3l", "good", "Parantunut aidosti"),
        (45.0, "M14 13l", "bad", "Heikentynyt aidosti"),
        (70.0, "M1 9c", "neutral", "Tavanomaista vaihtelua"),
    ],
)
def test_the_arrow_follows_the_value_and_the_words_say_what_it_means(
    last: float, arrow: str, meaning: str, said: str
) -> None:
    result = judged([*ORDINARY, last])
    with in_language("fi"):
        badge, cell = evidence.signal_of(result, "2025-W13"), evidence.signal_in_row(result)
    assert words(badge).startswith(said)
    assert words(cell) == said[0].lower() + said[1:]
    for made in (badge, cell):
        assert arrow in made and f"tv-{meaning}" in made
    if last != 70.0:
        assert "rajan" in words(badge) or "ala" in words(badge)


def test_a_figure_that_is_better_lower_has_the_other_meaning() -> None:
    days = [date.fromordinal(FIRST.toordinal() + 7 * week) for week in range(13)]
    labels = [label_of(day, "week") for day in days]
    result = spc(days, [*ORDINARY, 95.0], better="down", labels=labels)
    with in_language("fi"):
        made = evidence.signal_of(result, "2025-W13")
    assert words(made).startswith("Heikentynyt aidosti")
    assert "M14 3l" in made and "tv-bad" in made


def test_a_run_says_over_which_periods_it_is_and_that_its_newest_value_goes_against_it() -> None:
    # Seven weeks above the mean of all, of which the newest fell.
    low, high = [60.0, 61.0, 59.0, 60.5, 59.5, 60.0, 61.0], [80.0, 81.0, 80.5, 82.0, 81.0, 82.5]
    fell, rose = judged([*low, *high, 78.0]), judged([*low, *high, 83.0])
    assert [one.label for one in fell.run_to("2025-W14")] == [f"2025-W{week:02d}" for week in range(8, 15)]
    assert fell.turned("2025-W14") and not rose.turned("2025-W14")
    assert fell.run_to("2025-W99") == judged(ORDINARY).run_to("2025-W12") == ()
    with in_language("fi"):
        assert words(signals.in_a_sentence(fell, "2025-W14")) == (
            "Luku on parantunut enemmän kuin sattuma selittää (viikko 8/2025 – viikko 14/2025). "
            "Viimeksi se kuitenkin heikkeni."
        )
        assert "kuitenkin" not in signals.in_a_sentence(rose, "2025-W14")
        for made in (evidence.signal_of(fell, "2025-W14"), evidence.signal_in_row(fell)):
            assert "viikko 8/2025 – viikko 14/2025" in words(made)
            assert "Viimeksi se kuitenkin heikkeni" in words(made)
    # A figure that is better lower has got worse over the run, and better last.
    days = [date.fromordinal(FIRST.toordinal() + 7 * week) for week in range(14)]
    lower = spc(days, [*low, *high, 78.0], better="down", labels=[label_of(day, "week") for day in days])
    with in_language("fi"):
        assert signals.in_a_sentence(lower, "2025-W14").endswith("Viimeksi se kuitenkin parani.")


def test_what_cannot_be_judged_says_so() -> None:
    with in_language("fi"):
        few = spc_of(series(SEVEN_DAYS.id, "week", FIRST, ORDINARY[:5]), 80.0)
        assert words(evidence.signal_of(few, "2025-W05", "syy")) == "Liian vähän arvoja syy"
        assert words(evidence.signal_in_row(few)) == "liian vähän arvoja"
        gone = spc_of(series(SEVEN_DAYS.id, "week", FIRST, [*ORDINARY, None]), 80.0)
        assert "aidosti" not in words(evidence.signal_of(gone, "2025-W13"))
        assert words(evidence.signal_in_row(gone)) == "ei arvioitavissa"
        # The last value that is known has none either, and a series without limits has none at all.
        assert words(evidence.signal_of(gone, "2025-W12")) == "Ei arvioitavissa"
        constant = judged([70.0] * 20)
        assert words(evidence.signal_of(constant, "2025-W20")) == "Ei arvioitavissa"
        assert words(evidence.signal_in_row(constant)) == "ei arvioitavissa"
        assert signals.in_a_sentence(constant, "2025-W20") == signals.in_a_sentence(gone, "2025-W12") == ""
        assert "aidosti" not in words(evidence.signal_of(judged(ORDINARY), None))


# --- the trend ----------------------------------------------------------------------------------------------------


def test_a_trend_shows_the_newest_points_and_says_what_is_drawn() -> None:
    values = [60.0 + week % 5 for week in range(60)]
    labels = [label_of(date.fromordinal(FIRST.toordinal() + 7 * week), "week") for week in range(60)]
    found = series(SEVEN_DAYS.id, "week", FIRST, values, {labels[-1]: INCOMPLETE})
    with in_language("fi"):
        made = evidence.trend_chart(
            "Osuus", found.rows.assign(coverage=float("nan")), SEVEN_DAYS, spc_of(found, 80.0)
        ).html()
    # Once for a wide and once for a narrow window.
    assert made.count("<circle") == 2 * evidence.MOST_POINTS
    said = words(made)
    assert "Varjostus: tavanomainen vaihtelu" in said
    assert "Asteikon alku 40" in said
    assert "Katkoviiva: tiedot vajaat" in said


def test_each_period_has_the_target_of_its_own_time_and_after_the_last_a_reference() -> None:
    first = replace(QUARTER, period=parse_label("2025-Q1"), value=70.0)
    months = replace(QUARTER, unit="months", value=1.0)
    open_one = replace(QUARTER, value=None)
    rows = series(SEVEN_DAYS.id, "week", FIRST, ORDINARY).rows
    steps = targets_in_periods([QUARTER, months, first, open_one], SEVEN_DAYS)
    with in_language("fi"):
        before, after = (
            [(one.first, one.value, one.words) for one in levels_over_time(steps, rows, day)]
            for day in (date(2025, 12, 31), date(2026, 1, 1))
        )
    own = [(date(2025, 1, 1), 70.0, "tavoite 70"), (date(2025, 10, 1), 80.0, "tavoite 80")]
    assert before == own
    assert after == [*own, (date(2025, 12, 31), 80.0, "tavoite oli 80")]
    assert levels_over_time(targets_in_periods([months], SEVEN_DAYS), rows, date(2026, 1, 1)) == []
