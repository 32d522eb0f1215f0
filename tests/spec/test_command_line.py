"""What the command line of the indicators says beside the numbers, and how it writes them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from indicators.answer_tables import TARGET_COLUMNS, CannotWrite, write
from indicators.cli import app
from indicators.engine.question import CONTRACT_COLUMNS, OK, STATUSES
from indicators.terminal_tables import column_name, legend
from indicators.wording.formats import VERDICTS
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings

NOW = datetime(2026, 1, 2, 8, 0)


@pytest.fixture
def demo(demo_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TAKUUVAHTI_WAREHOUSE", str(demo_settings.warehouse))
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "fi")
    return demo_settings


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


YEARS = ("show", "visits", "--by", "year")


@pytest.mark.parametrize(
    ("where", "says"),
    [
        (("unit=TK-KOK-01",), ""),
        (("unit=XX",), "Rajauksella unit=XX ei ole rivejä.\n"),
        (("unit=TK-KOK-01", "unit=XX"), "Rajauksella unit=XX ei ole rivejä.\n"),
        (
            ("service=hieronta", "mode=kaiku"),
            "Rajauksella service=hieronta ei ole rivejä.\nRajauksella mode=kaiku ei ole rivejä.\n",
        ),
        (
            ("unit=TK-KOK-01", "service=oral_health"),
            "Rajauksella unit=TK-KOK-01, service=oral_health ei ole rivejä.\n",
        ),
    ],
)
def test_a_filter_without_rows_is_said(demo: Settings, where: tuple[str, ...], says: str) -> None:
    words = [word for part in where for word in ("--where", part)]
    done = run(*YEARS, *words, "--format", "json")
    assert (done.exit_code, done.stderr) == (0, says)
    assert isinstance(json.loads(done.stdout), list)


def test_an_answer_without_rows_is_said(demo: Settings) -> None:
    done = run(*YEARS, "--area", "05", "--format", "csv")
    assert (done.exit_code, done.stderr, len(done.stdout.splitlines())) == (0, "Ei rivejä.\n", 1)
    done = run("targets", "--year", "1999", "--format", "csv")
    assert (done.exit_code, done.stderr, len(done.stdout.splitlines())) == (0, "Ei rivejä.\n", 1)


def test_a_scope_wider_than_the_headline_is_said_beside_a_table(demo: Settings) -> None:
    words = ("show", "seven_day_access", "--by", "year")
    said = "Sivuilla ja tavoitevertailussa luku on rajattu: service=primary_care. Tässä kaikki palvelut.\n"
    assert run(*words).stderr == said
    assert run(*words, "--format", "csv").stderr == ""
    assert run(*words, "--where", "service=primary_care").stderr == ""
    assert run(*words, "--split", "service").stderr == ""
    assert run(*YEARS).stderr == ""


def test_the_ending_of_the_file_is_its_format(demo: Settings, tmp_path: Path) -> None:
    for ending in ("csv", "json", "parquet", "xlsx", "txt"):
        assert run(*YEARS, "--out", tmp_path / f"a.{ending}").exit_code == 0
    years = [str(year) for year in pd.read_parquet(tmp_path / "a.parquet")["period"]]
    assert years
    assert pd.read_csv(tmp_path / "a.csv")["period"].astype(str).tolist() == years
    assert [row["period"] for row in json.loads((tmp_path / "a.json").read_text("utf-8"))] == years
    assert pd.read_excel(tmp_path / "a.xlsx", engine="calamine")["period"].astype(str).tolist() == years
    assert (tmp_path / "a.txt").read_text("utf-8").split()[:2] == ["indicator", "period"]
    assert run(*YEARS, "--format", "json", "--out", tmp_path / "b.csv").exit_code == 0
    assert json.loads((tmp_path / "b.csv").read_text("utf-8"))


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_a_file_that_cannot_be_written_has_a_reason(demo: Settings, tmp_path: Path, ending: str) -> None:
    done = run(*YEARS, "--out", tmp_path / "puuttuu" / f"a.{ending}")
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert "(kansiota ei ole)" in done.stderr


def test_wordings_of_targets_fit_a_terminal(demo: Settings) -> None:
    whole = json.loads(run("targets", "--year", "2025", "--format", "json").stdout)
    long = [row["as_written"] for row in whole if len(row["as_written"] or "") > 40]
    assert long
    table = run("targets", "--year", "2025").stdout
    assert not [wording for wording in long if wording in table]
    assert long[0][:39].rstrip() + "…" in table


def test_a_target_just_missed_shows_why(tmp_path: Path) -> None:
    """19 999 of 20 000 is no hundred per cent, and does not read as one."""
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    for source, text in JUST_MISSED.items():
        options = LoadOptions(source=source, as_of=NOW.date())
        assert (
            load_bytes(f"{source}.csv", text.encode(), options, own, now=NOW, today=NOW.date()).status
            == "loaded"
        )
    words = ("targets", "--warehouse", own.warehouse)
    table = run(*words).stdout
    rows = [line.split() for line in table.splitlines()[1:]]
    assert [[word for word in row if word.startswith("99.9")] for row in rows] == [["99.995"], ["99.9999995"]]
    assert all("ei saavutettu" in " ".join(row) for row in rows)
    told = json.loads(run(*words, "--format", "json").stdout)
    assert [row["actual"] for row in told] == [pytest.approx(99.995), pytest.approx(99.9999995)]


JUST_MISSED = {
    "figures": (
        "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source\n"
        "electronic_forms,18,,2025-01-01,2025-12-31,19999,20000,,percent,,x\n"
        "lene_4y_6y_on_time,18,,2025-01-01,2025-12-31,199999999,200000000,,percent,,x\n"
    ),
    "targets": (
        "indicator_id,area_code,period_start,period_end,comparator,value,unit,as_written,source\n"
        "electronic_forms,18,2025-01-01,2025-12-31,>=,100,percent,100 %,x\n"
        "lene_4y_6y_on_time,18,2025-01-01,2025-12-31,>=,100,percent,100 %,x\n"
    ),
}


def test_demo_data_beside_a_published_series_is_asked_for_by_itself(demo: Settings) -> None:
    words = ("show", "child_health_clinic_visits", "--by", "year", "--format", "json")
    done = run(*words)
    assert [(row["period"], row["value"]) for row in json.loads(done.stdout)] == [
        ("2019", 21907),
        ("2020", 21358),
        ("2021", 19842),
    ]
    assert done.stderr.startswith("Esittelyaineisto ei jatka julkaistua sarjaa.")
    alone = run(*words, "--rows-only")
    assert [row["period"] for row in json.loads(alone.stdout)] == ["2024", "2025"]
    assert alone.stderr.startswith("Tämä on esittelyaineistoa")


def test_demo_data_is_not_judged_beside_a_published_series(demo: Settings) -> None:
    rows = json.loads(run("targets", "--format", "json").stdout)
    mine = [row for row in rows if row["indicator"] == "child_family_needs_assessment_90d"]
    assert {row["verdict"] for row in mine} == {"no_data"}
    assert [(row["period"], row["actual"], row["demo"]) for row in mine] == [
        (str(year), None, False) for year in range(2022, 2026)
    ]
    assert {row["earlier_period"] for row in mine} == {"2021"}
    assert [row["demo_actual"] is None for row in mine] == [True, True, False, False]


def test_an_indicator_that_is_not_near_any_names_none(demo: Settings) -> None:
    assert "Lähin: seven_day_access." in run("show", "seven_days_access").stderr
    done = run("show", "qqq")
    assert done.exit_code == 2
    assert done.stderr == "Mittaria qqq ei ole. Luettelo: python -m indicators list.\n"


def test_the_help_tells_the_exit_codes() -> None:
    assert "0 done, 1 findings stopped" in " ".join(run("--help").stdout.split())


def test_what_each_period_did_to_the_hidden_debt_is_said(demo: Settings) -> None:
    asked = ("show", "service_debt_hidden", "--by", "year", "--where", "service=child_health_clinic")
    done = run(*asked)
    assert done.exit_code == 0
    assert done.stderr.endswith("(-): 2020 +549, 2021 +2065.\n")
    assert [line.split()[1:5:3] for line in done.stdout.splitlines()[1:]] == [
        ["2020", "549"],
        ["2021", "2614"],
    ]
    # Split, or from a day on, there is no period before.
    assert run(*asked, "--from", "2021-01-01").stderr == ""
    assert run("show", "service_debt_hidden", "--by", "year", "--split", "service").stderr == ""
    assert run(*asked, "--format", "csv").stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("kind", ["csv", "json", "parquet", "xlsx"])
def test_a_full_disk_is_told_in_every_format(kind: str) -> None:
    with pytest.raises(CannotWrite) as caught:
        write(pd.DataFrame({"period": ["2024"], "value": [1.5]}), kind, Path("/dev/full"))
    assert caught.value.message("en").count("the disk is full") == 1


VISITS_HEADER = (
    "Käyntitunnus;Potilas;Syntymävuosi;Kotikunta;Yksikkökoodi;Yksikkö;Palvelu;Ammattiryhmä;Yhteystapa;"
)
VISITS_HEADER += "Kiireellisyys;Käynnin luonne;Ensikäynti;Yhteydenotto;Hoidon tarpeen arviointi;Ajanvaraus tehty;Käynti;Tila"


def visit_file(*days: str) -> bytes:
    rows = [
        f"{number};P{number};1956;272;TK-1;Asema;Avosairaanhoito;Lääkäri;R10;Kiireetön;SH;K;{day};{day};{day};{day};Toteutunut"
        for number, day in enumerate(days)
    ]
    return "\r\n".join([VISITS_HEADER, *rows, ""]).encode("cp1252")


def test_a_period_is_incomplete_for_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of the extract was guessed from its rows: the answer says so, and which option states it."""
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "en")
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    data = visit_file("1.11.2025", "20.11.2025", "5.12.2025", "29.12.2025")
    words = ("show", "seven_day_access", "--by", "month", "--warehouse", own.warehouse)

    def load(options: LoadOptions) -> str:
        return load_bytes("kaynnit.csv", data, options, own, now=NOW, today=NOW.date()).status

    assert load(LoadOptions()) == "loaded"
    rows = json.loads(run(*words, "--format", "json").stdout)
    assert [(row["period"], row["status"]) for row in rows] == [
        ("2025-11", "ok"),
        ("2025-12", "incomplete_period"),
    ]
    said = run(*words).stderr
    assert (
        "2025-12: the data is incomplete. The data of the source exreport_kaynnit reaches to 2025-12-29."
        in said
    )
    assert "The extract date 2025-12-29 was guessed from the rows" in said
    assert "load it again with --as-of 2026-01-01." in said
    assert said.splitlines()[0] in run(*words, "--format", "csv").stderr
    # What the sentence says mends it.
    assert load(LoadOptions(as_of=NOW.date().replace(day=1))) == "loaded"
    rows = json.loads(run(*words, "--format", "json").stdout)
    assert [row["status"] for row in rows] == ["ok"] * 2
    assert "incomplete" not in run(*words).stderr


