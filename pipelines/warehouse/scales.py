"""Scales in words: the stages of a measure, yes and no, and the scale of a milestone; when its last step is reached.

Steps are separated by a slash. Where the second of two steps denies the first (`kuvattu/ei kuvattu`, `kyllä/ei tehty`),
the first is the one to reach; of stages (`suunnittelu/valmistelu/käyttöön otettu`) the last.
"""

from __future__ import annotations

import re
import unicodedata

#: Units whose values are steps, stored as numbers: a stage from 1 to its number of steps, no 0 and yes 1.
STAGE, YES_NO = "stage", "yes_no"
STEPPED = (STAGE, YES_NO)
_NO_WORDS = ("ei", "e", "nej", "n", "no", "false", "epätosi")
_YES_WORDS = ("kyllä", "k", "ja", "j", "yes", "y", "true", "tosi")
#: How the second of two steps denies the first.
_DENIALS = ("ei", "nej", "inte", "no", "not")
#: How a kind describes a scale whose ends are not known.
_NOT_SAID = re.compile(
    r"(scale|level|asteikko\w*|skala\w*)[^;,]*\b(not said|ei sano\w*|sägs inte)", re.IGNORECASE
)
#: How a kind describes a known scale: its name, or its ends.
_SAID = re.compile(r"\bscale\b|asteik|skala|\d\s*[-–−]\s*\d|\b(max|enintään|högst|at most)\b", re.IGNORECASE)
_WHOLE = 100.0


def fold(text: str) -> str:
    """A text without the differences that do not count: case, the dots of ä and ö, spaces.

    >>> fold("  Käyttöön  OTETTU") == fold("kayttoon otettu")
    True
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in bare if not unicodedata.combining(letter)).split())


def steps_of(scale: str) -> tuple[str, ...]:
    """The steps of a scale; empty where it is a share in per cent or free.

    >>> steps_of("kuvattu/ei kuvattu"), steps_of("valmistumisaste %")
    (('kuvattu', 'ei kuvattu'), ())
    """
    steps = tuple(step.strip() for step in scale.split("/"))
    return steps if len(steps) > 1 and all(steps) else ()


def done_step(scale: str) -> str | None:
    """The step of a scale at which a milestone is done; None where the scale has no steps.

    >>> done_step("kyllä/ei tehty"), done_step("suunnittelu/toteutus"), done_step("valmistumisaste %")
    ('kyllä', 'toteutus', None)
    """
    steps = steps_of(scale)
    if not steps:
        return None
    if len(steps) == 2 and fold(steps[1]).split()[0] in _DENIALS:
        return steps[0]
    return steps[-1]


def is_done(status: str, scale: str) -> bool | None:
    """Whether a reported status is the end of its scale; None where the scale does not say.

    >>> is_done("Toteutus", "suunnittelu/toteutus"), is_done("ei kuvattu", "kuvattu/ei kuvattu")
    (True, False)
    >>> is_done("100 %", "valmistumisaste %"), is_done("60", "valmistumisaste %"), is_done("tehty", "vapaa")
    (True, False, None)
    """
    last = done_step(scale)
    if last is not None:
        return fold(status) == fold(last)
    if "%" not in scale:
        return None
    share = status.replace("%", "").replace(",", ".").strip()
    return re.fullmatch(r"\d+(\.\d+)?", share) is not None and float(share) >= _WHOLE


def stages_of(unit: str, kind: str) -> tuple[str, ...]:
    """The steps of a measure in a unit of steps, first to last: those its kind names after a colon, and no and yes.

    >>> stages_of("stage", "stage: suunnittelu/toteutus"), stages_of("stage", "level, scale not said")
    (('suunnittelu', 'toteutus'), ())
    >>> stages_of("yes_no", "yes_no"), stages_of("count", "count: 1/2")
    (('no', 'yes'), ())
    """
    if unit == YES_NO:
        return ("no", "yes")
    return steps_of(kind.partition(":")[2] or kind) if unit == STAGE else ()


def scale_is_said(unit: str, kind: str) -> bool:
    """Whether a measure's values can be compared with a target: stages need their steps, points a scale.

    >>> [scale_is_said("points", kind) for kind in ("survey, scale not said", "survey", "points, 1–5", "points, scale of X")]
    [False, False, True, True]
    >>> scale_is_said("stage", "level, scale not said"), scale_is_said("count", "count, measure not said")
    (False, True)
    """
    if unit == STAGE:
        return bool(stages_of(unit, kind))
    if _NOT_SAID.search(kind):
        return False
    return unit != "points" or _SAID.search(kind) is not None


def step_number(text: str, unit: str, steps: tuple[str, ...]) -> int | None:
    """The number of a step written as its word; None where the scale has no such step.

    >>> step_number("Toteutus", "stage", ("suunnittelu", "toteutus")), step_number("Kyllä", "yes_no", ("no", "yes"))
    (2, 1)
    """
    word = fold(text)
    if unit == YES_NO:
        if word in {fold(one) for one in _YES_WORDS}:
            return 1
        return 0 if word in {fold(one) for one in _NO_WORDS} else None
    places = [fold(step) for step in steps]
    return places.index(word) + 1 if word in places else None


def is_step(value: float, unit: str, steps: tuple[str, ...]) -> bool:
    """Whether a number is one of a scale: 0 or 1 of yes and no, 1 to the number of stages; any where they are unknown.

    >>> is_step(2, "stage", ("a", "b")), is_step(3, "stage", ("a", "b")), is_step(0, "yes_no", ("no", "yes"))
    (True, False, True)
    """
    if unit == YES_NO:
        return value in (0, 1)
    return value % 1 == 0 and 1 <= value <= len(steps) if steps else value >= 0
