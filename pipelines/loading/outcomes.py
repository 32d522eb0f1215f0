"""What came of a load or a withdrawal, as text for another process: a report, a withdrawal, a count, or an error.

Nothing in it tells who a person is: reports and errors hold none of the rows, and names of files are masked.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from indicators.catalogue.errors import TakuuvahtiError
from indicators.catalogue.languages import LANGUAGES
from pipelines.loading.history import Withdrawal
from pipelines.loading.report import LoadReport, storable

_KINDS: dict[str, TypeAdapter[Any]] = {
    "nothing": TypeAdapter(None),
    "count": TypeAdapter(int),
    "report": TypeAdapter(LoadReport),
    "reports": TypeAdapter(list[LoadReport]),
    "withdrawal": TypeAdapter(Withdrawal),
}
_SENTENCES, _UNFORESEEN = "sentences", "unforeseen"


class ErrorElsewhere(TakuuvahtiError):
    """An expected error of another process, with its sentences by language."""

    def __init__(self, sentences: dict[str, str]) -> None:
        self.sentences = sentences
        Exception.__init__(self, self.message("en"))

    def message(self, language: str) -> str:
        return self.sentences.get(language, self.sentences["en"])


class UnforeseenElsewhere(Exception):
    """An error of another process that nobody foresaw; its text is the error's name and nothing else of it."""


def write_outcome(result: Any, error: BaseException | None) -> str:
    """The result, or the error where there is one, as JSON. Raises TypeError for a result of another kind.

    >>> read_outcome(write_outcome(3, None))
    (3, None)
    """
    if isinstance(error, TakuuvahtiError):
        return json.dumps({_SENTENCES: {name: error.message(name) for name in LANGUAGES}})
    if error is not None:
        return json.dumps({_UNFORESEEN: type(error).__name__})
    kind, stored = _storable(result)
    return json.dumps({kind: _KINDS[kind].dump_python(stored, mode="json")})


def read_outcome(text: str) -> tuple[Any, BaseException | None]:
    """The result and the error that were written. Raises ValueError where the text is none of these."""
    written = json.loads(text)
    ((kind, value),) = written.items()
    if kind == _SENTENCES:
        return None, ErrorElsewhere(value)
    if kind == _UNFORESEEN:
        return None, UnforeseenElsewhere(value)
    if kind not in _KINDS:
        raise ValueError(f"no kind of outcome: {kind}")
    return _KINDS[kind].validate_python(value), None


def _storable(result: Any) -> tuple[str, Any]:
    """The kind of a result, and the result with its findings as the record of a load stores them."""
    if result is None:
        return "nothing", None
    if isinstance(result, int):
        return "count", result
    if isinstance(result, LoadReport):
        return "report", _with_stored_findings(result)
    if isinstance(result, Withdrawal):
        return "withdrawal", result
    if isinstance(result, list) and all(isinstance(one, LoadReport) for one in result):
        return "reports", [_with_stored_findings(one) for one in result]
    raise TypeError(f"no kind of outcome: {type(result).__name__}")


def _with_stored_findings(report: LoadReport) -> LoadReport:
    return replace(
        report, findings=tuple(replace(one, params=storable(one)["params"]) for one in report.findings)
    )
