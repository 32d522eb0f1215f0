"""Errors a person can act on: sentences in three languages, and what the command line ends with.

The sentences are in `errors.toml`; an error carries its code and the values in it.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from indicators.catalogue.languages import read_sentences

#: The sentences by code and language.
SENTENCES = Path(__file__).with_name("errors.toml")


@dataclass(frozen=True)
class Reason:
    """Why the system does not read or write a file: a sentence `reason_<code>`, shown in the reader's language."""

    code: str
    detail: str = ""

    def text(self, language: str) -> str:
        return read_sentences(SENTENCES)[f"reason_{self.code}"][language].format(detail=self.detail)


def reason_of(error: OSError, path: Path | None = None) -> Reason:
    """The reason behind a failed reading or writing of `path`.

    >>> reason_of(PermissionError(errno.EACCES, "Permission denied")).text("en")
    'there is no right to it'
    """
    number = error.errno
    if number == errno.ENOSPC:
        return Reason("disk_full")
    # First of those that look at the path: without the right to a folder, looking into it raises as well.
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Reason("no_right")
    if path is not None and path.is_dir():
        return Reason("is_folder")
    if path is not None and not path.parent.is_dir():
        return Reason("no_folder")
    # Its own message is not quoted: it may hold a file's name, and that a person's.
    return Reason("other", error.strerror) if error.strerror else Reason("unknown")


def in_words(params: dict[str, object], language: str) -> dict[str, object]:
    """The values of a sentence, their reasons in the reader's language."""
    return {
        name: value.text(language) if isinstance(value, Reason) else value for name, value in params.items()
    }


class TakuuvahtiError(Exception):
    """Base of all expected errors.

    `code` names the sentence in `errors.toml`, `params` fill it. Never holds data about persons.

    >>> UsageError("unknown_area", area="99").message("en").startswith("Area 99")
    True
    """

    exit_code = 1

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(self.message("en"))

    def message(self, language: str) -> str:
        """The sentence for the user: what happened, whether anything changed, what to do."""
        return read_sentences(SENTENCES)[self.code][language].format(**in_words(self.params, language))


class UsageError(TakuuvahtiError):
    """The call itself is wrong: an unknown name, a date that is none, options that exclude each other."""

    exit_code = 2


class BadQuestion(TakuuvahtiError):
    """The question names an indicator, split, filter or period that does not exist."""

    exit_code = 2


class BadDefinition(TakuuvahtiError):
    """The definitions or the limits have faults; all of them are reported at once."""

    exit_code = 2
