"""Bands of a number, such as `0-13 weeks`, `>51-52`, `52+`: those that follow one another share out a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.suggest.columns import words_match
from pipelines.suggest.words import word_lists
from pipelines.warehouse.scales import fold

_BETWEEN = re.compile(r"(\d+)\D{0,9}?\s*(?:-|–|—|\bto\b|\btill\b|\.\.)\s*<?\s*(\d+)")
_NUMBER = re.compile(r"\d+")
_OF_TIME = re.compile(r"(\d+)\s*([^\W\d_]+)")
_LEAST = 2
#: Half a year, by the words for what a band is in.
_HALF_YEAR = {"weeks": 26, "months": 6, "days": 180}


def is_band(header: str) -> bool:
    """Whether a text is of a stretch of time, such as `0-13 vk` or `Over 52 weeks`."""
    return bool(_NUMBER.search(header) and words_match(_apart(header), word_lists()["words"]["bands"]))


def series_of_bands(headers: Sequence[str]) -> list[str]:
    """The headers that are bands of one series, each beginning where the one before ends; none where there is no series.

    >>> series_of_bands(["Unit", "0-13 vk", "14-26 vk", "yli 26 vk"]), series_of_bands(["Over 26 weeks", "Over 52 weeks"])
    (['0-13 vk', '14-26 vk', 'yli 26 vk'], [])
    >>> series_of_bands(["Gt 51 To 52 Weeks SUM 1", "Gt 52 Weeks SUM 1"])
    ['Gt 51 To 52 Weeks SUM 1', 'Gt 52 Weeks SUM 1']
    """
    bands = [(header, *found) for header in headers if (found := _limits(header)) is not None]
    best: list[str] = []
    for first, one in enumerate(bands):
        chain, end = [one[0]], one[2]
        for header, low, high in bands[first + 1 :]:
            if end is not None and low is not None and low in (end, end + 1):
                chain.append(header)
                end = high
        if len(chain) > max(len(best), _LEAST - 1):
            best = chain
    return best


def holds_bands(texts: Sequence[str]) -> bool:
    """Whether most texts are bands of one series of time, in any order."""
    limits = {text: found for text in texts if is_band(text) and (found := _limits(text)) is not None}
    ordered = sorted(limits, key=lambda text: limits[text][0] or 0)
    return len(series_of_bands(ordered)) > len(texts) / 2


def beyond_limit(bands: Sequence[str]) -> list[str]:
    """The bands that begin at half a year or later, where one begins there; none otherwise.

    >>> beyond_limit(["0-13 vk", "13-26 vk", "26-52 vk", "yli 52 vk"]), beyond_limit(["0-6 weeks", "Over 6 weeks"])
    (['26-52 vk', 'yli 52 vk'], [])
    """
    lists, begin = word_lists()["words"], [(band, (_limits(band) or (None, None))[0]) for band in bands]
    for words, half_year in _HALF_YEAR.items():
        if any(words_match(_apart(band), lists[words]) for band in bands):
            if not any(at in (half_year, half_year + 1) for _, at in begin):
                return []
            return [band for band, at in begin if at is not None and at >= half_year]
    return []


def _limits(header: str) -> tuple[int | None, int | None] | None:
    """Where a band begins and ends; None in a place that is open. None where the header is no band."""
    between = _BETWEEN.search(fold(header))
    if between:
        low, high = int(between[1]), int(between[2])
        return (low, high) if low < high else None
    lists, numbers = word_lists()["words"], _NUMBER.findall(header)
    if len(numbers) > 1:
        # Of several the one that is so many weeks: `Gt 104 Weeks SUM 1`.
        numbers = [number for number, unit in _OF_TIME.findall(fold(header)) if unit in lists["bands"]]
    if len(numbers) != 1:
        return None
    plain, at = fold(_apart(header)), int(numbers[0])
    if "<" in plain or words_match(plain, lists["below"]):
        return None, at
    if any(sign in plain for sign in ">≥+") or words_match(plain, lists["above"]):
        return at, None
    return None


def _apart(header: str) -> str:
    """A header with its numbers apart from its letters."""
    return re.sub(r"\d+", r" \g<0> ", header)
