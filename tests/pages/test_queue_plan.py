"""The page that plans a queue: its numbers, languages, links, saved scenarios, counts alone, and who may see what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from indicators.engine.queue_basis import basis_of, validation_of
from indicators.engine.queue_flow import queues_of
from indicators.engine.queue_plan import QueuePlan, can_be_shared, queue_needs, queue_plan
from indicators.planning.needed import LIKELY
from indicators.planning.plan import plan
from indicators.planning.scenario import PlannedStream, Scenario, Target, from_link, shipped_scenarios
from indicators.planning.steady_state import BY_LEAVING, GROWS, LATE, SUSTAINABLE, TIGHT
from indicators.planning.validation import Validation
from indicators.wording import formats
from indicators.wording.translations import _, in_language
from pages.access import audience
from pages.access.decision import INTERNAL, SHAREABLE
from pages.text import queue_plan as words
from pages.ui import cache, plan_address, plan_screen, plan_tabs
from pages.views.queue_plan import QueuePlanView
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from pipelines.warehouse.saved import MOST, SAVED, Saved, SavedByUser
from tests.conftest import start_from
from tests.pages.app import actions, assert_healthy, finding, first_screen, open_page, table
from tests.pages.opening import opened, said
from tests.pipelines.extracts import queue, queue_entry, visit, visits

UNIT, SERVICE = "HH-KOK-01", "oral_health"
QUEUE = {"yksikko": UNIT, "palvelu": SERVICE}
AS_IT_IS = Scenario("Oma skenaario", "18", SERVICE, (UNIT,))


@pytest.fixture(scope="module")
def snapshot(demo_settings: Settings) -> Snapshot:
    return Warehouse(demo_settings.warehouse, 500).current()


@pytest.fixture
def found(snapshot: Snapshot) -> QueuePlan:
    return queue_plan(snapshot, AS_IT_IS.to_link())


def with_visits(found: QueuePlan, number: float = 6, price: float = 100) -> Scenario:
    first = found.snapshot + timedelta(days=1)
    stream = PlannedStream("Lisä", "bought", first, first + timedelta(days=181), number, None, price)
    return replace(AS_IT_IS, name="Lisävastaanotto", streams=(stream,))


def test_the_first_screen_has_the_numbers_of_the_plan(
    found: QueuePlan, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, demo_settings.warehouse, "queue_plan", kieli="fi", **QUEUE)
    assert_healthy(page)
    now, case = found.now, found.today
    waiting = round(now.waiting)
    assert finding(page).startswith(
        f"{formats_day(found.snapshot)} jonossa odotti {waiting}, joista {now.over:.0f}"
    )
    low, middle, high = (case.at("queue", 26, band) or 0.0 for band in ("low_80", "median", "high_80"))
    assert f"26 viikon päästä odottaa {middle:.0f} (vaihteluväli {low:.0f}–{high:.0f})" in finding(page)
    number, facts = first_screen(page)
    assert f"Jonossa nyt {waiting} " in number
    assert in_finnish(words.VERDICTS[case.word].word) in number
    assert facts["Yli enimmäisajan"] == f"{now.over:.0f}"
    assert facts["Tulee viikossa"] == f"{now.arrivals_a_week:.1f}".replace(".", ",")
    rows = table(page, "Tulevina viikkoina, suluissa 80 % vaihteluväli")
    assert rows[0] == ["Kuluttua", "4 vk", "13 vk", "26 vk", "52 vk"]
    assert rows[1][0] == "Odottavat" and rows[1][3] == f"{middle:.0f} ({low:.0f}–{high:.0f})"
    assert [row[0] for row in rows[1:]] == ["Odottavat", "Yli enimmäisajan", "Enimmäisajassa", "Pisin odotus"]
    assert actions(page)[-1][2].endswith("nakyma=entajos")


def formats_day(day: date) -> str:
    with in_language("fi"):
        return formats.day(day)


def in_finnish(text: str) -> str:
    with in_language("fi"):
        return _(text)


@pytest.mark.parametrize(
    ("language", "title", "beginning"),
    [
        ("sv", "Planering av kön", "Om inget ändras väntar om 26 veckor"),
        ("en", "Queue planning", "As today, in 26 weeks"),
    ],
)
def test_it_is_said_in_other_languages(
    language: str, title: str, beginning: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("queue_plan", demo_settings, monkeypatch, language, **QUEUE)
    assert page.title[0].value == title
    assert beginning in finding(page)


def test_without_a_choice_it_begins_with_the_queue_most_beyond_the_limit(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("queue_plan", demo_settings, monkeypatch)
    audience.start_run(INTERNAL)
    queues = QueuePlanView.queues("18")
    audience.start_run(SHAREABLE)
    assert queues[0].over == max(one.over or 0.0 for one in queues) > 0
    chosen = {box.label: box.value for box in page.multiselect}
    assert (chosen["Yksikkö"], chosen["Palvelu"]) == ([queues[0].unit], [queues[0].service])


def all_queues(snapshot: Snapshot) -> list[Scenario]:
    return [
        Scenario("Oma skenaario", area, service, (unit,)) for area, unit, service in queues_of(snapshot, ())
    ]


def test_those_beyond_the_limit_are_those_of_the_page_queues_and_the_medical_ones_beside(
    snapshot: Snapshot, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    cache.clear()
    audience.start_run(INTERNAL)
    on_queues = {(one.unit, one.service): one.over for one in QueuePlanView.queues("18")}
    audience.start_run(SHAREABLE)
    medical = 0.0
    for queue_of in all_queues(snapshot):
        now = queue_plan(snapshot, queue_of.to_link()).now
        medical += now.over_medical
        over = on_queues[(queue_of.units[0], queue_of.service)]
        assert now.over - now.over_medical == (over or 0.0), queue_of
    assert medical > 0


def test_without_a_forecast_to_rely_on_there_is_no_headline_and_no_word(
    snapshot: Snapshot, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = next(
        one for one in all_queues(snapshot) if (tried := validation_of(snapshot, one.where)) and tried.is_poor
    )
    of = {"yksikko": poor.units[0], "palvelu": poor.service}
    page = opened("queue_plan", demo_settings, monkeypatch, **of)
    assert "jonossa odotti" in finding(page) and "Viikossa tulee" in finding(page)
    assert "viikon päästä" not in finding(page)
    assert page.warning[0].value.startswith("Ennustetta ei anneta")
    number, _facts = first_screen(page)
    assert "Ei luotettavaa ennustetta" in number
    assert not any(in_finnish(one.word) in number for one in words.VERDICTS.values())
    stream = with_visits(queue_plan(snapshot, poor.to_link())).streams
    link = replace(poor, streams=stream).to_link()
    text = finding(opened("queue_plan", demo_settings, monkeypatch, **of, skenaario=link))
    assert "odottavia on −" in text and "verrattuna siihen, ettei mikään muutu" in text


def test_what_comes_and_what_is_needed_are_told_one_after_the_other(
    found: QueuePlan, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = first_screen(opened("queue_plan", demo_settings, monkeypatch, **QUEUE))[1]
    come, left, need = (
        float(facts[name].partition(" ")[0].replace(",", "."))
        for name in ("Tulee viikossa", "näistä poistuu hoidotta", "tarvitsee käynnin")
    )
    assert come - left == pytest.approx(need) and need == pytest.approx(found.now.need_a_week, abs=0.05)
    now = found.now
    assert f"({now.limited - now.over:.0f}/{now.limited:.0f})" in facts["Enimmäisajassa"]


def test_what_the_advice_gives_reaches_its_target_and_a_visit_less_does_not(
    snapshot: Snapshot, found: QueuePlan
) -> None:
    wanted = replace(AS_IT_IS, target=Target("queue", 60, date(2026, 6, 29)))
    needs = queue_needs(snapshot, wanted.to_link())
    assert needs.likely and needs.likely.extra and needs.likely.extra_after is not None

    def chance(less: int, less_after: int) -> float:
        given = replace(needs.likely, extra=needs.likely.extra - less)
        given = replace(given, extra_after=given.extra_after - less_after)
        taken = plan_tabs.as_scenario(wanted, found, replace(needs, likely=given), None, longest_first=True)
        done = plan(basis_of(snapshot, taken.where), taken).scenario
        return float(taken.target.wanted.met(done.runs)[:, needs.by - 1 :].all(axis=1).mean())

    assert chance(0, 0) >= LIKELY > chance(1, 0)
    if needs.likely.extra_after:
        assert chance(0, 1) < LIKELY


def test_the_form_gives_visits_to_the_end_of_the_weeks_that_are_followed(
    found: QueuePlan, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("queue_plan", demo_settings, monkeypatch, **QUEUE)
    assert next(one.value for one in page.date_input if one.label == "Saakka") == found.ends[-1]


def test_the_file_of_a_plan_carries_its_inputs_and_seed_in_every_row(found: QueuePlan) -> None:
    with in_language("fi"):
        header, first, *_rest = plan_tabs.week_table(found, ["queue"]).csv().decode("utf-8-sig").splitlines()
    assert "Huomautus" in header and str(found.seed) in first and "oral_health" in first


def test_a_week_that_ends_on_a_monday_is_named_by_the_days_before(found: QueuePlan) -> None:
    with in_language("fi"):
        assert plan_screen.week_name(date(2025, 12, 29)) == "viikko 52/2025"


def test_a_longest_wait_of_the_ages_counted_together_is_that_or_more(found: QueuePlan) -> None:
    week = len(found.ends)
    lines = {**found.today.lines, "longest": {"median": [float(found.oldest_age)] * week}}
    with in_language("fi"):
        assert words.at_week("longest", found, replace(found.today, lines=lines), week) == (
            f"≥ {found.oldest_age} vk"
        )


def test_the_queue_with_most_beyond_the_limit_is_opened_and_it_says_why(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    cache.clear()
    audience.start_run(INTERNAL)
    worst = QueuePlanView.queues("18")[0]
    audience.start_run(SHAREABLE)
    tried = []
    monkeypatch.setattr(
        "pages.views.queue_plan.validation_of",
        lambda *asked: tried.append(asked[1]) or validation_of(*asked),
    )
    page = opened("queue_plan", demo_settings, monkeypatch)
    assert "Avattuna on jono" in said(page)
    chosen = {box.label: box.value for box in page.multiselect}
    assert chosen["Yksikkö"] == [worst.unit] and chosen["Palvelu"] == [worst.service]
    # Trying the model on a queue costs as much as its plan: only the one that is shown is tried.
    assert len(set(tried)) == 1


def test_the_definitions_say_where_a_plan_counts_otherwise(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, demo_settings.warehouse, "queue_plan", kieli="fi", **QUEUE)
    block = next(one for one in page.expander if one.label == "Mitä luvut tarkoittavat")
    with in_language("fi"):
        assert block.markdown[0].value == words.who_counts()


def test_a_scenario_of_a_link_is_told_beside_today(
    found: QueuePlan, snapshot: Snapshot, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = with_visits(found)
    planned = queue_plan(snapshot, scenario.to_link()).planned
    page = open_page(
        monkeypatch, demo_settings.warehouse, "queue_plan", kieli="fi", **QUEUE, skenaario=scenario.to_link()
    )
    assert_healthy(page)
    text = finding(page)
    assert f"Skenaario ”Lisävastaanotto”: 26 viikon päästä odottaa {planned.at('queue', 26):.0f} " in text
    with in_language("fi"):
        euros = formats.euros(planned.total_euros).replace("\xa0", " ")
    assert planned.total_euros == 6 * 26 * 100 and f"Se maksaa {euros}" in text
    rows = table(page, "Tulevina viikkoina, suluissa 80 % vaihteluväli")
    assert [row[0] for row in rows[:4]] == ["Kuluttua", "Odottavat", "Kuten nyt", "Lisävastaanotto"]


def test_the_form_opens_what_was_filled_in(
    found: QueuePlan, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, demo_settings.warehouse, "queue_plan", kieli="fi", **QUEUE)
    fields = {one.label: one for one in reversed(page.number_input)}
    fields["Käyntejä viikossa"].set_value(6)
    fields["Käynnin hinta, €"].set_value(100)
    button(page, "Laske").click().run()
    assert_healthy(page)
    assert "Se maksaa" in finding(page)
    written = page.query_params["skenaario"]
    assert from_address(written).streams[0].visits_a_week == 6
    button(page, "Palaa nykytilaan").click().run()
    assert "skenaario" not in page.query_params and "Se maksaa" not in finding(page)


def from_address(written: object) -> Scenario:
    return from_link(written[0] if isinstance(written, list) else str(written))


def button(page: AppTest, label: str) -> object:
    return next(one for one in page.button if one.label == label)


def test_a_fault_of_the_form_is_said_and_nothing_changes(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, demo_settings.warehouse, "queue_plan", kieli="fi", **QUEUE)
    fields = {one.label: one for one in reversed(page.number_input)}
    fields["Tai budjetti, €"].set_value(1000)
    button(page, "Laske").click().run()
    assert [one.value for one in page.error] == ["Budjetti vaatii käynnin hinnan. Mitään ei laskettu."]
    assert "skenaario" not in page.query_params


@pytest.mark.parametrize("link", ["roskaa", "eNq-", "x" * 5000])
def test_a_link_that_is_none_is_said_and_the_queue_is_shown(
    link: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, demo_settings.warehouse, "queue_plan", kieli="fi", **QUEUE, skenaario=link)
    assert not page.exception
    assert [one.value for one in page.error] == [
        "Osoitteessa ei ole skenaariota, jonka voisi avata. Jono näytetään nykyisellään."
    ]
    assert "jonossa odotti" in finding(page)


def test_what_a_target_takes_is_told_and_can_be_used(
    snapshot: Snapshot, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = replace(AS_IT_IS, target=Target("queue", 60, date(2026, 6, 29)))
    needs = queue_needs(snapshot, wanted.to_link())
    assert needs.plain.extra and needs.likely and needs.likely.extra >= needs.plain.extra
    page = opened(
        "queue_plan",
        demo_settings,
        monkeypatch,
        **QUEUE,
        skenaario=wanted.to_link(),
        nakyma="vaatii",
        hinta="100",
    )
    assert_healthy(page)
    rows = table(page, "Käynnit, jotka tavoite vaatii")
    assert rows[1][:3] == ["Keskimäärin", str(needs.plain.extra), str(needs.plain.extra_after)]
    assert rows[2][:3] == ["80 simuloinnissa sadasta", str(needs.likely.extra), str(needs.likely.extra_after)]
    with in_language("fi"):
        assert rows[2][4] == formats.euros(needs.euros(100, 52, likely=True) or 0).replace("\xa0", " ")
    button(page, "Käytä skenaariona").click().run()
    assert_healthy(page)
    streams = from_address(page.query_params["skenaario"]).streams
    assert [one.visits_a_week for one in streams][:1] == [needs.likely.extra]


def test_a_target_that_cannot_be_reached_says_what_is_nearest(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = replace(AS_IT_IS, target=Target("over", 0, date(2026, 1, 6)))
    text = said(
        opened("queue_plan", demo_settings, monkeypatch, **QUEUE, skenaario=wanted.to_link(), nakyma="vaatii")
    )
    assert "Tavoitetta ei voi saavuttaa 1 viikossa." in text
    assert "Lähin mahdollinen tuolla viikolla:" in text


@pytest.mark.parametrize("tab", ["skenaariot", "teoria", "taulukko"])
def test_every_tab_opens_with_a_scenario_and_another_beside_it(
    tab: str, found: QueuePlan, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = shipped_scenarios()["oral_health_540000"].to_link()
    page = opened(
        "queue_plan",
        demo_settings,
        monkeypatch,
        **QUEUE,
        skenaario=with_visits(found).to_link(),
        vertaa=beside,
        nakyma=tab,
    )
    assert_healthy(page)
    text = said(page)
    if tab == "skenaariot":
        rows = {row[0]: row[1:] for row in table(page, "Skenaarioiden vertailu")}
        assert (
            len(rows["Kustannus"]) == 3
            and rows["Kustannus"][0] == "0 €"
            and rows["Kustannus"][2] == "540 000 €"
        )
    if tab == "taulukko":
        assert f"Simuloinnin siemenluku: {found.seed}" in text


def test_scenarios_are_saved_opened_deleted_and_taken_back(
    found: QueuePlan, demo_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = copied(demo_settings, tmp_path)
    page = opened(
        "queue_plan", own, monkeypatch, **QUEUE, skenaario=with_visits(found).to_link(), nakyma="skenaariot"
    )
    page.text_input[0].set_value("  Kevään   lisä ")
    button(page, "Tallenna").click().run()
    assert_healthy(page)
    saved = SavedByUser(own.warehouse, "scenarios", "tests@alue.fi")
    assert [one.name for one in saved.all()] == ["Kevään lisä"]
    assert "Kevään lisä" in said(page)
    # Another user sees none of it.
    assert SavedByUser(own.warehouse, "scenarios", "toinen@alue.fi").all() == ()
    button(page, "Poista").click().run()
    assert saved.all() == () and "Poistettu: Kevään lisä" in said(page)
    button(page, "Kumoa").click().run()
    assert [one.name for one in saved.all()] == ["Kevään lisä"]
    again = opened("queue_plan", own, monkeypatch, **QUEUE, nakyma="skenaariot")
    button(again, "Avaa").click().run()
    assert "Skenaario ”Kevään lisä”" in finding(again)


def copied(settings: Settings, folder: Path) -> Settings:
    own = replace(settings, warehouse=folder / "warehouse")
    start_from(settings, own)
    return own


def test_what_is_saved_is_one_file_a_user_that_a_damaged_one_does_not_break(tmp_path: Path) -> None:
    saved = SavedByUser(tmp_path, "scenarios", "a@b.fi")
    assert saved.save(Saved("A", "1")) and saved.save(Saved("B", "2")) and saved.save(Saved("A", "3"))
    assert saved.all() == (Saved("B", "2"), Saved("A", "3"))
    assert saved.delete("C") is None
    [file] = (tmp_path / SAVED).glob("*.json")
    assert "a@b.fi" not in file.name and file.stat().st_mode & 0o077 == 0
    for at in range(MOST - 2):
        assert saved.save(Saved(f"n{at}", ""))
    assert not saved.save(Saved("one too many", ""))
    assert saved.save(Saved("A", "4"))
    with pytest.raises(ValueError, match="some length"):
        saved.save(Saved("x" * 81, ""))
    file.write_text("{", encoding="utf-8")
    assert saved.all() == ()


def test_a_scenario_of_the_past_is_offered_to_begin_now(
    found: QueuePlan, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = with_visits(found).moved_to(date(2025, 1, 7))
    page = opened("queue_plan", demo_settings, monkeypatch, **QUEUE, skenaario=past.to_link())
    assert "Skenaario alkaa ennen uusinta poimintaa." in said(page)
    button(page, "Siirrä alkamaan nyt").click().run()
    moved = from_address(page.query_params["skenaario"])
    assert moved.streams[0].first_day == found.snapshot + timedelta(days=1)


# --- who may see what ----------------------------------------------------------------------------------------------

REFUSED = "Tätä suunnitelmaa ei ole jaettavassa näkymässä"


@pytest.mark.parametrize(
    ("groups", "address", "seen"),
    [
        (("board",), QUEUE, False),
        (("board",), {}, False),
        (("managers",), QUEUE, False),
        (("managers",), {"yksikko": "TK-KOK-01", "palvelu": "primary_care"}, True),
        (("managers",), {"yksikko": ["TK-KOK-01", "TK-KAN-01"], "palvelu": "primary_care"}, False),
        (("managers",), {"yksikko": "kaikki", "palvelu": "primary_care"}, False),
        (("managers",), {}, True),
        (("analysts",), QUEUE, True),
        (("analysts",), {**QUEUE, "yleiso": "jaettava"}, False),
    ],
)
def test_a_reader_sees_the_plans_of_their_own_units_alone(
    groups: tuple[str, ...],
    address: dict[str, str | list[str]],
    seen: bool,
    demo_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(monkeypatch, demo_settings.warehouse, "queue_plan", *groups, kieli="fi", **address)
    assert_healthy(page)
    assert (REFUSED in said(page)) is not seen
    assert ("jonossa odotti" in said(page)) is seen


@pytest.mark.parametrize("tab", ["vaatii", "skenaariot", "teoria", "taulukko"])
def test_a_link_shows_nothing_that_its_reader_may_not_see(
    tab: str, found: QueuePlan, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = with_visits(found).to_link()
    for address in ({"skenaario": link}, {**QUEUE, "skenaario": link, "vertaa": link}):
        page = open_page(
            monkeypatch, demo_settings.warehouse, "queue_plan", "managers", kieli="fi", nakyma=tab, **address
        )
        assert_healthy(page)
        assert REFUSED in finding(page) and len(page.get("download_button")) == 1


def test_a_view_reads_nothing_of_a_queue_that_its_audience_may_not_see(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    cache.clear()
    view = QueuePlanView(AS_IT_IS)
    for ask in (view.plan, view.validation, view.breaches, lambda: view.theory(0.9)):
        with pytest.raises(ValueError, match="may not see"):
            ask()


# --- worlds of their own -------------------------------------------------------------------------------------------

FIRST, WEEKS = date(2025, 3, 3), 16


def load(settings: Settings, name: str, data: bytes) -> None:
    now = datetime(2025, 12, 1, 8, 0)
    report = load_bytes(name, data, LoadOptions(), settings, now=now, today=now.date())
    assert report.status == "loaded", report.findings


def written(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Two units: in each 15 come a week and are seen after three, 30 wait beyond the limit all the time; a third is small."""
    own = replace(load_settings({}), warehouse=tmp_path_factory.mktemp("large") / "warehouse")
    waiting, seen = [], []
    for unit, service, many in (
        ("A", "Avosairaanhoito", 15),
        ("B", "Avosairaanhoito", 15),
        ("C", "Fysioterapia", 2),
    ):
        for week in range(-3, WEEKS):
            start = FIRST + timedelta(days=7 * week + 2)
            for at in range(many):
                key, person = f"{unit}{week}x{at}", f"{unit}{week}p{at}"
                shared = {
                    "unit": unit,
                    "unit_name": unit,
                    "service": service,
                    "person": person,
                    "assessed": written(start),
                }
                days = [
                    FIRST + timedelta(days=7 * on) for on in range(max(week + 1, 0), min(week + 4, WEEKS))
                ]
                waiting += [
                    queue_entry(key, snapshot=written(day), queued=written(start), **shared) for day in days
                ]
                visited = FIRST + timedelta(days=7 * (week + 3) + 3)
                if visited < FIRST + timedelta(days=7 * WEEKS) and visited >= FIRST:
                    seen.append(
                        visit(
                            key,
                            booked=written(start),
                            contacted=written(start),
                            visit=written(visited),
                            **shared,
                        )
                    )
        old = written(FIRST - timedelta(days=300))
        for at in range(2 * many):
            for week in range(WEEKS):
                shared = {"unit": unit, "unit_name": unit, "service": service, "person": f"{unit}o{at}"}
                day = written(FIRST + timedelta(days=7 * week))
                waiting.append(queue_entry(f"{unit}o{at}", snapshot=day, assessed=old, queued=old, **shared))
    load(own, "kaynnit_20250303-20250622.csv", visits(*seen))
    load(own, "jono_20250616.csv", queue(*waiting))
    yield own


