"""Not counted is not zero: whom a sum of queues lacks, with the newest number of each, as small tables."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from indicators.analysis.queue_change import LikeForLike, only_beyond_limit, queue_change
from indicators.answers import answer
from indicators.cli import app
from indicators.engine.choices import choices, last_day
from indicators.engine.question import Answer, Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.loading.master_data import decide, unit_edit
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Snapshot, Warehouse
from tests.pipelines.extracts import queue, queue_entry

NOW = datetime(2025, 12, 1, 8, 0)
HEADER = "snapshot_date;area_code;unit;service;waiting;over_guarantee;note;source"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings({}), warehouse=tmp_path / "warehouse")


def load(settings: Settings, name: str, data: bytes, **options: object) -> None:
    report = load_bytes(name, data, LoadOptions(**options), settings, now=NOW, today=NOW.date())
    assert report.status == "loaded", report.findings


def counts(settings: Settings, *lines: str, name: str = "jonot.csv", **options: object) -> None:
    """Load counts written as `day unit service waiting over`; `-` is blank."""
    rows = []
    for line in lines:
        day, unit, service, waiting, over = line.split()
        numbers = ";".join("" if number == "-" else number for number in (waiting, over))
        rows.append(f"{day};18;{unit};{service};{numbers};;Laskenta")
    load(settings, name, "\n".join([HEADER, *rows, ""]).encode(), **options)


def entries(settings: Settings, day: str, *queues: tuple[str, str, int], scope: str | None = None) -> None:
    """Load a snapshot of rows: unit, the source's name of the service, how many wait."""
    written = ".".join(str(int(part)) for part in reversed(day.split("-")))
    lines = [
        queue_entry(
            f"{unit}{service}{at}",
            snapshot=written,
            unit=unit,
            service=service,
            assessed="1.1.2025",
            queued="1.1.2025",
        )
        for unit, service, count in queues
        for at in range(count)
    ]
    load(settings, f"jono {day}.csv", queue(*lines), scope=scope)


def current(settings: Settings) -> Snapshot:
    return Warehouse(settings.warehouse).current()


def asked(settings: Settings, indicator: str = "queue_length", by: str = "week", **more: object) -> Answer:
    question = Question(indicator, by=by, **{"suppress": False, **more})
    return answer(current(settings), question, settings)


def told(found: Answer) -> list[tuple[object, ...]]:
    """Period, value, status and what is missing, of the periods with a number or something missing."""
    rows = found.rows.astype(object).where(found.rows.notna(), None)
    return [
        (
            period,
            value,
            status,
            [f"{one.unit} {one.service} {one.newest} {one.day}" for one in missing or ()],
        )
        for period, value, status, missing in zip(
            rows["period"], rows["value"], rows["status"], found.rows["missing"], strict=True
        )
        if value is not None or missing
    ]


PRIMARY = (("service", ("primary_care",)),)


def test_a_date_that_names_one_service_says_nothing_of_another(settings: Settings) -> None:
    counts(
        settings,
        "2025-09-01 A primary_care 260 -",
        "2025-09-01 A physiotherapy 64 -",
        "2025-09-08 A physiotherapy 34 -",
    )
    lacking = ["A primary_care 260.0 2025-09-01"]
    assert told(asked(settings, where=PRIMARY)) == [
        ("2025-W36", 260, "ok", []),
        ("2025-W37", None, "no_data", lacking),
    ]
    assert told(asked(settings)) == [
        ("2025-W36", 324, "ok", []),
        ("2025-W37", 34, "incomplete_period", lacking),
    ]


def test_a_gap_does_not_heal_itself(settings: Settings) -> None:
    counts(
        settings,
        "2025-01-06 A primary_care 100 -",
        "2025-01-06 B primary_care 300 -",
        "2025-01-20 A primary_care 90 -",
        "2025-02-03 A primary_care 80 -",
    )
    lacking = ["B primary_care 300.0 2025-01-06"]
    assert [row for row in told(asked(settings)) if row[2] != "no_data"] == [
        ("2025-W02", 400, "ok", []),
        ("2025-W04", 90, "incomplete_period", lacking),
        ("2025-W06", 80, "incomplete_period", lacking),
    ]


