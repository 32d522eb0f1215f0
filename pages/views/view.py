"""The base of every page's view: the only way to answers, each made for the audience of the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from indicators.engine.question import Answer, Question
from indicators.privacy.cell_keys import Noise, noise_of
from pages.access.audience import suppresses
from pages.ui import cache


class PageView:
    """What a page asks of the indicators. A page gets its answers from its view alone."""

    @staticmethod
    def ask(question: Question) -> Answer:
        """The answer to a question, for the audience of the run."""
        return cache.ask(question)

    @staticmethod
    def read(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """What a function of `indicators` says of the published version, for the audience of the run."""
        return cache.cached_call(function, *arguments, **named)

    @staticmethod
    def noise() -> Noise | None:
        """The noise of counts of rows that answer no question; None where the audience of the run sees them exact."""
        return cache.cached_call(noise_of, cache.settings()) if suppresses() else None


class WithoutQuestions(PageView):
    """The view of a page that shows no figure of persons: it is the same for every audience."""
