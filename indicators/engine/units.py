"""The names of the units of a published version."""

from __future__ import annotations

from pipelines.warehouse import Snapshot


def unit_names(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Unit code → names by language; where a language has none, the Finnish one."""
    rows = snapshot.rows("SELECT unit, name_fi, name_sv, name_en FROM units")
    return {unit: {"fi": fi, "sv": sv or fi, "en": en or fi} for unit, fi, sv, en in rows}
