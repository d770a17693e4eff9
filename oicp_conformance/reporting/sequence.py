"""The sheet that a sequence diagram is drawn on: two lifelines, rows of arrows, and notes between them.

Whatever text is given is cleaned and clipped here. There are neither ids nor style sheets in a sheet: several
can stand in one page without disturbing each other.
"""

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from oicp_conformance.reporting import svg
from oicp_conformance.reporting.svg import Element

WIDTH = 960
_TIME, _HUB, _TARGET = 84, 120, 840
"""Where the times end and where the lifelines run."""
_LEFT, _RIGHT = 8, WIDTH - 8
_CUT = 700
"""Where a broken arrow breaks: right of its text, whichever way it goes."""
_STRANGER = _CUT + 30
"""Where the arrow of a stranger begins, which has no lifeline."""
_TOP = 62
_ID = 70
"""Columns that the id of a requirement has at most."""
_LEGEND = (
    "solid: request · dashed: response · ×: did not arrive · ●: not from the target · A, B, …: sessions"
    " · red: a MUST was broken · amber: a SHOULD was broken"
)

_INK, _GREY, _FAINT = "#1f2328", "#59636e", "#d0d7de"
_SANS = "system-ui, Helvetica, Arial, sans-serif"
_MONO = "monospace"

Half = Literal["request", "answer"]


@dataclass(frozen=True)
class _Look:
    """How what was found looks: never told by the colour alone."""

    ink: str
    ground: str
    edge: str


_LOOKS = {
    "fail": _Look("#b3261e", "#fdecea", "#b3261e"),
    "warning": _Look("#8a5300", "#fff4dd", "#e69f00"),
}
_PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#f0e442", "#d55e00")
"""The colours of Okabe and Ito, which people can tell apart whatever their colour vision."""


@dataclass(frozen=True)
class Remark:
    """One line about what was found."""

    verdict: str
    requirement: str
    message: str


@dataclass(frozen=True)
class Row:
    """One exchange, as it is shown."""

    number: int
    at: float
    """Seconds since the first one."""
    seconds: float
    by_target: bool
    request: str
    answer: str
    request_session: str | None = None
    answer_session: str | None = None
    """The SessionID of the answer, where the request has not the same."""
    request_note: str = ""
    answer_note: str = ""
    broken: Half | None = None
    """The half that did not arrive."""
    remarks: Sequence[Remark] = ()
    stranger: bool = False
    """Whether neither hub nor target sent the request."""

    @property
    def verdict(self) -> str | None:
        """The worst of the remarks, if there are any."""
        verdicts = {one.verdict for one in self.remarks}
        return next((one for one in _LOOKS if one in verdicts), None)


@dataclass(frozen=True)
class Aside:
    """What happened beside the exchanges."""

    kind: Literal["stimulus", "nothing", "quiet"]
    text: str


def clip(text: str, longest: int) -> str:
    """A text on one line of at most so many columns, without control characters."""
    # A text of a target may have megabytes.
    spaced = " ".join(text[: 4 * longest + 100].split())
    clean = "".join(one for one in spaced if unicodedata.category(one)[0] != "C")
    columns = 0
    for place, character in enumerate(clean):
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if columns > longest:
            return f"{clean[: place - 1].rstrip()}…"
    return clean


def _wrapped(remark: Remark) -> list[str]:
    """The message of a remark on two lines at most, of which the first begins after the requirement."""
    before = " " * (len(remark.verdict) + min(len(remark.requirement), _ID) + 4)
    message = clip(remark.message, 300)
    lines = textwrap.wrap(message, 112, initial_indent=before, max_lines=2, placeholder=" …")
    return [clip(line, 112) for line in lines] or [""]


