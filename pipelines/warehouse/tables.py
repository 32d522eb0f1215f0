"""The tables of the published warehouse: the one place where their columns and types stand.

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
units           one care unit
code_map        one code of one source and its meaning in ours, while valid
covered         one stretch of days of which a unit's data is known (queues: one snapshot date)
loads           one load, active or withdrawn
findings        one kind of finding of one load
meta            one fact of the version: key, value
"""

from __future__ import annotations

from indicators.catalogue.datasets import DATASETS, PROVENANCE

SCHEMA_VERSION = 3
#: Versions of an older structure that are still read: columns they lack are unknown.
READABLE_SCHEMAS = ("2", str(SCHEMA_VERSION))
#: Columns the publisher adds to the base of a row-level dataset.
DERIVED: dict[str, dict[str, str]] = {
    "visits": {
        "area": "VARCHAR",
        **dict.fromkeys(DATASETS["visits"].domains, "VARCHAR"),
        "mode": "VARCHAR",
        "client_contact": "BOOLEAN",
        "counted": "BOOLEAN",
    },
    "queue": {"area": "VARCHAR", **dict.fromkeys(DATASETS["queue"].domains, "VARCHAR"), "counted": "BOOLEAN"},
    "referrals": {
        "area": "VARCHAR",
        **dict.fromkeys(DATASETS["referrals"].domains, "VARCHAR"),
        "counted": "BOOLEAN",
    },
    "cases": {"area": "VARCHAR", **dict.fromkeys(DATASETS["cases"].domains, "VARCHAR"), "counted": "BOOLEAN"},
}
OTHER_TABLES: dict[str, dict[str, str]] = {
    "units": {
        "unit": "VARCHAR",
        "area": "VARCHAR",
        "kind": "VARCHAR",
        "name_fi": "VARCHAR",
        "name_sv": "VARCHAR",
        "name_en": "VARCHAR",
        "valid_from": "DATE",
        "valid_to": "DATE",
        "successor": "VARCHAR",
        "demo": "BOOLEAN",
    },
    "code_map": {
        "source": "VARCHAR",
        "domain": "VARCHAR",
        "code": "VARCHAR",
        "our_code": "VARCHAR",
        "valid_from": "DATE",
        "valid_to": "DATE",
    },
    "covered": {
        "dataset": "VARCHAR",
        "source": "VARCHAR",
        "origin": "VARCHAR",
        "area": "VARCHAR",
        "unit": "VARCHAR",
        "first_on": "DATE",
        "last_on": "DATE",
        "demo": "BOOLEAN",
    },
    "loads": {
        "load_id": "VARCHAR",
        "sequence": "INTEGER",
        "file": "VARCHAR",
        "content_hash": "VARCHAR",
        "source": "VARCHAR",
        "layout": "VARCHAR",
        "dataset": "VARCHAR",
        "origin": "VARCHAR",
        "demo": "BOOLEAN",
        "status": "VARCHAR",
        "extract_date": "DATE",
        "window_from": "DATE",
        "window_to": "DATE",
        "scope": "VARCHAR",
        "rows_read": "BIGINT",
        "rows_loaded": "BIGINT",
        "rows_quarantined": "BIGINT",
        "rows_new": "BIGINT",
        "rows_changed": "BIGINT",
        "rows_removed": "BIGINT",
        "period_start": "DATE",
        "period_end": "DATE",
        "loaded_at": "TIMESTAMP",
        "loaded_by": "VARCHAR",
        "withdrawn_at": "TIMESTAMP",
        "frozen": "BOOLEAN",
        "parts": "VARCHAR",
        "code_map": "VARCHAR",
        "findings": "VARCHAR",
    },
    "findings": {
        "load_id": "VARCHAR",
        "code": "VARCHAR",
        "level": "VARCHAR",
        "field": "VARCHAR",
        "count": "BIGINT",
        "rows": "VARCHAR",
        "detail": "VARCHAR",
    },
    "meta": {"key": "VARCHAR", "value": "VARCHAR"},
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
