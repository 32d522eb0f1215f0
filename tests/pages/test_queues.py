"""The queues page: numbers, units, languages; hidden, empty and missing states; its sentences by themselves."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from indicators.analysis.actions import book_first
from indicators.analysis.change import Change
from indicators.analysis.queue_change import LikeForLike
from indicators.analysis.queue_flow import queue_flows
from indicators.analysis.queue_outlook import NOT_KNOWN, QueueOutlook, Waiting, outlook
from indicators.answers import answer
from indicators.catalogue import labels as names
from indicators.catalogue.definition import definition
from indicators.catalogue.periods import Period
from indicators.catalogue.places import FIGURES
from indicators.engine.question import INCOMPLETE, NO_DATA, OK, SUPPRESSED, Answer, Missing, Question
from indicators.programme.targets import target_results
from indicators.wording import formats
from indicators.wording.translations import in_language
from pages.text.queues import QueueFinding, change_fact, finding, remarks, waiting_words
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pages.app import actions, all_words, first_screen, open_page, table
from tests.pages.opening import opened, said
from tests.pipelines.extracts import queue, queue_entry

LENGTH, OVER = definition("queue_length"), definition("queue_over_limit")
DAY = date(2025, 3, 3)


def row(value: float | None, status: str = OK, **more: object) -> dict[str, object]:
    return {"value": value, "status": status, "period": "2025-W10", "as_of": DAY, "note": None, **more}


def lacks(unit: str, newest: float | None) -> Missing:
    return Missing("18", unit, "primary_care", newest, date(2025, 2, 3), suppressed=newest is None)


def passing(within_7: float | None, unbooked: float | None) -> QueueOutlook:
    soon, without = (Waiting(one, suppressed=one is None) for one in (within_7, unbooked))
    return QueueOutlook((), within_7=soon, within_7_unbooked=without)


CHANGES = [
    (Change("2025-W10", 40.0, 43.0, -3.0, 4, 4), "week", "fi", "Muutos 4 ed. viikon keskiarvosta|−3"),
    (Change("2025-W10", 40.0, 37.0, 3.0, 2, 4), "month", "sv", "Mot 2 månaders medelvärde|+3"),
    (Change("2025-W10", 40.0, 37.0, 3.0, 1, 1), "week", "en", "Against the period before|+3"),
    (LikeForLike(65.0, 128.0, DAY, (), 4, 4), "week", "fi", "Muutos 3.3.2025 alkaen, samat jonot|−63"),
    (None, "week", "fi", "|"),
]


@pytest.mark.parametrize("change, grain, language, expected", CHANGES, ids=lambda part: str(part)[:20])
def test_the_change_in_small_print(
    change: Change | LikeForLike | None, grain: str, language: str, expected: str
) -> None:
    with in_language(language):
        assert "|".join(change_fact(change, LENGTH, grain)) == expected


def words(found: QueueFinding, language: str) -> str:
    with in_language(language):
        said = " | ".join((finding(found), *remarks(found, OVER, LENGTH)))
        return said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("found", "language", "expected"),
    [
        (
            QueueFinding(row(1234.0), row(24.0), outlook=passing(32.0, 18.0)),
            "fi",
            "3.3.2025 jonossa oli 1 234 kiireetöntä merkintää. 24 merkintää oli odottanut yli lain enimmäisajan. "
            "Viikon kuluessa sen ylittää 32 muuta, niistä 18 ilman varattua aikaa.",
        ),
        (
            QueueFinding(row(1.0), row(0.0), outlook=passing(0.0, 0.0)),
            "sv",
            "Den 3.3.2025 fanns 1 icke-brådskande post i kön. Enligt uppgifterna har ingen väntat längre än lagens "
            "maximitid. Ingen annan överskrider den inom en vecka.",
        ),
        (QueueFinding(row(0.0), None), "en", "On 3 Mar 2025 nobody was waiting."),
        (
            QueueFinding(row(0.0, INCOMPLETE), None, [lacks("Perho", 12)]),
            "en",
            "On 3 Mar 2025 nobody was waiting. | The number is incomplete. "
            "It lacks: Perho, Primary outpatient care (12 on 3 Feb 2025).",
        ),
        (
            QueueFinding(row(None, SUPPRESSED), row(None, SUPPRESSED)),
            "fi",
            "3.3.2025 odottavia oli niin vähän, että luku on peitetty.",
        ),
        (
            QueueFinding(
                row(40.0, INCOMPLETE), row(None, SUPPRESSED), [lacks("A, B", None), lacks("Perho", 12)]
            ),
            "fi",
            "3.3.2025 jonossa oli 40 kiireetöntä merkintää. Lain enimmäisajan ylittäneitä oli niin vähän, että luku "
            "on peitetty. | Luku on vajaa. Siitä puuttuu: A, B, Avosairaanhoito (3.2.2025); "
            "Perho, Avosairaanhoito (12, laskettu 3.2.2025).",
        ),
        (
            QueueFinding(
                row(65.0, INCOMPLETE),
                None,
                [Missing("20", "Kajaani", "primary_care", None, None)],
                services=["physiotherapy"],
                change=LikeForLike(65.0, 128.0, date(2025, 2, 3), ("physiotherapy",), 4, 4),
            ),
            "sv",
            "Den 3.3.2025 fanns 65 icke-brådskande poster i kön. Antalet gäller bara dessa tjänster: Fysioterapi. "
            "| Antalet är ofullständigt. Det saknar: Kajaani, Öppen sjukvård (antalet är okänt). "
            "| I samma köer fanns 128 den 3.2.2025, nu 65: förändringen är −63.",
        ),
        (
            QueueFinding(row(7.0), row(11.0), part_only=[lacks("A", 9)], newest_day=date(2025, 3, 5)),
            "fi",
            "3.3.2025 jonossa oli 7 kiireetöntä merkintää. 11 merkintää oli odottanut yli lain enimmäisajan. "
            "| Jonot on laskettu eri päivinä, viimeinen niistä 5.3.2025. "
            "| Näistä jonoista on tieto vain enimmäisajan ylittäneistä: A, Avosairaanhoito (9, laskettu 3.2.2025).",
        ),
        (
            QueueFinding(row(65.0), row(0.0, as_of=date(2025, 2, 3))),
            "fi",
            "3.3.2025 jonossa oli 65 kiireetöntä merkintää. Tietojen mukaan kukaan ei ole odottanut yli lain "
            "enimmäisajan. | Enimmäisajan ylittäneet on laskettu 3.2.2025.",
        ),
        (
            QueueFinding(row(None, NO_DATA, as_of=None), row(274.0)),
            "sv",
            "Köns längd är okänd. 274 poster hade väntat över lagens maximitid. "
            "| De som väntat över maximitiden räknades den 3.3.2025.",
        ),
        (
            QueueFinding(row(18.0), row(14.0, INCOMPLETE), over_missing=[lacks("D", 0)]),
            "fi",
            "3.3.2025 jonossa oli 18 kiireetöntä merkintää. 14 merkintää oli odottanut yli lain enimmäisajan. "
            "| Jonossa yli enimmäisajan: luku on vajaa. Siitä puuttuu: D, Avosairaanhoito (0, laskettu 3.2.2025).",
        ),
        (
            QueueFinding(
                row(18.0, INCOMPLETE),
                row(14.0, INCOMPLETE),
                [lacks("D", 5)],
                over_missing=[lacks("D", 0)],
            ),
            "fi",
            "3.3.2025 jonossa oli 18 kiireetöntä merkintää. 14 merkintää oli odottanut yli lain enimmäisajan. "
            "| Luku on vajaa. Siitä puuttuu: D, Avosairaanhoito (5, laskettu 3.2.2025).",
        ),
        (
            QueueFinding(row(40.0), row(None, SUPPRESSED), outlook=passing(None, None)),
            "fi",
            "3.3.2025 jonossa oli 40 kiireetöntä merkintää. Lain enimmäisajan ylittäneitä oli niin vähän, että luku "
            "on peitetty. Viikon kuluessa sen ylittäviä on niin vähän, että luku on peitetty.",
        ),
        (
            QueueFinding(row(40.0), row(12.0), outlook=passing(6.0, None)),
            "sv",
            "Den 3.3.2025 fanns 40 icke-brådskande poster i kön. 12 poster hade väntat över lagens maximitid. "
            "6 andra överskrider den inom en vecka.",
        ),
        (
            QueueFinding(row(40.0), row(12.0), outlook=QueueOutlook((), *(NOT_KNOWN,) * 6)),
            "en",
            "On 3 Mar 2025 there were 40 non-urgent entries in the queue. 12 entries had waited beyond the legal limit.",
        ),
        (
            QueueFinding(row(None, NO_DATA), None),
            "fi",
            "Tällä rajauksella ei ole jonopoimintaa. Lataa jonopoiminta tai valitse useampi yksikkö.",
        ),
        (
            QueueFinding(None, None),
            "sv",
            "Det finns inget uttag ur kön för den här avgränsningen. Ladda ett uttag ur kön eller välj fler enheter.",
        ),
    ],
)
def test_the_finding(
    found: QueueFinding,
    language: str,
    expected: str,
    figures_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Queues are told by their units' names.
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(figures_settings.warehouse))
    assert words(found, language) == expected


def test_the_page_says_what_the_engine_answers(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    rows = answer(snapshot, Question("queue_length", suppress=False), demo_settings).rows
    newest = round(rows["value"].iloc[-1])
    page = opened("queues", demo_settings, monkeypatch, nakyma="taulukko")
    text = said(page)
    assert f"{newest} kiireetöntä merkintää" in text
    assert "Esittelyaineisto" in text and "Suun terveydenhuolto" in text


def test_the_first_screen_says_who_passes_the_limit_and_where_to_book_first(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    base = Question("queue_length", area="18", suppress=False)
    newest = answer(snapshot, replace(base, by="week"), demo_settings).rows.iloc[-1]
    week = Period(newest["period_start"], newest["period_end"], newest["period"])

    def ask(question: Question) -> Answer:
        return answer(snapshot, question, demo_settings)

    page = open_page(monkeypatch, demo_settings.warehouse, "queues")
    number, facts = first_screen(page)
    whole = outlook(ask, base, week, ())[()]
    assert number.startswith(
        f"Odottaa yli enimmäisajan {whole.over.count:.0f} ▲ Ei saavutettu laki ei salli ylityksiä"
    )
    assert facts["Enimmäisaika ylittyy 7 vrk:ssa"] == f"{whole.within_7.count:.0f}"
    assert facts["14 vrk:ssa"] == f"{whole.within_14.count:.0f}"
    assert facts["Jonossa kaikkiaan"] == f"{newest['value']:.0f}"
    # Every unit is a row that narrows the page to it, those beyond the limit first.
    units = outlook(ask, base, week, ("unit",))
    rows = [row for row in table(page, "Yksiköt, eniten ylityksiä ensin") if row[0] != "Yksikkö"]
    assert len(rows) == len(units)
    shown = [[int(cell) for cell in row[4:-1]] for row in rows]
    # The last cell of each opens the plan of its queue.
    assert {row[-1] for row in rows} == {"→"}
    assert sorted(shown, key=lambda row: (-row[0], -row[2])) == shown
    assert sorted(shown) == sorted(
        [
            round(number.count)
            for number in (one.over, one.over_unbooked, one.within_7, one.within_7_unbooked, one.within_14)
        ]
        for one in units.values()
    )
    lines = actions(page)
    assert [figure for figure, _said, _address in lines] == [
        f"{one.number:.0f}" for one in book_first(outlook(ask, base, week, totals=False), 3)
    ]
    assert all("yksikko=" in address and "palvelu=" in address for *_more, address in lines)


def test_what_was_promised_of_those_beyond_the_limit_stands_beside_what_the_law_allows(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    (debt,) = [
        one
        for one in target_results(
            snapshot, demo_settings, as_of=date(2026, 1, 2), area="18", year=2025, suppress=False
        )
        if one.target.indicator == "service_debt_visible"
    ]
    assert debt.before is not None and debt.verdict == "met"
    before = f"{debt.before.value:.0f}"
    page = open_page(monkeypatch, demo_settings.warehouse, "queues")
    number, facts = first_screen(page)
    promised = {name: said for name, said in facts.items() if name.startswith("Tavoite ")}
    assert promised == {f"Tavoite 2025: pienempi kuin edellisenä vuonna ({before})": "● saavutettu"}
    assert "laki ei salli ylityksiä" in number
    overview = open_page(monkeypatch, demo_settings.warehouse, "overview")
    assert f"edellinen vuosi: {before} · laki ei salli ylityksiä" in all_words(overview)
    # Of a part of the area nothing was promised.
    _number, facts = first_screen(
        open_page(monkeypatch, demo_settings.warehouse, "queues", yksikko="TK-KOK-01")
    )
    assert not [name for name in facts if name.startswith("Tavoite ")]


def test_months_judge_those_beyond_the_limit_as_on_the_page_of_the_indicator(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = [
        re.findall(
            r"(?:Liian vähän arvoja|(?:\w+ \d{4}: )?(?:parantunut|heikentynyt|tavanomaista)).*", number
        )
        for page, address in (("queues", {}), ("indicator", {"mittari": "queue_over_limit"}))
        for number in (first_screen(open_page(monkeypatch, demo_settings.warehouse, page, **address))[0],)
    ]
    assert judged[0] == judged[1] != []


def test_the_units_are_sorted_as_the_address_says(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(monkeypatch, demo_settings.warehouse, "queues", jarjestys="-jonossa")
    rows = table(page, "Yksiköt, eniten ylityksiä ensin")
    assert [row[0] for row in rows].count("Yksikkö") == 1
    waiting = [int(row[1]) for row in rows[1:]]
    assert waiting == sorted(waiting, reverse=True) and len(waiting) > 8


def test_what_arrived_and_left_explains_how_the_queue_moved(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    question = Question("queue_length", by="week", area="18", suppress=False)
    rows = answer(snapshot, question, demo_settings).rows
    # A week that lacks a unit is not like for like.
    lengths = rows[rows["status"] == OK].set_index("period")["value"]
    found = queue_flows(snapshot, question, demo_settings)
    labels = [(before.period.label, one.period.label, one) for before, one in pairwise(found)]
    compared = [known for known in labels if set(known[:2]) <= set(lengths.index)]
    assert len(compared) > 12
    for before, label, one in compared:
        assert one.arrived.count - one.left.count == lengths[label] - lengths[before], label
    # In the shareable view the page tells these, with small numbers suppressed.
    newest = queue_flows(snapshot, replace(question, suppress=True), demo_settings)[-1]
    told = ", ".join(
        f"{verb} {waiting_words(number)}"
        for verb, number in (("saapui", newest.arrived), ("poistui", newest.left))
    )
    page = opened("queues", demo_settings, monkeypatch, nakyma="saapuneet", yleiso="jaettava")
    with in_language("fi"):
        assert f"{told}.".replace("\u00a0", " ") in said(page)


def test_a_unit_in_the_address_narrows_the_page(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    question = Question("queue_length", where=(("unit", ("HH-KOK-01",)),), suppress=False)
    newest = round(answer(snapshot, question, demo_settings).rows["value"].iloc[-1])
    text = said(opened("queues", demo_settings, monkeypatch, "sv", yksikko="HH-KOK-01", nakyma="taulukko"))
    assert f"fanns {newest} icke-brådskande poster i kön" in text
    # The table of units stays whole, that of units and services is of the unit alone.
    assert "Kannuksen terveysasema" in text and "Kannuksen terveysasema, Öppen" not in text


def test_small_queues_are_hidden_and_never_zero(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = Warehouse(demo_settings.warehouse).current()
    plain = answer(snapshot, Question("queue_length", splits=("unit",), suppress=False), demo_settings).rows
    newest = plain[plain["period"] == plain["period"].iloc[-1]]
    small = newest[(newest["value"] > 0) & (newest["value"] < demo_settings.hide_below)]["unit"].iloc[0]
    text = said(opened("queues", demo_settings, monkeypatch, yksikko=str(small), yleiso="jaettava"))
    assert "niin vähän, että luku on peitetty" in text
    assert "jonossa oli" not in text


def test_without_row_snapshots_the_counts_of_another_area_are_shown(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Tällä rajauksella ei ole jonopoimintaa" in said(opened("queues", figures_settings, monkeypatch))
    # Kajaani 260 + 34 + 4 + 60, Sotkamo 29, Suomussalmi 2, Kuhmo 0: the last counts of September 2023.
    kainuu = said(
        opened("queues", figures_settings, monkeypatch, alue="20", jakso="month", nakyma="taulukko")
    )
    assert "1.9.2023 jonossa oli 389 kiireetöntä merkintää" in kainuu
    assert "Esittelyaineisto" not in kainuu
    assert "Jonot on laskettu eri päivinä, viimeinen niistä 14.9.2023." in kainuu
    # More are beyond the limit than wait where only they are known.
    assert "366 merkintää oli odottanut yli lain enimmäisajan." in kainuu
    assert "Näistä jonoista on tieto vain enimmäisajan ylittäneistä" in kainuu
    assert "Paltamo, Avosairaanhoito (274, laskettu 1.9.2023)" in kainuu


def test_the_shipped_counts_say_what_their_report_says(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("queues", figures_settings, monkeypatch, alue="20", nakyma="taulukko")
    text = said(page)
    assert (
        "14.9.2023 jonossa oli 65 kiireetöntä merkintää. Luku koskee vain näitä palveluja: Fysioterapia."
        in text
    )
    assert "Samoissa jonoissa oli 1.9.2023 128 ja nyt 65: muutos on −63." in text
    assert "Kajaani, Avosairaanhoito (260, laskettu 1.9.2023)" in text
    # Every queue of the file is on the page, with its newest number and day.
    with (FIGURES / "queue_snapshots.csv").open(encoding="utf-8", newline="") as file:
        counted = list(csv.DictReader(file))
    newest = {
        (row["unit"], row["service"]): row for row in sorted(counted, key=lambda row: row["snapshot_date"])
    }
    for (unit, service), row in newest.items():
        day = formats.day(date.fromisoformat(row["snapshot_date"]))
        place = f"{unit}, {names.code_names()['service', service]['fi']}"
        told = re.search(
            rf"{re.escape(place)} (ei tietoa|\S+) (?:ei tietoa|\S+(?: \(\S+\))?) ei tietoa ei tietoa (\S+)",
            text,
        )
        assert told is not None, place
        waiting = row["waiting"] or ("0" if row["over_guarantee"] == "0" else "ei tietoa")
        assert (told[1], told[2]) == (waiting, day), place
    # They can all be chosen.
    offered = {box.label: set(box.options) for box in page.multiselect}
    assert offered["Yksikkö"] == {unit for unit, _ in newest}
    assert {"Avosairaanhoito", "Fysioterapia"} < offered["Palvelu"]


def test_a_queue_known_beyond_the_limit_alone_has_a_page(
    figures_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(opened("queues", figures_settings, monkeypatch, alue="20", yksikko="Paltamo"))
    assert "Paltamo, Avosairaanhoito (lukua ei tiedetä)" in text
    assert "274" in text and "nobody" not in text and "ei odottanut kukaan" not in text


def entries(settings: Settings, day: date, *queues: tuple[str, int]) -> None:
    """Load a snapshot of rows: how many wait in a unit for primary care since New Year."""
    written = f"{day.day}.{day.month}.{day.year}"
    lines = [
        queue_entry(
            f"{unit}{at}", snapshot=written, unit=unit, unit_name=unit, assessed="1.1.2025", queued="1.1.2025"
        )
        for unit, count in queues
        for at in range(count)
    ]
    load(settings, f"jono {day}.csv", queue(*lines))


def counts(settings: Settings, *lines: str) -> None:
    """Load published counts of primary care, written as `day;unit;waiting;over`."""
    header = "snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source"
    rows = ["{};18;{};primary_care;{};{};;".format(*line.split(";")) for line in lines]
    load(settings, "jonot.csv", "\n".join([header, *rows, ""]).encode(), published=True)


def load(settings: Settings, name: str, data: bytes, **options: object) -> None:
    now = datetime(2025, 12, 1, 8, 0)
    report = load_bytes(name, data, LoadOptions(**options), settings, now=now, today=now.date())
    assert report.status == "loaded", report.findings


def test_queues_known_by_counts_alone_leave_what_counts_do_not_tell_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    entries(own, date(2025, 3, 3), ("K", 12), ("P", 11))
    entries(own, date(2025, 3, 10), ("K", 12))
    counts(own, "2025-03-03;D;60;5", "2025-03-10;D;61;5", "2025-03-10;P;9;0", "2025-03-10;T;0;0")
    text = said(opened("queues", own, monkeypatch, nakyma="taulukko"))
    # The length is complete: counts stand in for rows.
    assert "10.3.2025 jonossa oli 82 kiireetöntä merkintää." in text
    assert "Pisin odotus 68 vrk" in text
    assert (
        "Näistä jonoista on tieto vain määrästä, ei odotuksen kestosta eikä syystä: "
        "D, Avosairaanhoito; P, Avosairaanhoito." in text
    )
    others = said(opened("queues", own, monkeypatch, nakyma="rajat"))
    for name in ("Omasta toiveesta odottavat", "Kiireelliset ja luokittelemattomat jonossa"):
        block = rf"{name} 0 Muutos 3\.3\.2025 alkaen, samat jonot ±0 Poiminta 10\.3\.2025 Luku on vajaa"
        assert re.search(block, others), name
    # Nothing in the table says that nobody waits by own wish where rows do not tell of the newest snapshot.
    for unit, own_wish in (("K", "0"), ("D", "ei tietoa"), ("P", "ei tietoa")):
        assert re.search(
            rf"{unit}, Avosairaanhoito \S+ \S+ (?:\d+ vrk|ei tietoa) {own_wish} 10\.3\.2025", text
        ), unit
    # A unit of rows by itself lacks nothing, nor does an area without rows speak of them.
    of_unit = said(opened("queues", own, monkeypatch, "sv", yksikko="K", nakyma="rajat"))
    assert "Antalet är ofullständigt" not in of_unit and "bara antalet känt" not in of_unit
    of_counts = said(opened("queues", own, monkeypatch, yksikko="D", nakyma="rajat"))
    assert "vain määrä" not in of_counts and "Luku on vajaa" not in of_counts


def test_without_a_warehouse_it_says_what_to_do(
    demo_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(opened("queues", replace(demo_settings, warehouse=tmp_path / "none"), monkeypatch))
    assert "python -m pipelines setup" in text
