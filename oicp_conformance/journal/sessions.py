"""The sessions of a run, read off the exchanges and notes one by one.

The hub keeps them to answer as Hubject does; the judge reads them off a journal again. There is no other
book-keeping: what is not in the journal did not happen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of, code_of
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.notes import Note, Plug, Wait
from oicp_conformance.oicp.types import LONGEST_PARTNER_ID, Role, is_evse_id, is_same_id, plain_id

BEGINNINGS = (
    "eRoamingAuthorizeStart",
    "eRoamingAuthorizeRemoteStart",
    "eRoamingAuthorizeRemoteReservationStart",
)
"""What begins a session."""
STOPS = (
    "eRoamingAuthorizeStop",
    "eRoamingAuthorizeRemoteStop",
    "eRoamingAuthorizeRemoteReservationStop",
)
"""What ends one."""
FOLLOWERS = ("eRoamingAuthorizeStop", "eRoamingChargingNotifications", "eRoamingChargeDetailRecord")
"""What a CPO sends in a session."""
OF_SESSIONS = frozenset({*BEGINNINGS, *STOPS, *FOLLOWERS})
"""All operations of a session, whoever sends them."""
_OF_A_CHARGE = ("Start", "Progress", "End")
"""The types of notification that report energy."""


def medium(identification: object) -> tuple[str, str] | None:
    """What an Identification comes down to when two are compared: kind and plain id.

    An RFID card is one and the same in its two forms.
    """
    if not isinstance(identification, Mapping):
        return None
    for kind, value in identification.items():
        if isinstance(value, Mapping):
            if kind.startswith("RFID"):
                return "RFID", str(value.get("UID")).upper()
            return kind, plain_id(str(value.get("EvcoID")))
    return None


def is_misdirected(exchange: Exchange, session: "Session") -> bool:
    """Whether the target sent this from the EVSE of a session, but in the name of another."""
    return (
        exchange.by_target
        and is_same_id(exchange.request.get("EvseID"), session.evse)
        and str(exchange.request.get("SessionID")).lower() != session.id.lower()
    )


@dataclass
class Session:
    """One charging session, from its authorization to its charge detail record."""

    id: str
    begun_by: Exchange
    evse: str | None = None
    identification: Mapping[str, Any] | None = None
    begun: bool = False
    """Whether the answer that begins it was positive and reached its receiver."""
    refused: bool = False
    """Whether the answer was negative, or an error."""
    stopped_by: Exchange | None = None
    """The exchange in which the stop was acknowledged."""
    unplugged: bool = False
    """Whether it is over without a stop: the charging world was told, or the CPO says that there is none."""
    plugged_in: int | None = None
    """The last exchange before a car was plugged in for it, where the charging world did that on request."""
    cpo_partner: tuple[str, int] | None = None
    """CPOPartnerSessionID and the exchange that first had it."""
    emp_partner: tuple[str, int] | None = None
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def test(self) -> str | None:
        """The test in which it began."""
        return self.begun_by.test

    def sent(self, operation: str) -> list[Exchange]:
        """The exchanges of one operation in this session."""
        return [exchange for exchange in self.exchanges if exchange.operation == operation]

    def has_at_its_evse(self, exchange: Exchange) -> bool:
        """Whether a message that carries the session's id comes from its EVSE, as far as it says."""
        evse = exchange.request.get("EvseID")
        return not (isinstance(evse, str) and self.evse is not None and plain_id(evse) != plain_id(self.evse))

    @property
    def charged(self) -> bool:
        """Whether the CPO has reported that energy flows in it, or flowed."""
        return any(
            one.request.get("Type") in _OF_A_CHARGE and answer_of(one) is Answer.POSITIVE
            for one in self.sent("eRoamingChargingNotifications")
        )

    @property
    def settled(self) -> bool:
        """Whether a charge detail record was sent and accepted."""
        return any(
            one.operation == "eRoamingChargeDetailRecord" and answer_of(one) is Answer.POSITIVE
            for one in self.exchanges
        )