@pytest.mark.parametrize(
    ("more", "units", "expected"),
    [
        (("2025-01-13 B primary_care 0 -",), {}, "ok"),
        (("2025-01-13 B primary_care - 0",), {}, "incomplete_period"),
        ((), {"valid_to": "2025-01-19"}, "ok"),
        # The unit was there on the day that the sum tells of.
        ((), {"valid_to": "2025-01-20"}, "incomplete_period"),
        ((), {"successor": "A"}, "ok"),
        ((), {"successor": "A", "valid_to": "2025-03-31"}, "incomplete_period"),
        ((), {"kind": "health_centre"}, "incomplete_period"),
    ],
)
def test_who_was_counted_is_needed_until_an_end(
    settings: Settings, more: tuple[str, ...], units: dict[str, str], expected: str
) -> None:
    counts(
        settings,
        "2025-01-06 A primary_care 100 -",
        "2025-01-06 B primary_care 300 -",
        "2025-01-20 A primary_care 90 -",
        *more,
    )
    if units:
        decide(settings, [unit_edit("B", units, by="tests", at=NOW)], now=NOW)
    assert told(asked(settings))[-1][:3] == ("2025-W04", 90, expected)


def test_who_is_counted_first_later_is_not_missed_before(settings: Settings) -> None:
    counts(
        settings,
        "2025-01-06 A primary_care 100 -",
        "2025-01-13 A primary_care 90 -",
        "2025-01-13 B oral_health 7 -",
    )
    assert told(asked(settings))[0] == ("2025-W02", 100, "ok", [])


def test_a_blank_number_is_unknown_and_its_part_beyond_the_limit_says_why(settings: Settings) -> None:
    counts(settings, "2025-01-06 A primary_care - 9", "2025-01-06 B primary_care 7 2")
    assert told(asked(settings)) == [("2025-W02", 7, "incomplete_period", ["A primary_care None None"])]
    assert told(asked(settings, "queue_over_limit")) == [("2025-W02", 11, "ok", [])]
    question = Question("queue_over_limit", by="week", suppress=False)
    ((label, (only,)),) = only_beyond_limit(current(settings), question, settings).items()
    assert (label, only.unit, only.newest, only.day) == ("2025-W02", "A", 9, date(2025, 1, 6))
    assert only_beyond_limit(current(settings), replace(question, indicator="queue_length"), settings) == {}


def test_a_silent_unit_of_rows_is_named_and_an_empty_service_of_a_told_one_is_empty(
    settings: Settings,
) -> None:
    first = (("K", "Avosairaanhoito", 3), ("K", "Fysioterapia", 2), ("P", "Avosairaanhoito", 4))
    entries(settings, "2025-03-03", *first)
    entries(settings, "2025-03-10", ("K", "Avosairaanhoito", 1))
    entries(settings, "2025-03-24", ("K", "Avosairaanhoito", 2))
    lacking = ["P primary_care 4.0 2025-03-03"]
    assert [row for row in told(asked(settings)) if row[2] != "no_data"] == [
        ("2025-W10", 9, "ok", []),
        ("2025-W11", 1, "incomplete_period", lacking),
        ("2025-W13", 2, "incomplete_period", lacking),
    ]
    physiotherapy = asked(settings, where=(("service", ("physiotherapy",)),))
    assert told(physiotherapy)[1] == ("2025-W11", 0, "ok", [])
    # The whole unit silent: of it the services with somebody waiting are named.
    assert told(asked(settings))[2][3] == ["K primary_care 1.0 2025-03-10", *lacking]


def test_an_empty_snapshot_is_a_count_of_zero(settings: Settings) -> None:
    entries(settings, "2025-03-03", ("K", "Avosairaanhoito", 3), ("P", "Avosairaanhoito", 4))
    entries(settings, "2025-03-10", ("K", "Avosairaanhoito", 1), scope="origin")
    entries(settings, "2025-03-17", ("K", "Avosairaanhoito", 2))
    assert told(asked(settings)) == [
        ("2025-W10", 7, "ok", []),
        ("2025-W11", 1, "ok", []),
        ("2025-W12", 2, "ok", []),
    ]


def test_counts_and_rows_of_one_unit_follow_each_other(settings: Settings) -> None:
    counts(settings, "2025-03-03 K physiotherapy 34 -", "2025-03-24 K oral_health 5 -")
    entries(settings, "2025-03-10", ("K", "Avosairaanhoito", 3))
    assert told(asked(settings)) == [
        ("2025-W10", 34, "ok", []),
        # A snapshot of rows tells of all services of its unit: nobody waits for physiotherapy.
        ("2025-W11", 3, "ok", []),
        ("2025-W12", None, "no_data", ["K primary_care 3.0 2025-03-10"]),
        ("2025-W13", 5, "incomplete_period", ["K primary_care 3.0 2025-03-10"]),
    ]


