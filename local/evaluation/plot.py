"""The reliability plot: a picture of how often values of some confidence are right. SVG, without any library."""

from local.evaluation.reliability import Bin, Reliability

_SIDE = 320
_EDGE = 48
_STYLE = (
    "text{font:12px sans-serif;fill:#333}.axis{stroke:#333;fill:none}.grid{stroke:#ddd}.ideal{stroke:#888;"
    "stroke-dasharray:4 4}.bin{fill:#2b6cb0}.line{stroke:#2b6cb0;fill:none;stroke-width:1.5}"
)


def reliability_plot(found: Reliability) -> str:
    """The plot as the text of an SVG file: a dot for each bin, its area by how many values it holds."""
    size = _SIDE + 2 * _EDGE
    points = " ".join(f"{_x(one.confidence):.1f},{_y(one.right):.1f}" for one in found.bins)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" role="img">',
        "<title>How often values of some confidence are right</title>",
        f"<style>{_STYLE}</style>",
        f'<rect width="{size}" height="{size}" fill="#fff"/>',
        *_grid(),
        f'<path class="ideal" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>',
        f'<polyline class="line" points="{points}"/>',
        *(_dot(one, found.values) for one in found.bins),
        f'<text x="{_x(0.5)}" y="{size - 8}" text-anchor="middle">confidence</text>',
        f'<text transform="translate(14 {_y(0.5)}) rotate(-90)" text-anchor="middle">share that is right</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid() -> list[str]:
    parts = []
    for tenth in range(0, 11, 2):
        at = tenth / 10
        parts.append(f'<path class="grid" d="M{_x(at)} {_y(0)}V{_y(1)}M{_x(0)} {_y(at)}H{_x(1)}"/>')
        parts.append(f'<text x="{_x(at)}" y="{_y(0) + 18}" text-anchor="middle">{at:.1f}</text>')
        parts.append(f'<text x="{_x(0) - 8}" y="{_y(at) + 4}" text-anchor="end">{at:.1f}</text>')
    return [*parts, f'<path class="axis" d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}"/>']


def _dot(one: Bin, values: int) -> str:
    radius = 3 + 12 * (one.values / values) ** 0.5
    title = f"{one.values} values, confidence {one.confidence:.3f}, right {one.right:.3f}"
    place = f'cx="{_x(one.confidence):.1f}" cy="{_y(one.right):.1f}" r="{radius:.1f}"'
    return f'<circle class="bin" fill-opacity="0.6" {place}><title>{title}</title></circle>'


def _x(value: float) -> float:
    return round(_EDGE + _SIDE * value, 1)


def _y(value: float) -> float:
    return round(_EDGE + _SIDE * (1 - value), 1)
