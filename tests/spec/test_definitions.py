"""The definitions: one for every indicator with a figure or a target, whole in three languages."""

from __future__ import annotations

import copy
import csv
import tomllib
from pathlib import Path
from typing import Any

import pytest

from indicators.catalogue import definition as definitions
from indicators.catalogue.definition import (
    DATASET_SPLITS,
    DEFINITIONS,
    GROUP_SPLIT,
    TEXTS,
    Definition,
    definition,
    load_definitions,
    parse_definition,
)
from indicators.catalogue.errors import BadDefinition, BadQuestion
from indicators.catalogue.languages import LANGUAGES
from indicators.catalogue.places import FIGURES
from tests.spec.table import rows_of

#: What fits in a tile, a legend and a table's first column.
SHORT_LETTERS = 33
#: Units of a target that are not the indicator's, on purpose: `<1 kk` is a calendar month and is never made days.
OTHER_UNITS = {("health_centre_wait_days", "months")}
#: Counts that parts make up the whole of; people are not among them, nor what stands at a date or repeats.
ADD_UP = {
    *("visits", "referrals", "queue_length", "queue_over_limit", "queue_urgent", "queue_own_wish"),
    *("adult_psychiatry_visits", "adult_psychiatry_referrals", "substance_rehab_visits"),
    *("opioid_substitution_visits", "school_psych_nurse_visits", "child_health_clinic_visits"),
    *("child_welfare_notifications", "change_coaching_units", "new_digital_care_paths"),
    *("social_welfare_overdue", "service_debt_visible"),
}

#: Published series that rows carry on.
CARRIED_ON = {
    *("adult_psychiatry_patients", "adult_psychiatry_referrals", "adult_psychiatry_visits"),
    *("child_health_clinic_patients", "child_health_clinic_visits", "child_welfare_notifications"),
    *("opioid_substitution_clients", "opioid_substitution_visits", "oral_health_access_data_coverage"),
    *("oral_health_wait_over_7d", "school_psych_nurse_clients", "school_psych_nurse_visits"),
    *("substance_rehab_clients", "substance_rehab_visits"),
}
#: What no row of an extract tells: why the indicator stays with published and entered figures.
NOT_FROM_ROWS = """
indicator                       | why
--------------------------------+----
change_coaching_units           | units in a training are in no extract
child_doctor_check_18m_4y       | an extract does not say which age's check a visit was
digital_care_paths_in_use       | paths are no visits
new_digital_care_paths          | paths are no visits
omaolo_services                 | services of a platform are no visits
digital_service_barriers        | a survey
electronic_forms                | forms are in no extract
intraoral_scanners              | equipment
ips_employment                  | employment is in no extract
ips_fidelity_points             | an assessment by points
ips_first_meeting_days          | meetings with a job coach are in no extract
lene_4y_6y_on_time              | an extract does not say which check a visit was
low_threshold_groups            | groups are in no extract
over_75_living_at_home          | where people live is in no extract
over_75_service_housing         | where people live is in no extract
population                      | residents
public_oral_health_users        | needs residents, and care given outside the area
unemployed_work_ability_clients | employment is in no extract
youth_mental_health_basic_share | specialised youth psychiatry is not told apart, and the plan leaves the ratio open
service_debt_hidden             | made of other indicators
service_debt_hidden_adjusted | made of other indicators
"""

