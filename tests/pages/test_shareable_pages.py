"""Whatever a page shows to a board is asked in the shareable view, at every address; to a manager, exact for her units alone."""

from __future__ import annotations

import inspect

import pytest

from indicators.engine import evaluate
from indicators.engine.question import Question
from indicators.engine.resolve import ResolvedQuestion, resolve
from pages.ui import cache
from pages.ui.address import GRAIN, PARAMETERS, SPAN
from pages.ui.page_registry import ENTRIES
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot
from tests.pages.app import assert_healthy, open_page

#: Addresses in every form that all pages know: grains and spans, and each filter by itself and with others.
ADDRESSES: tuple[dict[str, str | list[str]], ...] = (
    {},
    {"jakso": "month", "aika": "kaikki", "tuottaja": "own"},
    {"jakso": "quarter", "palvelu": "primary_care", "tapa": "R10"},
    {"jakso": "year", "alue": "all", "kaynti": "true", "ika": "18-64"},
    {"yksikko": ["TK-KAN-01", "TK-KOK-01"], "ammatti": "nurse", "kunta": "272"},
)
#: What opens more of single pages.
MORE: dict[str, tuple[dict[str, str], ...]] = {
    "indicator": (
        *({"mittari": name, "jako": "unit"} for name in ("seven_day_access", "wait_p90", "queue_over_limit")),
        *({"mittari": "seven_day_access", "nakyma": tab} for tab in ("vaihtelu", "vertailu", "taulukko")),
        {"mittari": "seven_day_access", "nakyma": "ennen-jalkeen", "jakso": "week", "koskee": "TK-KAN-01"},
        {"mittari": "queue_length", "jakso": "month", "nakyma": "vaihtelu"},
    ),
    "care_guarantee": (
        {"vaiheet": "profession", "vertaa": "service", "nakyma": "vaiheet"},
        {"vertaa": "unit", "muutos": "vuosi", "nakyma": "muutos"},
        *({"nakyma": tab} for tab in ("ryhmat", "ajassa", "taulukko")),
    ),
    "queue_plan": tuple({"nakyma": tab} for tab in ("vaatii", "skenaariot", "teoria", "taulukko")),
    "queues": (
        *({"nakyma": tab} for tab in ("varattavat", "saapuneet", "odotus", "lahella")),
        *({"nakyma": tab} for tab in ("ajassa", "rajat", "taulukko")),
        {"nakyma": "varattavat", "avattu": "merkinnat"},
    ),
    "overview": tuple({"nakyma": opened} for opened in ("vuodet", "taulukko")),
    "compare": tuple({"nakyma": tab} for tab in ("yksikot", "vuodet")),
    "deadlines": tuple({"nakyma": tab} for tab in ("perheet", "mielenterveys", "lahetteet")),
    "data_quality": tuple({"nakyma": tab} for tab in ("kirjaukset", "rivit", "koodit", "luvut")),
    "service_debt": ({"tarkkuus": "year"}, {"velka": "visits.primary_care"}),
}
OPEN_TO_ALL = [entry.name for entry in ENTRIES if not entry.needs]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """Every question that is answered meanwhile, but the exact one that only checks a shareable verdict."""
    found: list[Question] = []

    def watched(snapshot: Snapshot, question: Question, settings: Settings) -> ResolvedQuestion:
        callers = {frame.function for frame in inspect.stack()}
        if not {"target_result", "_result"} <= callers or question.suppress:
            found.append(question)
        return resolve(snapshot, question, settings)

    monkeypatch.setattr(evaluate, "resolve", watched)
    cache.clear()
    return found


@pytest.mark.parametrize("page", OPEN_TO_ALL)
@pytest.mark.parametrize("role", ["board", "managers"])
def test_a_page_asks_for_no_more_than_its_audience_may_see(
    page: str, role: str, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, asked: list[Question]
) -> None:
    for address in (*ADDRESSES, *MORE.get(page, ())):
        assert_healthy(open_page(monkeypatch, demo_settings.warehouse, page, role, **address))
    exact = [one for one in asked if not one.suppress]
    assert exact == []
    units = {one.exact_units for one in asked}
    assert units <= {(), *([("TK-KOK-01", "TK-KOK-02")] if role == "managers" else [])}


def test_every_filter_of_the_pages_is_in_an_address() -> None:
    known = {*PARAMETERS.values(), GRAIN, SPAN}
    assert {name for address in ADDRESSES for name in address} == known


def test_a_question_that_is_exact_is_found(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch, asked: list[Question]
) -> None:
    assert_healthy(open_page(monkeypatch, demo_settings.warehouse, "queues", "analysts"))
    assert asked
    assert not any(one.suppress for one in asked)
