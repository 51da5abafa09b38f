"""Small pictures of distributions, as SVG: bars and lines with axes, the same bytes each time.

Written by hand, since what is drawn is two kinds of marks: a plotting library would be a dependency of hundreds of
thousand lines, whose pictures change from release to release. Colours follow the reader's light or dark scheme.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 22, 16, 40
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#57606a}.mark{fill:#2f7d4f}"
    ".line{fill:none;stroke:#2f7d4f;stroke-width:1.5}"
    ".axis{stroke:#8c959f;stroke-width:1}.grid{stroke:#8c959f;stroke-width:.5;opacity:.35}"
    "@media(prefers-color-scheme:dark){text{fill:#9aa4ae}.mark{fill:#6fcf97}.line{stroke:#6fcf97}}"
)
_GRID_LINES = 4
Scale = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Picture:
    """Heights from left to right. `ticks` are (position, label), positions in places of `heights`; `across` and `up`
    say what the axes count. A `line` joins the heights, for many of them; else each is a bar."""

    heights: Sequence[float]
    ticks: Sequence[tuple[float, str]]
    across: str
    up: str
    line: bool = False


def draw(picture: Picture, title: str) -> str:
    """The picture as an SVG document; `title` is what it is called to those who do not see it."""
    top = _round_up(max(picture.heights, default=1) or 1)
    inner_width, inner_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    step = inner_width / max(1, len(picture.heights))

    def x(place: float) -> str:
        return f"{_LEFT + place * step:.1f}"

    def y(height: float) -> str:
        return f"{_TOP + inner_height * (1 - height / top):.1f}"

    floor = _TOP + inner_height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
    ]
    for line in range(1, _GRID_LINES + 1):
        height = top * line / _GRID_LINES
        parts.append(f'<path class="grid" d="M{_LEFT} {y(height)}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y(height)}" text-anchor="end" dy=".35em">{_number(height)}</text>')
    parts.append(_line(picture, x, y) if picture.line else _bars(picture, step, x, y, floor))
    parts.append(f'<path class="axis" d="M{_LEFT} {floor}H{_WIDTH - _RIGHT}"/>')
    for place, label in picture.ticks:
        parts.append(f'<text x="{x(place)}" y="{floor + 16}" text-anchor="middle">{escape(label)}</text>')
    parts.append(f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 6}" text-anchor="end">{escape(picture.across)}</text>')
    parts.append(f'<text x="{_LEFT + 4}" y="{_TOP - 2}">{escape(picture.up)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bars(picture: Picture, step: float, x: Scale, y: Scale, floor: float) -> str:
    gap = min(2.0, step * 0.2)
    drawn = [
        f"M{x(place)} {floor}V{y(height)}h{step - gap:.1f}V{floor}z"
        for place, height in enumerate(picture.heights)
        if height
    ]
    return f'<path class="mark" d="{"".join(drawn)}"/>'


def _line(picture: Picture, x: Scale, y: Scale) -> str:
    points = " ".join(f"{x(place + 0.5)},{y(height)}" for place, height in enumerate(picture.heights))
    return f'<polyline class="line" points="{points}"/>'


def _round_up(height: float) -> float:
    """The next height that four lines divide into numbers people read easily."""
    power = 1.0
    while power * 10 <= height:
        power *= 10
    while power > height:
        power /= 10
    return next(power * factor for factor in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10) if power * factor >= height)


def _number(height: float) -> str:
    return f"{round(height):,}" if abs(height - round(height)) < 1e-6 else f"{height:g}"