# How the indicators computed from rows are measured; `of` is what is known, the rows the share's n is made of.
FROM_ROWS = """
indicator               | unit    | better | of              | met                | quantile | rows
------------------------+---------+--------+-----------------+--------------------+----------+-----
seven_day_access        | percent | up     | with_wait       | wait_within_7_days |          | non_urgent curative
seven_day_access_vulnerable | percent | up | with_wait       | wait_within_7_days |          | non_urgent curative
access_within_limit     | percent | up     | judged_by_limit | within_limit       |          | non_urgent curative first_or_blank service_with_limit
access_data_coverage    | percent | up     | all             | with_wait          |          | non_urgent curative
wait_median             | days    | down   | with_wait       |                    | 0.5      | non_urgent curative
wait_p90                | days    | down   | with_wait       |                    | 0.9      | non_urgent curative
oral_health_wait_days   | days    | down   | with_wait       |                    | 0.9      | non_urgent curative oral_health
health_centre_wait_days | days    | down   | with_wait       |                    | 0.9      | non_urgent curative primary_care
electronic_contacts     | percent | up     | all             | R56 electronic; perhaps R50 R51 R52 R55 | |
remote_contacts         | percent | up     | all             | R50 R51 R52 R55 R56 electronic telephone | |
visits                  | count   | none   |                 |                    |          |
patients                | count   | none   |                 |                    |          |
queue_length            | count   | down   |                 |                    |          | non_urgent not_own_wish
queue_over_limit        | count   | down   | judged_by_limit | over_limit         |          | non_urgent not_own_wish not_medical service_with_limit
service_debt_visible    | count   | down   | judged_by_limit | over_limit         |          | non_urgent not_own_wish not_medical service_with_limit
queue_longest_wait      | days    | down   |                 |                    |          | non_urgent not_own_wish
queue_urgent            | count   | down   |                 |                    |          | not_non_urgent
queue_own_wish          | count   | none   |                 |                    |          | non_urgent own_wish
guarantee_monitoring_coverage | percent | up | with_wait      |                    |          | non_urgent curative primary_care
over_75_oral_health_share | percent | none  | age_known      | aged_75            |          | oral_health
adult_psychiatry_visits | count   | none   |                 |                    |          | adult_psychiatry
adult_psychiatry_patients | count | none   |                 |                    |          | adult_psychiatry
substance_rehab_visits  | count   | none   |                 |                    |          | substance_rehabilitation
substance_rehab_clients | count   | none   |                 |                    |          | substance_rehabilitation
opioid_substitution_visits  | count | none |                 |                    |          | opioid_substitution
opioid_substitution_clients | count | none |                 |                    |          | opioid_substitution
child_health_clinic_visits   | count | none |                |                    |          | child_health_clinic
child_health_clinic_patients | count | none |                |                    |          | child_health_clinic
school_psych_nurse_visits  | count | none  |                 |                    |          | school_psych_nurse
school_psych_nurse_clients | count | none  |                 |                    |          | school_psych_nurse
oral_health_wait_over_7d | percent | down  | with_wait       | wait_over_7_days   |          | non_urgent curative oral_health
oral_health_access_data_coverage | percent | up | all        | with_wait          |          | non_urgent curative oral_health dentist
"""  # noqa: E501

# How the indicators of cases with a due day are measured; a case of period `stop` enters once it has happened.
FROM_CASES = """
indicator                             | period | from          | to               | limit         | rows
--------------------------------------+--------+---------------+------------------+---------------+-----
mental_health_guarantee               | start  | need_found_on | care_started_on  | access_limit  | pathway mental_health need_found
substance_services_access             | start  | need_found_on | care_started_on  | access_limit  | pathway substance_services need_found
mental_health_first_contact_7d        | start  | received_on   | first_contact_on | 7 days        | pathway mental_health
substance_services_first_contact_7d   | start  | received_on   | first_contact_on | 7 days        | pathway substance_services
mental_health_not_contacted_in_week   | overdue | received_on  | first_contact_on | 7 days        | pathway mental_health
mental_health_still_without_contact   |        | received_on   | first_contact_on | 7 days        | pathway mental_health
referral_handling                     | start  | received_on   | handled_on       | 21 days       | referral
referrals                             | start  | received_on   | handled_on       | none          |
adult_psychiatry_referrals            | start  | received_on   | handled_on       | none          | adult_psychiatry
child_welfare_notifications           | start  | arrived_on    | decided_on       | none          | notification
child_welfare_7_weekdays              | start  | arrived_on    | decided_on       | 7 weekdays    | notification
child_welfare_notification_days       | start  | arrived_on    | decided_on       | 7 weekdays    | notification
child_family_needs_assessment_90d     | stop   | arrived_on    | ready_on         | 90 days       | needs_assessment families
child_family_needs_assessment_3m      | stop   | arrived_on    | ready_on         | 3 months      | needs_assessment families
social_welfare_deadlines              | due    | arrived_on    | decided_on       | 7 weekdays    | notification
social_welfare_deadlines              | due    | arrived_on    | ready_on         | 3 months      | needs_assessment families special_support
social_welfare_deadlines              | due    | arrived_on    | started_on       | 7 weekdays    | needs_assessment over_75_or_allowance
social_welfare_overdue                |        | arrived_on    | decided_on       | 7 weekdays    | notification
social_welfare_overdue                |        | arrived_on    | ready_on         | 3 months      | needs_assessment families special_support
social_welfare_overdue                |        | arrived_on    | started_on       | 7 weekdays    | needs_assessment over_75_or_allowance
"""  # noqa: E501