def test_services_without_a_limit_are_not_missed_beyond_it(settings: Settings) -> None:
    counts(
        settings,
        "2025-01-06 A primary_care 9 3",
        "2025-01-06 A child_health_clinic 8 -",
        "2025-01-13 A primary_care 9 4",
    )
    assert told(asked(settings, "queue_over_limit"))[-1] == ("2025-W03", 4, "ok", [])
    assert told(asked(settings))[-1][2] == "incomplete_period"


def change(settings: Settings, label: str, **more: object) -> object:
    question = Question("queue_length", by="week", **{"suppress": False, **more})
    return queue_change(current(settings), question, settings, label)


def test_a_change_is_told_over_those_known_on_both_days(settings: Settings) -> None:
    counts(
        settings,
        "2025-01-06 A primary_care 100 -",
        "2025-01-06 B primary_care 300 -",
        "2025-01-20 A primary_care 90 -",
        "2025-01-20 C primary_care 50 -",
    )
    found = change(settings, "2025-W04")
    assert isinstance(found, LikeForLike)
    assert (found.value, found.before, found.difference) == (90, 100, -10)
    assert (found.since, found.services, found.queues, found.among) == (
        date(2025, 1, 6),
        ("primary_care",),
        1,
        2,
    )
    # What is compared must all be tellable: the difference would say the small number.
    counts(settings, "2025-01-20 D primary_care 3 -", name="lisaa.csv")
    assert change(settings, "2025-W04", suppress=True) is None


def test_a_change_between_periods_without_an_entry_is_none(settings: Settings) -> None:
    entries(settings, "2025-01-06", ("U1", "Avosairaanhoito", 2), ("U2", "Avosairaanhoito", 1))
    entries(settings, "2025-01-13", ("U1", "Avosairaanhoito", 2))
    found = change(settings, "2025-W03", where=(("unit", ("U1", "U2")), ("profession", ("dentist",))))
    assert isinstance(found, LikeForLike)
    assert (found.value, found.before, found.queues) == (0, 0, 1)


def test_complete_weeks_of_the_same_queues_are_held_against_their_mean(settings: Settings) -> None:
    counts(
        settings, *(f"2025-01-{day:02d} A primary_care {n} -" for day, n in ((6, 100), (13, 90), (20, 80)))
    )
    found = change(settings, "2025-W04")
    assert (found.value, found.before, found.periods) == (80, 95, 2)


def test_published_counts_are_shown_and_hide_nothing_else(settings: Settings) -> None:
    entries(settings, "2025-03-03", ("K", "Avosairaanhoito", 3), ("P", "Avosairaanhoito", 9))
    counts(settings, "2025-03-03 D primary_care 60 -", "2025-03-03 S primary_care 2 -", published=True)
    rows = asked(settings, splits=("unit",), suppress=True).rows.set_index("unit")
    assert dict(rows["status"]) == {"D": "ok", "K": "suppressed", "P": "ok", "S": "ok"}
    assert (rows["value"]["D"], rows["value"]["S"]) == (60, 2)
    assert rows["value"]["P"] == pytest.approx(9, abs=9)


def test_what_published_counts_add_does_not_give_a_small_number_away(settings: Settings) -> None:
    entries(settings, "2025-03-03", ("K", "Avosairaanhoito", 3))
    counts(settings, "2025-03-03 D primary_care 60 -", published=True)
    whole = asked(settings, suppress=True).rows
    assert list(whole["status"]) == ["suppressed"]
    assert (whole["low"][0], whole["high"][0]) == (61, 70)
    rows = asked(settings, splits=("unit",), suppress=True).rows.set_index("unit")
    assert dict(rows["status"]) == {"D": "ok", "K": "suppressed"}


def test_counts_that_are_not_published_are_persons_like_any_other(settings: Settings) -> None:
    counts(settings, "2025-03-03 D primary_care 3 -", "2025-03-10 E primary_care 30 -")
    found = asked(settings, suppress=True)
    assert list(found.rows["status"]) == ["suppressed", "incomplete_period"]
    label, value, status, lacking = told(found)[-1]
    assert (label, status, lacking) == ("2025-W11", "incomplete_period", ["D primary_care None 2025-03-03"])
    assert value == pytest.approx(30, abs=15)
    assert found.missing["2025-W11"][0].suppressed