class Sessions:
    """All sessions by SessionID, whatever its case."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._by_id: dict[str, Session] = {}
        self._by_exchange: dict[int, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_id.values()))

    def since(self, count: int) -> list[Session]:
        """The sessions after the first ones, of which there are so many."""
        return list(islice(self._by_id.values(), count, None))

    def get(self, session_id: object) -> Session | None:
        """The session of that id, or None when the hub never gave it."""
        return self._by_id.get(session_id.lower()) if isinstance(session_id, str) else None

    def of(self, exchange: Exchange) -> Session | None:
        """The session that an exchange belongs to, if it was seen."""
        return self._by_exchange.get(exchange.number)

    def see(self, exchange: Exchange) -> Session | None:
        """Take in one exchange, or its answer when it comes; gives the session that it belongs to."""
        if exchange.operation is None:
            return None
        if exchange.operation in BEGINNINGS:
            session = self._begin(exchange)
        else:
            session = self.get(exchange.request.get("SessionID"))
        if session is None:
            return None
        self._by_exchange[exchange.number] = session
        session.exchanges = [one for one in session.exchanges if one.number != exchange.number] + [exchange]
        of_hub = exchange.answer if exchange.by_target else exchange.request
        by_cpo, by_emp = (exchange.sent, of_hub) if self._role == "cpo" else (of_hub, exchange.sent)
        session.cpo_partner = session.cpo_partner or _partner(by_cpo, "CPOPartnerSessionID", exchange)
        session.emp_partner = session.emp_partner or _partner(by_emp, "EMPPartnerSessionID", exchange)
        _learn(session, exchange.request.object)
        if exchange.operation in STOPS and answer_of(exchange) is Answer.POSITIVE:
            session.stopped_by = session.stopped_by or exchange
        # Whom it tells that there is no such session, it does not charge any more.
        is_ours = exchange.operation in STOPS and not exchange.by_target and exchange.expects == "accept"
        session.unplugged = session.unplugged or (is_ours and code_of(exchange) == "400")
        return session

    def hear(self, note: Note) -> None:
        """Take in what the suite did."""
        if isinstance(note, Wait) and (session := self.get(note.session)):
            told = note.operation == "eRoamingChargeDetailRecord" and note.stimulus == "done"
            session.unplugged = session.unplugged or told
        if isinstance(note, Plug) and note.outcome == "done" and (session := self.get(note.session)):
            if note.stimulus == "plug-in":
                session.plugged_in = note.after
            else:
                session.unplugged = True

    def _begin(self, exchange: Exchange) -> Session | None:
        given = _id_of(exchange)
        if not isinstance(given, str):
            return None
        session = self.get(given)
        if session is None:
            session = self._by_id[given.lower()] = Session(given, exchange)
        if session.begun_by.number == exchange.number:
            answer = answer_of(exchange)
            session.begun_by = exchange
            session.begun = answer is Answer.POSITIVE
            session.refused = answer in {Answer.NEGATIVE, Answer.BROKEN}
        return session


def _id_of(beginning: Exchange) -> object:
    """The SessionID that a beginning gives to its session.

    The hub makes it: it is in the hub's response when the target sends the request, else in the request. The
    hub does not adopt a SessionID that a target makes up for a start that has none.
    """
    half = beginning.answer if beginning.by_target else beginning.request
    return half.get("SessionID")


def _partner(part: Part, name: str, exchange: Exchange) -> tuple[str, int] | None:
    """A partner's session id; one that is too long is a finding, and not handed on."""
    value = part.get(name)
    fits = isinstance(value, str) and len(value) <= LONGEST_PARTNER_ID
    return (value, exchange.number) if fits else None


def _learn(session: Session, body: Mapping[str, Any]) -> None:
    """Take up what a session is about; a malformed EvseID is a finding, and not handed on."""
    evse = body.get("EvseID")
    if session.evse is None and isinstance(evse, str) and is_evse_id(evse):
        session.evse = evse
    if session.identification is None and isinstance(body.get("Identification"), Mapping):
        session.identification = body["Identification"]