def test_a_queue_that_is_large_every_week_is_in_the_shareable_view(
    large: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = {"palvelu": "primary_care", "yleiso": "jaettava"}
    for address in ({**shared, "yksikko": "kaikki"}, {**shared, "yksikko": "A"}):
        page = opened("queue_plan", large, monkeypatch, **address)
        assert_healthy(page)
        assert REFUSED not in said(page)
        assert "jonossa odotti" in finding(page)
        # Who waited longest is one person, and few wait by their own wish.
        rows = table(page, "Tulevina viikkoina, suluissa 80 % vaihteluväli")
        assert [row[0] for row in rows[1:]] == ["Odottavat", "Yli enimmäisajan", "Enimmäisajassa"]
        assert "Pisin odotus" not in first_screen(page)[1] and "Ilman enimmäisaikaa" not in said(page)
        for tab in ("vaatii", "skenaariot", "teoria", "taulukko"):
            page = opened("queue_plan", large, monkeypatch, **address, nakyma=tab)
            assert_healthy(page)
            assert "Pisin odotus," not in said(page)
            assert not [one for one in page.get("download_button") if "JSON" in one.proto.label]
    page = opened(
        "queue_plan", large, monkeypatch, palvelu="physiotherapy", yleiso="jaettava", yksikko="kaikki"
    )
    assert REFUSED in said(page)


def test_a_profession_is_never_shared_nor_a_unit_beside_a_small_one(large: Settings) -> None:
    current = Warehouse(large.warehouse, 500).current()
    whole = (("area", ("18",)), ("service", ("primary_care",)))
    assert can_be_shared(current, whole)
    assert can_be_shared(current, (*whole, ("unit", ("A",))))
    assert not can_be_shared(current, (*whole, ("profession", ("doctor",))))
    assert not can_be_shared(current, whole[:1])


def test_a_queue_of_few_weeks_is_no_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    lines = [
        queue_entry(at, snapshot=day) for at in range(9) for day in ("10.3.2025", "17.3.2025", "24.3.2025")
    ]
    load(own, "jono_20250324.csv", queue(*lines))
    text = said(opened("queue_plan", own, monkeypatch))
    assert "24.3.2025 jonossa odotti 9." in text
    assert "Peräkkäisiä viikkopoimintoja on alle 12" in text and "primary_care" not in text


def test_counts_alone_give_a_range_once_arrivals_and_visits_are_typed(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(
        "queue_plan", figures_settings, monkeypatch, alue="20", palvelu="physiotherapy", yksikko="kaikki"
    )
    assert_healthy(page)
    text = said(page)
    assert "14.9.2023 jonossa odotti 65." in text and "Laskettu lukumääristä" in text
    assert [field.value for field in page.number_input[:2]] == [65, 0]
    for field, value in zip(page.number_input[2:4], (12, 10), strict=True):
        field.set_value(value)
    button(page, "Laske").click().run()
    assert_healthy(page)
    rows = table(page, "Odotettavissa lukumäärien perusteella")
    # Nobody leaves, and two more come than are seen.
    assert rows[1][:3] == ["Odottavat", "73", "91"]


def test_a_queue_known_beyond_the_limit_alone_is_planned_from_what_is_typed(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("queue_plan", figures_settings, monkeypatch, alue="20", yksikko="Paltamo")
    assert "Ei tiedetä, kuinka moni tässä jonossa odottaa." in finding(page)
    assert [field.value for field in page.number_input[:2]] == [None, 274]
    button(page, "Laske").click().run()
    assert [one.value for one in page.error] == [
        "Anna jonossa olevat, tulevat ja hoidetut. Mitään ei laskettu."
    ]
    for field, value in zip(page.number_input[:4], (100, 274, 12, 10), strict=True):
        field.set_value(value)
    button(page, "Laske").click().run()
    assert [one.value for one in page.error] == [
        "Yli enimmäisajan on enemmän kuin jonossa. Mitään ei laskettu."
    ]
    page.number_input[0].set_value(400)
    button(page, "Laske").click().run()
    assert_healthy(page)
    rows = table(page, "Odotettavissa lukumäärien perusteella")
    assert rows[1][:2] == ["Odottavat", "408"]
    # The limit became shorter on the day of the count: who is over it does not stop being so. 40 of the 274 are seen.
    assert int(rows[2][1].partition("–")[0]) >= 234


def test_without_a_warehouse_or_a_queue_it_says_what_to_do(
    figures_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = replace(figures_settings, warehouse=tmp_path / "none")
    assert "python -m pipelines setup" in said(opened("queue_plan", nothing, monkeypatch))
    for area in ("18", "all"):
        assert "Suunniteltavaa jonoa ei ole" in said(
            opened("queue_plan", figures_settings, monkeypatch, alue=area)
        )


# --- words ---------------------------------------------------------------------------------------------------------


def test_every_word_on_whether_a_queue_can_go_on_is_explained() -> None:
    assert set(words.VERDICTS) == {GROWS, BY_LEAVING, LATE, TIGHT, SUSTAINABLE}
    for language in ("fi", "sv"):
        with in_language(language):
            told = [_(text) for one in words.VERDICTS.values() for text in vars(one).values()]
            assert len(set(told)) == 15 and not set(told) & {
                text for one in words.VERDICTS.values() for text in vars(one).values()
            }


TRIED = Validation(3, 13, 39, 37, 0.08, 0.10, 0.03, 6.3, 377.6, 1.2)


@pytest.mark.parametrize(
    ("tried", "accuracy", "poor"),
    [
        (TRIED, "Malli osui 37/39 viikolla, joita se ei ollut nähnyt. Jono poikkesi keskimäärin 8 %.", ""),
        (
            replace(TRIED, mean_queue=9.0, mean_error=-1.5),
            "Malli osui 37/39 viikolla, joita se ei ollut nähnyt. Jono poikkesi keskimäärin −1,5.",
            "",
        ),
        (
            replace(TRIED, inside=19),
            "Malli osui 19/39 viikolla",
            "Ennustetta ei anneta: useimmat viikot, joita malli ei ollut nähnyt",
        ),
        (
            replace(TRIED, wape=0.2),
            "Malli osui 37/39 viikolla",
            "Ennustetta ei anneta: oletus, että jono pysyy ennallaan",
        ),
        (None, "Viikkoja on liian vähän mallin koettelemiseen.", ""),
    ],
)
def test_how_good_the_model_is_is_said(tried: Validation | None, accuracy: str, poor: str) -> None:
    with in_language("fi"):
        assert words.accuracy(tried).replace("\xa0", " ").startswith(accuracy)
        assert words.poor(tried).startswith(poor) and bool(words.poor(tried)) is bool(poor)


def test_a_link_to_a_scenario_names_its_queue() -> None:
    parameters = plan_address.parameters(replace(AS_IT_IS, units=()))
    assert (parameters["yksikko"], parameters["palvelu"], parameters["alue"]) == (
        ["kaikki"],
        [SERVICE],
        ["18"],
    )


def test_the_exported_plan_carries_its_inputs_and_seed(found: QueuePlan) -> None:
    values = json.loads(json.dumps(dict(found.values)))
    assert (values["seed"], values["runs"], values["scenario"]["service"]) == (found.seed, 1000, SERVICE)
