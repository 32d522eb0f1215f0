"""Projects: budget against actual by investment, year and cost item, traffic lights as reported, milestones."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date

import streamlit as st

from indicators.drawing.emblem import eu_emblem
from indicators.programme.funding import funding_of_project
from indicators.programme.portfolio import (
    BudgetLine,
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
from indicators.wording.funding import statement
from indicators.wording.translations import N_, _, language
from pages import charts
from pages.access import session
from pages.sheet import action_list, columns, funding_line, link, sheet_grid, titled
from pages.text import milestones, names, project_actions
from pages.text import portfolio as words
from pages.text.tables import Table
from pages.ui import (
    address,
    cache,
    components,
    filters,
    markup,
    page_registry,
    pictures,
    sheet,
    styles,
)
from pages.ui.tables import sorted_html
from pages.views.view import WithoutQuestions

PROJECT, BY, VIEW, PACKAGE = "hanke", "jaottelu", "nakyma", "tyopaketti"
INVESTMENTS, YEARS = "investoinnit", "vuodet"
VIEWS = {INVESTMENTS: N_("by investment"), YEARS: N_("by year")}
#: The height of the emblem of who funds a project, in pixels: at least a centimetre.
EMBLEM_HEIGHT = 48.0
#: The tabs, by what is in them.
MONEY, LIGHTS, ITEMS, NOTES = "raha", "liikennevalot", "kulurivit", "lahteet"


def draw() -> None:
    """The page."""
    st.html(styles.BOARD_STYLE)
    head = st.container()
    with filters.plain_row():
        area = filters.county(WithoutQuestions.read(portfolio_areas), width=filters.AREA_WIDTH)
        every: Portfolio = WithoutQuestions.read(portfolio, area)
        if every.projects:
            project = filters.choose(
                PROJECT,
                _("Project"),
                every.projects,
                every.projects[0],
                lambda name: name,
                width=filters.AREA_WIDTH,
            )
    if not every.projects:
        with head:
            components.title(_("Projects"), every)
        components.finding(_("{area} has no projects.").format(area=names.name("area", area)))
        components.empty(
            _("There is no project of this area"),
            _(
                "Choose another area, or load budgets, traffic lights or milestones on the page for loading data."
            ),
        )
        return
    known, today = every.of(project), cache.today()
    whole = money(known.lines)
    with head:
        components.title(_("Projects"), known)
    components.finding(words.finding(project, whole, known.milestones, today))
    to_do = project_actions.actions(known, today, _places())
    nothing = _("Nothing asks for action: nothing is late or over its budget.")
    asked = action_list(_("What to do"), to_do, "" if to_do else nothing)
    number = words.number(known, whole, today)
    packages = _packages(known, today)
    sheet.show(sheet_grid(number + asked, packages) if packages else columns(number, asked), key="first")
    notes = _notes(known, area, project)
    draws = {
        MONEY: (known.lines, _("Money"), lambda: _money(known, whole, today)),
        LIGHTS: (known.lights, _("Traffic lights"), lambda: _lights(known)),
        ITEMS: (known.lines, _("Cost items"), lambda: _cost_items(known)),
        NOTES: (notes, _("What does not agree"), lambda: _oddities(notes)),
    }
    shown = {code: (label, one) for code, (there, label, one) in draws.items() if there}
    if shown:
        opened, place = components.tabs(VIEW, {code: label for code, (label, _one) in shown.items()})
        with place:
            shown[opened][1]()
    _funding(area, project)
    cited = {one.cited_source for one in (*known.lines, *known.lights, *known.milestones) if one.cited_source}
    if known.milestones:
        components.download(
            milestones.milestones_table(milestones.packages(known.milestones, today), today),
            "milestones",
            what="portfolio milestones",
        )
    components.sources(cited=sorted(cited), used=known.loads)


def _funding(area: str, project: str) -> None:
    """The emblem of who funds the project, where that is declared."""
    funded = statement(funding_of_project(area, project))
    if funded:
        emblem = funding_line(eu_emblem(EMBLEM_HEIGHT), _("Emblem of the European Union"), funded)
        sheet.show(emblem, key="funding")


def _places() -> project_actions.Places:
    """Where the things to do lead, for the reader of the run."""
    money_tab, lights, items = (components.link_here({VIEW: code}) for code in (MONEY, LIGHTS, ITEMS))
    enter = components.link_address("figures", {"laji": "milestones"}) if _may("figures") else items
    return project_actions.Places(money_tab, lights, items, enter, _package_address)


def _may(page: str) -> bool:
    return session.access().may(page_registry.right_of(page))


def _package_address(name: str) -> str:
    """The address of the page narrowed to a work package; of all of them without a name."""
    return components.link_here({PACKAGE: name})


# --- money ---------------------------------------------------------------------------------------------------------


def _money(known: Portfolio, whole: Money | None, today: date) -> None:
    investments = list(dict.fromkeys(line.investment for line in known.lines if line.investment))
    years = list(dict.fromkeys(sorted(line.years for line in known.lines)))
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
        components.note(_("No row of the budget makes a sum: see the cost items."))
        return
    if by == INVESTMENTS:
        found = words.worst_first(found)
    total = [] if whole is None else [(_("In all"), whole)]
    first = _("Investment") if by == INVESTMENTS else _("Year")
    said = [words.money_lines(name, amount) for name, amount in found]
    figure = charts.against_plan(
        [name for name, _amount in found],
        [amount.budget for _name, amount in found],
        [amount.actual for _name, amount in found],
        ["<br>".join([f"<b>{name}</b>", *rest]) for name, *rest in said],
        "€",
    )
    alt = "; ".join(", ".join(lines) for lines in said)
    components.show_chart(figure, alt, key="chart_money")
    reading = _(
        "The bar is what has been used, the green line what was budgeted. Without a bar nothing has been reported."
    )
    components.how_to_read(
        reading
        + " "
        + _(
            "Elapsed: the share of the days of those years gone by when the spending was counted, without a report today."
        )
    )
    components.full_table(
        words.money_table([*found, *total], today, first), "money", what=f"portfolio money {by}"
    )
    title = _("Budget and actual {by}: {project}").format(by=_(VIEWS[by]), project=known.lines[0].project)
    caption = pictures.Caption(title, (reading,), names.name("area", known.lines[0].area), (known,))
    pictures.of_figure(figure, caption, alt, "money_chart", what=f"portfolio money {by}")


def _cost_items(known: Portfolio) -> None:
    components.full_table(words.cost_items_table(known.lines), "cost_items", what="portfolio cost items")


# --- lights --------------------------------------------------------------------------------------------------------


def _lights(known: Portfolio) -> None:
    reports = list(dict.fromkeys((light.investment, light.start, light.end) for light in known.lights))
    named = [f"{words.investment(code)}, {formats.day_span(start, end)}" for code, start, end in reports]
    by_place = {(light.investment, light.start, light.end, light.aspect): light for light in known.lights}
    rows, plain, silent = [], [], []
    for name in words.aspects(known.lights):
        cells = [words.status(by_place.get((*report, name))) for report in reports]
        said = words.aspect(name)
        plain.append((said, *(word for _verdict, word in cells)))
        if all(word == words.not_reported() for _verdict, word in cells):
            silent.append(said)
            continue
        shown = [_light(verdict, word, column) for (verdict, word), column in zip(cells, named, strict=True)]
        rows.append([markup.Field(html.escape(formats.capital(said))), *shown])
    header = (_("Aspect"), *named)
    caption = _("Traffic lights as reported")
    if rows:
        st.html(markup.board_html(header, [("", rows)], caption))
    if silent:
        components.note(_("Not reported: {aspects}.").format(aspects=", ".join(silent)))
    components.how_to_read(_("What the project itself has reported, for the period printed in its report."))
    components.download(Table.of(caption, header, plain), "lights", what="portfolio lights")


def _light(verdict: str, word: str, column: str) -> markup.Field:
    """A light with its shape and word; one that is not reported is a dash, read aloud in words."""
    if word == words.not_reported():
        return markup.Field(
            f'<span aria-hidden="true">–</span><span class="tv-hidden">{html.escape(word)}</span>'
        )
    shown = html.escape(word) if verdict == "no_data" else markup.mark(verdict, word=word)
    return markup.Field(shown, column)


# --- milestones ----------------------------------------------------------------------------------------------------


def _packages(known: Portfolio, today: date) -> str:
    """The work packages, those with the most late milestones first; the milestones of one where one is selected."""
    if not known.milestones:
        return ""
    found = milestones.packages(known.milestones, today)
    only = found[0].name if len(found) == 1 else ""
    opened = address.selected(PACKAGE, [one.name for one in found], only)
    for one in found:
        if one.name == opened:
            back = "" if only else link(_package_address(""), _("All work packages"))
            return titled(one.name, milestones.steps_html(one, today), back)
    return sorted_html(
        milestones.packages_table(found),
        "packages",
        links=[_package_address(one.name) for one in found],
        heading=_("Work packages, the most late milestones first"),
    )


# --- what does not agree -------------------------------------------------------------------------------------------


def _notes(known: Portfolio, area: str, project: str) -> list[str]:
    """What does not agree in the sources, a sentence each."""
    said = [words.disagreement(found) for found in disagreements(known.lines)]
    said += [words.odd_period(light) for light in odd_periods(known)]
    return said + [
        f"{note.text(language())} ({note.cited_source})"
        for note in source_notes()
        if (note.area, note.project) == (area, project)
    ]


def _oddities(said: Sequence[str]) -> None:
    components.note(
        _("The figures are shown as printed; nothing is repaired. The sums of this page are of the rows.")
    )
    for text in said:
        components.note(text)


components.guarded(draw)
