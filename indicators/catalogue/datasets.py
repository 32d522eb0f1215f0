"""The kinds of data: the columns of their rows, what identifies a row, the codes in it. Each is declared here once."""

from __future__ import annotations

from dataclasses import dataclass

#: Columns every row-level or aggregate row carries about where it came from.
PROVENANCE = {"load_id": "VARCHAR", "source": "VARCHAR", "origin": "VARCHAR", "demo": "BOOLEAN"}
#: Code domains: our column, and the column that holds the source's own code.
VISIT_DOMAINS = {
    "municipality": "municipality_code",
    "unit": "unit_code",
    "service": "service_code",
    "profession": "profession_code",
    "mode_code": "mode_source_code",
    "urgency": "urgency_code",
    "nature": "nature_code",
    "first_visit": "first_visit_code",
    "with_referral": "with_referral_code",
    "producer": "producer_code",
    "state": "state_code",
}
QUEUE_DOMAINS = {
    "municipality": "municipality_code",
    "unit": "unit_code",
    "service": "service_code",
    "profession": "profession_code",
    "urgency": "urgency_code",
    "reason": "reason_code",
}
REFERRAL_DOMAINS = {
    "municipality": "municipality_code",
    "unit": "unit_code",
    "service": "service_code",
    "urgency": "urgency_code",
    "decision": "decision_code",
    "state": "state_code",
}
CASE_DOMAINS = {
    "municipality": "municipality_code",
    "unit": "unit_code",
    "service": "service_code",
    "kind": "kind_code",
    "client_group": "client_group_code",
    "special_support": "special_support_code",
    "care_allowance": "care_allowance_code",
    "decision": "decision_code",
}
_AGE = {"age_group": "VARCHAR", "age_band": "VARCHAR", "age_uncertain": "BOOLEAN", "over_75": "BOOLEAN"}
_CITED = {"note": "VARCHAR", "cited_source": "VARCHAR"}


@dataclass(frozen=True)
class Dataset:
    """One kind of data: what a load of it brings, what identifies a row, which day it belongs to.

    - `base`: the columns a reader of extracts delivers, in order, with DuckDB types.
    - `key`: the columns that identify a row within a source and an origin (row level) or altogether (aggregates).
    - `domains`: per code domain the column with the source's own code.
    - `day`: the column with the day a row belongs to; `dated_by`: the SQL of the date that decides which meaning of a
      code is in force, by default that day.
    - `realised`: the SQL condition of rows that happened; `kind`: the SQL of what kind of row it is, where a unit may
      have data of one kind alone.
    - `open_ended`: whether a row also says something about the days after its day.
    """

    name: str
    base: dict[str, str]
    key: tuple[str, ...]
    row_level: bool = False
    domains: dict[str, str] | None = None
    day: str = ""
    dated_by: str = ""
    realised: str = "true"
    kind: str = ""
    open_ended: bool = False

    @property
    def code_date(self) -> str:
        """The SQL of the date that decides which meaning of a code is in force."""
        return self.dated_by or self.day

    @property
    def window_column(self) -> str | None:
        """The column whose date decides whether a stated window covers a row; None where windows have no meaning."""
        return self.day if self.row_level else None

    @property
    def sort_order(self) -> str:
        """The SQL of the order in which published rows stand, which is how they are asked for."""
        return f"area, unit, {self.day}, source, origin, {self.key[-1]}"


DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            "visits",
            {
                "visit_id": "VARCHAR",
                "person": "UUID",
                **_AGE,
                "municipality_code": "VARCHAR",
                "unit_code": "VARCHAR",
                "unit_name": "VARCHAR",
                "service_code": "VARCHAR",
                "profession_code": "VARCHAR",
                "mode_source_code": "VARCHAR",
                "urgency_code": "VARCHAR",
                "nature_code": "VARCHAR",
                "first_visit_code": "VARCHAR",
                "with_referral_code": "VARCHAR",
                "producer_code": "VARCHAR",
                "state_code": "VARCHAR",
                "contacted_on": "DATE",
                "assessed_on": "DATE",
                "booked_on": "DATE",
                "booked_for": "DATE",
                "visit_on": "DATE",
            },
            ("visit_id",),
            row_level=True,
            domains=VISIT_DOMAINS,
            day="visit_on",
            dated_by="coalesce(visit_on, booked_for, assessed_on)",
            realised="state = 'realised' AND client_contact",
        ),
        Dataset(
            "queue",
            {
                "entry_id": "VARCHAR",
                "person": "UUID",
                **_AGE,
                "municipality_code": "VARCHAR",
                "unit_code": "VARCHAR",
                "unit_name": "VARCHAR",
                "service_code": "VARCHAR",
                "profession_code": "VARCHAR",
                "urgency_code": "VARCHAR",
                "reason_code": "VARCHAR",
                "snapshot_on": "DATE",
                "assessed_on": "DATE",
                "queued_on": "DATE",
                "booked_for": "DATE",
            },
            ("snapshot_on", "entry_id"),
            row_level=True,
            domains=QUEUE_DOMAINS,
            day="snapshot_on",
        ),
        Dataset(
            "referrals",
            {
                "referral_id": "VARCHAR",
                "person": "UUID",
                **_AGE,
                "municipality_code": "VARCHAR",
                "unit_code": "VARCHAR",
                "unit_name": "VARCHAR",
                "service_code": "VARCHAR",
                "sender": "VARCHAR",
                "method": "VARCHAR",
                "urgency_code": "VARCHAR",
                "decision_code": "VARCHAR",
                "state_code": "VARCHAR",
                "received_on": "DATE",
                "first_contact_on": "DATE",
                "need_found_on": "DATE",
                "handled_on": "DATE",
                "care_started_on": "DATE",
                "ended_on": "DATE",
            },
            ("referral_id",),
            row_level=True,
            domains=REFERRAL_DOMAINS,
            day="received_on",
            kind="CASE WHEN state_code IS NULL THEN 'referral' ELSE 'pathway' END",
            open_ended=True,
        ),
        Dataset(
            "cases",
            {
                "case_id": "VARCHAR",
                "person": "UUID",
                **_AGE,
                "municipality_code": "VARCHAR",
                "unit_code": "VARCHAR",
                "unit_name": "VARCHAR",
                "service_code": "VARCHAR",
                "kind_code": "VARCHAR",
                "case_type": "VARCHAR",
                "client_group_code": "VARCHAR",
                "special_support_code": "VARCHAR",
                "care_allowance_code": "VARCHAR",
                "decision_code": "VARCHAR",
                "arrived_on": "DATE",
                "started_on": "DATE",
                "decided_on": "DATE",
                "ready_on": "DATE",
            },
            ("case_id",),
            row_level=True,
            domains=CASE_DOMAINS,
            day="arrived_on",
            kind="kind",
            open_ended=True,
        ),
        Dataset(
            "figures",
            {
                "indicator": "VARCHAR",
                "area": "VARCHAR",
                "service": "VARCHAR",
                "period_start": "DATE",
                "period_end": "DATE",
                "numerator": "DOUBLE",
                "denominator": "DOUBLE",
                "value": "DOUBLE",
                "unit": "VARCHAR",
                **_CITED,
            },
            ("indicator", "area", "service", "period_start", "period_end"),
        ),
        Dataset(
            "targets",
            {
                "indicator": "VARCHAR",
                "area": "VARCHAR",
                "period_start": "DATE",
                "period_end": "DATE",
                "comparator": "VARCHAR",
                "value": "DOUBLE",
                "unit": "VARCHAR",
                "as_written": "VARCHAR",
                "cited_source": "VARCHAR",
            },
            ("indicator", "area", "period_start", "period_end"),
        ),
        Dataset(
            "queue_counts",
            {
                "snapshot_on": "DATE",
                "area": "VARCHAR",
                "unit": "VARCHAR",
                "service": "VARCHAR",
                "waiting": "BIGINT",
                "over_limit": "BIGINT",
                **_CITED,
                # NULL where it was loaded before this was asked.
                "published": "BOOLEAN",
            },
            ("snapshot_on", "area", "unit", "service"),
            day="snapshot_on",
        ),
        Dataset(
            "project_budgets",
            {
                "area": "VARCHAR",
                "project": "VARCHAR",
                "investment": "VARCHAR",
                "cost_item": "VARCHAR",
                "level": "VARCHAR",
                "year": "VARCHAR",
                "budget_eur": "DOUBLE",
                "actual_eur": "DOUBLE",
                **_CITED,
            },
            ("area", "project", "investment", "cost_item", "level", "year"),
        ),
        Dataset(
            "traffic_lights",
            {
                "area": "VARCHAR",
                "project": "VARCHAR",
                "investment": "VARCHAR",
                "report_period_start": "DATE",
                "report_period_end": "DATE",
                "aspect": "VARCHAR",
                "status": "VARCHAR",
                "progress_pct": "DOUBLE",
                "cited_source": "VARCHAR",
            },
            ("area", "project", "investment", "report_period_start", "report_period_end", "aspect"),
        ),
        Dataset(
            "milestones",
            {
                "area": "VARCHAR",
                "project": "VARCHAR",
                "work_package": "VARCHAR",
                "milestone": "VARCHAR",
                "scale": "VARCHAR",
                "planned_start": "DATE",
                "planned_end": "DATE",
                "status": "VARCHAR",
                "achieved_on": "DATE",
                "as_written": "VARCHAR",
                "cited_source": "VARCHAR",
            },
            ("area", "project", "work_package", "milestone"),
        ),
        Dataset(
            "annotations",
            {
                "area": "VARCHAR",
                "unit": "VARCHAR",
                "indicator": "VARCHAR",
                "date": "DATE",
                "text_fi": "VARCHAR",
                "text_sv": "VARCHAR",
                "break": "BOOLEAN",
            },
            ("area", "unit", "indicator", "date"),
        ),
        Dataset(
            "measures",
            {
                "measure": "VARCHAR",
                "name_fi": "VARCHAR",
                "name_sv": "VARCHAR",
                "name_en": "VARCHAR",
                "unit": "VARCHAR",
                "better": "VARCHAR",
                "kind_words": "VARCHAR",
                "per": "VARCHAR",
                "family": "VARCHAR",
                "theme": "VARCHAR",
                "as_written": "VARCHAR",
                "cited_source": "VARCHAR",
            },
            ("measure",),
        ),
        Dataset(
            "risks",
            {
                "area": "VARCHAR",
                "project": "VARCHAR",
                "risk": "VARCHAR",
                "probability": "VARCHAR",
                "impact": "VARCHAR",
                "score": "VARCHAR",
                "mitigation": "VARCHAR",
                "owner": "VARCHAR",
                **_CITED,
            },
            ("area", "project", "risk"),
        ),
        Dataset(
            "annual_clock",
            {
                "area": "VARCHAR",
                "project": "VARCHAR",
                "what": "VARCHAR",
                "timing": "VARCHAR",
                "times_a_year": "VARCHAR",
                "date": "DATE",
                "who": "VARCHAR",
                "as_written": "VARCHAR",
                "cited_source": "VARCHAR",
            },
            ("area", "project", "what", "timing"),
        ),
        Dataset(
            "target_groups",
            {
                "area": "VARCHAR",
                "project": "VARCHAR",
                "target_group": "VARCHAR",
                "total": "VARCHAR",
                "total_as_written": "VARCHAR",
                "reach_target": "VARCHAR",
                "reach_as_written": "VARCHAR",
                "segments": "VARCHAR",
                "cited_source": "VARCHAR",
            },
            ("area", "project", "target_group"),
        ),
    )
}