def test_a_period_before_and_after_the_stated_days_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", "en")
    own = replace(load_settings({}), warehouse=tmp_path / "warehouse")
    data = visit_file("10.11.2025", "20.11.2025", "5.12.2025")
    options = LoadOptions(as_of=NOW.date().replace(year=2025, month=12, day=10))
    assert load_bytes("kaynnit.csv", data, options, own, now=NOW, today=NOW.date()).status == "loaded"
    said = run("show", "visits", "--by", "month", "--warehouse", own.warehouse).stderr
    assert (
        "2025-11: the data is incomplete. The data of the source exreport_kaynnit begins only on 2025-11-10."
        in said
    )
    assert (
        "2025-12: the data is incomplete. The data of the source exreport_kaynnit reaches to 2025-12-09."
        in said
    )
    assert "guessed" not in said


@pytest.mark.parametrize(
    ("spoken", "heads", "says"),
    [
        (
            "fi",
            ["Mittari", "Jakso", "Alku", "Loppu", "Palvelu", "Arvo"],
            "tiedot vajaat (incomplete_period): osa jakson päivistä tai tapauksista puuttuu; arvo voi vielä muuttua.",
        ),
        (
            "sv",
            ["Indikator", "Period", "Början", "Slut", "Tjänst", "Värde"],
            "ofullständiga uppgifter (incomplete_period): en del av periodens dagar eller fall saknas; värdet kan ännu ändras.",
        ),
        (
            "en",
            ["Indicator", "Period", "From", "To", "Service", "Value"],
            "period not complete (incomplete_period): some days or cases of the period are missing; the value may still change.",
        ),
    ],
)
def test_a_table_on_a_terminal_speaks_the_readers_language(
    demo: Settings, monkeypatch: pytest.MonkeyPatch, spoken: str, heads: list[str], says: str
) -> None:
    monkeypatch.setenv("TAKUUVAHTI_DEFAULT_LANGUAGE", spoken)
    words = ("show", "visits", "--by", "week", "--split", "service")
    printed = run(*words)
    assert printed.stdout.splitlines()[0].split()[:6] == heads
    # What the words mean stands beside the table, not in it.
    assert says in printed.stderr.splitlines() and says not in printed.stdout
    # Other programs get our names in every language, and no legend.
    asked = run(*words, "--format", "csv")
    assert says not in asked.stderr
    csv = asked.stdout.splitlines()
    assert csv[0].startswith("indicator,period,period_start,period_end,service,value,")
    assert "status" in csv[0] and ",incomplete_period," in csv[-1]


