"""What a row of each dataset must be: the field dictionary, and the pandera schemas that check it.

This is the one place where row and column rules are declared. A check carries the code of the finding that
its failures become. The frame that a schema looks at has, per field `f`,

f               the parsed value, for dates
f:reading       how it came out: 0 read, 1 blank, 2 not readable

and the columns that a rule about several fields is stated on (`wait_days`, `age_years`, `key:variants` …),
which `pipelines.checking.check_rows` computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from indicators.catalogue.datasets import DATASETS

OLDEST_YEARS = 120


TEXT, CODE, PERSON, DATE, YEAR, NUMBER, WHOLE, TRUTH = (
    "text", "code", "person", "date", "year", "number", "whole", "truth",
)  # fmt: skip


PARSED_KINDS = (DATE, YEAR, NUMBER, WHOLE, TRUTH)


NUMBER_KINDS = (NUMBER, WHOLE)


#: What a date tells of: something that has happened by the extract's date, a plan, or either.
REALISED, PLANNED, EITHER = "realised", "planned", "either"


@dataclass(frozen=True)
class Field:
    """One field a mapping can fill. `domain` is the code list its values belong to.

    `required` fields must be mapped and every row must have them; `column_required` ones must be mapped, and
    what their rows must have is a rule of its own.
    """

    name: str
    kind: str
    required: bool = False
    column_required: bool = False
    domain: str | None = None
    event: str = EITHER


def _code(name: str, domain: str, required: bool = False) -> Field:
    return Field(name, CODE, required, domain=domain)


_PERSON_FIELDS = (
    Field("person", PERSON),
    Field("birth_year", YEAR),
    Field("birth_date", DATE, event=EITHER),
    Field("age", WHOLE),
)


FIELDS: Mapping[str, tuple[Field, ...]] = MappingProxyType(
    {
        "visits": (
            Field("visit_id", TEXT, required=True),
            *_PERSON_FIELDS,
            _code("municipality_code", "municipality"),
            _code("unit_code", "unit", required=True),
            Field("unit_name", TEXT),
            _code("service_code", "service", required=True),
            _code("profession_code", "profession"),
            _code("mode_source_code", "mode_code"),
            _code("urgency_code", "urgency"),
            _code("nature_code", "nature"),
            _code("first_visit_code", "first_visit"),
            _code("with_referral_code", "with_referral"),
            _code("producer_code", "producer"),
            _code("state_code", "state", required=True),
            Field("contacted_on", DATE, event=REALISED),
            Field("assessed_on", DATE, event=REALISED),
            Field("booked_on", DATE, event=REALISED),
            Field("booked_for", DATE, event=PLANNED),
            Field("visit_on", DATE, column_required=True),
        ),
        "queue": (
            Field("snapshot_on", DATE, required=True, event=REALISED),
            Field("entry_id", TEXT, required=True),
            *_PERSON_FIELDS,
            _code("municipality_code", "municipality"),
            _code("unit_code", "unit", required=True),
            Field("unit_name", TEXT),
            _code("service_code", "service", required=True),
            _code("profession_code", "profession"),
            _code("urgency_code", "urgency"),
            Field("assessed_on", DATE, event=REALISED),
            Field("queued_on", DATE, event=REALISED),
            Field("booked_for", DATE, event=PLANNED),
            _code("reason_code", "reason"),
        ),
        "referrals": (
            Field("referral_id", TEXT, required=True),
            *_PERSON_FIELDS,
            _code("municipality_code", "municipality"),
            _code("unit_code", "unit", required=True),
            Field("unit_name", TEXT),
            _code("service_code", "service", required=True),
            Field("sender", TEXT),
            Field("method", TEXT),
            _code("urgency_code", "urgency"),
            _code("decision_code", "decision"),
            _code("state_code", "state"),
            Field("received_on", DATE, required=True, event=REALISED),
            Field("first_contact_on", DATE, event=REALISED),
            Field("need_found_on", DATE, event=REALISED),
            Field("handled_on", DATE, event=REALISED),
            Field("care_started_on", DATE, event=PLANNED),
            Field("ended_on", DATE, event=REALISED),
        ),
        "cases": (
            Field("case_id", TEXT, required=True),
            *_PERSON_FIELDS,
            _code("municipality_code", "municipality"),
            _code("unit_code", "unit", required=True),
            Field("unit_name", TEXT),
            _code("service_code", "service"),
            _code("kind_code", "kind", required=True),
            Field("case_type", TEXT),
            _code("client_group_code", "client_group"),
            _code("special_support_code", "special_support"),
            _code("care_allowance_code", "care_allowance"),
            Field("arrived_on", DATE, required=True, event=REALISED),
            Field("started_on", DATE, event=REALISED),
            Field("decided_on", DATE, event=REALISED),
            Field("ready_on", DATE, event=REALISED),
            _code("decision_code", "decision"),
        ),
        "figures": (
            _code("indicator", "indicator", required=True),
            _code("area", "area", required=True),
            _code("service", "service"),
            Field("period_start", DATE, required=True, event=REALISED),
            Field("period_end", DATE, required=True),
            Field("numerator", NUMBER),
            Field("denominator", NUMBER),
            Field("value", NUMBER),
            _code("unit", "measure_unit"),
            Field("note", TEXT),
            Field("cited_source", TEXT),
        ),
        "targets": (
            _code("indicator", "indicator", required=True),
            _code("area", "area", required=True),
            Field("period_start", DATE, required=True),
            Field("period_end", DATE, required=True),
            _code("comparator", "comparator"),
            Field("value", NUMBER),
            _code("unit", "measure_unit"),
            Field("as_written", TEXT, column_required=True),
            Field("cited_source", TEXT),
        ),
        "queue_counts": (
            Field("snapshot_on", DATE, required=True, event=REALISED),
            _code("area", "area", required=True),
            Field("unit", TEXT, required=True),
            _code("service", "service", required=True),
            Field("waiting", WHOLE),
            Field("over_limit", WHOLE),
            Field("note", TEXT),
            Field("cited_source", TEXT),
            Field("published", TRUTH),
        ),
        "project_budgets": (
            _code("area", "area", required=True),
            Field("project", TEXT, required=True),
            Field("investment", TEXT, column_required=True),
            Field("cost_item", TEXT, column_required=True),
            Field("level", TEXT),
            Field("year", TEXT),
            Field("budget_eur", NUMBER),
            Field("actual_eur", NUMBER),
            Field("note", TEXT),
            Field("cited_source", TEXT),
        ),
        "traffic_lights": (
            _code("area", "area", required=True),
            Field("project", TEXT, required=True),
            Field("investment", TEXT, column_required=True),
            Field("report_period_start", DATE, required=True),
            Field("report_period_end", DATE, required=True),
            Field("aspect", TEXT, required=True),
            Field("status", TEXT),
            Field("progress_pct", NUMBER),
            Field("cited_source", TEXT),
        ),
        "milestones": (
            _code("area", "area", required=True),
            Field("project", TEXT, required=True),
            Field("work_package", TEXT, column_required=True),
            Field("milestone", TEXT, required=True),
            Field("scale", TEXT),
            Field("planned_start", DATE),
            Field("planned_end", DATE),
            Field("status", TEXT),
            Field("achieved_on", DATE, event=REALISED),
            Field("as_written", TEXT),
            Field("cited_source", TEXT),
        ),
        "annotations": (
            _code("area", "area"),
            _code("unit", "unit"),
            _code("indicator", "indicator"),
            Field("date", DATE, required=True),
            Field("text_fi", TEXT, required=True),
            Field("text_sv", TEXT),
            Field("break", TRUTH, column_required=True),
        ),
        "measures": (
            Field("measure", TEXT, required=True),
            Field("name_fi", TEXT, required=True),
            Field("name_sv", TEXT, required=True),
            Field("name_en", TEXT, required=True),
            _code("unit", "measure_unit", required=True),
            _code("better", "better", required=True),
            Field("kind_words", TEXT, column_required=True),
            Field("per", TEXT),
            _code("family", "measure_family"),
            _code("theme", "theme"),
            Field("as_written", TEXT),
            Field("cited_source", TEXT),
        ),
        "risks": (
            _code("area", "area"),
            Field("project", TEXT, column_required=True),
            Field("risk", TEXT, required=True),
            Field("probability", TEXT, column_required=True),
            Field("impact", TEXT, column_required=True),
            Field("score", TEXT),
            Field("mitigation", TEXT),
            Field("owner", TEXT),
            Field("note", TEXT),
            Field("cited_source", TEXT),
        ),
        "annual_clock": (
            _code("area", "area"),
            Field("project", TEXT),
            Field("what", TEXT, required=True),
            Field("timing", TEXT, column_required=True),
            Field("times_a_year", TEXT, column_required=True),
            Field("date", DATE),
            Field("who", TEXT),
            Field("as_written", TEXT),
            Field("cited_source", TEXT),
        ),
        "target_groups": (
            _code("area", "area"),
            Field("project", TEXT, column_required=True),
            Field("target_group", TEXT, required=True),
            Field("total", TEXT, column_required=True),
            Field("total_as_written", TEXT),
            Field("reach_target", TEXT, column_required=True),
            Field("reach_as_written", TEXT),
            Field("segments", TEXT),
            Field("cited_source", TEXT),
        ),
    }
)


#: At least one of these must be mapped, and every row must have one of them.
ONE_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "queue": ("assessed_on", "queued_on"),
        "figures": ("value", "numerator"),
        "targets": ("value", "as_written"),
        "queue_counts": ("waiting", "over_limit"),
        "project_budgets": ("budget_eur", "actual_eur"),
        "traffic_lights": ("status", "progress_pct"),
    }
)


#: Stretches of days whose end must not precede their start.
STRETCHES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "figures": ("period_start", "period_end"),
        "targets": ("period_start", "period_end"),
        "traffic_lights": ("report_period_start", "report_period_end"),
        "milestones": ("planned_start", "planned_end"),
    }
)


#: Pairs of dates of which the second must not precede the first, besides assessment and visit: where it does there
#: is no interval between them.
INTERVALS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "visits": (
            ("contacted_on", "assessed_on"),
            ("contacted_on", "visit_on"),
            ("booked_on", "visit_on"),
        ),
        "queue": (("assessed_on", "snapshot_on"), ("queued_on", "snapshot_on")),
        "referrals": (
            ("received_on", "first_contact_on"),
            ("received_on", "need_found_on"),
            ("received_on", "handled_on"),
            ("received_on", "care_started_on"),
            ("need_found_on", "care_started_on"),
            ("received_on", "ended_on"),
        ),
        "cases": (
            ("arrived_on", "started_on"),
            ("arrived_on", "decided_on"),
            ("arrived_on", "ready_on"),
            ("started_on", "ready_on"),
        ),
    }
)


#: What a measure's unit and direction are chosen from: how it is counted, shown and coloured hangs on them.
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "unit": ("percent", "days", "count", "ratio", "points", "euros", "stage", "yes_no"),
        "better": ("up", "down", "none"),
    }
)


#: Counts outside `NUMBERS`: none of them may be negative.
COUNTS: Mapping[str, tuple[str, ...]] = MappingProxyType({"queue_counts": ("waiting", "over_limit")})


#: Of such numbers, one that counts some of what another counts.
PART_OF: Mapping[str, tuple[str, str]] = MappingProxyType({"queue_counts": ("over_limit", "waiting")})


#: Shares in per cent outside `NUMBERS`.
SHARES: Mapping[str, tuple[str, ...]] = MappingProxyType({"traffic_lights": ("progress_pct",)})


#: The number fields of figures and targets.
NUMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"figures": ("value", "numerator", "denominator"), "targets": ("value",)}
)


#: Fields in which a comma or point before exactly three digits cannot be known to be a decimal sign: numbers of
#: things, and euros. The value of a figure or target is one of them where its unit says so.
COUNTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "figures": ("numerator", "denominator"),
        "queue_counts": ("waiting", "over_limit"),
        "project_budgets": ("budget_eur", "actual_eur"),
    }
)


#: The numbers an aggregate row is there for: one that is written but cannot be read sets the row aside.
MAIN_NUMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **NUMBERS,
        "queue_counts": ("waiting",),
        "project_budgets": ("budget_eur", "actual_eur"),
    }
)


#: Main numbers that may be left blank: the row says that the number is not known.
MAY_BE_UNKNOWN: Mapping[str, tuple[str, ...]] = MappingProxyType({"queue_counts": ("waiting",)})


#: Fields whose numbers may be written with a percent sign; of a value the unit must then be percent.
PERCENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"figures": ("value",), "targets": ("value",), "traffic_lights": ("progress_pct",)}
)


#: Units in which three decimals are nothing unusual.
WITH_DECIMALS = frozenset({"percent", "days", "months", "ratio", "points"})


def field_of(dataset: str, name: str) -> Field:
    """The field of that name. Raises KeyError where the dataset has none."""
    return {field.name: field for field in FIELDS[dataset]}[name]


def required_columns(dataset: str) -> tuple[tuple[str, ...], ...]:
    """The fields a layout must have: of each group at least one.

    >>> required_columns("queue")[-1]
    ('assessed_on', 'queued_on')
    """
    alone = tuple((field.name,) for field in FIELDS[dataset] if field.required or field.column_required)
    return (*alone, ONE_OF[dataset]) if dataset in ONE_OF else alone


def key_fields(dataset: str) -> tuple[str, ...]:
    """The fields that identify a row within one file."""
    return DATASETS[dataset].key
