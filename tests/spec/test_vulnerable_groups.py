"""Care within seven days in the groups the plan names: who is in which, each by itself, and a figure that was entered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from indicators.answer_notes import EnteredInstead, entered_instead, entered_instead_words
from indicators.answers import answer
from indicators.catalogue.definition import LANGUAGES, definition, parse_definition
from indicators.catalogue.labels import name_of
from indicators.engine.question import Question
from pipelines.checking.extract import LoadOptions
from pipelines.loading.load import load_bytes
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.pipelines.extracts import visit, visits
from tests.spec.table import rows_of
from tests.spec.test_definitions import _written

TODAY, NOW = date(2025, 4, 1), datetime(2025, 4, 1, 8, 0)
INDICATOR = "seven_day_access_vulnerable"

# A visit of 10 March, assessed on a day; the group it is of, if any, and whether it was within seven days.
VISITS = """
service              | born | urgency   | nature | assessed  | group                   | within | why
---------------------+------+-----------+--------+-----------+-------------------------+--------+----
Suun terveydenhuolto | 1950 | Kiireetön | SH     | 3.3.2025  | oral_health_75          | yes    | 75 in the year, the seventh day
Suun terveydenhuolto | 1950 | Kiireetön | SH     | 2.3.2025  | oral_health_75          | no     | the eighth day
Suun terveydenhuolto | 1951 | Kiireetön | SH     | 3.3.2025  |                         |        | 74 years
Suun terveydenhuolto |      | Kiireetön | SH     | 3.3.2025  |                         |        | of unknown age
Avosairaanhoito      | 1930 | Kiireetön | SH     | 3.3.2025  |                         |        | old, but not in oral health
Mielenterveyspalvelut | 1990 | Kiireetön | SH    | 3.3.2025  | mental_health_substance | yes    | everybody in mental health
Päihdepalvelut       | 1990 | Kiireetön | SH     | 1.2.2025  | mental_health_substance | no     | everybody in substance services
Opioidikorvaushoito  | 1990 | Kiireetön | SH     | 3.3.2025  | mental_health_substance | yes    | substitution is a substance service
Lastenneuvola        | 2024 | Kiireetön | SH     | 3.3.2025  | family_centre           | yes    | everybody in the clinic
Perhepalvelut        | 1990 | Kiireetön | SH     | 3.3.2025  | family_centre           | yes    | everybody in family services
Lastenneuvola        | 2024 | Kiireetön | TH     | 3.3.2025  |                         |        | preventive, as in the whole figure
Päihdepalvelut       | 1990 | Päivystys | SH     | 3.3.2025  |                         |        | urgent, as in the whole figure
"""  # noqa: E501


def load(own: Settings, name: str, data: bytes, **options: object) -> None:
    report = load_bytes(name, data, LoadOptions(as_of=TODAY, **options), own, now=NOW, today=TODAY)
    assert report.status == "loaded", report.findings


def loaded(folder: Path, rows: list[dict[str, str]]) -> Settings:
    own = replace(load_settings({}), warehouse=folder / "warehouse")
    names = ("service", "born", "urgency", "nature", "assessed")
    lines = [visit(key, unit="U1", **{name: row[name] for name in names}) for key, row in enumerate(rows)]
    load(own, "kaynnit.csv", visits(*lines), window=(date(2025, 3, 1), date(2025, 3, 31)))
    return own


def told(own: Settings, **asked: object) -> pd.DataFrame:
    question = Question(INDICATOR, suppress=False, **{"by": "month", **asked})
    return answer(Warehouse(own.warehouse).current(), question, own).rows


@pytest.mark.parametrize("row", rows_of(VISITS), ids=lambda row: row["why"])
def test_which_group_a_visit_is_of(row: dict[str, str], tmp_path: Path) -> None:
    own = loaded(tmp_path, [row])
    split = told(own, splits=("patient_group",))
    expected = [(row["group"], 1, 1 if row["within"] == "yes" else 0)] if row["group"] else []
    found = split[["patient_group", "denominator", "numerator"]].itertuples(index=False, name=None)
    assert list(found) == expected


def test_the_groups_sum_to_the_whole_and_each_stands_by_itself(tmp_path: Path) -> None:
    rows = rows_of(VISITS)
    own = loaded(tmp_path, rows)
    of_groups = [row for row in rows if row["group"]]
    [whole] = told(own).to_dict("records")
    assert (whole["denominator"], whole["numerator"], whole["status"]) == (7, 5, "ok")
    parts = told(own, splits=("patient_group",))
    assert parts["denominator"].sum() == len(of_groups)
    [alone] = told(own, where=(("patient_group", ("family_centre",)),)).to_dict("records")
    assert (alone["numerator"], alone["denominator"]) == (2, 2)
    narrowed = told(own, where=(("service", ("substance_services",)),)).to_dict("records")
    assert [(row["numerator"], row["denominator"]) for row in narrowed] == [(0, 1)]


def test_services_of_no_group_do_not_make_a_period_known(tmp_path: Path) -> None:
    own = loaded(tmp_path, [row for row in rows_of(VISITS) if row["service"] == "Avosairaanhoito"])
    assert told(own).empty or set(told(own)["status"]) == {"no_data"}


FIGURE = (
    "indicator_id,area_code,service,period_start,period_end,numerator,denominator,value,unit,note,source\n"
    f"{INDICATOR},18,,2025-03-01,2025-03-31,,,80,percent,,Report\n"
    f"{INDICATOR},18,,2025-02-01,2025-02-28,,,60,percent,,Report\n"
)


def test_an_entered_figure_holds_for_its_period_and_the_difference_is_told(tmp_path: Path) -> None:
    own = loaded(tmp_path, rows_of(VISITS))
    load(own, "luvut.csv", FIGURE.encode(), source="figures")
    values = told(own).set_index("period")["value"].to_dict()
    assert values == {"2025-02": 60.0, "2025-03": 80.0}
    [year] = told(own, by="year", date_from=date(2025, 1, 1)).to_dict("records")
    assert year["value"] == pytest.approx(100 * 5 / 7), (
        "figures of months do not stand for the year that rows tell"
    )
    snapshot = Warehouse(own.warehouse).current()
    question = Question(INDICATOR, by="month", suppress=False)
    assert entered_instead(snapshot, question, own) == [
        EnteredInstead("2025-03", 80.0, pytest.approx(100 * 5 / 7))
    ]
    found = answer(snapshot, question, own)
    assert entered_instead_words(snapshot, found, own, "fi") == [
        "2025-03: voimassa on syötetty luku 80.0. Rivitiedoista laskettuna se olisi 71.4."
    ]
    # In the shareable view what rows would give is as hidden as it is elsewhere: here it is of seven visits.
    assert entered_instead(snapshot, replace(question, suppress=True), own) == []


def test_the_texts_name_the_groups_of_the_data() -> None:
    known = definition(INDICATOR)
    for language in LANGUAGES:
        for group in known.measure.groups:
            assert group.name[language] in known.text[language].what
            assert name_of("patient_group", group.code, language) == group.name[language]
    assert "haavoittuvassa asemassa" in known.text["fi"].name
    assert "heikossa" not in known.text["fi"].what


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"code": ""}, "groups: a group needs a code"),
        ({"shoe_size": ["44"]}, "group 'family_centre': 'shoe_size' is no list of values"),
        ({"service": []}, "group 'family_centre': 'service' is no list of values"),
        ({"name": {"fi": "Perheet"}}, "group 'family_centre': name.sv missing"),
        ({"code": "oral_health_75"}, "group 'oral_health_75' is named twice"),
    ],
)
def test_a_group_that_cannot_be_is_a_fault(change: dict[str, object], fault: str) -> None:
    written = _written(INDICATOR)
    written["measure"]["groups"][-1] |= change
    assert [told for told in parse_definition(written, INDICATOR)[1] if told.startswith(fault)] != []
