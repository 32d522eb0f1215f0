"""What the command line of the indicators says beside the numbers, and how it writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from indicators.cli import app
from pipelines.settings import Settings


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
