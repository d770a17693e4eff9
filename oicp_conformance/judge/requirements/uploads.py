"""Authentication data that an EMP uploads: with which actions, in which form, and true to its customers."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of, code_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import medium
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, once, shown
from oicp_conformance.judge.published import contradicts_hub, rejected_because
from oicp_conformance.judge.requirement import awaited, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.uploaded import identifications
from oicp_conformance.oicp.operation_names import PUSH_AUTH
from oicp_conformance.oicp.pins import pin_matches
from oicp_conformance.oicp.types import plain_id

_Medium = tuple[str, str] | None
"""What an Identification comes down to."""

PIN_OR_HASH = requirement(
    "identification.pin-or-hash",
    emp(
        "MUST",
        "An uploaded QRCodeIdentification contains exactly one of PIN and HashedPIN.",
        Source("EMP 02", "eRoamingPushAuthenticationData", 500, "explicit"),
        on=(PUSH_AUTH,),
    ),
)

PIN_MATCHES = requirement(
    "eRoamingPushAuthenticationData.pin-matches",
    emp(
        "SHOULD",
        "An uploaded HashedPIN is the Bcrypt hash of the customer's PIN.",
        Source("EMP 03", "HashedPINType", 263, "explicit"),
        on=(PUSH_AUTH,),
    ),
)

FULL_LOAD = awaited(
    "eRoamingPushAuthenticationData.fullLoad",
    emp(
        "MAY",
        "The EMP may upload authentication data with ActionType fullLoad.",
        Source("EMP 02", "eRoamingPushAuthenticationData", 481, "explicit"),
        on=(PUSH_AUTH,),
    ),
)

INSERT = awaited(
    "eRoamingPushAuthenticationData.insert",
    emp(
        "MAY",
        "The EMP may add authentication data with ActionType insert.",
        Source("EMP 02", "eRoamingPushAuthenticationData", 481, "explicit"),
        on=(PUSH_AUTH,),
    ),
)

UPDATE = awaited(
    "eRoamingPushAuthenticationData.update",
    emp(
        "MAY",
        "The EMP may change authentication data with ActionType update.",
        Source("EMP 02", "eRoamingPushAuthenticationData", 481, "explicit"),
        on=(PUSH_AUTH,),
    ),
)

DELETE = awaited(
    "eRoamingPushAuthenticationData.delete",
    emp(
        "MAY",
        "The EMP may remove authentication data with ActionType delete.",
        Source("EMP 02", "eRoamingPushAuthenticationData", 481, "explicit"),
        on=(PUSH_AUTH,),
    ),
)

TRUTHFUL = requirement(
    "eRoamingPushAuthenticationData.truthful",
    emp(
        "SHOULD",
        "The EMP inserts only new records and updates only existing records.",
        Source("EMP 02", "eRoamingPushAuthenticationData", 493, "practice"),
        on=(PUSH_AUTH,),
    ),
)

FULL_LOAD_COMPLETE = requirement(
    "eRoamingPushAuthenticationData.full-load-complete",
    emp(
        "SHOULD",
        "A fullLoad contains all customers whose data is uploaded; Hubject removes the others.",
        Source("EMP 02", "eRoamingPushAuthenticationData", 490, "explicit"),
        on=(PUSH_AUTH,),
    ),
)

AUTHORIZES_OFFLINE = requirement(
    "eRoamingPushAuthenticationData.authorizes-offline",
    emp(
        "MUST",
        "An offline EMP uploads authentication data that lets Hubject authorize all its customers.",
        Source("EMP 00", "offline-emp", 36, "explicit"),
        on=(PUSH_AUTH,),
    ),
)


REFUSED = requirement(
    "eRoamingPushAuthenticationData.refused",
    emp(
        "SHOULD",
        "The EMP uploads no identification that it does not authorize.",
        Source("EMP 00", "offline-emp", 36, "practice"),
        on=(PUSH_AUTH,),
    ),
)


@rule(REFUSED, by_exchange=True)
def refused(record: Record) -> Iterator[Outcome]:
    """Hubject authorizes whom it has data of, and asks nobody; a delete takes somebody out of them."""
    partner = record.profile.partner
    strangers = {medium(one) for one in partner.refuses} - {medium(one) for one in partner.accepts} - {None}
    for exchange in record.of(PUSH_AUTH):
        if not strangers or exchange.request.get("ActionType") == "delete":
            continue
        for pointer, given in identifications(exchange):
            if medium(given) not in strangers:
                yield REFUSED.held(exchange)
            else:
                yield REFUSED.broken(
                    exchange,
                    "the profile lists this Identification under partner.refuses",
                    pointer=pointer,
                    expected="only customers who may charge",
                    found=given,
                )


@rule(PIN_OR_HASH, PIN_MATCHES, by_exchange=True)
def pins(record: Record) -> Iterator[Outcome]:
    """One of PIN and HashedPIN, and the hash of the right PIN."""
    known = {
        plain_id(str(code["EvcoID"])): str(code["PIN"])
        for one in record.profile.partner.accepts
        if isinstance(code := one.get("QRCodeIdentification"), dict) and code.get("PIN") and "EvcoID" in code
    }
    for exchange in record.of(PUSH_AUTH):
        for pointer, given in identifications(exchange):
            code = given.get("QRCodeIdentification")
            if not isinstance(code, dict):
                continue
            at = f"{pointer}/QRCodeIdentification"
            options = [name for name in ("PIN", "HashedPIN") if code.get(name) is not None]
            if len(options) == 1:
                yield PIN_OR_HASH.held(exchange)
            else:
                yield PIN_OR_HASH.broken(
                    exchange,
                    "a QR code must be uploaded with exactly one of PIN and HashedPIN",
                    pointer=at,
                    expected="PIN or HashedPIN",
                    found=" and ".join(options) or "none",
                )
            pin = known.get(plain_id(str(code.get("EvcoID"))))
            hashed = code.get("HashedPIN")
            value = hashed.get("Value") if isinstance(hashed, dict) else None
            if pin is None or not isinstance(value, str):
                continue
            if pin_matches(pin, value):
                yield PIN_MATCHES.held(exchange)
            else:
                yield PIN_MATCHES.broken(
                    exchange,
                    "the HashedPIN is not a hash of the customer's PIN",
                    pointer=f"{at}/HashedPIN/Value",
                    expected="a Bcrypt hash of the PIN in the profile",
                    found=value,
                    erratum="C137" if value.isalnum() else None,
                )


@rule(TRUTHFUL)
def truthful(record: Record) -> Iterator[Outcome]:
    """What Hubject refuses as inconsistent is a warning.

    This hub begins without customers. Before a full load, an EMP may update whom it uploaded before the run.
    A customer who exists for tests of changes only may be updated after it was deleted.
    """
    is_loaded = False
    removed: dict[_Medium, Exchange] = {}
    for exchange in record.of(PUSH_AUTH):
        action = exchange.request.get("ActionType")
        if answer_of(exchange) is Answer.POSITIVE:
            removed = _removed(record, exchange, removed)
        if exchange.scripted or not exchange.request.object:
            continue
        if answer_of(exchange) is Answer.POSITIVE:
            is_loaded |= action == "fullLoad"
            yield TRUTHFUL.held(exchange)
        elif code_of(exchange) == "022" and action in ("insert", "update"):
            contradicts = contradicts_hub(exchange)
            gone = _whom(exchange) & removed.keys() if contradicts and action == "update" else set()
            by = {removed[one] for one in gone & _customers(record)}
            if contradicts and action == "update" and (not is_loaded or (gone and not by)):
                continue
            if any(one.request.get("ActionType") == "fullLoad" for one in by):
                continue  # that is a finding of the full load
            how = f"; exchange {max(one.number for one in by)} deleted customers of the profile" if by else ""
            yield TRUTHFUL.broken(
                exchange,
                rejected_because(exchange) + how,
                pointer="/ActionType" if contradicts else None,
                expected="insert for new records, update for known ones"
                if contradicts
                else "an upload that is accepted",
                found=action,
            )


def _removed(record: Record, push: Exchange, before: Mapping[_Medium, Exchange]) -> dict[_Medium, Exchange]:
    """Who is not uploaded any more after a push, by the push that removed it."""
    given = _whom(push)
    if push.request.get("ActionType") == "delete":
        return {**before, **dict.fromkeys(given, push)}
    lost = next((load.lost for load in _loads(record) if load.push.number == push.number), set())
    return {one: by for one, by in before.items() if one not in given} | dict.fromkeys(lost, push)


@rule(FULL_LOAD_COMPLETE)
def complete(record: Record) -> Iterator[Outcome]:
    """Who was uploaded before, and is still a customer, as the profile says."""
    for load in _loads(record):
        if load.lost:
            yield FULL_LOAD_COMPLETE.broken(
                load.push,
                f"this fullLoad removes {len(load.lost)} of {load.before} customers of the profile that were "
                "uploaded before",
                pointer="/ActionType",
                expected="a fullLoad with all customers, or insert or update",
                found=f"fullLoad with {load.size} record{'s' if load.size > 1 else ''}",
            )
        else:
            yield FULL_LOAD_COMPLETE.held(load.push)


@dataclass(frozen=True)
class _Load:
    """A full load when some customers of the profile were uploaded before."""

    push: Exchange
    before: int
    """How many."""
    size: int
    """How many customers it has, of the profile or not."""
    lost: Set[_Medium]
    """The customers of the profile that it leaves out."""


@once
def _loads(record: Record) -> Sequence[_Load]:
    """The full loads that were to have some customers.

    A full load without records deletes all of them on purpose, and one with nobody new may be what was asked
    for with a delete. Inserts may follow a full load.
    """
    customers, there = _customers(record), set[_Medium]()
    found = []
    pushes = [one for one in record.of(PUSH_AUTH) if answer_of(one) is Answer.POSITIVE]
    for index, push in enumerate(pushes):
        given, action = _whom(push), push.request.get("ActionType")
        if action != "fullLoad":
            there = there - given if action == "delete" else there | given
            continue
        before, is_less, there = there & customers, given <= there, given
        if before and given and not (is_less and _asked_for(record, push) == "delete"):
            lost = {one for one in before - given if not _is_inserted(one, pushes[index + 1 :])}
            found.append(_Load(push, len(before), len(given), lost))
    return found


def _customers(record: Record) -> set[_Medium]:
    """The media of the profile's customers."""
    return {medium(one) for one in record.profile.partner.accepts} - {None}


