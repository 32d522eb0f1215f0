"""A question resolved against a published version: the rows and figures that can answer it, by which periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import ALL_AREAS, COUNTRY
from indicators.catalogue.periods import Period, periods_between
from indicators.engine.coverage import DataCoverage, data_coverage, queue_coverage
from indicators.engine.measures import definitions_of
from indicators.engine.published_series import has_demo_rows
from indicators.engine.question import Question, Where
from indicators.engine.queue_members import counted_column
from indicators.engine.scope import area_of, narrowed_where, supply_filters
from indicators.kinds.figures import Figure, grain_of_figures, read_figures, tell_any
from indicators.kinds.request import CountRequest
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class ResolvedQuestion:
    """A question with what answers it.

    `where` are the filters, the area among them; `known` the days covered by rows, None where no row answers; `figures`
    the published figures that may answer; `grain` is None where the question gives its periods.
    """

    snapshot: Snapshot
    question: Question
    settings: Settings
    definition: Definition
    area: str
    where: Where
    known: DataCoverage | None
    figures: Sequence[Figure]
    grain: str | None = None
    periods: Sequence[Period] = ()

    @property
    def supply(self) -> Where:
        """The filters that say whose data a period needs."""
        return supply_filters(self.definition, self.where)

    @property
    def has_rows(self) -> bool:
        """Whether any row of the services and units asked is known."""
        return self.known is not None and not self.known.presence_of(dict(self.supply)).empty

    @property
    def request(self) -> CountRequest:
        """What is asked of the kind that counts its rows."""
        return CountRequest(
            self.snapshot,
            self.definition.measure,
            self.periods,
            self.grain,
            self.question.splits,
            self.where,
            self.settings.eves_are_weekdays,
            keyed=self.shareable,
        )

    @property
    def shareable(self) -> bool:
        """Whether counts of persons are asked for in the shareable view."""
        return self.question.suppress and self.definition.counts_persons

    @property
    def counted_column(self) -> str | None:
        """The number of queue counts that can replace rows; None where none can."""
        return counted_column(self.definition, self.question)


def resolve(snapshot: Snapshot, question: Question, settings: Settings) -> ResolvedQuestion:
    """Resolve a question against a version. Raises BadQuestion."""
    definition = question.checked(definitions_of(snapshot))
    area = area_of(question, settings)
    where = narrowed_where(question.where, area)
    known = _known(snapshot, definition, question)
    figures = _figures(snapshot, definition, question, area)
    found = ResolvedQuestion(snapshot, question, settings, definition, area, where, known, figures)
    if figures and found.has_rows and has_demo_rows(snapshot, definition.measure.dataset):
        # Synthetic rows do not continue a published series: an answer is of the one or of the other.
        published = replace(found, known=None)
        periods = _periods(published, _grain(published), where)
        found = published if tell_any(figures, periods) else replace(found, figures=[])
    grain = _grain(found)
    return replace(found, grain=grain, periods=_periods(found, grain, found.supply))


def _figures(snapshot: Snapshot, definition: Definition, question: Question, area: str) -> list[Figure]:
    """The published figures that can answer: they know only area and service."""
    filtered = dict(question.where)
    if (
        not {*question.splits, *filtered} <= {"area", "service"}
        or question.eligible_count
        or question.rows_only
    ):
        return []
    figures = read_figures(snapshot, definition.id, None if area == ALL_AREAS else area, question.where)
    if area == ALL_AREAS and "area" not in {*question.splits, *filtered}:
        # The whole country with its areas would be counted twice.
        figures = [figure for figure in figures if figure.area != COUNTRY]
    return figures


def _known(snapshot: Snapshot, definition: Definition, question: Question) -> DataCoverage | None:
    """The days covered by rows of a row-level indicator; of queues also by counts, where these can replace rows."""
    if not definition.row_level:
        return None
    if counted_column(definition, question) is not None:
        return queue_coverage(snapshot)
    return data_coverage(snapshot, definition.measure.dataset)


def _grain(found: ResolvedQuestion) -> str | None:
    """The grain asked for; else weeks where rows answer, else the finest grain of the figures."""
    if found.question.periods:
        return None
    if found.question.by:
        return found.question.by
    return "week" if found.has_rows or not found.figures else grain_of_figures(found.figures)


def _periods(found: ResolvedQuestion, grain: str | None, supply: Where) -> list[Period]:
    """The periods asked for, else those from the first to the last day known."""
    question = found.question
    if question.periods:
        return sorted(question.periods)
    ends: list[date] = []
    if found.known is not None:
        ends += found.known.span(found.known.presence_of(dict(supply))["unit"].unique()) or ()
    ends += [day for figure in found.figures for day in (figure.start, figure.end)]
    first = question.date_from or min(ends, default=None)
    last = question.date_to or max(ends, default=None)
    if first is None or last is None or first > last or grain is None:
        return []
    return periods_between(first, last, grain)
