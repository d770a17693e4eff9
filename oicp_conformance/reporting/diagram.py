"""Messages between hub and target in one test, as a sequence diagram: what of it is shown, and where."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.notes import Note, Quiet, Wait
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.reporting.sequence import Aside, Half, Remark, Row, Sheet
from oicp_conformance.reporting.wire import answered, asked, shown, tries

ROWS = 60
"""Exchanges that are shown at most."""
_LONG = 1.0
"""Seconds of silence that are worth a mark."""
_REMARKS = 4
"""Lines about findings that are shown in one place at most."""


def diagram(
    exchanges: Sequence[Exchange],
    findings: Sequence[Outcome],
    notes: Sequence[Note] = (),
    *,
    target_name: str = "target",
) -> str:
    """Draw the exchanges of one test as SVG, with the findings where they were made.

    The same arguments give the same text, which can be a file or part of a page. It shows what is in the
    exchanges and the findings: secrets have to be taken out of them before.

    Args:
        exchanges: those of the test.
        findings: those of the test; outcomes that are no findings are not shown.
        notes: those of the test, in the order in which they were made.
        target_name: who the target is.
    """
    ordered = sorted(exchanges, key=lambda one: one.number)
    known = {one.number for one in ordered}
    found = defaultdict(list)
    for one in findings:
        if one.is_finding:
            found[one.exchange if one.exchange in known else None].append(one)
    shown = _chosen(ordered, found)
    asides = _asides(ordered, notes)
    sheet = Sheet()
    behind = 0
    for index in shown:
        if index > behind:
            sheet.left_out(index - behind)
        if index > behind or not index:
            _put(sheet, asides[index])
        silence = _silence(ordered, index)
        if silence > _LONG:
            sheet.gap(silence)
        exchange = ordered[index]
        sheet.row(_row(exchange, exchange.started - ordered[0].started, found[exchange.number]))
        behind = index + 1
        _put(sheet, asides[behind])
    if not ordered:
        _put(sheet, [*asides[0], Aside("quiet", "the hub and the target sent nothing")])
    sheet.remarks(_remarks(found[None]))
    return sheet.svg("Messages between hub and target", _described(ordered, findings), target_name)


def blank(note: str, target_name: str) -> str:
    """Draw a picture with one line in place of what cannot be drawn."""
    sheet = Sheet()
    sheet.aside(Aside("quiet", note))
    return sheet.svg("Messages between hub and target", note, target_name)


def _put(sheet: Sheet, asides: Sequence[Aside]) -> None:
    for aside in asides:
        sheet.aside(aside)


def _chosen(exchanges: Sequence[Exchange], found: Mapping[int | None, Sequence[Outcome]]) -> list[int]:
    """Which are shown: both ends, what was broken and what is beside it, then from the ends inwards."""
    everything = range(len(exchanges))
    bad = [index for index in everything if found.get(exchanges[index].number)]
    bad.sort(key=lambda index: all(one.verdict is not Verdict.FAIL for one in found[exchanges[index].number]))
    beside = (index + step for index in bad for step in (-1, 1))
    inwards = chain.from_iterable(zip(everything, reversed(everything), strict=True))
    wanted = chain((0, len(exchanges) - 1), bad, beside, inwards)
    return sorted(islice(dict.fromkeys(index for index in wanted if index in everything), ROWS))


def _silence(exchanges: Sequence[Exchange], index: int) -> float:
    """Seconds from the end of what went before an exchange to its start."""
    started = exchanges[index].started
    before = exchanges[max(0, index - ROWS) : index]
    return started - max(map(_end, before), default=started)


# --- what happened beside the exchanges


def _asides(exchanges: Sequence[Exchange], notes: Sequence[Note]) -> Mapping[int, list[Aside]]:
    """What happened beside the exchanges, by the index of the exchange that it comes before."""
    placed = defaultdict(list)
    earliest = 0
    for note in notes:
        if isinstance(note, Quiet):
            at = bisect_right(exchanges, note.started, key=lambda one: one.started)
            placed[at].append(
                Aside("quiet", f"listened {note.seconds:.3g} s for requests that must not be sent")
            )
        elif isinstance(note, Wait):
            begun, over = _window(exchanges, note, earliest)
            for at, aside in _waited(note, begun, over):
                placed[at].append(aside)
            # What came can belong to another test.
            earliest = max(earliest, min(over + (note.came is not None), len(exchanges)))
    return placed


def _waited(wait: Wait, begun: int, over: int) -> Iterator[tuple[int, Aside]]:
    nothing = f"for {wait.operation}: not received"
    if wait.unasked:
        yield over, Aside("nothing", f"waited {wait.unasked:.3g} s {nothing}")
    if wait.stimulus is not None:
        where = f" at {wait.presented_at}" if wait.presented_at else ""
        why = "" if wait.stimulus == "done" else f" ({wait.detail.partition(': ')[2]})"
        # Where something should have come unasked, the stimulus is the last resort.
        at = over if wait.unasked else begun
        yield at, Aside("stimulus", f"stimulus {wait.operation}{where}: {wait.stimulus}{why}")
    if wait.came is None and wait.stimulus in {None, "done"}:
        yield over, Aside("nothing", f"waited {wait.seconds - wait.unasked:.3g} s {nothing}")


def _window(exchanges: Sequence[Exchange], wait: Wait, earliest: int) -> tuple[int, int]:
    """The index of the first exchange after a wait began, and of that with which it ended.

    The journal says neither, but after which exchange it was due, and that waits follow one another;
    and while the suite waits it sends nothing itself.
    """
    begun = max(earliest, bisect_right(exchanges, wait.after or 0, key=lambda one: one.number))
    if wait.came is None:
        over = _given_up(exchanges, begun, wait)
    else:
        over = bisect_right(exchanges, wait.came - 1, key=lambda one: one.number)
    own = (index for index in reversed(range(begun, over)) if not exchanges[index].by_target)
    return min(next(own, begun - 1) + 1, over), over


def _given_up(exchanges: Sequence[Exchange], begun: int, wait: Wait) -> int:
    """The index of the first exchange after a wait in which nothing came."""
    if not begun:
        return 0
    seconds = wait.seconds if wait.stimulus in {None, "done"} else wait.unasked
    since = _end(exchanges[begun - 1])
    for index in range(begun, len(exchanges)):
        if exchanges[index].started > since + seconds:
            return index
        if not exchanges[index].by_target:
            since = _end(exchanges[index])
    return len(exchanges)


def _end(exchange: Exchange) -> float:
    return exchange.finished or exchange.started


# --- rows


def _row(exchange: Exchange, at: float, found: Sequence[Outcome]) -> Row:
    own, given = _session(exchange.request), _session(exchange.answer)
    same = own is not None and given is not None and own.casefold() == given.casefold()
    return Row(
        number=exchange.number,
        at=at,
        seconds=exchange.seconds,
        by_target=exchange.by_target,
        stranger=exchange.stranger,
        request=asked(exchange),
        answer=answered(exchange),
        request_session=own,
        answer_session=None if same else given,
        request_note=tries(exchange),
        answer_note=f"scripted: {exchange.scripted}" if exchange.scripted else "",
        broken=_broken(exchange),
        remarks=_remarks(found),
    )


def _session(part: Part) -> str | None:
    value = part.get("SessionID")
    return None if value is None or value == "" else shown(value)


def _broken(exchange: Exchange) -> Half | None:
    """The half that did not arrive, if any."""
    if exchange.status is not None:
        return None
    # The hub only hangs up on a request of the target that it has read.
    unheard = exchange.trouble in {"unreachable", "tls"} or (
        exchange.by_target and exchange.trouble not in {None, "hung up"}
    )
    return "request" if unheard else "answer"


def _remarks(found: Sequence[Outcome]) -> list[Remark]:
    """One line a requirement, the broken MUSTs first; what does not fit is counted."""
    times = Counter((one.verdict, one.requirement) for one in found)
    first = {(one.verdict, one.requirement): one for one in reversed(found)}
    keys = sorted(times, key=lambda key: key[0] is not Verdict.FAIL)
    lines = []
    for verdict, requirement in keys:
        often = times[verdict, requirement]
        message = first[verdict, requirement].message
        lines.append(Remark(verdict, requirement, f"{often} times: {message}" if often > 1 else message))
    if len(lines) <= _REMARKS:
        return lines
    rest = lines[_REMARKS - 1 :]
    names = ", ".join(one.requirement for one in rest)
    return [*lines[: _REMARKS - 1], Remark(rest[0].verdict, f"{len(rest)} more requirements", names)]


def _described(exchanges: Sequence[Exchange], findings: Sequence[Outcome]) -> str:
    number = len(exchanges)
    broken = (
        f"exchange {one.exchange or '-'}: {one.verdict} {one.requirement}"
        for one in findings
        if one.is_finding
    )
    return "; ".join([f"{number} exchange{'' if number == 1 else 's'}", *islice(broken, 20)])
