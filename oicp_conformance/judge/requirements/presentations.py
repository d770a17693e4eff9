"""A medium that is presented, or an EVSE that is chosen: it is asked for once, and for what was shown."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Wait
from oicp_conformance.journal.sessions import medium
from oicp_conformance.judge.first_requests import without_session_id
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, shown
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import session_id, text
from oicp_conformance.oicp.operation_names import AUTHORIZE_START, AUTHORIZE_STOP, CDR, REMOTE_START, RESERVE
from oicp_conformance.oicp.types import is_same_id, plain_id

WITHOUT_SESSION_ID = requirement(
    "eRoamingAuthorizeStart.no-session-id",
    cpo(
        "SHOULD",
        "The CPO sends no SessionID in AuthorizeStart; Hubject creates it.",
        Source("CPO 01", "session_handling", 50, "explicit"),
        on=(AUTHORIZE_START,),
    ),
)

ASKED_ONCE = requirement(
    "eRoamingAuthorizeStart.once",
    cpo(
        "SHOULD",
        "The CPO sends one AuthorizeStart per presentation of a medium.",
        Source("CPO 02", "eRoamingAuthorizeStart", 39, "practice"),
        on=(AUTHORIZE_START,),
    ),
)

IDENTIFICATION = requirement(
    "identification.presented",
    cpo(
        "MUST",
        "The CPO sends the Identification that the driver presented.",
        Source("CPO 02", "eRoamingAuthorizeStart", 39, "explicit"),
        on=(
            AUTHORIZE_START,
            AUTHORIZE_STOP,
        ),
    ),
    emp(
        "MUST",
        "The EMP sends the Identification of the customer who requested the start.",
        Source("EMP 02", "eRoamingAuthorizeRemoteStartmessage", 220, "explicit"),
        on=(
            REMOTE_START,
            RESERVE,
        ),
    ),
)

EVSE = requirement(
    "evse.presented",
    cpo(
        "SHOULD",
        "If AuthorizeStart names an EVSE, it is the EVSE where the driver presented the medium.",
        Source("CPO 02", "eRoamingAuthorizeStartmessage", 92, "explicit"),
        on=(AUTHORIZE_START,),
    ),
    emp(
        "MUST",
        "The EvseID of a RemoteStart or RemoteReservationStart is the EVSE that the customer chose.",
        Source("EMP 02", "eRoamingAuthorizeRemoteStartmessage", 219, "explicit"),
        on=(
            REMOTE_START,
            RESERVE,
        ),
    ),
)

_CODE = "QRCodeIdentification"


@rule(WITHOUT_SESSION_ID, by_exchange=True)
def own_session_id(record: Record) -> Iterator[Outcome]:
    """No SessionID in a first request: the hub makes it."""
    yield from without_session_id(record, AUTHORIZE_START, WITHOUT_SESSION_ID, "C062")


@rule(IDENTIFICATION, EVSE, piecewise=True)
def presented(record: Record) -> Iterator[Outcome]:
    """What the stimulus showed, where it showed it."""
    firsts = (AUTHORIZE_START,) if record.role == "cpo" else (REMOTE_START, RESERVE)
    numbers = {exchange.number: exchange for exchange in record.asked_exchanges}
    for wait in record.waits:
        exchange = numbers.get(wait.came or 0)
        if exchange is None or wait.presented is None or not exchange.request.object:
            continue
        evse, at = text(exchange.request.object, "EvseID"), wait.presented_at
        if evse is not None and at is not None and exchange.operation in firsts:
            if is_same_id(evse, at):
                yield EVSE.held(exchange)
            else:
                yield EVSE.broken(
                    exchange,
                    "the EvseID is not the EVSE at which the identification was presented",
                    pointer="/EvseID",
                    expected=at,
                    found=evse,
                )
        given = exchange.request.get("Identification")
        if medium(given) is None or (record.role == "emp" and not _is_customer(record, wait.presented)):
            continue
        if medium(given) == medium(wait.presented):
            yield _with_its_pin(exchange, _pin(wait.presented), _pin(given))
        else:
            yield _not_presented(exchange, wait, given)


def _with_its_pin(exchange: Exchange, presented: str | None, given: str | None) -> Outcome:
    """Whether a QR code has the PIN that the driver entered; a missing one is a finding of its own."""
    if presented is None or given is None or given == presented:
        return IDENTIFICATION.held(exchange)
    return IDENTIFICATION.broken(
        exchange,
        "the PIN is not the one that the driver entered",
        pointer=f"/Identification/{_CODE}/PIN",
        # A PIN is a secret: its length shows most of what goes wrong.
        expected=f"this PIN of {len(presented)} characters",
        found=f"another PIN of {len(given)} characters",
    )


def _pin(identification: object) -> str | None:
    code = identification.get(_CODE) if isinstance(identification, Mapping) else None
    return text(code, "PIN") if isinstance(code, Mapping) else None


def _is_customer(record: Record, presented: object) -> bool:
    """Whether the profile has a customer of the EMP: whom the suite made up, the EMP cannot name."""
    return medium(presented) in [medium(one) for one in record.profile.partner.accepts]


def _not_presented(exchange: Exchange, wait: Wait, given: object) -> Outcome:
    return IDENTIFICATION.broken(
        exchange,
        "the Identification is not the one that was presented",
        pointer="/Identification",
        expected=shown(wait.presented),
        found=given,
        # The order of a UID's bytes is recommended only (CPO 03 L121).
        verdict=Verdict.WARNING if _is_reversed(medium(given), medium(wait.presented)) else None,
    )


def _is_reversed(given: tuple[str, str] | None, presented: tuple[str, str] | None) -> bool:
    """Whether two cards have the same UID with its bytes in the other order."""
    if given is None or presented is None or given[0] != presented[0]:
        return False
    uid, other = given[1].lower(), presented[1].lower()
    pairs = [uid[at : at + 2] for at in range(0, len(uid), 2)]
    return len(uid) % 2 == 0 and "".join(reversed(pairs)) == other


@rule(ASKED_ONCE, piecewise=True)
def authorized_once(record: Record) -> Iterator[Outcome]:
    """No second request for the same medium while its session has just begun, unless it is shown again.

    Who has started with the app presents nothing.
    """
    if not record.asks_of(AUTHORIZE_START):
        return
    presented = {wait.came for wait in record.waits if wait.stimulus == "done"}
    begun: dict[tuple[object, str], Exchange] = {}
    of_session: dict[str | None, set[tuple[object, str]]] = defaultdict(set)
    for exchange in record.of(AUTHORIZE_START, REMOTE_START, CDR):
        if exchange.operation == CDR:
            over = session_id(exchange.request.object)
            for key in of_session.pop(over, ()):
                if key in begun and _begun(begun[key]) == over:
                    del begun[key]
            continue
        evse = text(exchange.request.object, "EvseID")
        if evse is None:
            continue
        key = medium(exchange.request.get("Identification")), plain_id(evse)
        first = begun.get(key)
        is_again = exchange.number not in presented and first is not None and first.test == exchange.test
        if exchange.operation == REMOTE_START:
            if answer_of(exchange) is Answer.POSITIVE:
                begun[key] = exchange
                of_session[_begun(exchange)].add(key)
        elif first is not None and is_again and key[0] is not None:
            if not record.asks_about(exchange):
                continue
            yield ASKED_ONCE.broken(
                exchange,
                f"the same medium was authorized at the same EVSE in exchange {first.number}"
                if first.by_target
                else f"nobody presented this: the customer started with the app in exchange {first.number}",
                pointer="/Identification",
                expected="one request for each presentation",
                found=exchange.request.get("Identification"),
            )
        elif answer_of(exchange) is Answer.POSITIVE:
            begun[key] = exchange
            of_session[_begun(exchange)].add(key)
            if record.asks_about(exchange):
                yield ASKED_ONCE.held(exchange)


def _begun(start: Exchange) -> str | None:
    """The SessionID of the session that a start has begun."""
    return session_id((start.answer if start.by_target else start.request).object)
