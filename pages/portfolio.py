"""Projects: budget against actual by investment, year and cost item, traffic lights as reported, milestones."""

from __future__ import annotations

import html
from datetime import date

import streamlit as st

from indicators.programme.portfolio import (
    BudgetLine,
    Milestone,
    Money,
    Portfolio,
    disagreements,
    money,
    odd_periods,
    portfolio,
    portfolio_areas,
    source_notes,
)
from indicators.wording import formats
from indicators.wording.translations import N_, _, language
from pages import charts
from pages.text import names
from pages.text import portfolio as words
from pages.text.tables import Table
from pages.ui import cache, components, filters, markup, styles
from pages.views.view import WithoutQuestions

PROJECT, BY = "hanke", "jaottelu"
INVESTMENTS, YEARS = "investoinnit", "vuodet"
VIEWS = {INVESTMENTS: N_("by investment"), YEARS: N_("by year")}


def draw() -> None:
    """The page."""
    st.html(styles.BOARD_STYLE)
    today = cache.today()
    head = st.container()
    with st.container(key="filter_area"), st.container(key="filter_row"):
        cells = st.columns(2, gap="small")
        with cells[0]:
            area = filters.county(WithoutQuestions.read(portfolio_areas))
        every: Portfolio = WithoutQuestions.read(portfolio, area)
        if every.projects:
            with cells[1]:
                project = filters.choose(
                    PROJECT, _("Project"), every.projects, every.projects[0], lambda name: name
                )
    if not every.projects:
        with head:
            components.heading(
                _("Projects"), _("{area} has no projects.").format(area=names.name("area", area)), every
            )
        components.empty(
            _("There is no project of this area"),
            _(
                "Choose another area, or load budgets, traffic lights or milestones on the page for loading data."
            ),
        )
        return
    known = every.of(project)
    whole = money(known.lines)
    with head:
        components.heading(_("Projects"), words.finding(project, whole, known.milestones, today), known)
    components.tiles(words.tiles(known, whole, today))
    if known.lines:
        _money(known, whole, today)
        components.table_block(
            words.cost_items_table(known.lines),
            "cost_items",
            what="portfolio cost items",
            title=_("Years and cost items"),
        )
    _lights(known)
    _milestones(known, today)
    _oddities(known, area, project)
    cited = {one.cited_source for one in (*known.lines, *known.lights, *known.milestones) if one.cited_source}
    used_ids = {one.load_id for one in (*known.lines, *known.lights, *known.milestones)}
    components.sources(cited=sorted(cited), used=[load for load in known.loads if load.load_id in used_ids])


# --- money ---------------------------------------------------------------------------------------------------------


def _money(known: Portfolio, whole: Money | None, today: date) -> None:
    investments = list(dict.fromkeys(line.investment for line in known.lines if line.investment))
    years = list(dict.fromkeys(sorted(line.years for line in known.lines)))
    components.section(
        _("Budget against actual"),
        _(
            "The bar is what has been used, the green line what was budgeted. Without a bar nothing has been reported."
        ),
    )
    by = INVESTMENTS if investments else YEARS
    if investments and len(years) > 1:
        by = filters.choice(BY, _("Reported"), filters.labels(VIEWS), INVESTMENTS)
    groups: list[tuple[str, list[BudgetLine]]] = (
        [
            (words.investment(code), [line for line in known.lines if line.investment == code])
            for code in sorted(investments)
        ]
        if by == INVESTMENTS
        else [(words.years(year), [line for line in known.lines if line.years == year]) for year in years]
    )
    found = [(name, amount) for name, lines in groups if (amount := money(lines)) is not None]
    if not found:
        return
    total = [] if whole is None else [(_("In all"), whole)]
    first = _("Investment") if by == INVESTMENTS else _("Year")
    said = [words.money_lines(name, amount) for name, amount in found]
    components.show_chart(
        charts.against_plan(
            [name for name, _amount in found],
            [amount.budget for _name, amount in found],
            [amount.actual for _name, amount in found],
            ["<br>".join([f"<b>{name}</b>", *rest]) for name, *rest in said],
            "€",
        ),
        "; ".join(", ".join(lines) for lines in said),
        key="chart_money",
    )
    components.table_block(
        words.money_table([*found, *total], today, first),
        "money",
        what=f"portfolio money {by}",
        title=_("Used, remaining and time gone by"),
        expanded=True,
    )
    components.note(
        _(
            "Elapsed: the share of the days of those years gone by when the spending was counted, without a report today."
        )
    )


