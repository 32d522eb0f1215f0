"""The accessibility statement, written from what the tests check: `data/reference/accessibility.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from indicators.catalogue.labels import name_of
from indicators.catalogue.languages import LANGUAGES, in_every_language
from indicators.catalogue.places import REFERENCE, read_toml
from indicators.wording import formats
from indicators.wording.translations import N_, _, language
from pages.text.tables import Table
from pipelines.settings import Settings

_FILE = REFERENCE / "accessibility.toml"
#: The audiences pages are checked for, and their themes.
_AUDIENCES = {"internal": N_("internal, exact numbers"), "shareable": N_("may be shared")}
_THEMES = {"light": N_("light"), "dark": N_("dark")}
#: Pixels of a usual window, which 200 % zoom halves.
_USUAL_WIDTH = 1280


@dataclass(frozen=True)
class Checked:
    """Pages that are checked in a language, for an audience; with `tabs` not only as they open but each of their tabs."""

    language: str
    audience: str
    tabs: bool = False


@dataclass(frozen=True)
class Inaccessible:
    """What is not accessible: the criterion of WCAG, what and why in each language; `rule` and `element` where axe finds it."""

    id: str
    criterion: str
    what: Mapping[str, str]
    why: Mapping[str, str]
    rule: str = ""
    element: str = ""


@dataclass(frozen=True)
class Authority:
    """Who supervises accessibility; texts by language."""

    name: Mapping[str, str]
    office: Mapping[str, str]
    web: Mapping[str, str]
    email: Mapping[str, str]
    phone: str


@dataclass(frozen=True)
class Evaluation:
    """What was checked and on which day, what is known not to be accessible, and what nobody has evaluated."""

    evaluated: date
    engine: str
    themes: Sequence[str]
    widths: Sequence[int]
    checked: Sequence[Checked]
    exceptions: Sequence[Inaccessible]
    not_evaluated: Sequence[Mapping[str, str]]
    authority: Authority

    @property
    def languages(self) -> Sequence[str]:
        """The languages in which pages are checked, each once."""
        return tuple(dict.fromkeys(one.language for one in self.checked))

    def excuses(self, rule: str, element: str) -> bool:
        """Whether what axe found is one of the exceptions: its rule, in an element with that HTML."""
        return any(
            one.rule == rule and bool(one.element) and one.element in element for one in self.exceptions
        )


@cache
def load_evaluation() -> Evaluation:
    """What was evaluated, as the file says. Raises KeyError and TypeError for a file that lacks something."""
    written = dict(read_toml(_FILE))
    return Evaluation(
        **{
            **written,
            "checked": [Checked(**one) for one in written["checked"]],
            "exceptions": [Inaccessible(**_in_languages(one)) for one in written["exceptions"]],
            "not_evaluated": [in_every_language(one["what"]) for one in written["not_evaluated"]],
            "authority": Authority(**_in_languages(written["authority"])),
        }
    )


def _in_languages(written: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: in_every_language(value) if isinstance(value, dict) else value
        for name, value in written.items()
    }


@dataclass(frozen=True)
class Section:
    """A part of the statement: heading, paragraphs, items of a list, names with values, a table."""

    heading: str
    paragraphs: Sequence[str] = ()
    items: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    table: Table | None = None


def finding(evaluation: Evaluation) -> str:
    """The state of conformity in a sentence: full only where nothing is known to be missing and nothing is unevaluated."""
    if evaluation.exceptions or evaluation.not_evaluated:
        return _("Takuuvahti meets the accessibility requirements of the law in part.")
    return _("Takuuvahti meets the accessibility requirements of the law.")


def sections(evaluation: Evaluation, settings: Settings, page_count: int) -> list[Section]:
    """The statement in the current language, as the Act on the Provision of Digital Services (306/2019) asks for it.

    `page_count` is how many pages the registry has, for each of them is checked.
    """
    return [
        _scope(settings),
        _not_accessible(evaluation),
        _method(evaluation, page_count),
        *([_not_evaluated(evaluation)] if evaluation.not_evaluated else []),
        _feedback(settings),
        _supervision(evaluation.authority),
    ]


def _scope(settings: Settings) -> Section:
    facts = [
        (_("Service"), "Takuuvahti"),
        (_("Provided by"), name_of("area", settings.default_area, language())),
        *([(_("Address"), settings.public_address)] if settings.public_address else []),
        (_("Law"), _("Act on the Provision of Digital Services (306/2019)")),
        (_("Requirements"), _("WCAG 2.2, levels A and AA")),
    ]
    return Section(_("What this statement covers"), facts=facts)


def _not_accessible(evaluation: Evaluation) -> Section:
    items = [
        _("{what} {why} (WCAG {criterion})").format(
            what=one.what[language()], why=one.why[language()], criterion=one.criterion
        )
        for one in evaluation.exceptions
    ]
    none = _("No part of the service is known to be inaccessible.")
    return Section(_("What is not accessible"), paragraphs=() if items else (none,), items=items)


def _method(evaluation: Evaluation, page_count: int) -> Section:
    pages = formats.number(page_count)
    narrowest = formats.number(min(evaluation.widths))
    zoom = formats.number(_USUAL_WIDTH * 100 // max(evaluation.widths))
    said = (
        _("We evaluated the service ourselves on {day}, with automatic tests in a browser.").format(
            day=formats.day(evaluation.evaluated)
        ),
        _(
            "Each of the {pages} pages was checked as it opens by axe-core {engine}: nothing serious was found besides what is "
            "listed."
        ).format(pages=pages, engine=evaluation.engine),
        _(
            "Also checked: at {zoom} % zoom and {narrowest} pixels of width nothing is cut, the keyboard's focus is seen, and "
            "nothing moves for those who have asked for less motion."
        ).format(zoom=zoom, narrowest=narrowest),
    )
    themes = ", ".join(_(_THEMES[one]) for one in evaluation.themes)
    table = Table.of(
        _("What was checked"),
        (_("Language"), _("Figures"), _("Colours"), _("Pages")),
        [
            (
                LANGUAGES[one.language].name,
                _(_AUDIENCES[one.audience]),
                themes,
                _("{pages} and their tabs").format(pages=pages) if one.tabs else pages,
            )
            for one in evaluation.checked
        ],
        right=[3],
    )
    return Section(_("How it was evaluated"), paragraphs=said, table=table)


def _not_evaluated(evaluation: Evaluation) -> Section:
    return Section(_("Not evaluated yet"), items=[one[language()] for one in evaluation.not_evaluated])


def _feedback(settings: Settings) -> Section:
    said = [
        _("Tell us if something is hard for you to use, or if you need a content in another form."),
        _("You have the right to an answer in two weeks."),
    ]
    if settings.accessibility_contact:
        return Section(
            _("Give feedback"), said, facts=[(_("Feedback on accessibility"), settings.accessibility_contact)]
        )
    said.append(_("No address for feedback has been set here: write to the registry of the county."))
    return Section(_("Give feedback"), said)


def _supervision(authority: Authority) -> Section:
    said = _(
        "If you are not content with the answer, or get none in two weeks, you can notify the authority that supervises "
        "accessibility."
    )
    facts = [
        (_("Authority"), authority.name[language()]),
        (_("Unit in charge"), authority.office[language()]),
        (_("Website"), authority.web[language()]),
        (_("E-mail"), authority.email[language()]),
        (_("Telephone (exchange)"), authority.phone),
    ]
    return Section(_("Supervision"), (said,), facts=facts)
