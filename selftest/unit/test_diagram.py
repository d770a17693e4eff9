"""The picture of what went between hub and target: read as XML, as a browser would."""

import json
import random
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.notes import Note, Quiet, Wait
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.reporting.diagram import ROWS, diagram

SVG = "{http://www.w3.org/2000/svg}"
A, B = "1f2e3d4c-0000-4000-8000-000000000001", "99887766-0000-4000-8000-000000000002"
YES = {"Result": True, "StatusCode": {"Code": "000"}}
NOTIFIED, CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"
RED, AMBER = "#b3261e", "#e69f00"


def said(body: object) -> Part:
    return Part((), body if isinstance(body, bytes) else json.dumps(body).encode())


def exchange(
    number: int,
    operation: str | None = NOTIFIED,
    request: object = None,
    answer: object = YES,
    *,
    by_hub: bool = False,
    **values: Any,
) -> Exchange:
    """An exchange that began `number` tenths of a second after the epoch, unless `values` say otherwise."""
    started = values.pop("started", number / 10)
    return Exchange(
        number=number,
        direction="hub-to-target" if by_hub else "target-to-hub",
        operation=operation,
        request=said({} if request is None else request),
        answer=said(answer) if values.get("status", 200) else Part(),
        started=started,
        **{"method": "POST", "path": "/api", "finished": started + 0.02, "status": 200, **values},
    )


def finding(number: int | None, verdict: Verdict = Verdict.FAIL, requirement: str = "cdr.once") -> Outcome:
    return Outcome(requirement, CDR, verdict, f"message of {requirement}", number)


class Picture:
    """What there is to see."""

    def __init__(self, svg: str) -> None:
        self.root = ET.fromstring(svg)  # noqa: S314 - of our own making

    def row(self, number: int) -> ET.Element:
        found = self.root.find(f".//{SVG}g[@data-exchange='{number}']")
        assert found is not None, f"exchange {number} is not shown"
        return found

    @property
    def numbers(self) -> list[int]:
        return [int(one.attrib["data-exchange"]) for one in self.root.findall(f".//{SVG}g[@data-exchange]")]

    @property
    def lifelines(self) -> dict[str, float]:
        boxes = self.root.findall(f"{SVG}rect[@data-lifeline]")
        return {
            one.attrib["data-lifeline"]: float(one.attrib["x"]) + float(one.attrib["width"]) / 2
            for one in boxes
        }

    def order(self) -> list[str]:
        """What stands below what: the numbers of exchanges, and the text of all else."""
        groups = self.root.findall(f"{SVG}g/{SVG}g")
        heights = [top(one) for one in groups]
        assert heights == sorted(heights)
        return [one.get("data-exchange") or texts(one)[0] for one in groups]


def top(group: ET.Element) -> float:
    return min(float(one.attrib["y"]) for one in group.iter(f"{SVG}text"))


def texts(element: ET.Element) -> list[str]:
    return [" ".join(one.itertext()) for one in element.iter(f"{SVG}text")]


def arrow(row: ET.Element, half: str) -> Mapping[str, Any]:
    """Where an arrow starts and where its head is, and how it looks."""
    found = row.find(f"{SVG}g[@data-arrow='{half}']")
    assert found is not None, f"there is no arrow of the {half}"
    line, *others = found.findall(f"{SVG}path")
    start = float(line.attrib["d"].removeprefix("M").partition(",")[0])
    heads = [one for one in others if one.get("fill", "").startswith("#")]
    head = float(heads[0].attrib["d"].removeprefix("M").partition(",")[0]) if heads else None
    return {
        "start": start,
        "head": head,
        "dashed": "stroke-dasharray" in line.attrib,
        "ink": line.attrib["stroke"],
        "broken": found.get("data-broken") == "yes",
    }


@pytest.mark.parametrize("by_hub", [True, False])
def test_arrows_go_from_who_speaks_to_who_listens(by_hub: bool) -> None:
    picture = Picture(diagram([exchange(1, by_hub=by_hub)], []))
    near, far = ("hub", "target") if by_hub else ("target", "hub")
    row = picture.row(1)
    for half, start, end in (("request", near, far), ("answer", far, near)):
        drawn = arrow(row, half)
        assert drawn["start"] == pytest.approx(picture.lifelines[start], abs=6)
        assert drawn["head"] == pytest.approx(picture.lifelines[end], abs=6)
        assert drawn["dashed"] == (half == "answer")
        assert not drawn["broken"]


