"""What is not known is nowhere a zero, and what is not complete is nowhere judged: on every page, in every download.

The warehouses of `tests.pages.worlds` are made so that this can be asked of everything a page shows, whatever it is. Every page
of the registry is opened, so a new page is asked too.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from indicators.analysis.funnel import OUTSIDE, WARNED, WITHIN
from indicators.catalogue.definition import load_definitions
from indicators.cli import app as command_line
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, SUPPRESSED
from indicators.wording import formats
from indicators.wording.translations import _, in_language
from pages.text import compare as compare_words
from pages.text import signals as signal
from pages.ui.page_registry import ENTRIES, FOLLOWING
from pipelines.settings import Settings
from tests.pages.shown import Shown, shown
from tests.pages.worlds import BIG, COUNTED, OTHER, SMALL, TODAY, UNDUE_AREA, never_complete, with_gaps

#: Addresses that every page of figures is opened with; a page that does not know a choice leaves it alone.
VIEWS: tuple[dict[str, str], ...] = (
    {},
    {"language": "sv"},
    *({"jakso": grain} for grain in ("week", "month", "year")),
    # Of a small unit some numbers are exactly zero, where its view is not the shareable one.
    {"yksikko": SMALL, "jakso": "week", "yleiso": "jaettava"},
    {"alue": UNDUE_AREA},
)
OPENED = (
    *("oral_health_wait_days", "access_within_limit", "referral_handling", "social_welfare_deadlines"),
    *("mental_health_guarantee", "queue_over_limit", "queue_longest_wait", "child_health_clinic_visits"),
    *("over_75_living_at_home", "electronic_forms", "guarantee_monitoring_coverage", "wait_p90"),
    *("mental_health_not_contacted_in_week", "child_welfare_notification_days"),
)
#: Further ones of single pages.
MORE: dict[str, tuple[dict[str, str], ...]] = {
    "overview": (
        *({"vuosi": year} for year in ("2022", "2024", "2026")),
        *({"nakyma": opened} for opened in ("vuodet", "taulukko")),
    ),
    "care_guarantee": (
        {"palvelu": "mental_health", "jakso": "week"},
        {"vertaa": "service"},
        {"yksikko": OTHER, "jakso": "quarter"},
        {"alue": "all"},
        *({"nakyma": tab} for tab in ("ryhmat", "muutos", "vaiheet", "ajassa", "taulukko")),
        {"kausi": "2025-W26"},
        {"vertaa": "service", "nakyma": "ajassa"},
    ),
    "queues": (
        *({"yksikko": OTHER}, {"jakso": "quarter"}),
        *({"nakyma": tab} for tab in ("saapuneet", "ajassa", "rajat", "taulukko")),
    ),
    "queue_plan": (
        *({"yksikko": OTHER}, {"yksikko": COUNTED}, {"yksikko": "kaikki", "palvelu": "primary_care"}),
        *({"nakyma": tab} for tab in ("vaatii", "skenaariot", "teoria", "taulukko")),
    ),
    "indicator": (
        *({"mittari": name, "nakyma": "taulukko"} for name in OPENED),
        *({"mittari": name, "jako": "unit"} for name in OPENED[:6]),
        *({"mittari": name, "nakyma": "vaihtelu"} for name in ("queue_length", "referral_handling")),
        *({"mittari": name, "nakyma": "vertailu"} for name in ("seven_day_access", "referral_handling")),
        {"mittari": "access_within_limit", "nakyma": "vaihtelu", "jakso": "week"},
        {"mittari": "wait_median", "jakso": "month", "nakyma": "maaritelma"},
        *(
            {"nakyma": "ennen-jalkeen", "tapahtuma": "oma", "paiva": "2025-04-14", **more}
            for more in (
                {"jakso": "week", "koskee": BIG},
                {"jakso": "week", "koskee": SMALL, "yleiso": "jaettava"},
                {"jakso": "month", "koskee": OTHER, "mittari": "wait_p90", "ikkuna": "3"},
                {"jakso": "week", "koskee": OTHER, "mittari": "visits", "language": "sv"},
                {"jakso": "month", "koskee": OTHER, "mittari": "queue_length"},
                {"jakso": "month", "mittari": "patients"},
            )
        ),
    ),
    "compare": (
        *({"neljannes": "2025-Q1"}, {"mittari": "access_within_limit"}, {"kaynnit": "laakari"}),
        *({"nakyma": tab} for tab in ("yksikot", "vuodet", "maa")),
    ),
    "deadlines": tuple({"nakyma": tab} for tab in ("perheet", "mielenterveys", "lahetteet")),
    "data_quality": tuple({"nakyma": tab} for tab in ("kirjaukset", "rivit", "koodit", "luvut")),
    "service_debt": (
        {"velka": "visits.oral_health", "vertailuvuosi": "2024"},
        {"velka": "child_health_clinic_patients"},
    ),
    "portfolio": (
        {"jaottelu": "vuodet"},
        *({"nakyma": tab} for tab in ("liikennevalot", "kulurivit", "lahteet")),
    ),
}


def asked(views: tuple[dict[str, str], ...], more: dict[str, tuple[dict[str, str], ...]]) -> list[object]:
    """Every page of the registry with its views; those that show no figures with the first two."""
    return [
        pytest.param(entry.name, view, id=f"{entry.name} {' '.join(view.values())}")
        for entry in ENTRIES
        for view in (*(views if entry.group == FOLLOWING else views[:2]), *more.get(entry.name, ()))
    ]


#: A zero as a value: 0, 0,0 or ±0,0; no part of a longer number, a date, a stretch (0–6) or a name (0-22).
ZERO = re.compile(r"(?<![\d.,:–\w-])[±+−-]?0(?:[.,]0+)?(?![\w–:-]|[.,]?\d)")
#: Zeros that are known: counts of verdicts, reports, faults and late sources, days since the newest rows; and prose.
KNOWN_ZEROS = re.compile(
    "|".join(
        (
            r"raportoituja 0\b", r"0 har rapporterats", r"\b0 rapporterade",
            r"(?:Tunnistamattomat koodit|Oidentifierade koder) \| 0",
            r"(?:Äkilliset muutokset rivimäärissä|Plötsliga förändringar i antalet rader) \| 0", r"\b0 / \d",
            r"\| 0 \| ● (?:rivejä on|har rader)",
            r"on päivä 0\b", r"är dag 0\b", r"Tavoitetaso 0 ", r"Målnivån 0 ",
            r"käynnin odotus on 0\.",
            # Of deadlines that were all met none is late.
            r"100,0 % \| [^|]+ \| 0 \|",
            # No growth beyond the debt that was made up: a sum of known years.
            r"\| 0 \| \d{4}–\d{4}",
        )
    )
)  # fmt: skip
NO_NUMBER = re.compile(r"\b(?:nan|NaN|None|NaT|inf)\b")
#: Pages whose own words are all they show: of limits, rules and codes, not of figures.
PROSE = ("definitions", "master_data", "upload", "figures", "audit")
#: Headings of columns that hold remarks, which may be empty.
REMARKS = ("Remark", "Note in the source", "Note", "As written")


@pytest.fixture(scope="session")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return with_gaps(tmp_path_factory.mktemp("gaps") / "warehouse")


@pytest.fixture(scope="session")
def nothing_complete(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return never_complete(tmp_path_factory.mktemp("incomplete") / "warehouse")


@pytest.fixture(autouse=True)
def _on_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.cache.today", lambda: TODAY)


def language_of(view: dict[str, str]) -> str:
    return view.get("language", "fi")


def of_units(found: Shown) -> list[tuple[str, ...]]:
    """The rows of the table of units by when their entries pass the limit."""
    caption = _("Units, the most urgent first")
    return [row for table in found.tables if table.caption == caption for row in table.rows]


def without_known_zeros(found: Shown) -> Shown:
    """What is shown without the bands of days, of limits and the paths of dates, in which nobody may be.

    Nor with the weeks in which the limit of those waiting is: of every entry its last day is known, or it is in none.
    """
    for row in of_units(found):
        whole, counted = " | ".join(row), " | ".join(row[:5])
        found = replace(found, texts=[text.replace(whole, counted) for text in found.texts])
    limits = (_("Who passes the limit, by week"), _("Unit"), _("Service"), _("Profession"))
    counted = (
        *(_("Waits in bands of days"), _("Mean days by stage, the longest first")),
        *(f"{caption} | " for caption in limits),
    )
    passing = _("Those who pass the limit in each of the coming weeks if nothing is done")
    days = _("Number of visits by the days waited; n = {n}.").split(";")[0]
    return replace(
        found,
        texts=[text for text in found.texts if not text.startswith(counted)],
        charts=[chart for chart in found.charts if not chart.alt.startswith((days, passing))],
        downloads={
            name: rows
            for name, rows in found.downloads.items()
            if not name.endswith(("_waits.csv", "_stages.csv")) and "_passing" not in name
        },
    )


def zeros(found: Shown) -> Iterator[str]:
    """Every zero that stands as a value, with what is around it."""
    for text in found.everything():
        text = KNOWN_ZEROS.sub("", text)
        for match in ZERO.finditer(text):
            yield text[max(0, match.start() - 80) : match.end() + 40]


def faults(found: Shown) -> Iterator[str]:
    """What no page of figures may show, whatever it is of."""
    unknown = [formats.status_word(name) for name in (NO_DATA, NO_DENOMINATOR)]
    words = [*unknown, formats.status_word(SUPPRESSED), formats.verdict("suppressed").replace("\xa0", " ")]
    for chart in found.charts:
        for point in chart.points():
            if point.value is not None and set(point.words.split(" | ")) & set(words):
                yield f"drawn at {point.value}: {point.words}"
    may_be_empty = [_(heading) for heading in REMARKS]
    for table in found.tables:
        for row in table.rows:
            for heading, cell in zip(table.header, row, strict=True):
                if not cell and heading not in may_be_empty:
                    yield f"an empty cell without a word: {table.caption}, {heading}: {row}"
    for name, (header, *rows) in found.downloads.items():
        if _("Verdict") in header:
            continue  # the verdict says why a number is not there
        at = header.index(_("Status")) if _("Status") in header else None
        for row in rows:
            if at is not None and row[at] in unknown:
                if any(re.fullmatch(r"-?\d+(?:,\d+)?", field) for field in row[1:]):
                    yield f"a number that is not known: {name}: {row}"
            elif at is None:
                for heading, field in zip(header, row, strict=True):
                    if not field and heading not in may_be_empty:
                        yield f"an empty field without a word: {name}, {heading}: {row}"


@pytest.mark.parametrize(("page", "view"), asked(VIEWS, MORE))
def test_what_is_not_known_is_no_zero(
    page: str, view: dict[str, str], gaps: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shown(page, gaps, monkeypatch, **view)
    with in_language(language_of(view)):
        if page not in PROSE:
            assert not list(faults(found))
            assert not list(zeros(without_known_zeros(found)))
        assert not [text for text in found.everything() if NO_NUMBER.search(text)]


def test_what_is_told_is_told(gaps: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would also pass of pages that show nothing."""
    tabs = {
        "care_guarantee": ("odotusajat", "muutos", "ajassa", "taulukko"),
        "compare": ("alueet", "yksikot", "vuodet"),
        "indicator": ("jaottelut", "vaihtelu", "taulukko"),
        "queues": ("ajassa", "taulukko"),
        "service_debt": ("kertyma", "palvelut", "purku"),
    }
    for page in ("care_guarantee", "queues", "indicator", "deadlines", "service_debt", "compare"):
        views = [{"nakyma": tab} for tab in tabs[page]] if page in tabs else [{}]
        every = [shown(page, gaps, monkeypatch, **view) for view in views]
        points = [point for found in every for chart in found.charts for point in chart.points()]
        assert sum(point.value is not None for point in points) > 3, page
        assert len({name for found in every for name in found.downloads}) > 2, page


