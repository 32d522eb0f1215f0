"""The guided tours: for each role five steps through the pages, each with what is found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indicators.wording.translations import N_
from pages.access.rules import Role


@dataclass(frozen=True)
class Step:
    """A step: its page with parameters of its address, and what is found there (a message to translate)."""

    page: str
    text: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tour:
    """A tour: its code in the address, whom it is for (a message to translate), and its steps."""

    code: str
    whom: str
    steps: tuple[Step, ...]


TOURS: Mapping[Role, Tour] = {
    Role.BOARD: Tour(
        "hallitus",
        N_("For the board"),
        (
            Step(
                "overview",
                N_("Each target of the year is a row: where we stand, how far it is, which way it goes."),
            ),
            Step(
                "overview",
                N_("What is to be decided stands at the top. Choose a year to see what was promised then."),
            ),
            Step(
                "indicator",
                N_(
                    "A target opens here. Its own period has a verdict; other periods show how far the target is."
                ),
            ),
            Step(
                "indicator",
                N_("Filled points differ from the usual by more than chance. The tab shows every point."),
                {"nakyma": "vaihtelu"},
            ),
            Step(
                "portfolio",
                N_("Projects show what is late or over budget. Share or print takes a report with you."),
            ),
        ),
    ),
    Role.MANAGER: Tour(
        "esihenkilo",
        N_("For managers"),
        (
            Step(
                "care_guarantee",
                N_("Start here on Monday: the newest week, whether it is more than chance, and what to do."),
            ),
            Step(
                "care_guarantee",
                N_(
                    "A click on a unit narrows the page to it. Choose your own units and have them remembered."
                ),
            ),
            Step(
                "care_guarantee",
                N_("The tabs show why: waits, professions, where the days go, each unit over time."),
                {"nakyma": "vaiheet"},
            ),
            Step(
                "queues",
                N_("Who waits beyond the limit, who is about to, and where a time is to be booked first."),
            ),
            Step(
                "service_debt",
                N_("What it takes to clear the debt: visits a week, weeks and euros."),
            ),
        ),
    ),
    Role.ANALYST: Tour(
        "analyytikko",
        N_("For analysts"),
        (
            Step(
                "upload",
                N_(
                    "Drop a file: it is recognised and checked before anything is loaded, and can be taken back."
                ),
            ),
            Step(
                "master_data",
                N_("Codes that nobody knows are named here; every decision is recorded."),
            ),
            Step(
                "data_quality",
                N_("What is missing or unusual, the gravest first, with what to do about it."),
            ),
            Step(
                "figures",
                N_("Figures without an extract are entered by hand, with their source."),
            ),
            Step(
                "definitions",
                N_("How every number is computed, what the law says and what is suppressed."),
            ),
        ),
    ),
}
