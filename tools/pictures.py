"""Draw who sends what to whom, as SVG: narrow enough for a telephone, and for light and dark pages."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import drawsvg as draw  # type: ignore[import-untyped]

WIDTH = 480
_TOP = 64
_LINE = 17
_STYLE = """
.ground { fill: #ffffff } .box { fill: #e8eaf6; stroke: #3f51b5 } .life { stroke: #9aa1ac }
.arrow { stroke: #3f51b5; fill: none } .head { fill: #3f51b5 } .note { fill: #fff4dd; stroke: #c98a00 }
text { font-family: system-ui, Helvetica, Arial, sans-serif; font-size: 13.5px; fill: #1f2328 }
.name { font-weight: 600; font-size: 15px } .small { font-size: 12px; fill: #59636e }
@media (prefers-color-scheme: dark) {
.ground { fill: #1e2129 } .box { fill: #2b3050; stroke: #8c9eff } .life { stroke: #6b7280 }
.arrow { stroke: #8c9eff } .head { fill: #8c9eff } .note { fill: #3a3117; stroke: #c98a00 }
text { fill: #e6e8ee } .small { fill: #aab0bd }
}
"""


@dataclass(frozen=True)
class Message:
    """What one partner sends to another; a response is dashed."""

    sender: str
    receiver: str
    text: str
    is_response: bool = False


@dataclass(frozen=True)
class Note:
    """What happens between messages, over the whole width."""

    text: str


@dataclass
class _Sheet:
    lanes: Sequence[tuple[str, str]]
    y: float = _TOP + 14
    drawn: Any = field(default_factory=draw.Group)

    def at(self, name: str) -> float:
        """Where the line of a partner runs."""
        margin = 62
        place = [one for one, _ in self.lanes].index(name)
        return margin + place * (WIDTH - 2 * margin) / (len(self.lanes) - 1)

    def text(self, line: str, x: float, y: float, kind: str = "", anchor: str = "middle") -> None:
        self.drawn.append(
            draw.Text(line, None, x, y, text_anchor=anchor, **({"class_": kind} if kind else {}))
        )

    def message(self, one: Message) -> None:
        left, right = sorted((self.at(one.sender), self.at(one.receiver)))
        lines = textwrap.wrap(one.text, 58)
        middle = (left + right) / 2
        # A label is wider than the space between two lines: it stays on the sheet.
        half = max(map(len, lines)) * 3.7
        middle = min(max(middle, half + 4), WIDTH - half - 4)
        for line in lines:
            self.drawn.append(draw.Rectangle(middle - half, self.y, 2 * half, _LINE, class_="ground"))
            self.text(line, middle, self.y + 13)
            self.y += _LINE
        self.y += 6
        begin, end = self.at(one.sender), self.at(one.receiver)
        towards = 1 if end > begin else -1
        dashes = {"stroke_dasharray": "5 4"} if one.is_response else {}
        line = draw.Line(begin, self.y, end - 8 * towards, self.y, class_="arrow", stroke_width=1.6, **dashes)
        self.drawn.append(line)
        corners = (end, self.y, end - 9 * towards, self.y - 5, end - 9 * towards, self.y + 5)
        self.drawn.append(draw.Lines(*corners, close=True, class_="head"))
        self.y += 10

    def note(self, one: Note) -> None:
        lines = textwrap.wrap(one.text, 60)
        high = _LINE * len(lines) + 10
        self.drawn.append(draw.Rectangle(12, self.y, WIDTH - 24, high, rx=4, class_="note"))
        for number, line in enumerate(lines):
            self.text(line, WIDTH / 2, self.y + 18 + number * _LINE)
        self.y += high + 10


def picture(lanes: Sequence[tuple[str, str]], steps: Sequence[Message | Note], title: str, about: str) -> str:
    """Draw a sequence of messages.

    Args:
        lanes: the partners from left to right, each with a few words about it.
        steps: what happens, in order.
        title: the name of the picture.
        about: what it shows, for those who cannot see it.
    """
    sheet = _Sheet(lanes)
    for step in steps:
        if isinstance(step, Message):
            sheet.message(step)
        else:
            sheet.note(step)
    high = sheet.y + 8
    drawing = draw.Drawing(WIDTH, high)
    drawing.append_css(_STYLE)
    drawing.append_title(f"{title}. {about}")
    drawing.append(draw.Rectangle(0, 0, WIDTH, high, class_="ground"))
    for name, role in lanes:
        x = sheet.at(name)
        drawing.append(draw.Line(x, _TOP, x, high - 4, class_="life", stroke_dasharray="2 4"))
        drawing.append(draw.Rectangle(x - 58, 8, 116, _TOP - 12, rx=5, class_="box"))
        drawing.append(draw.Text(name, None, x, 31, text_anchor="middle", class_="name"))
        drawing.append(draw.Text(role, None, x, 48, text_anchor="middle", class_="small"))
    drawing.append(sheet.drawn)
    return str(drawing.as_svg())
