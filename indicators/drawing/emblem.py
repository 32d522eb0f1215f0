"""The emblem of the European Union, drawn by the geometry of its graphical guide."""

from __future__ import annotations

import math

#: Pantone Reflex Blue and Yellow as the guide gives them for screens.
BLUE, GOLD = "#003399", "#ffcc00"
STARS = 12
#: The inner points of a star lie where the lines between its outer points cross.
_INNER = math.sin(math.radians(18)) / math.sin(math.radians(54))


def eu_emblem(height: float) -> str:
    """The emblem as SVG: one and a half times as wide as high, twelve upright stars like the hours of a clock.

    The stars lie on a circle of a third of the height, the points of each on one of an eighteenth.
    """
    width = 1.5 * height
    stars = "".join(
        _star(
            width / 2 + height / 3 * math.sin(2 * math.pi * hour / STARS),
            height / 2 - height / 3 * math.cos(2 * math.pi * hour / STARS),
            height / 18,
        )
        for hour in range(STARS)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-size="0"><rect width="{width:g}" height="{height:g}" fill="{BLUE}"/>{stars}</svg>'
    )


def _star(x: float, y: float, radius: float) -> str:
    """A star of five points, one of them upwards."""
    points = []
    for at in range(10):
        far, angle = radius if at % 2 == 0 else radius * _INNER, math.pi * at / 5
        points.append(f"{x + far * math.sin(angle):.3f},{y - far * math.cos(angle):.3f}")
    return f'<polygon points="{" ".join(points)}" fill="{GOLD}"/>'
