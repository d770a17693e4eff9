"""Every fault and every variant of the reference targets shows in what they say."""

import contextlib
import json
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from datetime import datetime, tzinfo
from typing import Any

import pytest

from fixtures.faults import Fault, every
from oicp_conformance.reference.backend import Backend
from oicp_conformance.reference.cpo_backend import ReferenceCpo
from oicp_conformance.reference.cpo_points import Evse
from oicp_conformance.reference.emp_backend import ReferenceEmp
from oicp_conformance.reference.hooks import Answering, Reply, Sending
from oicp_conformance.reference.lanes import Job, Lanes
from selftest.reference import CARD, EVSE, OTHER_CARD, OTHER_EVSE, PUSHES, QR, REMOTE, Register, yes

# Faults and variants

LONGER_CARD = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD00FF11"}}


class Clock(datetime):
    """A clock that stands still, so that two transcripts can be compared."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Clock":
        return cls(2026, 3, 1, 12, 0, 0, tzinfo=tz)


class AnotherTranscript(Exception):
    """The backend has said something else than usually."""


class InTurn(Lanes):
    """Does what is to be done in the background in one thread: two transcripts have the same order."""

    def __init__(self) -> None:
        super().__init__()
        self._left: deque[tuple[str, Job]] = deque()

    def submit(self, lane: str, job: Job) -> None:
        self._left.append((lane, job))

    def settle(self, timeout: float = 1.5, but: Collection[str] = ()) -> bool:
        del timeout
        while (one := next((one for one in self._left if one[0] not in but), None)) is not None:
            self._left.remove(one)
            with contextlib.suppress(Exception):  # the jobs behind it are still done
                one[1]()
        return True


class Rehearsal:
    """One backend without a network: plays everything that faults can show in, and writes it all down.

    Where it is known what is `usual`, it ends with `AnotherTranscript` as soon as something else was said.
    """

    def __init__(
        self, backend: Backend, entry: Fault | None, usual: list[tuple[Any, ...]] | None = None
    ) -> None:
        self.backend = backend
        backend.lanes = InTurn()
        self.transcript: list[tuple[Any, ...]] = []
        self.usual = usual
        self.same = 0
        """How much of the transcript was found to be as usual."""
        self.replies: dict[str, Reply | Callable[[Sending], Reply]] = {}
        self.count = 0
        backend.__dict__["post"] = self.post
        if entry is not None:
            entry.change(backend)
        backend.answering.append(self.write_down)
        backend.lanes.stop()

    def write_down(self, answer: Answering) -> None:
        body = (len(answer.body), answer.body[:1000]) if answer.body is not None else None
        headers, message = dict(answer.headers), deepcopy(answer.message)
        how = (answer.delay, answer.hang_up, answer.chunked)
        self.transcript.append((answer.operation, answer.status, headers, body, how, message))

    def post(self, sending: Sending, timeout: float) -> Reply:
        assert timeout > 0
        # No salt is the same twice.
        message = re.sub(r"[$]2b[$]04[$][^\"]{20,}", "hash", json.dumps(sending.message))
        where = (sending.path, dict(sending.query), dict(sending.headers))
        self.transcript.append((sending.operation, where, message))
        if sending.operation in self.replies:
            reply = self.replies[sending.operation]
            return reply if isinstance(reply, Reply) else reply(sending)
        given = sending.message if isinstance(sending.message, dict) else {}
        session_id = given.get("SessionID")
        if session_id is None:
            self.count += 1
            session_id = session(self.count)
        answer = yes({**given, "SessionID": session_id})
        return Reply(200, answer.get_json())

    def ask(self, path: str, body: object) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.backend.route("POST", path, content)
        # What was sent meanwhile comes first, so that two transcripts have the same order.
        assert self.backend.lanes.settle(20)
        for job in answer.after:
            job()
        assert self.backend.lanes.settle(20)
        self.transcript.append((path, answer.status))
        self.compare()

    def compare(self) -> None:
        said = len(self.transcript)
        if self.usual is not None and self.transcript[self.same :] != self.usual[self.same : said]:
            raise AnotherTranscript
        self.same = said

    def stimulate(self, stimulus: str, **parameters: object) -> None:
        self.ask("/stimuli", {"stimulus": stimulus, "parameters": parameters})


def session(number: int) -> str:
    return f"0000abcd-0000-4000-8000-{number:012}"


LONG = {"Code": "000", "AdditionalInfo": "x" * 1000}
"""A StatusCode with as much as may be in it."""


def strange(message: dict[str, Any]) -> Iterator[object]:
    """Give a message in all the forms that tend to break a reader."""
    yield b"{"
    yield []
    yield {**message, "SessionID": None}
    yield {**message, "CPOPartnerSessionID": "x" * 250}
    yield {**message, "CPOPartnerSessionID": "Säule"}
    yield {**message, "CPOPartnerSessionID": None}
    yield {**message, "Unknown": 1}
    for name in message:
        yield {key: value for key, value in message.items() if key != name}


def rehearse_cpo_sessions(cpo: ReferenceCpo, play: Rehearsal) -> None:
    base = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/"
    play.ask("/api/oicp/elsewhere", {})
    start: dict[str, Any] = {
        "SessionID": session(900),
        "ProviderID": "DE-DCB",
        "EvseID": EVSE,
        "Identification": REMOTE,
    }
    full = {**start, "EMPPartnerSessionID": "mine", "PartnerProductID": "AC3"}
    stop = {name: start[name] for name in ("SessionID", "ProviderID", "EvseID")}
    for number, message in enumerate(strange(full)):
        play.ask(base + "start", message)
        play.ask(base + "start", {**start, "EvseID": "DEABCE11", "SessionID": session(800 + number)})
        for name in list(cpo.sessions):
            play.ask(base + "stop", {**stop, "SessionID": name})
    play.ask(base + "start", {**start, "EvseID": "DE*ABC*E9", "SessionID": session(902)})
    play.ask(base + "start", {**full, "SessionID": session(903)})
    play.ask(base + "start", {**full, "SessionID": session(904)})
    for changed in ({"EvseID": OTHER_EVSE}, {"ProviderID": "DE-XYZ"}, {"SessionID": session(999)}):
        play.ask(base + "stop", {**stop, "SessionID": session(903), **changed})
    for message in strange({**stop, "SessionID": session(903), "EMPPartnerSessionID": "mine"}):
        play.ask(base + "stop", message)
    for number, refusal in ((905, Reply(200, {"Result": False})), (907, Reply(503)), (908, Reply(429))):
        play.replies["eRoamingChargeDetailRecord"] = refusal
        play.ask(base + "start", {**start, "SessionID": session(number)})
        play.ask(base + "stop", {**stop, "SessionID": session(number)})
    play.replies.clear()

    # The next two sessions run side by side.
    here, there = {"EvseID": EVSE}, {"EvseID": OTHER_EVSE}
    play.ask(base + "start", {**full, **there, "SessionID": session(906)})
    for medium, number in ((CARD, 1), (QR, 2), (CARD, 3)):
        about = {**here, "SessionID": session(number)}
        play.stimulate("eRoamingAuthorizeStart", **here, Identification=medium)
        if number < 3:
            for kind in ("Start", "Progress", "Progress", "Error", "End"):
                play.stimulate("eRoamingChargingNotifications", **about, Type=kind)
            play.replies["eRoamingAuthorizeStop"] = Reply(200, {"AuthorizationStatus": "NotAuthorized"})
            play.stimulate("eRoamingAuthorizeStop", **about, Identification=OTHER_CARD)
            play.replies.clear()
            play.stimulate("eRoamingAuthorizeStop", **about, Identification=medium)
        play.ask(base + "stop", {**stop, "SessionID": session(number)})
    play.stimulate("eRoamingChargeDetailRecord", **there, SessionID=session(906))

    no: dict[str, Any] = {"AuthorizationStatus": "NotAuthorized", "SessionID": session(777)}
    malformed = Reply(200, "<html>")
    for reply in (Reply(200, no), Reply(200, {"Result": False}), Reply(500), Reply(None), malformed):
        play.replies["eRoamingAuthorizeStart"] = reply
        play.stimulate("eRoamingAuthorizeStart", **here, Identification=CARD)
    play.replies["eRoamingAuthorizeStart"] = Reply(200, {"Result": True, "SessionID": session(778)})
    play.stimulate("eRoamingAuthorizeStart", **here, Identification=CARD)
    begun = {"AuthorizationStatus": "Authorized", "SessionID": session(779), "StatusCode": LONG}
    play.replies["eRoamingAuthorizeStart"] = Reply(200, begun)
    play.stimulate("eRoamingAuthorizeStart", **here, Identification=CARD)
    play.stimulate("eRoamingChargeDetailRecord", **here, SessionID=session(779))


def rehearse_emp_sessions(_: ReferenceEmp, play: Rehearsal) -> None:
    base = "/api/oicp/charging/v21/operators/DE*ABC/authorize/"
    play.ask("/api/oicp/elsewhere", {})
    play.ask(base + "stop", {"OperatorID": "DE*ABC", "SessionID": session(996), "Identification": CARD})
    for end in ("start", "stop"):
        about = {"OperatorID": "DE*ABC", "SessionID": session(901), "CPOPartnerSessionID": "mine"}
        unknown = {"PlugAndChargeIdentification": {"EvcoID": "DE-DCB-C00000000-0"}}
        wrong_pin = {"QRCodeIdentification": {**QR["QRCodeIdentification"], "PIN": "0000"}}
        for medium in (CARD, OTHER_CARD, QR, wrong_pin, unknown):
            play.ask(base + end, {**about, "EvseID": EVSE, "Identification": medium})
        play.ask(base + end, {**about, "OperatorID": "FR*XYZ", "EvseID": EVSE, "Identification": CARD})
        play.ask(base + end, {**about, "EvseID": "+49*810*000*438", "Identification": CARD})
        play.ask(base + end, {**about, "SessionID": session(999), "EvseID": EVSE, "Identification": CARD})
        for message in strange({**about, "EvseID": EVSE, "Identification": CARD}):
            play.ask(base + end, message)

    records = "/api/oicp/cdrmgmt/v22/operators/DE*ABC/charge-detail-record"
    at = "2026-01-01T12:00:00+01:00"
    times = dict.fromkeys(("ChargingStart", "ChargingEnd", "SessionStart", "SessionEnd"), at)
    least: dict[str, Any] = {
        "EvseID": EVSE,
        "SessionID": session(901),
        "Identification": CARD,
        "ConsumedEnergy": 0,
        **times,
    }
    most = {
        **least,
        **dict.fromkeys(("CPOPartnerSessionID", "EMPPartnerSessionID", "PartnerProductID"), "mine"),
        **dict.fromkeys(("MeterValueStart", "MeterValueEnd"), 1.5),
        "MeterValueInBetween": {"meterValues": [1.5]},
        "SignedMeteringValues": [{"SignedMeteringValue": "x", "MeteringStatus": "Start"}],
        "CalibrationLawVerificationInfo": {"PublicKey": "x"},
        "HubOperatorID": "DE*ABC",
        "HubProviderID": "DE-DCB",
        "SessionID": session(998),
    }
    for message in (least, most, least, *strange({**most, "SessionID": session(997)})):
        play.ask(records, message)
    put_back = {"ChargingStart": "2026-10-25T02:30:00+02:00", "ChargingEnd": "2026-10-25T02:15:00+01:00"}
    play.ask(records, {**least, **put_back, "SessionID": session(995)})
    play.ask(base + "stop", {"OperatorID": "DE*ABC", "SessionID": session(901), "Identification": CARD})

    told = "/api/oicp/notificationmgmt/v11/charging-notifications"
    about = {"SessionID": session(902), "EvseID": EVSE, "OperatorID": "DE*ABC"}
    for kind, more in (
        ("Start", {"ChargingStart": at}),
        ("Progress", {"ChargingStart": at, "EventOccurred": at, "ConsumedEnergyProgress": 1}),
        ("End", {"ChargingEnd": at}),
        ("Error", {"ErrorType": "ConnectorError"}),
        ("Stop", {"ChargingEnd": at}),
    ):
        for message in strange({"Type": kind, **about, **more}):
            play.ask(told, message)

    play.ask(records, {**least, "SessionID": session(902)})

    for number in (1, 2):
        play.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=REMOTE)
        play.stimulate("eRoamingAuthorizeRemoteStop", EvseID=EVSE, SessionID=session(number))
    # The next two sessions run side by side, and the older one is stopped.
    for evse in (EVSE, OTHER_EVSE):
        play.stimulate("eRoamingAuthorizeRemoteStart", EvseID=evse, Identification=REMOTE)
    play.stimulate("eRoamingAuthorizeRemoteStop", EvseID=EVSE, SessionID=session(3))
    play.replies["eRoamingAuthorizeRemoteStart"] = Reply(200, {"Result": False})
    play.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=REMOTE)
    begun = {"Result": True, "SessionID": session(779), "StatusCode": LONG}
    play.replies["eRoamingAuthorizeRemoteStart"] = Reply(200, begun)
    play.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=REMOTE)
    play.stimulate("eRoamingAuthorizeRemoteStop", EvseID=EVSE, SessionID=session(779))
    for action in ("fullLoad", "insert", "update", "delete"):
        play.stimulate("eRoamingPushAuthenticationData", ActionType=action)
    play.replies["eRoamingPushAuthenticationData"] = Reply(200, {"Result": False})
    play.stimulate("eRoamingPushAuthenticationData", ActionType="fullLoad")


RESERVATION = "/api/oicp/reservation/v11/providers/DE-DCB/reservation-"
RESERVED: dict[str, Any] = {
    "SessionID": session(910),
    "ProviderID": "DE-DCB",
    "EvseID": EVSE,
    "Identification": REMOTE,
    "EMPPartnerSessionID": "mine",
    "Duration": 15,
}


def rehearse_cpo_publishing(_: ReferenceCpo, play: Rehearsal) -> None:
    for action in ("insert", "update", "delete", "fullLoad"):
        for operation in PUSHES:
            play.stimulate(operation, ActionType=action)
    base = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/"
    for end in ("start", "stop"):
        play.ask(base + end, {**RESERVED, "SessionID": session(911)})
    for end in ("start", "stop"):
        play.ask(f"{RESERVATION}{end}-request", {**RESERVED, "SessionID": session(912)})
    # The customer who reserved charges, and then one with a card.
    play.ask(f"{RESERVATION}start-request", {**RESERVED, "SessionID": session(915)})
    for end in ("start", "stop"):
        play.ask(base + end, {**RESERVED, "SessionID": session(916)})
    play.stimulate("eRoamingAuthorizeStart", EvseID=EVSE, Identification=CARD)
    for operation in PUSHES:
        play.replies[operation] = Reply(200, {"Result": False})
        play.stimulate(operation, ActionType="update")
        play.replies.clear()


def rehearse_cpo_reservations(cpo: ReferenceCpo, play: Rehearsal) -> None:
    start, stop = f"{RESERVATION}start-request", f"{RESERVATION}stop-request"
    base = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/"
    play.ask(start, RESERVED)
    play.ask(start, {**RESERVED, "SessionID": session(911)})
    others = {
        "ProviderID": "DE-XYZ",
        "Identification": {"RemoteIdentification": {"EvcoID": "DE-XYZ-C12345678-X"}},
    }
    play.ask(base.replace("DE-DCB", "DE-XYZ") + "start", {**RESERVED, **others, "SessionID": session(913)})
    another = {"RemoteIdentification": {"EvcoID": "DE-DCB-C00000000-0"}}
    play.ask(base + "start", {**RESERVED, "Identification": another, "SessionID": session(914)})
    play.ask(stop, {**RESERVED, "ProviderID": "DE-XYZ"})
    play.ask(base + "start", RESERVED)
    play.ask(base + "stop", RESERVED)
    for number, message in enumerate(strange(RESERVED)):
        play.ask(start, message)
        play.ask(start, {**RESERVED, "EvseID": OTHER_EVSE, "SessionID": session(920 + number)})
        for name in list(cpo.reservations):
            for evse_id in (EVSE, OTHER_EVSE):
                play.ask(stop, {"SessionID": name, "ProviderID": "DE-DCB", "EvseID": evse_id})
    play.ask(start, {**RESERVED, "EvseID": "DE*ABC*E9", "SessionID": session(990)})
    play.ask(start, {**RESERVED, "EvseID": "DEABCE11", "SessionID": session(991)})
    for message in strange({**RESERVED, "SessionID": session(991)}):
        play.ask(stop, message)
    play.ask(base + "start", {**RESERVED, "SessionID": session(992)})
    play.ask(start, {**RESERVED, "SessionID": session(993)})


PULLS = (
    "eRoamingPullEvseData",
    "eRoamingPullEvseStatus",
    "eRoamingPullEvseStatusByID",
    "eRoamingPullEvseStatusByOperatorID",
    "eRoamingGetChargeDetailRecords",
    "eRoamingPullPricingProductData",
    "eRoamingPullEVSEPricing",
)
ODD = {"EvseID": EVSE, "Plugs": None, "Accessibility": "On Mars", "ChargingFacilities": [{"Power": 3.7}]}
STATUSES = {"EvseStatusRecord": [{"EvseID": EVSE, "EvseStatus": "Strange"}, None]}


class OddHub:
    """Answers pulls in every way that tends to break a reader; each page fails once."""

    def __init__(self) -> None:
        self.failed: set[str] = set()
        self.busy = 0

    def page(self, sending: Sending) -> Reply:
        number = sending.query.get("page", "none")
        if number == "1" and sending.operation not in self.failed:
            self.failed.add(sending.operation)
            return Reply(500, "<html>")
        if number == "2" and self.busy < 9:
            self.busy += 1
            return Reply(429)
        at = int(number) if number.isdigit() else 3
        contents: tuple[list[object], ...] = ([ODD], [], [{"EvseID": OTHER_EVSE, "SessionID": session(1)}])
        return Reply(200, {"content": contents[at] if at < 3 else [], "last": at >= 2, "totalPages": 3})

    def status(self, sending: Sending) -> Reply:
        if sending.operation not in self.failed:
            self.failed.add(sending.operation)
            return Reply(503)
        holder = {"EvseStatuses": {"OperatorEvseStatus": [STATUSES, {"EvseStatusRecord": []}]}}
        return Reply(200, {**holder, "PricingProductData": None, "EVSEPricing": []})


def rehearse_emp_pulling(_: ReferenceEmp, play: Rehearsal) -> None:
    odd = OddHub()
    for operation in PULLS:
        paged = operation in {"eRoamingPullEvseData", "eRoamingGetChargeDetailRecords"}
        play.replies[operation] = odd.page if paged else odd.status
    for operation in PULLS * 3:
        play.stimulate(
            operation,
            From="2025-01-01T00:00:00+01:00",
            To="2025-06-01T00:00:00+01:00",
            EvseID=[EVSE, "DE*ABC*E0*NEVER*PUBLISHED"],
            OperatorID=["DE*ABC"],
            OperatorIDs=["DE*ABC"],
        )


def rehearse_emp_reservations(_: ReferenceEmp, play: Rehearsal) -> None:
    start = "eRoamingAuthorizeRemoteReservationStart"
    for number in (1, 2):
        play.stimulate(start, EvseID=EVSE, Identification=REMOTE, Duration=15)
        play.stimulate("eRoamingAuthorizeRemoteReservationStop", EvseID=EVSE, SessionID=session(number))


CAR = "\N{AUTOMOBILE}"


def rehearse_cpo_values(cpo: ReferenceCpo, play: Rehearsal) -> None:
    """What hardly anybody thinks of: odd values, and three sessions at once."""
    cpo.evses["DEABCE31"] = Evse("DE*ABC*E3*1")
    base = "/api/oicp/charging/v21/providers/DE-DCB/authorize-remote/"
    reserve = "/api/oicp/reservation/v11/providers/DE-DCB/reservation-start-request"
    start: dict[str, Any] = {"ProviderID": "DE-DCB", "Identification": REMOTE, "EvseID": EVSE}
    stop = {"ProviderID": "DE-DCB", "EvseID": EVSE}
    odd: tuple[dict[str, Any], ...] = (
        {"EMPPartnerSessionID": CAR},
        {"EMPPartnerSessionID": "ü" * 250},
        {"EvseID": "DE*ABC*E4*6*9"},
        {"Unknown": 17},
        {"Identification": {"RemoteIdentification": {"EvcoID": "DE*DCB*123456*1"}}},
    )
    for number, fields in enumerate(odd, 1):
        play.ask(base + "start", {**start, "SessionID": session(number), **fields})
        play.ask(base + "stop", {**stop, "SessionID": session(number)})
    play.ask(base + "stop", {**stop, "SessionID": session(1), "EMPPartnerSessionID": CAR})
    play.ask(base + "stop", {**stop, "SessionID": session(1).replace("abcd", "wxyz")})
    longer: dict[str, Any] = {"Duration": 90}
    for number, fields in enumerate((longer, odd[0]), 10):
        play.ask(reserve, {**start, "SessionID": session(number), "EvseID": OTHER_EVSE, **fields})
        cpo.release(list(cpo.evses.values())[1])
    for number, evse in enumerate((EVSE, OTHER_EVSE, "DE*ABC*E3*1"), 20):
        medium = {"RemoteIdentification": {"EvcoID": f"DE-DCB-C123456{number}-X"}}
        about = {"SessionID": session(number), "EvseID": evse}
        play.ask(base + "start", {**start, **about, "Identification": medium})
        for _ in range(2):
            play.stimulate("eRoamingChargingNotifications", **about, Type="Error")
    for number, evse in ((22, "DE*ABC*E3*1"), (21, OTHER_EVSE), (20, EVSE)):
        play.ask(base + "stop", {**stop, "SessionID": session(number), "EvseID": evse})
    processed = {"AuthorizationStatus": "NotAuthorized", "StatusCode": {"Code": "000"}}
    play.replies["eRoamingAuthorizeStart"] = Reply(200, {**processed, "SessionID": session(30)})
    play.stimulate("eRoamingAuthorizeStart", EvseID=EVSE, Identification=LONGER_CARD)
    long_pin = {"QRCodeIdentification": {**QR["QRCodeIdentification"], "PIN": "012345"}}
    play.stimulate("eRoamingAuthorizeStart", EvseID=EVSE, Identification=long_pin)


def rehearse_emp_values(_: ReferenceEmp, play: Rehearsal) -> None:
    """What hardly anybody thinks of: odd values, and two sessions of one customer."""
    base = "/api/oicp/charging/v21/operators/DE*ABC/authorize/"
    start: dict[str, Any] = {"OperatorID": "DE*ABC", "EvseID": EVSE, "Identification": CARD}
    long_card = {"RFIDMifareFamilyIdentification": {"UID": "0" * 20}}
    ends_alike = {"RFIDMifareFamilyIdentification": {"UID": "00FF111234ABCD"}}
    no_pin = {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}
    other_pin = {"QRCodeIdentification": {**QR["QRCodeIdentification"], "PIN": "01234"}}
    less_pin = {"QRCodeIdentification": {**QR["QRCodeIdentification"], "PIN": "123"}}
    odd: tuple[dict[str, Any], ...] = (
        *({"CPOPartnerSessionID": CAR}, {"Identification": long_card}, {}, {}),
        *(
            {"Identification": medium}
            for medium in (LONGER_CARD, ends_alike, no_pin, other_pin, less_pin, QR)
        ),
    )
    for number, fields in enumerate(odd, 1):
        play.ask(base + "start", {**start, "SessionID": session(number), **fields})
    play.ask(base + "stop", {**start, "SessionID": session(3)})
    moment, many = "2025-01-01T00:00:00+01:00", {"meterValues": [1.5] * 21}
    about: dict[str, Any] = {"SessionID": session(4), "EvseID": EVSE, "Identification": CARD}
    about["ChargingStart"] = moment
    told = {**about, "Type": "Progress", "EventOccurred": moment, "ConsumedEnergyProgress": 1.5}
    times = dict.fromkeys(("ChargingEnd", "SessionStart", "SessionEnd"), moment)
    record = {**about, **times, "ConsumedEnergy": 1.5}
    nepal = {"ChargingStart": "2025-01-01T00:00:00+05:45"}
    values: tuple[dict[str, Any], ...] = ({}, nepal, {"MeterValueInBetween": many})
    for number, fields in enumerate(values, 30):
        play.ask("/api/oicp/notificationmgmt/v11/charging-notifications", {**told, **fields})
        one = {**record, **fields, "SessionID": session(number)}
        play.ask("/api/oicp/cdrmgmt/v22/operators/DE*ABC/charge-detail-record", one)
    play.ask("/api/oicp/notificationmgmt/v11/charging-notifications", {**told, "ConsumedEnergyProgress": 0})


def rehearse_emp_forms(_: ReferenceEmp, play: Rehearsal) -> None:
    """What is allowed, and what an EMP stumbles over: its own sessions, nulls, refusals of the hub."""
    base = "/api/oicp/charging/v21/operators/DE*ABC/authorize/start"
    play.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=REMOTE)
    moment = "2025-01-01T00:00:00+01:00"
    about: dict[str, Any] = {"EvseID": EVSE, "Identification": REMOTE, "ChargingStart": moment}
    times = dict.fromkeys(("ChargingEnd", "SessionStart", "SessionEnd"), moment)
    record = {**about, **times, "ConsumedEnergy": 1.5}
    told = {**about, "Type": "Progress", "EventOccurred": moment, "ConsumedEnergyProgress": 1.5}
    values: tuple[dict[str, Any], ...] = (
        {},
        {"ChargingStart": "2025-01-01T00:00:00Z"},
        {"MeterValueInBetween": {"meterValues": None}},
        {"MeterValueInBetween": [1.5]},
    )
    for number, fields in enumerate(values, 1):
        session_id = {"SessionID": session(number)}
        play.ask("/api/oicp/notificationmgmt/v11/charging-notifications", {**told, **fields, **session_id})
        play.ask("/api/oicp/cdrmgmt/v22/operators/DE*ABC/charge-detail-record", record | fields | session_id)
    large = {"ConsumedEnergy": 121.5, "MeterValueEnd": 234567.5, "SessionStart": "2024-12-29T00:00:00+01:00"}
    session_id = {"SessionID": session(40)}
    play.ask("/api/oicp/cdrmgmt/v22/operators/DE*ABC/charge-detail-record", record | large | session_id)
    late = told | {"SessionID": session(1)}
    play.ask("/api/oicp/notificationmgmt/v11/charging-notifications", late)
    code = {"QRCodeIdentification": {**QR["QRCodeIdentification"], "HashedPIN": None}}
    play.ask(base, {"OperatorID": "DE*ABC", "SessionID": session(50), "Identification": code})
    trouble = {"Result": False, "StatusCode": {"Code": "009"}}
    for operation in ("eRoamingAuthorizeRemoteStart", "eRoamingPushAuthenticationData"):
        play.replies[operation] = Reply(200, {**trouble, "SessionID": session(60)})
    play.stimulate("eRoamingAuthorizeRemoteStart", EvseID=EVSE, Identification=REMOTE)
    play.stimulate("eRoamingPushAuthenticationData", ActionType="fullLoad")


def new_cpo() -> ReferenceCpo:
    return ReferenceCpo("http://127.0.0.1:1", "DE*ABC", [EVSE, OTHER_EVSE])


def new_emp() -> ReferenceEmp:
    return ReferenceEmp("http://127.0.0.1:1", "DE-DCB", accepts=[CARD, QR, REMOTE], refuses=[OTHER_CARD])


Part = Callable[[Any, Rehearsal], None]
PARTS: dict[str, tuple[Part, ...]] = {
    "cpo": (rehearse_cpo_values, rehearse_cpo_publishing, rehearse_cpo_reservations, rehearse_cpo_sessions),
    "emp": (
        rehearse_emp_values,
        rehearse_emp_pulling,
        rehearse_emp_reservations,
        rehearse_emp_forms,
        rehearse_emp_sessions,
    ),
}


def rehearse(
    role: str, part: Part, entry: Fault | None, usual: list[tuple[Any, ...]] | None = None
) -> list[tuple[Any, ...]]:
    backend = new_cpo() if role == "cpo" else new_emp()
    play = Rehearsal(backend, entry, usual)
    part(backend, play)
    return play.transcript


def differs(role: str, part: Part, entry: Fault, usual: list[tuple[Any, ...]]) -> bool:
    try:
        return rehearse(role, part, entry, usual) != usual
    except AnotherTranscript:
        return True


def best_first(entry: Fault) -> Iterator[Part]:
    """Choose the part in which a fault shows soonest."""
    parts = PARTS[entry.roles[0]]
    if entry.operation in {*PUSHES, *PULLS}:
        yield from parts
    elif "Reservation" in entry.operation:
        yield from (parts[2], parts[1], parts[0])
    else:
        yield from reversed(parts)


SHARES = 4
NOT_IN_A_TRANSCRIPT = {
    *("http-1-0", "sends-before-answering", "sends-later", "pulls-side-by-side", "notifies-after-end"),
    *("status-falls-behind", "tries-again", "tries-stop-again-later", "retry-push", "slow-pages"),
    *(one.name for one in every() if one.name.endswith("crash-parallel")),
    *("pull-data-dies-on-unknown-word", "pull-data-gives-up-on-unknown-word", "upload-other-pin"),
    "notification-answer-refuses-error-type-with-blank",
    "starts-one-evse-twice-at-once",
    "pull-status-by-id-first-100-only",  # no rehearsal asks for so many
    # No rehearsal has a sub-partner, a stop that the hub rejects, or the time after an End.
    *("remote-start-refuses-sub-provider", "cdr-of-sub-operator-refused"),
    *("stops-until-acknowledged", "ends-by-itself"),
    # No rehearsal asks so much in a second, or again for the same customer at once.
    *("notifies-by-a-slower-queue", "too-many-requests", "settles-800-ms-later", "begins-with-the-start"),
    # No rehearsal has two charges of one customer, the CDR of a reservation, or other times and ids.
    *("finds-charges-by-customer", "cdr-of-a-card-once-at-a-time", "reservation-takes-no-energy"),
    *("stop-ends-newest-of-customer", "stop-ends-oldest-of-customer", "stop-ends-all-of-customer"),
    *("card-stop-of-newest", "card-stop-of-oldest", "card-stop-ends-all-of-card"),
    *("times-in-whole-seconds", "customers-in-lower-case", "asks-again-after-a-rejection"),
    # Only the first answer is slow; and what a profile does not say is in no message.
    *(one.name for one in every() if one.name.endswith("-slow") or one.undeclared),
}


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oicp_conformance.reference.charge.datetime", Clock)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("role", ["cpo", "emp"])
def test_every_fault_shows(role: str, share: int) -> None:
    usual = {part: rehearse(role, part, None) for part in PARTS[role]}
    assert all(rehearse(role, part, None) == transcript for part, transcript in usual.items())

    def shows(entry: Fault) -> bool:
        parts = best_first(entry) if entry.role == role else reversed(PARTS[role])
        return any(differs(role, part, entry, usual[part]) for part in parts)

    some = [one for one in every(role)[share::SHARES] if not one.ocpp]
    assert {entry.name for entry in some if not shows(entry)} <= NOT_IN_A_TRANSCRIPT


# A status of an EVSE that is not published, and a second provider's products: the register keeps neither.
BEYOND_THE_REGISTER = {"status-beyond-data", "products-per-provider"}
TRUTHFUL = [one for one in every("cpo", "variant") if one.name not in BEYOND_THE_REGISTER]


@pytest.mark.parametrize("entry", [None, *TRUTHFUL], ids=lambda e: e.name if e else "none")
def test_variants_publish_truthfully(entry: Fault | None) -> None:
    register = Register()
    transcript = rehearse("cpo", rehearse_cpo_publishing, entry)
    for operation, _, message in (sent for sent in transcript if len(sent) == 3):
        if operation in PUSHES:
            push = json.loads(message)
            push.pop("x-vendor", None)
            register.take(operation, push)


def test_faults_are_named_uniquely() -> None:
    names = [entry.name for entry in every()]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and " " not in name for name in names)


def test_what_is_expected_of_faults() -> None:
    assert {entry.expected for entry in every(kind="fault")} == {"fail", "warning"}
    assert {entry.expected for entry in every(kind="variant")} <= {"pass", "no fail"}