@dataclass
class Sheet:
    """A sheet; what is put on it comes below what was there."""

    _y: float = _TOP
    _sessions: dict[str, int] = field(default_factory=dict)
    _drawn: Element = field(default_factory=lambda: Element("g"))

    def left_out(self, count: int) -> None:
        """Say that exchanges are missing here."""
        text = f"… {count} exchange{'' if count == 1 else 's'} left out …"
        group = self._group(mark="left-out")
        svg.rectangle(group, _HUB + 8, self._y + 5, _TARGET - _HUB - 16, 20, fill="#f6f8fa")
        self._text(group, text, (_HUB + _TARGET) / 2, self._y + 19, fill=_GREY, text_anchor="middle")
        self._y += 32

    def gap(self, seconds: float) -> None:
        """Say that nothing went either way for so long."""
        group = self._group(mark="gap")
        for x in (_HUB, _TARGET):
            svg.rectangle(group, x - 6, self._y + 7, 12, 10, fill="#ffffff")
            for y in (self._y + 8, self._y + 14):
                svg.line(group, x - 6, y + 2, x + 6, y - 2, stroke=_GREY)
        self._text(group, f"{seconds:.1f} s later", _HUB + 14, self._y + 15, fill=_GREY, font_style="italic")
        self._y += 24

    def aside(self, aside: Aside) -> None:
        """Put a note of what happened beside the exchanges."""
        group = self._group(mark=aside.kind)
        y = self._y
        if aside.kind == "stimulus":
            text = clip(aside.text, 110)
            width = 6.1 * len(text) + 18
            x = _RIGHT - 8 - width
            corners = (x, y + 4, _RIGHT - 16, y + 4, _RIGHT - 8, y + 12, _RIGHT - 8, y + 24, x, y + 24)
            svg.line(group, *corners, close=True, fill="#f6f8fa", stroke="#8c959f")
            fold = (_RIGHT - 16, y + 4, _RIGHT - 16, y + 12, _RIGHT - 8, y + 12)
            svg.line(group, *fold, fill="none", stroke="#8c959f")
            self._text(group, text, x + 9, y + 18, size=11)
            self._y += 30
        elif aside.kind == "nothing":
            self._text(
                group, clip(aside.text, 95), _HUB + 14, y + 16, font_style="italic", font_weight="bold"
            )
            self._arrow(group, _TARGET, _HUB, y + 22, _INK, dashed=True, broken=True)
            self._y += 32
        else:
            svg.line(group, _HUB, y + 22, _TARGET, y + 22, stroke=_GREY, stroke_dasharray="1 4")
            self._text(group, clip(aside.text, 95), _HUB + 14, y + 16, fill=_GREY, font_style="italic")
            self._y += 30

    def row(self, row: Row) -> None:
        """Draw an exchange: the request above, the answer below, and what was found under both."""
        look = _LOOKS.get(row.verdict or "")
        asked, answered = self._y + 20, self._y + 43
        remarks = [(one, _wrapped(one)) for one in row.remarks]
        height = 50 + 16 * sum(len(lines) for _, lines in remarks)
        group = self._group(exchange=row.number, verdict=row.verdict)
        if look:
            svg.rectangle(group, _LEFT, self._y, _RIGHT - _LEFT, height, fill=look.ground)
            svg.rectangle(group, _LEFT, self._y, 5, height, fill=look.edge)
            self._lifelines(group, self._y, self._y + height)
        self._times(group, row, asked, answered)

        sender, receiver = (_TARGET, _HUB) if row.by_target else (_HUB, _TARGET)
        ink = {"request": _INK, "answer": _INK}
        if row.stranger:
            sender, ink = _STRANGER, {"request": _GREY, "answer": _GREY}
            middle = (asked + answered) / 2
            svg.line(group, sender, asked, sender, answered, stroke=_GREY)
            svg.circle(group, sender, middle, 5, fill=_GREY, data_stranger="yes")
        broken_request = row.broken == "request"
        if not broken_request:
            bar = {"fill": self._colour(row), "stroke": _GREY}
            svg.rectangle(group, receiver - 4, asked - 3, 8, answered - asked + 6, **bar)
        # What the target wrote is what was judged.
        if look:
            ink["request" if row.by_target else "answer"] = look.ink
        self._arrow(group, sender, receiver, asked, ink["request"], broken=broken_request, half="request")
        if not broken_request:
            answer_broken = row.broken == "answer"
            self._arrow(
                group,
                receiver,
                sender,
                answered,
                ink["answer"],
                dashed=True,
                broken=answer_broken,
                half="answer",
            )
        self._request(group, row, asked - 6, ink["request"])
        self._answer(group, row, answered - 5, ink["answer"])
        below = answered + 19
        for remark, lines in remarks:
            self._remark(group, remark, lines, below)
            below += 16 * len(lines)
        self._y += height + 3

    def remarks(self, remarks: Sequence[Remark]) -> None:
        """Put down what was found but belongs to no row."""
        for remark in remarks:
            look, lines = _LOOKS[remark.verdict], _wrapped(remark)
            height = 6 + 16 * len(lines)
            group = self._group(mark="finding", verdict=remark.verdict)
            svg.rectangle(group, _LEFT, self._y + 3, _RIGHT - _LEFT, height, fill=look.ground)
            svg.rectangle(group, _LEFT, self._y + 3, 5, height, fill=look.edge)
            self._remark(group, remark, lines, self._y + 18)
            self._y += height + 3

    def svg(self, title: str, description: str, target_name: str) -> str:
        """The whole picture."""
        height = round(self._y + 40)
        picture = svg.picture(WIDTH, height, role="img", font_family=_SANS, font_size=12, fill=_INK)
        svg.titled(picture, clip(title, 200), clip(description, 2000))
        svg.rectangle(picture, 0.5, 0.5, WIDTH - 1, height - 1, rx=6, fill="#ffffff", stroke=_FAINT)
        self._lifelines(picture, _TOP - 8, height - 34)
        for x, name, who in (
            (_HUB, "hub", "Hubject, played by the suite"),
            (_TARGET, "target", clip(target_name, 30)),
        ):
            svg.rectangle(
                picture, x - 100, 10, 200, 42, rx=4, fill="#f6f8fa", stroke=_GREY, data_lifeline=name
            )
            self._text(picture, name, x, 28, size=13, font_weight="bold", text_anchor="middle")
            self._text(picture, who, x, 44, size=11, fill=_GREY, text_anchor="middle")
        picture.append(self._drawn)
        self._text(picture, _LEGEND, WIDTH / 2, height - 13, size=10.5, fill=_GREY, text_anchor="middle")
        return svg.written(picture)

    # --- parts

    def _group(self, **data: Any) -> Element:
        looks = {f"data_{name}": value for name, value in data.items() if value is not None}
        return svg.group(self._drawn, **looks)

    @staticmethod
    def _lifelines(parent: Element, top: float, bottom: float) -> None:
        for x in (_HUB, _TARGET):
            svg.line(parent, x, top, x, bottom, stroke="#8c959f")

    @staticmethod
    def _text(parent: Element, text: str, x: float, y: float, *, size: float = 12, **looks: Any) -> Element:
        return svg.text(parent, text, x, y, size, **looks)

    @staticmethod
    def _arrow(
        parent: Element,
        start: float,
        end: float,
        y: float,
        ink: str,
        *,
        dashed: bool = False,
        broken: bool = False,
        half: Half | None = None,
    ) -> None:
        data = {"data_arrow": half, "data_broken": "yes" if broken else None}
        arrow = svg.group(parent, **{name: value for name, value in data.items() if value})
        step = 1 if end > start else -1
        dashes: dict[str, Any] = {"stroke_dasharray": "5 4"} if dashed else {}
        tip = _CUT - 8 * step if broken else end - 5 * step
        svg.line(arrow, start + 5 * step, y, tip, y, stroke=ink, stroke_width=1.5, **dashes)
        if broken:
            for slope in (-5, 5):
                svg.line(arrow, _CUT - 5, y - slope, _CUT + 5, y + slope, stroke=ink, stroke_width=2)
        else:
            head = (tip, y, tip - 9 * step, y - 4, tip - 9 * step, y + 4)
            svg.line(arrow, *head, close=True, fill=ink)

    def _times(self, group: Element, row: Row, asked: float, answered: float) -> None:
        looks = {"text_anchor": "end", "font_family": _MONO}
        self._text(group, f"{row.at:+.2f} s", _TIME, asked - 2, size=11, fill=_GREY, **looks)
        if row.seconds > 1:
            took = f"took {row.seconds:.1f} s"
            self._text(group, took, _TIME, answered, size=10.5, font_weight="bold", **looks)

    def _request(self, group: Element, row: Row, y: float, ink: str) -> None:
        text = self._text(group, "", _HUB + 14, y, size=12.5, fill=ink)
        looks = {"fill": _LOOKS[row.verdict].ink} if row.verdict else {}
        svg.span(text, f"{row.number}", font_weight="bold", **looks)
        name = clip(row.request, 74)
        svg.span(text, name, dx=8, font_weight="bold" if row.verdict else "normal")
        self._small(text, row.request_note, 96 - len(name) * 4 // 3)  # it is smaller than the name
        self._chip(group, row.request_session, y)

    def _answer(self, group: Element, row: Row, y: float, ink: str) -> None:
        said = clip(row.answer, 88)
        text = self._text(group, "", _HUB + 28, y, size=11.5, fill=ink)
        svg.span(text, said)
        self._small(text, row.answer_note, 96 - len(said))
        self._chip(group, row.answer_session, y)

    @staticmethod
    def _small(text: Element, note: str, room: int) -> None:
        if note and room > 8:
            svg.span(text, clip(note, room), dx=10, font_size=10.5, font_weight="normal", fill=_GREY)

    def _remark(self, group: Element, remark: Remark, lines: Sequence[str], y: float) -> None:
        ink = _LOOKS[remark.verdict].ink
        text = self._text(group, "", _HUB + 14, y, size=11.5, fill=ink)
        svg.span(text, f"{remark.verdict}:")
        svg.span(text, clip(remark.requirement, _ID), dx=5, font_weight="bold")
        svg.span(text, lines[0], dx=8)
        for place, line in enumerate(lines[1:], 1):
            self._text(group, line, _HUB + 28, y + 16 * place, size=11.5, fill=ink)

    # --- sessions

    def _nth(self, session: str) -> int:
        # OICP's GUIDs are the same in either case.
        return self._sessions.setdefault(session.casefold(), len(self._sessions))

    def _colour(self, row: Row) -> str:
        session = row.request_session or row.answer_session
        return _PALETTE[self._nth(session) % len(_PALETTE)] if session else "#ffffff"

    def _chip(self, group: Element, session: str | None, y: float) -> None:
        """The session at the end of a line: letter, colour, and the first eight characters of its id."""
        if not session:
            return
        nth = self._nth(session)
        colour = _PALETTE[nth % len(_PALETTE)]
        chip = svg.group(group, data_session=_letters(nth))
        svg.rectangle(chip, _TARGET - 94, y - 10.5, 17, 13, rx=3, fill=colour)
        ink = "#ffffff" if colour == _PALETTE[0] else "#000000"
        looks = {"text_anchor": "middle", "font_weight": "bold"}
        self._text(chip, _letters(nth), _TARGET - 85.5, y + 0.5, size=10.5, fill=ink, **looks)
        self._text(chip, clip(session[:8], 8), _TARGET - 73, y, size=11, font_family=_MONO)


def _letters(nth: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    return (_letters(nth // 26 - 1) if nth >= 26 else "") + chr(ord("A") + nth % 26)