def test_row_says_what_was_asked_and_what_came_back() -> None:
    answer = {"AuthorizationStatus": "NotAuthorized", "StatusCode": {"Code": "210"}, "SessionID": B}
    exchanges = [
        exchange(7, request={"SessionID": A, "Type": "Progress"}, scripted="system error"),
        exchange(8, "eRoamingPushEvseData", {"ActionType": "fullLoad"}, started=0.82),
        exchange(9, "eRoamingAuthorizeStart", {}, answer, by_hub=True, purpose="x.refused", expects="refuse"),
        exchange(10, "eRoamingAuthorizeStart", {"SessionID": A.upper()}, b"<html>", by_hub=True, control=9),
        exchange(11, None, path="/wrong", status=404, answer=b""),
    ]
    picture = Picture(diagram(exchanges, [], target_name="Acme backend"))
    assert texts(picture.row(7)) == [
        "+0.00 s",
        "7 eRoamingChargingNotifications · Progress",
        "A",
        "1f2e3d4c",
        "HTTP 200 · Result true · Code 000 scripted: system error",
    ]
    assert texts(picture.row(8))[:2] == ["+0.12 s", "8 eRoamingPushEvseData · fullLoad"]
    assert texts(picture.row(9))[1:] == [
        "9 eRoamingAuthorizeStart tries x.refused, should be rejected",
        "HTTP 200 · AuthorizationStatus NotAuthorized · Code 210",
        "B",
        "99887766",
    ]
    # The same session in capitals is the same session.
    assert texts(picture.row(10))[1:4] == ["10 eRoamingAuthorizeStart control of 9", "A", "1F2E3D4C"]
    assert "not JSON" in texts(picture.row(10))[4]
    assert texts(picture.row(11))[1:] == ["11 POST /wrong", "HTTP 404 · no body"]
    assert "Acme backend" in texts(picture.root)


def test_each_session_has_a_letter_and_a_colour() -> None:
    ids = [f"{n:08d}-0000-4000-8000-000000000000" for n in range(30)]
    exchanges = [exchange(n, request={"SessionID": one}) for n, one in enumerate([*ids, *ids[:3]], 1)]
    picture = Picture(diagram(exchanges, []))
    looks = []
    for one in exchanges:
        chip = picture.row(one.number).find(f"{SVG}g[@data-session]")
        assert chip is not None
        rect = chip.find(f"{SVG}rect")
        assert rect is not None
        looks.append((chip.attrib["data-session"], rect.attrib["fill"]))
    assert looks[30:] == looks[:3]
    assert len({letter for letter, _ in looks}) == 30
    assert len({colour for _, colour in looks[:7]}) == 7
    assert looks[26][0] == "AA"


def test_what_was_broken_is_marked_where_the_target_wrote_it() -> None:
    exchanges = [exchange(1), exchange(2, CDR), exchange(3, CDR, by_hub=True), exchange(4)]
    findings = [
        finding(2, Verdict.WARNING, "cdr.late"),
        *(finding(2, requirement="cdr.once") for _ in range(3)),
        finding(3, Verdict.WARNING, "answer.slow"),
        finding(4, Verdict.PASS, "fine"),
        finding(1, Verdict.INCONCLUSIVE, "unclear"),
        finding(None, requirement="session.cdr"),
        finding(99, requirement="of.another-test"),
    ]
    picture = Picture(diagram(exchanges, findings))
    assert [picture.row(n).get("data-verdict") for n in (1, 2, 3, 4)] == [None, "fail", "warning", None]
    edges = [picture.row(n).findall(f"{SVG}rect")[1].attrib["fill"] for n in (2, 3)]
    assert edges == [RED, AMBER]
    assert arrow(picture.row(2), "request")["ink"] == RED
    assert arrow(picture.row(2), "answer")["ink"] == arrow(picture.row(1), "answer")["ink"] != RED
    assert arrow(picture.row(3), "request")["ink"] == arrow(picture.row(1), "request")["ink"]
    assert arrow(picture.row(3), "answer")["ink"] == texts_ink(picture.row(3)) != RED
    assert texts(picture.row(2))[-2:] == [
        "fail: cdr.once 3 times: message of cdr.once",
        "warning: cdr.late message of cdr.late",
    ]
    loose = picture.root.findall(f".//{SVG}g[@data-mark='finding']")
    assert [text for one in loose for text in texts(one)] == [
        "fail: session.cdr message of session.cdr",
        "fail: of.another-test message of of.another-test",
    ]
    everything = " ".join(texts(picture.root))
    assert "fine" not in everything
    assert "unclear" not in everything
    described = picture.root.findtext(f"{SVG}desc")
    assert described
    assert described.startswith("4 exchanges; exchange 2: warning cdr.late; exchange 2: fail cdr.once")


