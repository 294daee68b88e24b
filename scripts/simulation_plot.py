"""Line plots as SVG, drawn by hand: nothing to install, and a diff shows what changed."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 50
COLORS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e6c00")


def _ticks(low, high, logarithmic):
    if logarithmic:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        return [10 ** exponent for exponent in range(first, last + 1)
                if low <= 10 ** exponent <= high]
    step = 10 ** math.floor(math.log10((high - low) or 1))
    while (high - low) / step < 4:
        step /= 2
    count = int((high - low) / step + 1e-9)
    return [low + i * step for i in range(count + 1)]


class _Axis:
    def __init__(self, values, logarithmic, start, end):
        self.logarithmic = logarithmic
        self.low, self.high = min(values), max(values)
        if not logarithmic:
            self.low = min(self.low, 0)
        if self.high == self.low:
            self.high = self.low + 1
        self.start, self.end = start, end

    def place(self, value):
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self):
        return _ticks(self.low, self.high, self.logarithmic)


def plot(title, x_label, y_label, series, log_x=False, log_y=False):
    """The text of an SVG. `series`: {name: [(x, y), ...]}; a name that starts with "(" is dashed,
    a line to compare with."""
    points = [point for line in series.values() for point in line]
    x_axis = _Axis([x for x, _ in points], log_x, LEFT, WIDTH - RIGHT)
    y_axis = _Axis([y for _, y in points], log_y, HEIGHT - BOTTOM, TOP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{WIDTH / 2}" y="20" text-anchor="middle" font-size="14">{escape(title)}</text>',
           f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x_label)}</text>',
           f'<text transform="translate(16 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
           f'{escape(y_label)}</text>']
    for value in x_axis.ticks():
        x = x_axis.place(value)
        out.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>'
                   f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">'
                   f'{value:g}</text>')
    for value in y_axis.ticks():
        y = y_axis.place(value)
        out.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for index, (name, line) in enumerate(series.items()):
        color = COLORS[index % len(COLORS)]
        dashes = ' stroke-dasharray="6 4"' if name.startswith("(") else ""
        places = [(x_axis.place(x), y_axis.place(y)) for x, y in line]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        out.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2"{dashes}/>')
        if not dashes:
            out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in places]
        y = TOP + 14 + 16 * index
        out.append(f'<path d="M{LEFT + 10} {y - 4}h24" stroke="{color}" stroke-width="2"{dashes}/>'
                   f'<text x="{LEFT + 40}" y="{y}">{escape(name.strip("()"))}</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"
