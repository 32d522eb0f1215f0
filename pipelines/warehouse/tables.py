"""The tables of the published warehouse, their columns and types.

One row of each table, by name:

visits          one realised, booked, cancelled or missed visit: (source, origin, visit_id)
queue           one waiting entry on one snapshot date: (source, origin, snapshot_on, entry_id)
referrals       one referral or request for care: (source, origin, referral_id)
cases           one notification or assessment of needs in social welfare: (source, origin, case_id)
figures         one published or entered figure: (indicator, area, service, period)
targets         one target: (indicator, area, period)
queue_counts    one counted queue: (snapshot_on, area, unit, service)
project_budgets, traffic_lights, milestones, annotations   one row of the file of that name
risks, annual_clock, target_groups                         one row of the file of that name, cell for cell as written
measures        one indicator that only exists as entered figures: (measure)
queue_flow      one count of entries by queue, profession, week, kind and age (`indicators.catalogue.queue_flow`)
*_summary, *_days, *_codes   what is made of rows, one group, day or code (`indicators.catalogue.summaries`)
units           one care unit
code_map        one code of one source and its meaning in ours, while valid
covered         one stretch of days of which a unit's data is known (queues: one snapshot date)
loads           one load, active or withdrawn
findings        one kind of finding of one load
segments        one file with the rows of a dataset and year: visits, queue, referrals, cases, what is made of them
segment_units   one unit of one load in one segment, as its source writes it
segment_codes   one code of one source that occurs in one segment
segment_places  one unit of one source and origin in one segment, by our code
meta            one fact of the version: key, value
"""

from __future__ import annotations

from indicators.catalogue.datasets import DATASETS, PROVENANCE

SCHEMA_VERSION = 4
#: The structure before, with the same columns and all tables in the file of the version.
UNSEGMENTED = "3"
#: Versions of an older structure that are still read: columns they lack are unknown.
READABLE_SCHEMAS = ("2", UNSEGMENTED, str(SCHEMA_VERSION))
#: Name under which the version being built is attached.
NEW = "new"


def typed(texts: str, **others: str) -> dict[str, str]:
    """Return columns with their DuckDB types: names of text columns in one string, then others with their type.

    >>> typed("key value", on="DATE")
    {'key': 'VARCHAR', 'value': 'VARCHAR', 'on': 'DATE'}
    """
    return dict.fromkeys(texts.split(), "VARCHAR") | others


_FLAGS = {"mode": "VARCHAR", "client_contact": "BOOLEAN"}
#: Columns the publisher adds to the base of a row-level dataset.
DERIVED: dict[str, dict[str, str]] = {
    name: {
        **typed("area"),
        **dict.fromkeys(dataset.domains, "VARCHAR"),
        **(_FLAGS if "mode_code" in dataset.domains else {}),
        "counted": "BOOLEAN",
    }
    for name, dataset in DATASETS.items()
    if dataset.row_level and dataset.domains
}
_VALIDITY = {"valid_from": "DATE", "valid_to": "DATE"}
_PLACE = typed("dataset", year="INTEGER")
_ROW_COUNTS = "rows_read rows_loaded rows_quarantined rows_new rows_changed rows_removed"
OTHER_TABLES: dict[str, dict[str, str]] = {
    "units": typed("unit area kind name_fi name_sv name_en", **_VALIDITY)
    | typed("successor", demo="BOOLEAN"),
    "code_map": typed("source domain code our_code", **_VALIDITY),
    "covered": typed("dataset source origin area unit", first_on="DATE", last_on="DATE", demo="BOOLEAN"),
    "loads": typed("load_id", sequence="INTEGER")
    | typed("file content_hash source layout dataset origin", demo="BOOLEAN")
    | typed("status", extract_date="DATE", window_from="DATE", window_to="DATE")
    | typed("scope", **dict.fromkeys(_ROW_COUNTS.split(), "BIGINT"))
    | {"period_start": "DATE", "period_end": "DATE", "loaded_at": "TIMESTAMP"}
    | typed("loaded_by", withdrawn_at="TIMESTAMP", frozen="BOOLEAN")
    | typed("parts code_map findings replaces"),
    "findings": typed("load_id code level field", count="BIGINT") | typed("rows detail"),
    "queue_flow": typed("area unit service profession", before_on="DATE", snapshot_on="DATE")
    | typed("kind", age="INTEGER", n="BIGINT"),
    "segments": typed("dataset", year="INTEGER")
    | typed("file", bytes="BIGINT", rows="BIGINT")
    | typed("made_by"),
    "segment_units": {**_PLACE, **PROVENANCE, **typed("unit_code unit_name", rows="BIGINT")},
    "segment_codes": {**_PLACE, **typed("source domain code")},
    "segment_places": {**_PLACE, **typed("source origin unit")},
    "meta": typed("key value"),
}


def all_tables() -> dict[str, dict[str, str]]:
    """Every table of a published version with its columns and DuckDB types, in order.

    >>> list(all_tables()["meta"])
    ['key', 'value']
    """
    data = {
        name: {**PROVENANCE, **dataset.base, **DERIVED.get(name, {})} for name, dataset in DATASETS.items()
    }
    return data | OTHER_TABLES


def columns_sql(columns: dict[str, str]) -> str:
    """The column list of a CREATE TABLE statement."""
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