def test_a_request_of_a_stranger_does_not_come_from_the_target() -> None:
    strange = exchange(
        2, None, status=403, answer={}, method="GET", path="/x", peer="192.0.2.7", stranger=True
    )
    picture = Picture(diagram([exchange(1), strange], []))
    target = picture.lifelines["target"]
    assert arrow(picture.row(1), "request")["start"] == pytest.approx(target, abs=6)
    assert arrow(picture.row(2), "request")["start"] < target - 50
    assert arrow(picture.row(2), "answer")["head"] < target - 50
    assert picture.row(2).find(f"{SVG}circle") is not None
    assert picture.row(1).find(f"{SVG}circle") is None
    assert texts(picture.row(2))[1] == "2 stranger 192.0.2.7: GET /x"


def texts_ink(row: ET.Element) -> str:
    return row.findall(f"{SVG}text")[-1].attrib["fill"]


def test_many_findings_of_one_exchange_are_counted() -> None:
    findings = [finding(1, requirement=f"r.{n}") for n in range(9)]
    lines = texts(Picture(diagram([exchange(1)], findings)).row(1))[-4:]
    assert lines[2:] == ["fail: r.2 message of r.2", "fail: 6 more requirements r.3, r.4, r.5, r.6, r.7, r.8"]


@pytest.mark.parametrize(
    ("by_hub", "trouble", "broken"),
    [
        (True, "timeout", "answer"),
        (True, "hung up", "answer"),
        (True, "not HTTP", "answer"),
        (True, "unreachable", "request"),
        (True, "tls", "request"),
        (False, "hung up", "answer"),
        (False, "tls", "request"),
        (False, "not HTTP", "request"),
    ],
)
def test_what_did_not_arrive_is_a_broken_arrow(by_hub: bool, trouble: str, broken: str) -> None:
    silent = exchange(1, by_hub=by_hub, status=None, trouble=trouble, detail="so it was", finished=15.3)
    row = Picture(diagram([silent], [])).row(1)
    assert f"{trouble}: so it was" in texts(row)
    assert "took 15.2 s" in texts(row)
    drawn = arrow(row, broken)
    assert drawn["broken"]
    assert drawn["head"] is None
    if broken == "answer":
        assert not arrow(row, "request")["broken"]
    else:
        assert row.find(f"{SVG}g[@data-arrow='answer']") is None, "nothing is answered that was not heard"


def test_notes_stand_where_they_were_made() -> None:
    start, stop = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
    exchanges = [
        exchange(1, start),
        exchange(2, by_hub=True, started=0.2),
        exchange(3, stop, started=6),
        exchange(4, by_hub=True, started=20),
        exchange(5, CDR, started=21.8),
        exchange(6, CDR, started=24),
    ]
    notes: list[Note] = [
        Wait("t", "r", start, 10, 1, after=0, stimulus="done", presented_at="DE*ABC*E1*1"),
        Wait("t", "r", stop, 10, 3, after=1, stimulus="done"),
        Wait("t", "r", CDR, 12, None, after=3, stimulus="done", unasked=2),
        Wait("t", "r", NOTIFIED, 10, None, after=4, stimulus="failed", detail="the stimulus failed: no"),
        Wait("t", "r", CDR, 10, 5, after=4),
        Quiet("t", 22.0, 1.5),
    ]
    assert Picture(diagram(exchanges, [], notes)).order() == [
        "stimulus eRoamingAuthorizeStart at DE*ABC*E1*1: done",
        "1",
        "2",
        # After what the hub sent: while it waits, it sends nothing.
        "stimulus eRoamingAuthorizeStop: done",
        "5.8 s later",
        "3",
        "waited 2 s for eRoamingChargeDetailRecord: not received",
        "stimulus eRoamingChargeDetailRecord: done",
        "waited 10 s for eRoamingChargeDetailRecord: not received",
        "14.0 s later",
        "4",
        "stimulus eRoamingChargingNotifications: failed (no)",
        "1.8 s later",
        "5",
        "listened 1.5 s for requests that must not be sent",
        "2.2 s later",
        "6",
    ]


def test_notes_may_speak_of_exchanges_of_other_tests() -> None:
    notes: list[Note] = [
        Wait("t", "r", NOTIFIED, 1.0, 3, after=2, stimulus="done"),
        Wait("t", "r", CDR, 10, 99, after=98, stimulus="done"),
        Wait("t", "r", CDR, 10, None, after=99),
    ]
    assert Picture(diagram([exchange(11)], [], notes)).order() == [
        "stimulus eRoamingChargingNotifications: done",
        "11",
        "stimulus eRoamingChargeDetailRecord: done",
        "waited 10 s for eRoamingChargeDetailRecord: not received",
    ]


