"""The names of the units of a published version."""

from __future__ import annotations

from collections.abc import Mapping

from indicators.catalogue.languages import ENGLISH, in_every_language
from pipelines.warehouse import Snapshot


def unit_names(snapshot: Snapshot) -> dict[str, Mapping[str, str]]:
    """Unit code → names by language; where a language has none, the Finnish one."""
    rows = snapshot.rows("SELECT unit, name_fi, name_sv, name_en FROM units")
    return {
        unit: in_every_language({"fi": fi, "sv": sv or fi, ENGLISH: en or fi}) for unit, fi, sv, en in rows
    }
