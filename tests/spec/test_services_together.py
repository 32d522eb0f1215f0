"""Who asks a second service is told of all of them at once: the counts are those of each service asked alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from indicators.catalogue.dimensions import UNKNOWN
from indicators.engine.question import Question
from indicators.engine.resolve import ResolvedQuestion, resolve
from indicators.kinds import cases, visits
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot, Warehouse
from pipelines.warehouse.reader import current_version_path

SERVICES = {
    "patients": ("primary_care", "oral_health", "adult_psychiatry", "no_such_service", UNKNOWN),
    "visits": ("primary_care", "oral_health", "adult_psychiatry", "no_such_service", UNKNOWN),
    "referrals": ("adult_psychiatry", "specialised_care", "no_such_service"),
}
AREA = "18"


def _opened(settings: Settings) -> Snapshot:
    path = current_version_path(settings.warehouse)
    assert path is not None
    return Snapshot(path)


def _counts(found: ResolvedQuestion) -> pd.DataFrame:
    of = found.request
    return visits.compute(of) if of.measure.dataset == "visits" else cases.compute(of)


@pytest.mark.parametrize("indicator", ["patients", "visits", "referrals"])
@pytest.mark.parametrize("grain", ["week", "month", "quarter", "year"])
@pytest.mark.parametrize("suppress", [True, False])
def test_services_asked_in_turn_are_as_each_asked_alone(
    indicator: str, grain: str, suppress: bool, demo_settings: Settings
) -> None:
    opened = _opened(demo_settings)
    compared = 0
    for service in SERVICES[indicator]:
        question = Question(
            indicator, area=AREA, by=grain, where=(("service", (service,)),), suppress=suppress
        )
        found = resolve(opened, question, demo_settings)
        if not found.periods:
            continue
        compared += 1
        together, alone = _counts(found), _counts(resolve(_opened(demo_settings), question, demo_settings))
        _same(together, alone)
    assert compared >= 2


def _same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        one.sort_values("period", ignore_index=True),
        other.sort_values("period", ignore_index=True),
        check_exact=True,
    )


def test_the_third_service_is_not_asked_again(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Warehouse(demo_settings.warehouse).current()
    services = ("primary_care", "oral_health", "mental_health")
    base = Question("patients", area=AREA, by="month", suppress=False)
    found = [
        resolve(opened, replace(base, where=(("service", (one,)),)), demo_settings).request
        for one in services
    ]
    assert all(request.periods for request in found)
    asked: list[str] = []
    frame = Snapshot.frame

    def watched(self: Snapshot, sql: str, *more: Any) -> pd.DataFrame:
        asked.append(sql)
        return frame(self, sql, *more)

    monkeypatch.setattr(Snapshot, "frame", watched)
    number = []
    for request in found:
        visits.compute(request)
        number.append(len(asked))
    assert number == [1, 2, 2]