def test_every_status_and_verdict_of_the_targets_is_explained(demo: Settings) -> None:
    printed = run("targets")
    lines = printed.stdout.splitlines()
    found = json.loads(run("targets", "--format", "json").stdout)
    codes = {row[name] for row in found for name in ("status", "verdict")}
    explained = [
        line
        for line in printed.stderr.splitlines()
        if "): " in line and line.endswith(".") and line.count("(") == 1
    ]
    assert {line.partition("(")[2].partition(")")[0] for line in explained} >= codes - {OK}
    assert len(codes) > 3
    assert not [
        code for code in ("incomplete_period", "not_met") if any(code in line for line in lines[: len(found)])
    ]


def test_every_column_status_and_verdict_has_words() -> None:
    for name in (*TARGET_COLUMNS, "period", *CONTRACT_COLUMNS, "name", "family", "better", "splits", "theme"):
        if name != "unit":
            assert column_name(name, "sv") != name, name
    assert column_name("unit", "fi") == "Yksikkö"
    every = pd.DataFrame({"status": STATUSES})
    assert len(legend(every, "fi")) == len(STATUSES) - 1
    assert len(legend(pd.DataFrame({"verdict": list(VERDICTS)}), "fi")) == len(VERDICTS)


def test_the_rows_of_a_plan_speak_the_readers_language(demo: Settings) -> None:
    asked = ("plan", "--service", "oral_health", "--runs", "10", "--target", "over=0", "--needed")
    lines = run(*asked).stdout.splitlines()
    assert lines[0].split() == ["Mitä", "Kuten", "nyt", "Suunnitelma"]
    assert any(line.strip().startswith("Yli enimmäisajan, viikko 13 ") for line in lines)
    assert not [line for line in lines if "_" in line or " week " in line or "tight" in line]
    csv = run(*asked, "--format", "csv").stdout.splitlines()
    assert "queue" in csv[0] and "jono" not in csv[0].lower()