# --- by construction -----------------------------------------------------------------------------------------------


def statuses(found: Shown, download: str) -> dict[str, str]:
    """The status that a downloaded table tells of each period."""
    header, *rows = found.downloads[download]
    at = header.index("Tila")
    return {row[0]: row[at] for row in rows}


def test_every_week_of_visits_has_its_own_status(gaps: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown("care_guarantee", gaps, monkeypatch, jakso="week", palvelu="kaikki", nakyma="taulukko")
    unknown = dict.fromkeys(("2025-W11", "2025-W12"), "ei tietoa")
    # half a week known of all, two weeks not known of one unit, half the last week
    half = dict.fromkeys(("2025-W18", "2025-W22", "2025-W23", "2025-W26"), "tiedot vajaat")
    whole = {f"2025-W{week:02}": "täydellinen" for week in range(2, 27)}
    before = {"2025-W01": "ei tietoa"}
    assert statuses(found, "care_guarantee_trend.csv") == before | whole | unknown | half
    # What is not known has no point in the trend, and what is not complete a hollow one.
    [wide, narrow] = [chart for chart in found.charts if chart.alt.startswith("Osuus seitsemässä päivässä")]
    for chart in (wide, narrow):
        [trace] = chart.traces
        points = {
            words.split(":")[0]: (value, symbol)
            for words, value, symbol in zip(
                trace["customdata"], trace["y"], trace["marker"]["symbol"], strict=True
            )
        }
        assert {period for period, (value, _symbol) in points.items() if value is None} == {
            formats_of_week(label) for label in (*unknown, *before) if formats_of_week(label) in points
        }
        assert {period for period, (_value, symbol) in points.items() if symbol == "circle-open"} == {
            formats_of_week(label) for label in half
        }
        assert {formats_of_week(label) for label in (*unknown, *half)} <= set(points)


def formats_of_week(label: str) -> str:
    with in_language("fi"):
        return formats.period(label)


def test_the_weeks_without_a_queue_are_gaps(gaps: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown("queues", gaps, monkeypatch, nakyma="ajassa")
    told = statuses(found, "queues_trend_queue_length.csv")
    assert {label for label, status in told.items() if status == "tiedot vajaat"} >= {"2025-W27"}
    assert {f"2025-W{week:02}" for week in (*range(11, 16), 3, 5)} <= {
        label for label, status in told.items() if status == "ei tietoa"
    }
    for chart in found.charts[:3]:
        drawn = {point.words.split(" | ")[0] for point in chart.points() if point.value is not None}
        assert not drawn & {formats_of_week(f"2025-W{week}") for week in range(11, 16)}


def test_own_wish_is_not_known_where_nothing_tells_why_one_waits(
    gaps: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shown("queues", gaps, monkeypatch, jakso="month", nakyma="taulukko")
    rows = {row[0]: row[1:] for row in found.downloads["queues_units_services.csv"]}
    # The length alone is known, and the last cell is the day that it was counted on.
    assert rows["Toholampi, Suun terveydenhuolto"] == ["43", *["ei tietoa"] * 3, "2025-06-30"]
    assert [rows[name][3] for name in rows if name.startswith("MT-1")] == ["ei tietoa"]


def test_who_passes_the_limit_is_not_known_of_counts_alone(
    gaps: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {}
    for grain in ("week", "month"):
        found = shown("queues", gaps, monkeypatch, jakso=grain)
        with in_language("fi"):
            rows[grain] = {row[0]: row[1:] for row in of_units(found)}
        assert rows[grain]["Toholampi"][0] == "43" and set(rows[grain]["Toholampi"][3:-1]) == {"–"}
    # The newest week has no snapshot of rows, the month has.
    assert rows["week"]["Kokkolan pääterveysasema"][0] == "–"
    assert set(rows["week"]["Kokkolan pääterveysasema"][3:-1]) == {"–"}
    # The last cell opens the plan of the queue.
    assert all(cell.isdigit() for cell in rows["month"]["Kokkolan pääterveysasema"][3:-1])


def test_pathways_are_not_known_by_referrals(gaps: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an area with referrals alone nobody knows how many were not contacted: that is not nobody."""
    found = shown("deadlines", gaps, monkeypatch, alue=UNDUE_AREA, nakyma="mielenterveys")
    title = next(at for at, text in enumerate(found.texts) if text == "Viikossa tavoittamatta jääneet")
    assert found.texts[title + 2].startswith("Näistä ei ole ladattu poimintaa tältä alueelta.")
    assert not any(text.startswith("Ei yhteyttä viikossa") for text in found.texts)
    assert not any("mental_health" in name or "substance" in name for name in found.downloads)


def test_cases_that_have_not_come_due_are_neither_kept_nor_late(
    gaps: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shown("deadlines", gaps, monkeypatch, jakso="year")
    rows = {row[0]: row[1:] for row in found.downloads["deadlines_deadlines_unit.csv"]}
    assert rows["LS-UUSI"][:4] == ["ei arvioitavaa"] * 4
    found = shown("deadlines", gaps, monkeypatch, jakso="year", nakyma="lahetteet")
    units = found.downloads["deadlines_referrals_by_unit.csv"]
    [new] = [row for row in units if row[-1] == "ei arvioitavaa"]
    assert new[2:] == ["", "", "", "", "ei arvioitavaa"]


def test_money_that_is_partly_reported_is_not_divided(
    gaps: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shown("portfolio", gaps, monkeypatch)
    assert found.downloads["portfolio_money.csv"][-1][1:5] == [
        "220000", "47000", "ei tiedetä", "ei tiedetä",
    ]  # fmt: skip


# --- never judged --------------------------------------------------------------------------------------------------

#: What a page says of a figure it judges, by the English of the catalogues. Placeholders may hold anything.
JUDGEMENTS = (
    "It is better than the target ({target}, {period}) by {distance}.",
    "It falls short of the target ({target}, {period}) by {distance}.",
    "That is the level of the target ({target}, {period}).",
    "Really improved",
    "Really worsened",
    "Really changed",
    "Ordinary variation",
    "Against the {count} weeks before",
    "Against the {count} months before",
    "Against the {count} quarters before",
    "Against the period before",
    "The change is within ordinary variation.",
    "The figure has improved more than chance explains.",
    "The figure has worsened more than chance explains.",
    "The figure has changed more than chance explains.",
    "The figure has improved more than chance explains ({span}).",
    "The figure has worsened more than chance explains ({span}).",
    "The figure has changed more than chance explains ({span}).",
    "Most recently it got worse, though.",
    "Most recently it got better, though.",
    "The share of the last 13 weeks is {after}, {than} it was {before}.",
    "The bottleneck is the assessment of need: {share} of the days pass before it is made.",
    "The bottleneck is booking: {share} of the days pass before a time is booked.",
    "The bottleneck is capacity: {share} of the days pass waiting for the booked time.",
    "No single stage is the bottleneck.",
    "{left} left: {each} a year",
    "{left} left: {each} a quarter",
    "The level is reached already.",
    "The level of the later target is already reached.",
    "Lowest: {worst}.",
    "{period}: {value}, with 95% probability {interval}.",
    "At this rate the target is reached.",
    "At this rate the target is not reached.",
    "Differs from it by more than chance: {units}.",
    "Direction: {mark}",
    *signal.RULE_WORDS.values(),
)
MARKS = re.compile(r'class="tv-mark[ "][^>]*>([^<]*)<')


def pattern(message: str) -> re.Pattern[str]:
    """The translation of a message as it may stand on a page, whatever its placeholders hold."""
    said = _(message)
    assert said != message, f"no such message: {message}"
    parts = [re.escape(part) for part in re.split(r"\{\w+\}", said.replace("\xa0", " "))]
    return re.compile(r".{1,60}?".join(parts), re.IGNORECASE)


@pytest.mark.parametrize(
    ("page", "view"),
    asked(
        (*VIEWS[:2], {"jakso": "month"}),
        {
            **{name: MORE[name] for name in ("care_guarantee", "compare")},
            "indicator": tuple(
                {"mittari": name, "nakyma": tab}
                for tab, names in (("taulukko", OPENED[:4]), ("vaihtelu", ("wait_p90", "visits")))
                for name in names
            ),
        },
    ),
)
def test_a_period_that_is_not_complete_is_never_judged(
    page: str, view: dict[str, str], nothing_complete: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shown(page, nothing_complete, monkeypatch, **view)
    with in_language(language_of(view)):
        for message in JUDGEMENTS:
            said = pattern(message)
            assert not [text for text in found.everything() if said.search(text)], message
        ends = re.escape(_("{distance} from the target").replace("{distance}", "").strip())
        distance = re.compile(rf"[+−±]\d[\d,.]*\s\S+\s{ends}")
        far = formats.change(-5.6, load_definitions()["seven_day_access"])
        assert distance.search(_("{distance} from the target").format(distance=far).replace("\xa0", " "))
        assert not [text for text in found.everything() if distance.search(text)]
        judged = [formats.VERDICTS[name][0] for name in ("met", "not_met")]
        assert not [mark for board in found.boards for mark in MARKS.findall(board) if mark in judged]
        for text in found.everything():
            for name in ("met", "not_met"):
                assert formats.verdict(name).replace("\xa0", " ") not in text
        assert not list(judged_points(found))
        assert not list(judged_rows(found))


def judged_points(found: Shown) -> Iterator[object]:
    """Points of charts whose shape tells of a judgement or of a finished period: full dots."""
    incomplete = formats.status_word(INCOMPLETE)
    for chart in found.charts:
        for trace in chart.traces:
            symbols = trace.get("marker", {}).get("symbol")
            told = trace.get("customdata") or ()
            for symbol, words in zip(symbols if isinstance(symbols, list) else (), told, strict=False):
                if incomplete in words and symbol != "circle-open":
                    yield chart.alt, symbol, words


def judged_rows(found: Shown) -> Iterator[list[str]]:
    """Rows of downloads with a verdict, a distance, or a place among chance."""
    verdicts = {formats.verdict(name) for name in ("met", "not_met")}
    places = {_(compare_words.PLACES[name]) for name in (WITHIN, WARNED, OUTSIDE)}
    for header, *rows in found.downloads.values():
        for row in rows:
            if verdicts & set(row) or places & set(row):
                yield row
            if _("Distance") in header and row[header.index(_("Distance"))]:
                yield row


# --- the command line ----------------------------------------------------------------------------------------------


def told(*arguments: str) -> str:
    result = CliRunner().invoke(command_line, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("suppress", [(), ("--suppress",)], ids=("all", "hidden"))
def test_the_command_line_prints_no_zero_for_what_is_not_known(
    suppress: tuple[str, ...], gaps: Settings
) -> None:
    seen = set()
    ranged = set()
    for indicator, definition in load_definitions().items():
        asked_for = ("show", indicator, "--by", "month", "--warehouse", str(gaps.warehouse), *suppress)
        rows = json.loads(told(*asked_for, "--format", "json"))
        seen.update(row["status"] for row in rows)
        told_alike = not any(row["status"] == SUPPRESSED or row["low"] is not None for row in rows)
        if suppress and told_alike:
            # What has no small number is told as it is to those who see all, which is asked by the other case.
            continue
        fields = csv.DictReader(io.StringIO(told(*asked_for, "--format", "csv")))
        lines = told(*asked_for, "--format", "table").splitlines()[1:]
        # Below the table stands which queues a number lacks, period by period.
        below = lines[len(rows) :] if rows else []
        assert [line.split(":")[0] for line in below] == [row["period"] for row in rows if row.get("missing")]
        assert not [line for line in below if ZERO.search(line)]
        for row, field, line in zip(rows, fields, lines[: len(rows)], strict=True):
            unknown = row["status"] in (SUPPRESSED, NO_DATA, NO_DENOMINATOR)
            if not unknown and definition.measure.possible_modes and row["value"] is None:
                # What may or may not meet the measure leaves a range, and no number within it is told.
                assert 0 <= row["low"] < row["high"] <= 100
                assert (float(field["low"]), float(field["high"])) == (row["low"], row["high"])
                assert row["numerator"] is None and field["numerator"] == ""
                ranged.add(indicator)
                unknown = True
            assert row["value"] != 0
            assert (row["value"] is None) == (field["value"] == "") == unknown
            assert (line.split(row["period_end"])[1].split()[0] == "–") == unknown
            if row["status"] in (SUPPRESSED, NO_DATA):
                assert row["numerator"] is None and field["numerator"] == ""
    assert seen >= {OK, INCOMPLETE, NO_DATA, NO_DENOMINATOR}
    assert ranged == {"electronic_contacts"}


def test_the_targets_of_the_command_line(gaps: Settings, nothing_complete: Settings) -> None:
    for settings in (gaps, nothing_complete):
        rows = json.loads(told("targets", "--format", "json", "--warehouse", str(settings.warehouse)))
        assert len(rows) == 17
        for row in rows:
            assert row["actual"] != 0
            if row["verdict"] in ("met", "not_met"):
                assert row["status"] == OK
            if row["actual"] is None:
                assert row["verdict"] in ("no_data", "not_due", "no_target", "suppressed")
    assert {row["verdict"] for row in rows} <= {"no_data", "not_due", "no_target"}


# --- the first warehouse -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [entry.name for entry in ENTRIES if entry.name not in PROSE])
def test_the_pages_of_the_demo_say_why_a_number_is_not_there(
    page: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shown(page, demo_settings, monkeypatch)
    with in_language("fi"):
        assert not list(faults(found))
        assert not [text for text in found.everything() if NO_NUMBER.search(text)]
