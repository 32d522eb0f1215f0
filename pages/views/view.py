"""The base of every page's view: its questions, and the only way to their answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import pandas as pd

from indicators.engine.question import Answer, Question
from pages.ui import cache

_PERIOD_COLUMNS = ["period", "period_start", "period_end", "status", "note"]


class NotAQuestionOfTheView(LookupError):
    """A page asked what its view does not list."""


class PageView(ABC):
    """Everything a page asks of the indicators, so that no suppressed number follows from all of it.

    A page gets its answers from its view alone. Whatever it shows must be among `questions`; which of them are
    suppressed together follows from `shown_with`.
    """

    @property
    @abstractmethod
    def questions(self) -> tuple[Question, ...]:
        """Every question of the page."""

    def shown_with(self, question: Question) -> tuple[Question, ...]:  # noqa: ARG002
        """The questions suppressed together with one of the view; by default all of them."""
        return self.questions

    @cached_property
    def _known(self) -> frozenset[Question]:
        return frozenset(replace(one, shown_with=()) for one in self.questions)

    def complete(self, question: Question) -> Question:
        """A question with those it is shown with."""
        return replace(question, shown_with=self.shown_with(question))

    def ask(self, question: Question) -> Answer:
        """The answer to a question of the view. Raises NotAQuestionOfTheView."""
        if replace(question, shown_with=()) not in self._known:
            raise NotAQuestionOfTheView(question)
        return cache.ask(self.complete(question))

    def compute(self, function: Callable[..., Any], question: Question, *more: Any, **named: Any) -> Any:
        """What a function of `indicators` makes of a question; those it asks in turn are among the view's."""
        return cache.cached_call(function, self.complete(question), *more, **named)

    @staticmethod
    def read(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """A fact of the published version that is no answer: areas, last days, targets, annotations, results of a year."""
        return cache.cached_call(function, *arguments, **named)


class WithoutQuestions(PageView):
    """The view of a page that shows facts of the published version and no indicator."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """None."""
        return ()


class EachByItself(PageView):
    """A view whose answers are suppressed each by itself."""

    def shown_with(self, question: Question) -> tuple[Question, ...]:  # noqa: ARG002
        """None."""
        return ()


def known_periods(question: Question) -> pd.DataFrame:
    """The periods of an answer with their statuses before suppression, without any number: those are no secret."""
    return cache.ask(replace(question, suppress=False, shown_with=())).rows[_PERIOD_COLUMNS]
