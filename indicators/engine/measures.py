"""Definitions of a published version: those that ship with the software, and the measures defined as data in the warehouse.

A measure behaves as any definition of figures: it is listed, shown, given targets and judged by the same rules. What its
texts say is written here from what its row says, in the sentences of `measures.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from indicators.catalogue.definition import (
    DATASET_SPLITS,
    FAMILIES,
    UNITS,
    Definition,
    Text,
    find_definition,
    load_definitions,
)
from indicators.catalogue.definition import Measure as Computed
from indicators.catalogue.languages import LANGUAGES, in_every_language, read_sentences
from indicators.engine.cached import cached_per_version
from indicators.engine.measure_notes import counted_as, counted_per
from pipelines.warehouse import Snapshot
from pipelines.warehouse.measures import Measure, read_measures
from pipelines.warehouse.scales import STEPPED

#: Decimals a measure is shown with, by its unit.
_DECIMALS = {"percent": 1, "days": 1, "ratio": 2, "points": 1}
_SHORT_LETTERS = 60
_SENTENCES = Path(__file__).with_name("measures.toml")


@cached_per_version()
def definitions_of(snapshot: Snapshot) -> Mapping[str, Definition]:
    """All definitions by id: the shipped ones in the order of their ids, then the measures by theme and id.

    A measure whose id a shipped definition has come to use is left out.
    """
    shipped = load_definitions()
    days = _of_single_days(snapshot)
    measures = [one for one in read_measures(snapshot) if one.id not in shipped and one.unit in UNITS]
    own = {one.id: measure_definition(one, point_in_time=one.id in days) for one in measures}
    return MappingProxyType({**shipped, **own})


def definition_of(snapshot: Snapshot, indicator: str) -> Definition:
    """The definition of an id. Raises BadQuestion where there is none, naming the nearest id if one is near."""
    return find_definition(definitions_of(snapshot), indicator)


def with_figures(snapshot: Snapshot, area: str) -> frozenset[str]:
    """The indicators of which any figure was published or entered for an area."""
    rows = snapshot.rows("SELECT DISTINCT indicator FROM figures WHERE area = ?", [area])
    return frozenset(indicator for (indicator,) in rows)


def measure_definition(measure: Measure, *, point_in_time: bool = False) -> Definition:
    """A measure as a definition; `point_in_time` says that its figures describe single days.

    Steps always describe a day. Whether finer periods sum to the whole is not known, so none are added up.
    """
    return Definition(
        id=measure.id,
        family=measure.family if measure.family in FAMILIES else "aggregate",
        unit=measure.unit,
        decimals=_DECIMALS.get(measure.unit, 0),
        better=measure.better,
        counts_persons=False,
        dimensions=DATASET_SPLITS["figures"],
        headline_scope=MappingProxyType({}),
        adds_up=False,
        point_in_time=point_in_time or measure.unit in STEPPED,
        figures_first=False,
        twin=None,
        owner="",
        review=None,
        measure=Computed("figures", "published"),
        text=_Texts(measure),
        theme=measure.theme,
        steps=measure.steps,
        judged=measure.judged,
    )


def _of_single_days(snapshot: Snapshot) -> frozenset[str]:
    """The indicators whose every figure describes one day: of a state, not of a stretch."""
    rows = snapshot.rows(
        "SELECT indicator FROM figures GROUP BY indicator HAVING bool_and(period_start = period_end)"
    )
    return frozenset(indicator for (indicator,) in rows)


class _Texts(Mapping[str, Text]):
    """The words of a measure by language, each written when it is first read: a page reads few of many, in one language."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._written: dict[str, Text] = {}

    def __getitem__(self, language: str) -> Text:
        if language not in self._written:
            if language not in LANGUAGES:
                raise KeyError(language)
            self._written[language] = _text(self._measure, language)
        return self._written[language]

    def __iter__(self) -> Iterator[str]:
        return iter(LANGUAGES)

    def __len__(self) -> int:
        return len(LANGUAGES)

    def __reduce__(self) -> tuple[type, tuple[dict[str, Text]]]:
        """Pickled by content, whatever has been read of it."""
        return dict, (dict(self),)


def _text(measure: Measure, language: str) -> Text:
    """The words of a measure in one language."""
    said = read_sentences(_SENTENCES)
    names = {"fi": measure.name_fi, "sv": measure.name_sv, "en": measure.name_en}
    name = in_every_language(names)[language]

    def sentence(code: str, **values: str) -> str:
        return said[code][language].format(**values)

    what = [sentence("what")]
    if measure.as_written:
        what.append(sentence("as_written", wording=measure.as_written))
    formula = [sentence(f"unit_{measure.unit}")]
    if measure.unit == "stage" and measure.steps:
        formula.append(sentence("steps", steps=" → ".join(measure.steps)))
    if how := counted_as(measure, language):
        formula.append(sentence("kind", kind=how))
    if per := counted_per(measure, language):
        formula.append(sentence("per", per=per))
    return Text(
        name=name,
        short=name if len(name) <= _SHORT_LETTERS else name[: _SHORT_LETTERS - 1].rstrip() + "…",
        what=" ".join(what),
        formula=" ".join(formula),
        source=sentence("source", source=measure.cited_source)
        if measure.cited_source
        else sentence("no_source"),
        weaknesses=sentence("weaknesses") + ("" if measure.judged else " " + sentence("not_judged")),
    )
