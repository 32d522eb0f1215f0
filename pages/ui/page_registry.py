"""The pages of the application: one line for each file that exists, in the order of the navigation."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import Page

from indicators.wording.translations import N_, _
from pages.access import session
from pages.access.decision import Right
from pages.views.care_guarantee import CareGuaranteeView
from pages.views.compare import CompareView
from pages.views.data_quality import DataQualityView
from pages.views.deadlines import DeadlinesView
from pages.views.indicator import IndicatorView
from pages.views.overview import OverviewView
from pages.views.queue_plan import QueuePlanView
from pages.views.queues import QueuesView
from pages.views.service_debt import ServiceDebtView
from pages.views.view import PageView, WithoutQuestions


@dataclass(frozen=True)
class Entry:
    """A page: its file's name, which is its address; its group in the navigation; its view, title and purpose."""

    name: str
    group: str
    view: type[PageView]
    title: str
    purpose: str
    needs: Right | None = None


#: The root, which only goes on to the first page.
START = "start"
FOLLOWING, DATA, HELP = N_("Follow-up"), N_("Data"), N_("Help")
#: Former addresses, which only go on: each is a file of its own, for a fresh server knows no others.
FORMER = ("targets", "changes")
#: The order: overview, care_guarantee, queues, queue_plan, indicator, deadlines, service_debt, portfolio, compare | upload,
#: figures, data_quality, master_data, audit, definitions | guide, accessibility. The first is what the application opens with.
ENTRIES = (
    Entry(
        "overview",
        FOLLOWING,
        OverviewView,
        N_("Overview"),
        N_("The area against its targets of the year, and what is missing."),
    ),
    Entry(
        "care_guarantee",
        FOLLOWING,
        CareGuaranteeView,
        N_("Care guarantee"),
        N_("Which share of non-urgent visits was reached in seven days and within the law, week by week."),
    ),
    Entry(
        "queues",
        FOLLOWING,
        QueuesView,
        N_("Queues"),
        N_("How many wait, how many beyond the legal limit, by unit and service."),
    ),
    Entry(
        "queue_plan",
        FOLLOWING,
        QueuePlanView,
        N_("Queue planning"),
        N_("What becomes of a queue as today and with more visits, what a target takes, and what it costs."),
    ),
    Entry(
        "indicator",
        FOLLOWING,
        IndicatorView,
        N_("Indicator"),
        N_(
            "One indicator: trend and target, variation, before and after a change, splits, benchmarks, table."
        ),
    ),
    Entry(
        "deadlines",
        FOLLOWING,
        DeadlinesView,
        N_("Deadlines"),
        N_(
            "Deadlines of social welfare, mental health and substance pathways, and referrals: met, "
            "late, still open."
        ),
    ),
    Entry(
        "service_debt",
        FOLLOWING,
        ServiceDebtView,
        N_("Service debt"),
        N_("Care that did not happen, people waiting beyond the law, and what it takes to clear them."),
    ),
    Entry(
        "portfolio",
        FOLLOWING,
        WithoutQuestions,
        N_("Projects"),
        N_(
            "Budget against actual by investment and year, traffic lights as reported, milestones against their days."
        ),
    ),
    Entry(
        "compare",
        FOLLOWING,
        CompareView,
        N_("Comparison"),
        N_(
            "The area compared with the others and the country, and its units with each other, with "
            "what chance explains."
        ),
    ),
    Entry(
        "upload",
        DATA,
        WithoutQuestions,
        N_("Loading data"),
        N_("Check a new extract, see what loading it would change, load it; the history of loads."),
        Right.LOAD,
    ),
    Entry(
        "figures",
        DATA,
        WithoutQuestions,
        N_("Entering figures"),
        N_("Figures, targets, milestones and annotations by hand, with their source, and taking one back."),
        Right.ENTER,
    ),
    Entry(
        "data_quality",
        DATA,
        DataQualityView,
        N_("Data quality"),
        N_("How fresh and whole the data is: dates, codes, gaps, sudden changes, sources that overlap."),
    ),
    Entry(
        "master_data",
        DATA,
        PageView,
        N_("Units and codes"),
        N_("What the sources' codes mean, what the units are called; who decided what, and taking it back."),
        Right.MASTER,
    ),
    Entry(
        "audit",
        DATA,
        WithoutQuestions,
        N_("Audit log"),
        N_("Who saw, loaded, changed or was refused what, and when."),
        Right.AUDIT,
    ),
    Entry(
        "definitions",
        DATA,
        WithoutQuestions,
        N_("Definitions"),
        N_("What every indicator means, what the law demands, what is suppressed and why."),
    ),
    Entry(
        "guide",
        HELP,
        WithoutQuestions,
        N_("User guide"),
        N_("How to read the figures and what to do with them, a chapter for each role."),
    ),
    Entry(
        "accessibility",
        HELP,
        WithoutQuestions,
        N_("Accessibility statement"),
        N_("How accessible the service is, how that was checked, and where to give feedback."),
    ),
)


def titles() -> dict[str, str]:
    """The titles of the pages by their names."""
    return {entry.name: _(entry.title) for entry in ENTRIES}


def right_of(page: str) -> Right | None:
    """What a page needs besides access; None for one that everybody with a role may see."""
    return next((entry.needs for entry in ENTRIES if entry.name == page), None)


def has_figures_of_persons(page: str) -> bool:
    """Whether a page shows figures of persons, which differ from audience to audience."""
    return any(entry.view is not WithoutQuestions for entry in ENTRIES if entry.name == page)


def navigation() -> Page:
    """Draw the navigation and return the open page. The root goes on to the first page, so each has its name as address."""
    groups: dict[str, list[Page]] = {}
    for entry in ENTRIES:
        page = st.Page(
            f"pages/{entry.name}.py",
            title=_(entry.title),
            help=_(entry.purpose),
            visibility="visible" if session.access().may(entry.needs) else "hidden",
        )
        groups.setdefault(_(entry.group), []).append(page)
    start = st.Page(_open_first, title=_(ENTRIES[0].title), url_path=START, default=True, visibility="hidden")
    former = [st.Page(f"pages/{name}.py", title=name, visibility="hidden") for name in FORMER]
    next(iter(groups.values()))[:0] = [start, *former]
    return st.navigation(groups, expanded=True)


def name_of(page: Page) -> str:
    """The name of an open page, as in its address; the root's is `START`."""
    return page.url_path or START


def _open_first() -> None:
    asked = {key: st.query_params.get_all(key) for key in st.query_params}
    st.switch_page(f"pages/{ENTRIES[0].name}.py", query_params=asked)