def test_of_many_exchanges_the_telling_ones_are_shown() -> None:
    exchanges = [exchange(n) for n in range(1, 1001)]
    picture = Picture(diagram(exchanges, [finding(500), finding(700, Verdict.WARNING)]))
    assert len(picture.numbers) == ROWS
    assert {1, 2, 499, 500, 501, 699, 700, 701, 999, 1000} <= set(picture.numbers)
    order = picture.order()
    assert [one for one in order if one.startswith("…")] == [
        "… 471 exchanges left out …",
        "… 197 exchanges left out …",
        "… 272 exchanges left out …",
    ]
    assert order[order.index("… 197 exchanges left out …") - 1 :][2] == "699"
    assert 471 + 197 + 272 + ROWS == 1000
    # The worst are never left out for what is less bad.
    worst = [finding(n, Verdict.FAIL if n > 950 else Verdict.WARNING) for n in range(300, 1000)]
    assert set(range(951, 1001)) <= set(Picture(diagram(exchanges, worst)).numbers)
    assert "… 1 exchange left out …" in Picture(diagram(exchanges[: ROWS + 1], [])).order()


def test_text_of_a_target_stays_text() -> None:
    evil = '</text></svg><script>alert(1)</script>&amp;" onload="x\' ]]>\x00\x07\x1b[31m\u202e\ud800\uffff\n'
    body = {
        "SessionID": evil,
        "Type": evil,
        "ActionType": {evil: evil},
        "Result": evil,
        "AuthorizationStatus": [evil],
        "StatusCode": {"Code": evil},
    }
    request = Part((), json.dumps(body).replace("\\ud800", "").encode())
    exchanges = [
        exchange(1, None, path=evil, method=evil),
        exchange(2, by_hub=True, purpose=evil, status=None, trouble=evil, detail=evil * 10_000),
        exchange(3, scripted=evil),
    ]
    exchanges = [Exchange(**{**vars_of(one), "request": request, "answer": request}) for one in exchanges]
    finding_ = Outcome(evil, evil, Verdict.FAIL, evil * 1000, 1)
    notes = [Wait("t", "r", evil, 1.0, None, stimulus="failed", presented_at=evil, detail=evil)]
    svg = diagram(exchanges, [finding_], notes, target_name=evil)
    assert len(svg) < 30_000
    root = ET.fromstring(svg)  # noqa: S314 - of our own making
    assert {one.tag.removeprefix(SVG) for one in root.iter()} == {
        *("svg", "title", "desc", "g", "rect", "path", "text", "tspan")
    }
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on") or name == "id"]
    assert not [char for char in svg if char != "\n" and not char.isprintable()]
    shown = " ".join(root.itertext())
    assert "</text></svg><script>" in shown
    assert "…" in shown


def test_what_should_be_a_word_can_be_anything() -> None:
    deep = b'{"Type": ' + b"[" * 900 + b"]" * 900 + b', "ActionType": 7, "SessionID": {}}'
    answer = deep.replace(b"Type", b"Result")
    row = Picture(diagram([exchange(1, request=deep, answer=answer)], [])).row(1)
    assert texts(row)[1:4] == ["1 eRoamingChargingNotifications · […] · 7", "A", "{…}"]
    assert texts(row)[4] == "HTTP 200 · Result […]"


def vars_of(one: Exchange) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Exchange.__dataclass_fields__}


def test_picture_is_one_of_its_kind() -> None:
    exchanges = [exchange(n, request={"SessionID": (A, B)[n % 2]}) for n in range(1, 90)]
    findings = [finding(40), finding(41, Verdict.WARNING)]
    random.seed(1)
    first = diagram(exchanges, findings)
    random.seed(2)
    assert diagram(list(reversed(exchanges)), findings) == first
    root = ET.fromstring(first)  # noqa: S314 - of our own making
    assert root.attrib["width"] == "960"
    assert root.attrib["viewBox"] == f"0 0 960 {root.attrib['height']}"
    ground = root.find(f"{SVG}rect")
    assert ground is not None
    assert ground.attrib["fill"] == "#ffffff"
    assert root.findtext(f"{SVG}title")


def test_nothing_is_a_picture_too() -> None:
    wait = Wait("t", "r", CDR, 10, None, stimulus="done")
    assert Picture(diagram([], [finding(None)], [wait])).order() == [
        "stimulus eRoamingChargeDetailRecord: done",
        "waited 10 s for eRoamingChargeDetailRecord: not received",
        "the hub and the target sent nothing",
        "fail: cdr.once message of cdr.once",
    ]