def _shipped(name: str) -> list[dict[str, str]]:
    with (FIGURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SHIPPED = _shipped("actuals.csv") + _shipped("targets.csv")
EVERY = pytest.mark.parametrize("known", load_definitions().values(), ids=lambda d: d.id)


def _written(indicator: str) -> dict[str, Any]:
    return tomllib.loads((DEFINITIONS / f"{indicator}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("indicator", sorted({row["indicator_id"] for row in SHIPPED}))
def test_what_has_a_figure_or_a_target_is_defined_in_its_unit(indicator: str) -> None:
    known = definition(indicator)
    units = {row["unit"] for row in SHIPPED if row["indicator_id"] == indicator}
    assert {(indicator, unit) for unit in units - {known.unit}} <= OTHER_UNITS


def test_a_month_of_the_target_stays_a_month() -> None:
    assert {
        (row["indicator_id"], row["unit"])
        for row in SHIPPED
        if row["unit"] != definition(row["indicator_id"]).unit
    } == OTHER_UNITS


def test_an_annotation_is_of_an_indicator_that_exists() -> None:
    rows = _shipped("annotations.csv")
    assert {row["indicator"] for row in rows} <= set(load_definitions())
    assert {row["date"] for row in rows} == {
        *("2023-09-01", "2024-11-01", "2025-01-01", "2025-05-01", "2026-05-29")
    }
    assert all(row["text_fi"] and row["text_sv"] and row["text_fi"] != row["text_sv"] for row in rows)


def test_only_a_change_of_limits_breaks_a_series() -> None:
    breaks = {row["date"] for row in _shipped("annotations.csv") if row["break"] == "yes"}
    assert breaks == {"2023-09-01", "2024-11-01", "2025-01-01"}


def test_better_is_where_the_targets_point() -> None:
    up, down = {">", ">=", "increases"}, {"<", "<=", "decreases"}
    for row in _shipped("targets.csv"):
        expected = "up" if row["comparator"] in up else "down" if row["comparator"] in down else None
        if expected:
            assert definition(row["indicator_id"]).better == expected, row["indicator_id"]


def _modes(measure: definitions.Measure) -> str:
    """The modes that meet a share, and those that perhaps do."""
    perhaps = f"; perhaps {' '.join(measure.possible_modes)}" if measure.possible_modes else ""
    return " ".join(measure.met_modes) + perhaps


@pytest.mark.parametrize("row", rows_of(FROM_ROWS), ids=lambda r: r["indicator"])
def test_how_the_indicators_from_rows_are_measured(row: dict[str, str]) -> None:
    known = definition(row["indicator"])
    measure = known.measure
    assert {
        "indicator": known.id,
        "unit": known.unit,
        "better": known.better,
        "rows": " ".join(measure.rows),
        "of": measure.known or "",
        "met": measure.met or _modes(measure),
        "quantile": "" if measure.quantile is None else str(measure.quantile),
    } == row


def test_how_the_indicators_of_cases_are_measured() -> None:
    found = [
        {
            "indicator": known.id,
            "period": known.measure.period or "",
            "from": deadline.start,
            "to": deadline.stop,
            "limit": f"{deadline.value or ''} {deadline.unit}".strip(),
            "rows": " ".join((*known.measure.rows, *deadline.rows)),
        }
        for known in load_definitions().values()
        for deadline in known.measure.deadlines
    ]
    assert sorted(found, key=str) == sorted(rows_of(FROM_CASES), key=str)


def test_every_indicator_that_rows_do_not_give_says_why() -> None:
    assert [row["indicator"] for row in sorted(rows_of(NOT_FROM_ROWS), key=lambda row: row["indicator"])] == [
        known.id for known in load_definitions().values() if not known.row_level
    ]
    assert all(row["why"] for row in rows_of(NOT_FROM_ROWS))


def test_the_tables_hold_every_indicator_that_is_computed_from_rows() -> None:
    assert {row["indicator"] for row in rows_of(FROM_ROWS) + rows_of(FROM_CASES)} == {
        known.id for known in load_definitions().values() if known.row_level
    }


@EVERY
def test_texts_are_whole_and_differ_between_the_languages(known: Definition) -> None:
    for name in TEXTS:
        assert len({getattr(known.text[language], name) for language in LANGUAGES}) == 3, name
    for language in LANGUAGES:
        assert len(known.text[language].short) <= SHORT_LETTERS, language
        for name in ("what", "formula", "source", "weaknesses"):
            assert getattr(known.text[language], name).endswith("."), (language, name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["name", "short"])
def test_no_two_indicators_are_called_the_same(language: str, name: str) -> None:
    called = [getattr(known.text[language], name) for known in load_definitions().values()]
    assert sorted(called) == sorted(set(called))


@pytest.mark.parametrize(("language", "school"), [("fi", "koulu"), ("sv", "skola"), ("en", "school")])
def test_short_names_of_the_nurses_of_schools_say_the_school(language: str, school: str) -> None:
    nurses = [known for name, known in load_definitions().items() if name.startswith("school_psych_nurse")]
    assert len(nurses) == 2
    assert all(school in known.text[language].short.lower() for known in nurses)


def test_the_waiting_and_the_completed_are_never_blended() -> None:
    families = {"visits": "completed", "queue": "waiting", "figures": "aggregate"}
    families |= {"referrals": "completed", "cases": "completed"}
    for known in load_definitions().values():
        expected = "waiting" if known.measure.statistic == "open" else families[known.measure.dataset]
        assert known.family == expected, known.id


def test_the_headline_is_of_primary_care_only_where_the_contract_says() -> None:
    scoped = {
        known.id: dict(known.headline_scope) for known in load_definitions().values() if known.headline_scope
    }
    expected = ("seven_day_access", "access_data_coverage", "wait_median", "wait_p90")
    assert scoped == {indicator: {"service": ("primary_care",)} for indicator in expected}


def test_only_sums_add_up() -> None:
    adding = {known.id for known in load_definitions().values() if known.adds_up}
    assert adding == ADD_UP
    assert {definition(indicator).unit for indicator in adding} == {"count"}


def test_small_numbers_of_rows_are_hidden_and_published_figures_are_not() -> None:
    for known in load_definitions().values():
        # Health centres are no persons.
        assert known.counts_persons == (known.row_level and known.measure.statistic != "units_covered"), (
            known.id
        )


def test_what_tells_of_a_day_says_so() -> None:
    for known in load_definitions().values():
        if known.family == "waiting" or known.id in (
            "population",
            "service_debt_hidden",
            "service_debt_hidden_adjusted",
        ):
            assert known.point_in_time, known.id
        if known.family == "completed":
            assert not known.point_in_time, known.id


@EVERY
def test_splits_are_those_of_the_dataset_without_the_meaningless(known: Definition) -> None:
    left_out = {
        "electronic_contacts": {"mode", "mode_code"},
        "remote_contacts": {"mode", "mode_code"},
        "oral_health_wait_days": {"service"},
        "health_centre_wait_days": {"service"},
        "guarantee_monitoring_coverage": set(DATASET_SPLITS["visits"]) - {"area"},
        "over_75_oral_health_share": set(DATASET_SPLITS["visits"]) - {"unit", "municipality", "area"},
    }
    # An indicator of one service cannot be split by it.
    of_one_service = {"mental_health", "substance_services", "notification", "families"}
    if known.row_level:
        groups = (GROUP_SPLIT,) if known.measure.groups else ()
        possible = (*groups, *DATASET_SPLITS[known.measure.dataset])
        # One that carries a published series on is split as the published figures are, which name a service.
        of_one = of_one_service & {*known.measure.rows} and known.measure.dataset in ("referrals", "cases")
        of_one = of_one and known.id not in CARRIED_ON
        assert set(possible) - set(known.dimensions) == left_out.get(
            known.id, {"service"} if of_one else set()
        )
    else:
        assert "area" in known.dimensions


def test_every_fault_of_a_definition_is_told_at_once() -> None:
    written = copy.deepcopy(_written("seven_day_access"))
    written["id"] = "other"
    written["unit"] = "furlongs"
    written["colour"] = "red"
    written["decimals"] = "1"
    written["review"] = "soon"
    written["headline_scope"] = {"shoe_size": ["44"]}
    del written["owner"]
    del written["measure"]["known"]
    written["measure"]["met"] = "unheard_of"
    written["text"]["sv"]["what"] = "  "
    written["text"]["fi"]["joke"] = "hah"
    del written["text"]["en"]
    told = parse_definition(written, "seven_day_access")[1]
    for fault in (
        "unknown key 'colour'",
        "id 'other' is not the file's name",
        "owner missing",
        "decimals is not a whole number",
        "review is not a date",
        "measure.known missing",
        "condition 'unheard_of' is not one of visits",
        "text.sv.what missing",
        "text.fi.joke unknown",
        "text.en.name missing",
    ):
        assert fault in told
    assert [fault for fault in told if fault.startswith(("unit 'furlongs'", "dimension 'shoe_size'"))] != []
    assert len(told) == 12 + len(TEXTS) - 1


@pytest.mark.parametrize(
    "measure, fault",
    [
        ({"dataset": "stars", "statistic": "count"}, "measure.dataset 'stars'"),
        ({"dataset": "visits", "statistic": "guess"}, "measure.statistic 'guess'"),
        ({"dataset": "visits", "statistic": "quantile", "known": "all"}, "measure.quantile missing"),
        (
            {"dataset": "visits", "statistic": "quantile", "known": "all", "quantile": 90},
            "measure.quantile 90 is not between 0 and 1",
        ),
        ({"dataset": "visits", "statistic": "count", "met": "all"}, "measure.met unknown"),
        (
            {"dataset": "visits", "statistic": "share", "known": "all", "met_modes": ["R99"]},
            "'R99' is no contact mode",
        ),
        (
            {
                "dataset": "visits",
                "statistic": "share",
                "known": "all",
                "met_modes": ["R56"],
                "possible_modes": ["R56"],
            },
            "mode 'R56' is named twice",
        ),
        ({"dataset": "queue", "statistic": "count", "met_modes": ["R56"]}, "measure.met_modes unknown"),
        (
            {"dataset": "queue", "statistic": "count", "rows": ["curative"]},
            "condition 'curative' is not one of queue",
        ),
    ],
)
def test_a_measure_that_cannot_be_computed_is_a_fault(measure: dict[str, Any], fault: str) -> None:
    written = {**_written("visits"), "measure": measure}
    assert [told for told in parse_definition(written, "visits")[1] if told.startswith(fault)] != []


def test_the_faults_of_all_files_are_told_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = (DEFINITIONS / "visits.toml").read_text(encoding="utf-8")
    (tmp_path / "visits.toml").write_text(
        good.replace('better = "none"', 'better = "none"\ntwin = "gone"'), encoding="utf-8"
    )
    (tmp_path / "misnamed.toml").write_text(good, encoding="utf-8")
    (tmp_path / "broken.toml").write_text('id = "a"\nid = "b"\n', encoding="utf-8")
    monkeypatch.setattr(definitions, "DEFINITIONS", tmp_path)
    load_definitions.cache_clear()
    try:
        with pytest.raises(BadDefinition) as caught:
            load_definitions()
    finally:
        load_definitions.cache_clear()
    for word in ("broken.toml", "misnamed.toml: id 'visits'", "visits.toml: twin 'gone'"):
        assert word in str(caught.value)


def test_an_unknown_indicator_names_the_nearest() -> None:
    with pytest.raises(BadQuestion) as caught:
        definition("seven_days_access")
    assert "seven_day_access" in caught.value.message("en")