def _whom(push: Exchange) -> set[_Medium]:
    """The media of an upload."""
    return {medium(one) for _, one in identifications(push)}


def _is_inserted(one: _Medium, later: Sequence[Exchange]) -> bool:
    """Whether a customer is next uploaded by an insert: a load may consist of several pushes."""
    again = next((push for push in later if one in _whom(push)), None)
    return again is not None and again.request.get("ActionType") == "insert"


def _asked_for(record: Record, push: Exchange) -> Any:
    """The ActionType of the last stimulus before a push."""
    asked = [one for one in record.waits_for(PUSH_AUTH) if (one.asked or push.started) < push.started]
    last = max(asked, key=lambda one: one.asked or 0.0, default=None)
    return (last.parameters or {}).get("ActionType") if last else None


@rule(AUTHORIZES_OFFLINE)
def authorizes(record: Record) -> Iterator[Outcome]:
    """What was uploaded is what the profile says of the customers."""
    for check in record.uploads:
        if not check.authorized and record.party != "emp-offline":
            continue  # an EMP that is online uploads whom it likes
        if check.authorized:
            yield Outcome(AUTHORIZES_OFFLINE.id, PUSH_AUTH, Verdict.PASS, test=check.test)
        else:
            is_by_emp = _has_alphanumeric_hash(record, check.identification)
            yield Outcome(
                AUTHORIZES_OFFLINE.id,
                PUSH_AUTH,
                Verdict.WARNING if is_by_emp else Verdict.FAIL,
                "the uploaded data does not authorize a customer of the profile",
                check.exchange,
                "/ProviderAuthenticationData/AuthenticationDataRecord",
                expected=shown(check.identification),
                found="no record of this customer",
                erratum="C137" if is_by_emp else None,
                test=check.test,
                by_level=True,
            )


def _has_alphanumeric_hash(record: Record, identification: Mapping[str, Any]) -> bool:
    """Whether a customer was uploaded with a hash of letters and digits, as the EMP's document has it."""
    wanted = medium(identification)
    for exchange in record.of(PUSH_AUTH):
        for _, given in identifications(exchange):
            code = given.get("QRCodeIdentification")
            hashed = code.get("HashedPIN") if isinstance(code, dict) and medium(given) == wanted else None
            value = hashed.get("Value") if isinstance(hashed, dict) else None
            if isinstance(value, str) and value.isalnum():
                return True
    return False