def test_the_command_line_names_what_is_missing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    counts(
        settings,
        "2025-01-06 A primary_care 100 9",
        "2025-01-06 B primary_care 300 -",
        "2025-01-13 A primary_care - 8",
        "2025-01-13 C primary_care 5 -",
    )
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "fi")

    def show(*words: str) -> str:
        done = CliRunner().invoke(app, ["show", *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    first, second = json.loads(show("queue_length", "--format", "json"))
    assert first["missing"] == []
    assert second["missing"] == [
        {"unit": "A", "service": "primary_care", "newest": 100, "date": "2025-01-06"},
        {"unit": "B", "service": "primary_care", "newest": 300, "date": "2025-01-06"},
    ]
    assert (
        "2025-W03: luku on vajaa. Siitä puuttuu: A, Avosairaanhoito (100, 2025-01-06); "
        "B, Avosairaanhoito (300, 2025-01-06)." in show("queue_length")
    )
    over = show("queue_over_limit")
    assert "B, Avosairaanhoito (lukua ei tiedetä)" in over
    assert (
        "2025-W03: näistä jonoista on tieto vain enimmäisajan ylittäneistä: A, Avosairaanhoito (8, 2025-01-13)."
        in over
    )
    assert "missing" not in show("queue_length", "--format", "csv")


def test_what_counts_alone_have_can_be_chosen(settings: Settings) -> None:
    counts(settings, "2025-01-06 A primary_care 100 9", "2025-02-03 B oral_health 3 -")
    offered = choices(current(settings), "queue", "18")
    assert (offered["unit"], offered["service"], offered["area"]) == (
        ("A", "B"),
        ("oral_health", "primary_care"),
        ("18",),
    )
    assert last_day(current(settings), "queue", "18") == date(2025, 2, 3)


#: What a count cannot tell: who waits by own wish, who urgently, and how long.
NOT_COUNTED = ("queue_own_wish", "queue_urgent", "queue_longest_wait")
#: The newest number of a queue of which only counts are known.
UNCOUNTED = "D primary_care None None"


def of_newest(settings: Settings, indicator: str, **more: object) -> tuple[object, ...]:
    """Value, status and what is missing in the newest period with a number or something missing."""
    return told(asked(settings, indicator, **more))[-1][1:]


#: Of three entries of a unit that has waited since New Year: by own wish, urgently, and in days.
OF_ROWS = {"queue_own_wish": 0, "queue_urgent": 0, "queue_longest_wait": 61}


@pytest.mark.parametrize("indicator", NOT_COUNTED)
@pytest.mark.parametrize(
    ("lines", "units", "missing"),
    [
        (("2025-03-03 D primary_care 60 5",), {}, [UNCOUNTED]),
        # Counted in another week, or in a part alone: there is a queue, and nothing tells what is asked of it.
        (("2025-01-06 D primary_care 60 -",), {}, [UNCOUNTED]),
        (("2025-03-03 D primary_care - 5",), {}, [UNCOUNTED]),
        (("2025-03-03 D primary_care 0 -", "2025-03-04 D primary_care 2 -"), {}, [UNCOUNTED]),
        (
            ("2025-03-03 D primary_care 60 -", "2025-03-03 S oral_health 4 -"),
            {},
            [UNCOUNTED, "S oral_health None None"],
        ),
        (("2025-03-03 D primary_care 0 0",), {}, []),
        (("2025-01-06 D primary_care 60 -", "2025-02-03 D primary_care 0 -"), {}, []),
        (("2025-03-10 D primary_care 60 -",), {}, []),
        (("2025-01-06 D primary_care 60 -",), {"valid_to": "2025-03-02"}, []),
        (("2025-01-06 D primary_care 60 -",), {"successor": "K"}, []),
        # A snapshot of rows tells of all services of its unit.
        (("2025-03-03 K physiotherapy 60 -",), {}, []),
    ],
)
def test_what_counts_cannot_tell_is_incomplete(
    settings: Settings, indicator: str, lines: tuple[str, ...], units: dict[str, str], missing: list[str]
) -> None:
    entries(settings, "2025-03-03", ("K", "Avosairaanhoito", 3))
    counts(settings, *lines)
    if units:
        decide(settings, [unit_edit("D", units, by="tests", at=NOW)], now=NOW)
    status = "incomplete_period" if missing else "ok"
    assert of_newest(settings, indicator) == (OF_ROWS[indicator], status, missing)


@pytest.mark.parametrize("indicator", NOT_COUNTED)
def test_a_unit_known_by_rows_stays_complete_beside_a_counted_one(settings: Settings, indicator: str) -> None:
    entries(settings, "2025-03-03", ("K", "Avosairaanhoito", 3), ("P", "Suun terveydenhuolto", 2))
    counts(settings, "2025-03-03 D primary_care 60 -")
    by_unit = asked(settings, indicator, splits=("unit",)).rows
    assert set(by_unit["unit"]) <= {"K", "P"}
    assert set(by_unit["status"]) <= {"ok"}
    assert by_unit.empty == (indicator != "queue_longest_wait")
    of_unit = asked(settings, indicator, where=(("unit", ("K",)),))
    assert told(of_unit)[-1][1:] == (OF_ROWS[indicator], "ok", [])
    of_service = asked(settings, indicator, where=(("service", ("oral_health",)),))
    assert told(of_service)[-1][1:] == (OF_ROWS[indicator], "ok", [])


@pytest.mark.parametrize("indicator", NOT_COUNTED)
def test_rows_that_counts_follow_are_older_than_what_is_missing(settings: Settings, indicator: str) -> None:
    entries(settings, "2025-03-03", ("K", "Avosairaanhoito", 3), ("P", "Avosairaanhoito", 2))
    entries(settings, "2025-03-10", ("P", "Avosairaanhoito", 2))
    counts(settings, "2025-03-10 K primary_care 9 -")
    value = OF_ROWS[indicator]
    newer = 68 if indicator == "queue_longest_wait" else 0
    assert of_newest(settings, indicator) == (
        newer,
        "incomplete_period",
        [f"K primary_care {value:.1f} 2025-03-03"],
    )
    counts(settings, "2025-03-11 K primary_care 0 -", name="tyhja.csv")
    assert of_newest(settings, indicator) == (newer, "ok", [])


@pytest.mark.parametrize("indicator", NOT_COUNTED)
def test_an_area_with_counts_alone_has_no_data_of_what_they_cannot_tell(
    settings: Settings, indicator: str
) -> None:
    counts(settings, "2025-03-03 D primary_care 60 5", "2025-03-10 D primary_care 0 0")
    assert asked(settings, indicator).rows.empty
    days = {"date_from": date(2025, 3, 3), "date_to": date(2025, 3, 16)}
    assert list(asked(settings, indicator, **days).rows["status"]) == ["no_data", "no_data"]


@pytest.mark.parametrize("indicator", ["queue_length", "queue_over_limit", "service_debt_visible"])
def test_counts_are_lacking_where_what_is_asked_is_told_apart(settings: Settings, indicator: str) -> None:
    entries(settings, "2025-06-02", ("K", "Avosairaanhoito", 3))
    counts(settings, "2025-06-02 D primary_care 60 5")
    by_age = asked(settings, indicator, splits=("age_group",)).rows
    assert list(by_age["status"]) == ["incomplete_period"]
    assert [(one.unit, one.newest, one.day) for one in by_age["missing"].iloc[0]] == [("D", None, None)]
    doctors = of_newest(settings, indicator, where=(("profession", ("doctor",)),))
    assert doctors == (3, "incomplete_period", [UNCOUNTED])
    by_unit_and_age = asked(settings, indicator, splits=("unit", "age_group")).rows
    assert list(by_unit_and_age[["unit", "status"]].itertuples(index=False, name=None)) == [("K", "ok")]
    assert of_newest(settings, indicator)[1:] == ("ok", [])


def test_the_command_line_names_the_queues_that_counts_alone_tell_of(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries(settings, "2025-03-03", ("K", "Avosairaanhoito", 3))
    counts(settings, "2025-03-03 D primary_care 60 5")
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(settings.warehouse))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "fi")
    done = CliRunner().invoke(app, ["show", "queue_longest_wait"])
    assert done.exit_code == 0, done.output
    assert "2025-W10: luku on vajaa. Siitä puuttuu: D, Avosairaanhoito (lukua ei tiedetä)." in done.stdout


def test_of_counts_the_part_beyond_the_limit_has_a_noise_of_its_own(settings: Settings) -> None:
    """With one noise for both, whoever subtracts learns exactly how many wait within their limit."""
    lines = [f"2025-11-03 TK-{at:02} oral_health {60 + at} {57 + at}" for at in range(30)]
    counts(settings, *lines, "2025-11-03 TK-99 oral_health 40 40")
    shown = [
        dict(zip(found.rows["unit"], found.rows["value"], strict=True))
        for indicator in ("queue_length", "queue_over_limit")
        for found in [asked(settings, indicator, splits=("unit",), suppress=True)]
    ]
    differences = [shown[0][unit] - shown[1][unit] for unit in shown[0]]
    assert any(difference != 3 for difference in differences[:-1])
    # Where all wait beyond it both are of the same entries.
    assert differences[-1] == 0


def test_a_count_that_stays_the_same_is_perturbed_the_same_on_every_day(settings: Settings) -> None:
    """With a noise for each day the mean of many days comes to the true number."""
    counts(settings, *(f"2025-11-{day:02} TK-1 oral_health 60 30" for day in (3, 10, 17, 24)))
    shown = asked(settings, suppress=True).rows["value"]
    assert len(shown) == 4
    assert shown.nunique() == 1
