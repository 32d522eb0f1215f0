"""Who was not contacted within a week of the request, day by day around the boundary, and who still waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indicators.answers import answer
from indicators.engine.question import Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.oracle.test_cases import NOW, PATHWAY_HEADER, TODAY
from tests.spec.table import rows_of

EXTRACTED = date(2025, 4, 10)

# The request of 3 March has its seventh day on 10 March, and belongs to the month and week of the eighth, 11 March. Of an
# extract of 10 April the seventh day of a request of 2 April is over, that of 3 April is not.
BOUNDARY = """
request    | contact    | ended      | state       | counted in | waits on the last day | why
-----------+------------+------------+-------------+------------+-----------------------+----
2025-03-03 | 2025-03-10 |            | hoidossa    |            | no                    | the seventh day is within
2025-03-03 | 2025-03-11 |            | hoidossa    | 2025-W11   | no                    | the eighth day is not
2025-03-03 | 2025-03-03 |            | hoidossa    |            | no                    | the same day
2025-03-03 |            |            | jonossa     | 2025-W11   | yes                   | it has not come
2025-03-03 |            | 2025-03-10 | keskeytynyt |            | no                    | ended on day 7
2025-03-03 |            | 2025-03-11 | keskeytynyt | 2025-W11   | no                    | ended on day 8
2025-03-02 | 2025-03-20 |            | hoidossa    | 2025-W11   | no                    | the eighth day is a Monday
2025-03-01 | 2025-03-20 |            | hoidossa    | 2025-W10   | no                    | the eighth day is a Sunday
2025-04-02 |            |            | jonossa     | 2025-W15   | no                    | day 7 is the day before the extract and the last one known
2025-04-03 |            |            | jonossa     |            | no                    | day 7 is the day of the extract
"""  # noqa: E501


def told(own: Settings, indicator: str, by: str, **more: object) -> dict[str, float]:
    question = Question(indicator, by=by, suppress=False, **more)
    rows = answer(Warehouse(own.warehouse).current(), question, own).rows
    return {row["period"]: row["value"] for row in rows.to_dict("records")}


def loaded(folder: Path, *lines: str) -> Settings:
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    data = "\n".join([PATHWAY_HEADER, *lines, ""]).encode("utf-8-sig")
    options = LoadOptions(source="pirkko_asiakkuudet", as_of=EXTRACTED, force=True)
    report = load_bytes("polut.csv", data, options, own, now=NOW, today=TODAY)
    assert report.status == "loaded", report.findings
    return own


def line(key: int, person: str, row: dict[str, str]) -> str:
    return (
        f"A{key};{person};1980;272;MT-KOK-01;Mielenterveyspalvelut;{row['request']};{row['contact']};;;"
        f"{row['ended']};{row['state']};"
    )


@pytest.mark.parametrize("row", rows_of(BOUNDARY), ids=lambda row: row["why"])
def test_who_counts_and_in_which_week(row: dict[str, str], tmp_path: Path) -> None:
    own = loaded(
        tmp_path,
        line(1, "P1", row),
        # A second client in care, contacted at once: the days from February on are known.
        "A2;P2;1980;272;MT-KOK-01;Mielenterveyspalvelut;2025-02-03;2025-02-03;;;;hoidossa;",
    )
    late = told(own, "mental_health_not_contacted_in_week", "week")
    assert {week for week, value in late.items() if value} == ({row["counted in"]} - {""})
    assert set(late.values()) <= {0.0, 1.0}
    still = told(own, "mental_health_still_without_contact", "month")
    assert still["2025-04"] == (1.0 if row["waits on the last day"] == "yes" else 0.0)


def test_a_person_counts_once_in_a_period_and_again_in_another(tmp_path: Path) -> None:
    again = [
        {"request": "2025-02-03", "contact": "2025-02-20", "ended": "", "state": "hoidossa"},
        {"request": "2025-02-10", "contact": "2025-02-20", "ended": "", "state": "hoidossa"},
        {"request": "2025-03-03", "contact": "2025-03-20", "ended": "", "state": "hoidossa"},
    ]
    own = loaded(tmp_path, *(line(key, "P1", row) for key, row in enumerate(again)))
    indicator = "mental_health_not_contacted_in_week"
    assert told(own, indicator, "year") == {"2025": 1.0}
    assert told(own, indicator, "month") == {"2025-02": 1.0, "2025-03": 1.0, "2025-04": 0.0}


def test_a_period_is_not_complete_before_its_last_day_is_known(tmp_path: Path) -> None:
    row = {"request": "2025-04-01", "contact": "", "ended": "", "state": "jonossa"}
    own = loaded(
        tmp_path,
        "A2;P2;1980;272;MT-KOK-01;Mielenterveyspalvelut;2025-02-03;2025-02-03;;;;hoidossa;",
        line(1, "P1", row),
    )
    question = Question("mental_health_not_contacted_in_week", by="month", suppress=False)
    rows = answer(Warehouse(own.warehouse).current(), question, own).rows.set_index("period")
    assert rows["status"].to_dict() == {
        "2025-02": "incomplete_period",
        "2025-03": "ok",
        "2025-04": "incomplete_period",
    }