# --- lights --------------------------------------------------------------------------------------------------------


def _lights(known: Portfolio) -> None:
    if not known.lights:
        return
    components.section(
        _("Traffic lights as reported"),
        _("What the project itself has reported, for the period printed in its report."),
    )
    reports = list(dict.fromkeys((light.investment, light.start, light.end) for light in known.lights))
    named = [f"{words.investment(code)}, {formats.day_span(start, end)}" for code, start, end in reports]
    aspects = [name for name in words.ASPECTS if any(light.aspect == name for light in known.lights)]
    aspects += [name for name in dict.fromkeys(light.aspect for light in known.lights) if name not in aspects]
    by_place = {(light.investment, light.start, light.end, light.aspect): light for light in known.lights}
    rows, plain = [], []
    for name in aspects:
        cells = [words.status(by_place.get((*report, name))) for report in reports]
        said = words.aspect(name)
        shown = [
            markup.Field(
                html.escape(word) if verdict == "no_data" else markup.mark(verdict, word=word), column
            )
            for (verdict, word), column in zip(cells, named, strict=True)
        ]
        rows.append([markup.Field(html.escape(formats.capital(said))), *shown])
        plain.append((said, *(word for _verdict, word in cells)))
    header = (_("Aspect"), *named)
    caption = _("Traffic lights as reported")
    st.html(markup.board_html(header, [("", rows)], caption))
    components.download(Table.of(caption, header, plain), "lights", what="portfolio lights")


# --- milestones ----------------------------------------------------------------------------------------------------


def _milestones(known: Portfolio, today: date) -> None:
    if not known.milestones:
        return
    components.section(
        _("Milestones"),
        _(
            "Each on its own scale, with its time and what has been reported of it. Nothing is taken as reached unreported."
        ),
    )
    labels = (_("Scale"), _("Planned"), _("Status of the milestone"))
    packages: dict[str, list[Milestone]] = {}
    for step in sorted(
        known.milestones, key=lambda step: (step.work_package or "", step.planned_end or date.max)
    ):
        packages.setdefault(step.work_package or words.investment(None), []).append(step)
    caption = _("Milestones")
    plain = []
    for package, steps in packages.items():
        rows = []
        for step in steps:
            verdict, word = words.milestone_state(step, today)
            planned = words.planned(step)
            rows.append(
                [
                    markup.Field(html.escape(step.name)),
                    markup.Field(_scale_html(step), labels[0]),
                    markup.Field(html.escape(planned), labels[1]),
                    markup.Field(markup.mark(verdict, word=word), labels[2]),
                    markup.Field(_quote(step)),
                ]
            )
            scale = " / ".join(step.scale)
            plain.append((package, step.name, scale, planned, word, step.as_written or ""))
        title = words.package(package, steps, today)
        with st.expander(title, key=f"package-{package}", expanded=len(packages) == 1):
            st.html(markup.board_html((_("Milestone"), *labels), [("", rows)], package))
    header = (_("Work package"), _("Milestone"), *labels, _("As written"))
    components.download(Table.of(caption, header, plain), "milestones", what="portfolio milestones")


def _scale_html(step: Milestone) -> str:
    """The words of the scale, the reported one strong."""
    words_of_scale = [
        f'<strong class="tv-strong">{html.escape(word)}</strong>'
        if word == step.status
        else html.escape(word)
        for word in step.scale
    ]
    return " / ".join(words_of_scale)


def _quote(step: Milestone) -> str:
    if not step.as_written or step.as_written.casefold() == step.name.casefold():
        return ""
    return f'<span class="tv-muted tv-quote" lang="fi">”{html.escape(step.as_written)}”</span>'


# --- what does not agree -------------------------------------------------------------------------------------------


def _oddities(known: Portfolio, area: str, project: str) -> None:
    said = [words.disagreement(found) for found in disagreements(known.lines)]
    said += [words.odd_period(light) for light in odd_periods(known)]
    said += [
        f"{note.text(language())} ({note.cited_source})"
        for note in source_notes()
        if (note.area, note.project) == (area, project)
    ]
    if not said:
        return
    components.section(
        _("What does not agree in the sources"),
        _("The figures are shown as printed; nothing is repaired. The sums of this page are of the rows."),
    )
    for text in said:
        components.note(text)


components.guarded(draw)
