"""The picture: for each operation a bar for what was measured and a mark for its goal."""

from dataclasses import dataclass
from html import escape

_LOOK = 'aria-label="Server CPU per request against its goal" font-family="system-ui, sans-serif" font-size="13"'
_WIDTH, _ROW, _LABEL, _TOLD, _TOP = 860, 26, 230, 640, 84


@dataclass(frozen=True, slots=True)
class Row:
    """One measured operation. `unit` names what `ratio` is a multiple of; `goal` is in the same unit."""

    name: str
    cpu_us: float
    ratio: float
    unit: str
    goal: float

    @property
    def met(self) -> bool:
        """Whether the goal holds."""
        return self.ratio <= self.goal


def svg(rows: list[Row], subtitle: str) -> str:
    """The drawing: a bar's full length is one and a half times its goal, and its figures stand in a column beside it.

    `subtitle`: its first sentence has a line of its own.
    """
    about, _, meaning = subtitle.partition(". ")
    height = _TOP + _ROW * len(rows) + 24
    scale = (_TOLD - _LABEL - 20) / 1.5
    goal_x = _LABEL + scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" {_LOOK}>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        '<text x="16" y="26" font-size="16" font-weight="600">Server CPU per request, as a share of its goal</text>',
        f'<text x="16" y="46" fill="#555">{escape(about)}</text>',
        f'<text x="16" y="64" fill="#555">{escape(meaning)}</text>',
    ]
    for index, row in enumerate(rows):
        y = _TOP + index * _ROW
        told = f"{row.ratio:.2f} x {row.unit} ({row.cpu_us:,.0f} us)"
        share = min(row.ratio / row.goal, 1.5)
        colour = "#2f7d5b" if row.met else "#b4502c"
        parts += [
            f'<text x="{_LABEL - 10}" y="{y + 15}" text-anchor="end">{escape(row.name)}</text>',
            f'<rect x="{_LABEL}" y="{y + 3}" width="{share * scale:.1f}" height="16" rx="2" fill="{colour}"/>',
            f'<text x="{_TOLD}" y="{y + 15}" fill="#222">{escape(told)}</text>',
        ]
    bottom = _TOP + _ROW * len(rows)
    parts += [
        f'<line x1="{goal_x}" y1="{_TOP - 4}" x2="{goal_x}" y2="{bottom}" stroke="#222" stroke-dasharray="3 3"/>',
        f'<text x="{goal_x}" y="{bottom + 16}" text-anchor="middle" fill="#222">goal</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
