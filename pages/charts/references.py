"""Lines of other series to compare with: published figures, demo data."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from indicators.catalogue.definition import Definition
from indicators.catalogue.labels import COUNTRY
from indicators.engine.question import Answer
from indicators.programme.benchmarks import Benchmark, residents
from indicators.wording import colours, formats
from indicators.wording.translations import _
from pages.charts.comparison import Sized
from pages.charts.series import Reference, middle
from pages.text import names
from pages.text.benchmarks import caution


def references(
    figures: Sequence[Benchmark], opened: Definition, compared: Sequence[str], *, own: str = ""
) -> list[Reference]:
    """The published figures of each area as a line: the country's, the `own` area's and others' in colours of their own."""
    lines = []
    for area in compared:
        mine = [found for found in figures if found.area == area]
        if not mine:
            continue
        name = names.name("area", area)
        words = []
        for found in mine:
            said = [
                f"<b>{name}, {formats.period(found.period.label)}</b>",
                formats.value(found.value, opened),
            ]
            words.append("<br>".join([*said, found.publisher, *([caution(found)] if found.caution else [])]))
        lines.append(
            Reference(
                "<br>".join(wrap(short_area(name), 13)),
                tuple(middle(found.period.start, found.period.end) for found in mine),
                tuple(found.value for found in mine),
                tuple(words),
                tuple(found.caution is not None for found in mine),
                colours.BENCHMARK
                if area == COUNTRY or not own
                else colours.OURS
                if area == own
                else colours.OTHERS,
            )
        )
    return lines


def short_area(name: str) -> str:
    """An area's name without the word for what it is, for the end of a line.

    >>> short_area("Kainuun hyvinvointialue"), short_area("Koko maa")
    ('Kainuun', 'Koko maa')
    """
    for word in (" hyvinvointialue", " välfärdsområde", " wellbeing services county"):
        name = name.removesuffix(word)
    return name


def demo_reference(demo: Answer) -> Reference:
    """Demo data as a line of its own, every point hollow."""
    known = demo.rows[demo.rows["value"].notna()]
    name = _("Demo data")
    words = [
        f"{name}, {formats.period(row['period'])}: {formats.marked(row, demo.definition)}"
        for row in known.to_dict("records")
    ]
    days = [
        middle(first, last) for first, last in zip(known["period_start"], known["period_end"], strict=True)
    ]
    return Reference(name, tuple(days), tuple(known["value"]), tuple(words), (True,) * len(known))


def area_dots(found: Sequence[Benchmark], definition: Definition, own: str, remark: str) -> list[Sized]:
    """Areas by their residents, each with a tooltip of its share, residents, a remark and its caution."""
    size, called = residents(), names.names("area", [one.area for one in found])
    dots = []
    for one in found:
        name = called[one.area]
        said = (
            f"<b>{name}, {one.period.label}</b>",
            formats.value(one.value, definition),
            _("{count} residents").format(count=formats.number(size[one.area])),
            remark,
            caution(one),
        )
        label = "<br>".join(wrap(name, 16)) if one.area == own else ""
        dots.append(Sized(size[one.area], one.value, "<br>".join(text for text in said if text), label))
    return dots
