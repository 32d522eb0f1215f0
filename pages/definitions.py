"""What every indicator means, what the law demands, what is hidden and why: written from the definitions themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.catalogue.limits import Limit
from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext
from pages.sheet import fold, link, note
from pages.text import definitions as words
from pages.text import names
from pages.text.markup import plain
from pages.ui import cache, components, filters, sheet
from pages.ui.indicator_choice import GROUP, SHIPPED, by_group, group_name
from pages.ui.markup import facts_html, table_html
from pages.ui.tables import sorted_table
from pipelines.settings import Settings

#: The address parameters: one indicator, the words looked for, the open tab.
INDICATOR, SEARCH, VIEW = "mittari", "haku", "nakyma"
INDICATORS, LIMITS, PRIVACY = "mittarit", "enimmaisajat", "peittaminen"
TABS = {
    INDICATORS: N_("Indicators"),
    LIMITS: N_("Statutory limits"),
    PRIVACY: N_("What is suppressed and why"),
}


def show_definition(definition: Definition, today: date) -> None:
    """One definition in full."""
    st.subheader(plain(_name(definition, today)), anchor=False)
    components.facts(words.described(definition, today))
    components.link("definitions", _("All definitions"))


def _name(definition: Definition, today: date) -> str:
    late = " · " + _("review due") if words.overdue(definition, today) else ""
    return f"{names.text(definition).name}{late}"


def _folded(definition: Definition, today: date) -> str:
    """A definition that opens in place, with the address of its own."""
    own = link(components.link_here({INDICATOR: definition.id}), _("Link to this definition"))
    return fold(_name(definition, today), facts_html(words.described(definition, today)) + f"<p>{own}</p>")


def show_definitions(today: date) -> None:
    """The definitions looked for; without words those of one group."""
    one = cache.definitions().get(st.query_params.get(INDICATOR, ""))
    if one is not None:
        show_definition(one, today)
        return
    if INDICATOR in st.query_params:
        components.empty(
            _("There is no such indicator"),
            _("The address names an indicator that is not defined. All are below."),
        )
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        search = st.text_input(
            _("Search the definitions"),
            key=SEARCH,
            bind="query-params",
            type="search",
            placeholder=_("for example: dentist, queue, coverage"),
            icon=":material/search:",
        )
    groups = _groups(words.found(search or ""))
    if not groups:
        components.empty(
            _("No definition has these words"),
            _("Try fewer or other words, or clear the search to see all of them."),
        )
        return
    shown = groups
    if not search:
        every = {code: _title(code) + f" ({formats.number(len(found))})" for code, found in groups.items()}
        with right:
            chosen = filters.choose(GROUP, _("Subject"), list(every), next(iter(every)), every.__getitem__)
        shown = {chosen: groups[chosen]}
    for code, members in shown.items():
        st.subheader(_title(code) + f" ({formats.number(len(members))})", anchor=False)
        if code in words.FAMILIES:
            components.note(_(words.FAMILIES[code][1]))
        folded = "".join(_folded(definition, today) for definition in members)
        sheet.show(f'<div class="tv-folds">{folded}</div>', key=f"definitions_{code}")
    if not set(shown) <= set(words.FAMILIES):
        components.how_to_read(
            _("Defined as data, not in the software: their figures are entered or loaded from a file.")
        )


def _groups(matching: Sequence[Definition]) -> dict[str, Sequence[Definition]]:
    """Definitions by group: the software's by family, the measures of plans by subject; each in the order of names."""
    by_subject = dict(by_group(matching))
    shipped = by_subject.pop(SHIPPED, ())
    families = {code: [one for one in shipped if one.family == code] for code in words.FAMILIES}
    return {code: found for code, found in {**families, **by_subject}.items() if found}


def _title(group: str) -> str:
    return _(words.FAMILIES[group][0]) if group in words.FAMILIES else group_name(group)


def show_limits(today: date, settings: Settings) -> None:
    """What the law demands, with dates."""
    services = words.limits_by_service()
    now = [limit for limits in services.values() for limit in limits if limit.in_force(today)]
    caption = _("In force on {day}").format(day=formats.day(today))
    sorted_table(words.limits_table(now, caption), "limits_now")
    components.how_to_read(
        _(
            "The limit of a case is the one in force on the day of its assessment, for the service and the age on that "
            "day. The day of the assessment is day 0; months are calendar months. The law does not say on which day the "
            "age is looked at, nor what holds for a wait that a change of the law falls into: we use the day of the "
            "assessment for both."
        ),
        _(
            "Seven days (80 % by the end of 2025) are a target of Finland's sustainable growth programme, not a statutory "
            "limit."
        ),
    )
    st.subheader(_("Earlier limits, legal basis and examples"), anchor=False)
    folded = "".join(_service(limits, today, settings) for limits in services.values())
    sheet.show(f'<div class="tv-folds">{folded}</div>', key="services")
    whole = [limit for limits in services.values() for limit in limits]
    components.download(words.limits_table(whole, "", basis=True), "limits", what="statutory limits")


def _service(limits: Sequence[Limit], today: date, settings: Settings) -> str:
    """The limits of a service now and before, what they cover, examples on both sides of every change; to be opened."""
    title = ngettext(
        "{service}: {count} limit, with notes", "{service}: {count} limits, with notes", len(limits)
    ).format(service=words.service_words(limits[0]), count=formats.number(len(limits)))
    examples = words.examples_of(limits[0].service)
    review = min(limit.review for limit in limits)
    reviewed = (
        _("Looked at again by {day}.")
        if review >= today
        else _("The limits should have been looked at again by {day}.")
    ).format(day=formats.day(review))
    return fold(
        title,
        table_html(words.limits_table(limits, _("Now and before, the newest first"), basis=True))
        + "".join(map(note, words.notes_of(limits)))
        + table_html(words.examples_table(examples, settings.eves_are_weekdays))
        + note(reviewed),
    )


def show_privacy(settings: Settings) -> None:
    """What is hidden, and the thresholds of this installation."""
    components.facts(words.privacy_rules(settings).items())
    st.subheader(_("Thresholds of this installation"), anchor=False)
    components.facts(words.thresholds(settings))


def draw() -> None:
    """The page."""
    today, settings = cache.today(), cache.settings()
    late = [d for d in cache.definitions().values() if words.overdue(d, today)]
    count = len(cache.definitions())
    finding = ngettext("{count} indicator is defined.", "{count} indicators are defined.", count).format(
        count=formats.number(count)
    )
    if late:
        finding += " " + ngettext(
            "The review of {count} of them is overdue.",
            "The review of {count} of them is overdue.",
            len(late),
        ).format(count=formats.number(len(late)))
    components.heading(_("Definitions"), finding)
    opened, place = components.tabs(VIEW, filters.labels(TABS))
    with place:
        if opened == LIMITS:
            show_limits(today, settings)
        elif opened == PRIVACY:
            show_privacy(settings)
        else:
            show_definitions(today)


components.guarded(draw)
