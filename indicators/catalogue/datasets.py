"""The kinds of data, each declared here once: columns, key, day, what counts as realised, sort order."""

from __future__ import annotations

from dataclasses import dataclass

#: Columns every row-level or aggregate row carries about where it came from.
PROVENANCE = {"load_id": "VARCHAR", "source": "VARCHAR", "origin": "VARCHAR", "demo": "BOOLEAN"}


def _columns(kind: str, names: str) -> dict[str, str]:
    """Columns of one type, by their names with spaces between."""
    return dict.fromkeys(names.split(), kind)


#: The columns of a person and a place, in every dataset of single rows.
_ROW = {
    "person": "UUID",
    **_columns("VARCHAR", "age_group age_band"),
    **_columns("BOOLEAN", "age_uncertain over_75"),
    **_columns("VARCHAR", "municipality_code unit_code unit_name service_code"),
}
_CASE_SPLITS = ("unit", "service", "age_group", "age_band", "municipality", "area")


@dataclass(frozen=True)
class Dataset:
    """One kind of data: its columns, its key, the day a row belongs to.

    - `base`: the columns a reader of extracts delivers, in order, with DuckDB types.
    - `key`: the columns that identify a row within a source and an origin (row level) or altogether (aggregates).
    - `day`: the column with the day a row belongs to; `dated_by`: the SQL of the date that decides which meaning of a
      code is in force, by default that day.
    - `realised`: the SQL condition of rows that happened; `kind`: the SQL of what kind of row it is, where a unit may
      have data of one kind alone.
    - `open_ended`: whether a row also describes the days after its day.
    - `splits`: what indicators of its rows can be split and filtered by.
    """

    name: str
    base: dict[str, str]
    key: tuple[str, ...]
    row_level: bool = False
    day: str = ""
    dated_by: str = ""
    realised: str = "true"
    kind: str = ""
    open_ended: bool = False
    splits: tuple[str, ...] = ()

    @property
    def domains(self) -> dict[str, str]:
        """Per code domain, which is the column of our codes, the column with the source's own code."""
        named = {"mode_source_code": "mode_code"}
        return {
            named.get(name, name.removesuffix("_code")): name for name in self.base if name.endswith("_code")
        }

    @property
    def counted(self) -> str:
        """The SQL condition of rows that indicators count."""
        return f"counted AND {self.realised}" if self.row_level else "true"

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
        """The SQL of the order of published rows, which is how queries read them."""
        return f"area, unit, {self.day}, source, origin, {self.key[-1]}"


DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            "visits",
            {
                "visit_id": "VARCHAR",
                **_ROW,
                **_columns(
                    "VARCHAR",
                    "profession_code mode_source_code urgency_code nature_code first_visit_code "
                    "with_referral_code producer_code state_code",
                ),
                **_columns("DATE", "contacted_on assessed_on booked_on booked_for visit_on"),
            },
            ("visit_id",),
            row_level=True,
            day="visit_on",
            dated_by="coalesce(visit_on, booked_for, assessed_on)",
            realised="state = 'realised' AND client_contact",
            splits=(
                *("unit", "service", "profession", "mode", "mode_code", "first_visit"),
                *("age_group", "age_band", "municipality", "area"),
            ),
        ),
        Dataset(
            "queue",
            {
                "entry_id": "VARCHAR",
                **_ROW,
                **_columns("VARCHAR", "profession_code urgency_code reason_code"),
                **_columns("DATE", "snapshot_on assessed_on queued_on booked_for"),
            },
            ("snapshot_on", "entry_id"),
            row_level=True,
            day="snapshot_on",
            splits=("unit", "service", "profession", "age_group", "age_band", "municipality", "area"),
        ),
        Dataset(
            "referrals",
            {
                "referral_id": "VARCHAR",
                **_ROW,
                **_columns("VARCHAR", "sender method urgency_code decision_code state_code"),
                **_columns(
                    "DATE", "received_on first_contact_on need_found_on handled_on care_started_on ended_on"
                ),
            },
            ("referral_id",),
            row_level=True,
            day="received_on",
            kind="CASE WHEN state_code IS NULL THEN 'referral' ELSE 'pathway' END",
            open_ended=True,
            splits=_CASE_SPLITS,
        ),
        Dataset(
            "cases",
            {
                "case_id": "VARCHAR",
                **_ROW,
                **_columns(
                    "VARCHAR",
                    "kind_code case_type client_group_code special_support_code care_allowance_code "
                    "decision_code",
                ),
                **_columns("DATE", "arrived_on started_on decided_on ready_on"),
            },
            ("case_id",),
            row_level=True,
            day="arrived_on",
            kind="kind",
            open_ended=True,
            splits=_CASE_SPLITS,
        ),
        Dataset(
            "figures",
            {
                **_columns("VARCHAR", "indicator area service"),
                **_columns("DATE", "period_start period_end"),
                **_columns("DOUBLE", "numerator denominator value"),
                "unit": "VARCHAR",
                **_columns("VARCHAR", "note cited_source"),
            },
            ("indicator", "area", "service", "period_start", "period_end"),
            splits=("service", "area"),
        ),
        Dataset(
            "targets",
            {
                **_columns("VARCHAR", "indicator area"),
                **_columns("DATE", "period_start period_end"),
                "comparator": "VARCHAR",
                "value": "DOUBLE",
                **_columns("VARCHAR", "unit as_written cited_source"),
            },
            ("indicator", "area", "period_start", "period_end"),
        ),
        Dataset(
            "queue_counts",
            {
                "snapshot_on": "DATE",
                **_columns("VARCHAR", "area unit service"),
                **_columns("BIGINT", "waiting over_limit"),
                **_columns("VARCHAR", "note cited_source"),
                # NULL where it was loaded before this was asked.
                "published": "BOOLEAN",
            },
            ("snapshot_on", "area", "unit", "service"),
            day="snapshot_on",
        ),
        Dataset(
            "project_budgets",
            {
                **_columns("VARCHAR", "area project investment cost_item level year"),
                **_columns("DOUBLE", "budget_eur actual_eur"),
                **_columns("VARCHAR", "note cited_source"),
            },
            ("area", "project", "investment", "cost_item", "level", "year"),
        ),
        Dataset(
            "traffic_lights",
            {
                **_columns("VARCHAR", "area project investment"),
                **_columns("DATE", "report_period_start report_period_end"),
                **_columns("VARCHAR", "aspect status"),
                "progress_pct": "DOUBLE",
                "cited_source": "VARCHAR",
            },
            ("area", "project", "investment", "report_period_start", "report_period_end", "aspect"),
        ),
        Dataset(
            "milestones",
            {
                **_columns("VARCHAR", "area project work_package milestone scale"),
                **_columns("DATE", "planned_start planned_end"),
                "status": "VARCHAR",
                "achieved_on": "DATE",
                **_columns("VARCHAR", "as_written cited_source"),
            },
            ("area", "project", "work_package", "milestone"),
        ),
        Dataset(
            "annotations",
            {
                **_columns("VARCHAR", "area unit indicator"),
                "date": "DATE",
                **_columns("VARCHAR", "text_fi text_sv"),
                "break": "BOOLEAN",
            },
            ("area", "unit", "indicator", "date"),
        ),
        Dataset(
            "measures",
            {
                **_columns(
                    "VARCHAR",
                    "measure name_fi name_sv name_en unit better kind_words per family theme "
                    "as_written cited_source",
                )
            },
            ("measure",),
        ),
        Dataset(
            "risks",
            {
                **_columns("VARCHAR", "area project risk probability impact score mitigation owner"),
                **_columns("VARCHAR", "note cited_source"),
            },
            ("area", "project", "risk"),
        ),
        Dataset(
            "annual_clock",
            {
                **_columns("VARCHAR", "area project what timing times_a_year"),
                "date": "DATE",
                **_columns("VARCHAR", "who as_written cited_source"),
            },
            ("area", "project", "what", "timing"),
        ),
        Dataset(
            "target_groups",
            {
                **_columns(
                    "VARCHAR",
                    "area project target_group total total_as_written reach_target reach_as_written "
                    "segments cited_source",
                )
            },
            ("area", "project", "target_group"),
        ),
    )
}
