"""What every indicator means, what the law demands, what is hidden and why: written from the definitions themselves."""

from __future__ import annotations

from datetime import date

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.wording import formats
from indicators.wording.translations import _, ngettext
from pages.text import definitions as words
from pages.text import names
from pages.text.markup import plain
from pages.ui import cache, components
from pages.ui.indicator_choice import SHIPPED, by_group, choose_group, group_name, group_of
from pipelines.settings import Settings

#: The address parameters: one indicator, and the words looked for.
INDICATOR, SEARCH = "mittari", "haku"


def show_definition(definition: Definition, today: date, *, opened: bool) -> None:
    """One definition, to be opened."""
    text = names.text(definition)
    late = " · " + _("review due") if words.overdue(definition, today) else ""
    with st.expander(f"{plain(text.name)}{late}", expanded=opened, key=f"definition-{definition.id}"):
        components.facts(words.described(definition, today))
        if not opened:
            components.link("definitions", _("Link to this definition"), {INDICATOR: definition.id})


def show_definitions(today: date) -> None:
    """The definitions looked for, by family."""
    one = cache.definitions().get(st.query_params.get(INDICATOR, ""))
    if one is not None:
        show_definition(one, today, opened=True)
        components.link("definitions", _("All definitions"))
        return
    if INDICATOR in st.query_params:
        components.empty(
            _("There is no such indicator"),
            _("The address names an indicator that is not defined. All are below."),
        )
    search = st.text_input(
        _("Search the definitions"),
        key=SEARCH,
        bind="query-params",
        type="search",
        placeholder=_("for example: dentist, queue, coverage"),
        icon=":material/search:",
    )
    matching = words.found(search or "")
    if not matching:
        components.empty(
            _("No definition has these words"),
            _("Try fewer or other words, or clear the search to see all of them."),
        )
        return
    components.note(
        ngettext("{count} definition", "{count} definitions", len(matching)).format(
            count=formats.number(len(matching))
        )
    )
    for family, (title, lead) in words.FAMILIES.items():
        members = sorted(
            (d for d in matching if d.family == family and group_of(d) == SHIPPED),
            key=lambda d: names.text(d).name.casefold(),
        )
        if members:
            st.subheader(_(title) + f" ({formats.number(len(members))})", anchor=False)
            components.note(_(lead))
            for definition in members:
                show_definition(definition, today, opened=len(matching) == 1)
    show_measures([d for d in matching if group_of(d) != SHIPPED], today, every=bool(search))


def show_measures(matching: list[Definition], today: date, *, every: bool) -> None:
    """The measures of the plans: those of one subject, or `every` one where words are looked for."""
    if not matching:
        return
    st.subheader(_("Measures of plans and reports") + f" ({formats.number(len(matching))})", anchor=False)
    components.note(
        _(
            "Defined as data, not in the software: their figures are entered or loaded from a file. Choose a subject."
        )
    )
    groups = by_group(matching)
    shown = list(groups) if every else [choose_group(groups, next(iter(groups)))]
    for group in shown:
        if every:
            st.markdown(f"**{plain(group_name(group))}**")
        for definition in groups[group]:
            show_definition(definition, today, opened=every and len(matching) == 1)


def show_limits(today: date, settings: Settings) -> None:
    """What the law demands, with dates."""
    components.section(
        _("Statutory limits"),
        _(
            "The limit of a case is the one in force on the day of its assessment, for the service and the age on that "
            "day. The day of the assessment is day 0; months are calendar months. The law does not say on which day the "
            "age is looked at, nor what holds for a wait that a change of the law falls into: we use the day of the "
            "assessment for both."
        ),
    )
    components.note(
        _(
            "Seven days (80 % by the end of 2025) are a target of Finland's sustainable growth programme, not a statutory "
            "limit."
        )
    )
    services = words.limits_by_service()
    now = [limit for limits in services.values() for limit in limits if limit.in_force(today)]
    with st.container(key="limits_now"):
        components.uncut_tables("limits_now")
        caption = _("In force on {day}").format(day=formats.day(today))
        components.show_table(words.limits_table(now, caption))
    components.note(
        _(
            "Earlier limits, the legal basis, what a limit covers, and examples on both sides of every day on which a limit "
            "changes:"
        )
    )
    for limits in services.values():
        with st.expander(
            ngettext(
                "{service}: {count} limit, with notes", "{service}: {count} limits, with notes", len(limits)
            ).format(service=words.service_words(limits[0]), count=formats.number(len(limits))),
            key=f"limits-{limits[0].service}",
        ):
            components.show_table(
                words.limits_table(limits, _("Now and before, the newest first"), basis=True)
            )
            for note in words.notes_of(limits):
                components.note(note)
            examples = words.examples_of(limits[0].service)
            components.show_table(words.examples_table(examples, settings.eves_are_weekdays))
            review = min(limit.review for limit in limits)
            components.note(
                _("Looked at again by {day}.").format(day=formats.day(review))
                if review >= today
                else _("The limits should have been looked at again by {day}.").format(
                    day=formats.day(review)
                )
            )
    whole = [limit for limits in services.values() for limit in limits]
    components.download(words.limits_table(whole, "", basis=True), "limits", what="statutory limits")


def show_privacy(settings: Settings) -> None:
    """What is hidden, and the thresholds of this installation."""
    components.section(_("What is suppressed and why"))
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
    indicators, limits, privacy = st.tabs(
        [_("Indicators"), _("Statutory limits"), _("What is suppressed and why")]
    )
    with indicators:
        show_definitions(today)
    with limits:
        show_limits(today, settings)
    with privacy:
        show_privacy(settings)


components.guarded(draw)
