"""Identifications: which kind, whose, and in which form, in what the target sends."""

from collections.abc import Iterator, Mapping
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Wait
from oicp_conformance.journal.sessions import medium
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, rule, shown
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.operations import NOTIFICATION_TYPES
from oicp_conformance.oicp.types import operator_of, plain_id, provider_of

_START, _STOP = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
_REMOTE_START = "eRoamingAuthorizeRemoteStart"
_RESERVE = "eRoamingAuthorizeRemoteReservationStart"
_MAY_STOP = "AuthorizationStopIdentifications"
_NOTIFY, _CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"


def _identified(record: Record, *operations: str) -> Iterator[tuple[Exchange, Mapping[str, Any]]]:
    for exchange in record.written(*operations):
        given = exchange.request.get("Identification")
        if exchange.by_target and isinstance(given, dict):
            yield exchange, given


@rule
def rfid(record: Record) -> Iterator[Outcome]:
    """identification.no-rfid; in notifications and records its use is a warning (C202)."""
    if record.role != "cpo":
        return
    for exchange, given in _identified(record, _START, _STOP, _NOTIFY, _CDR):
        if given.get("RFIDIdentification") is None:
            if exchange.operation in {_START, _STOP}:
                yield held("identification.no-rfid", exchange)
            continue
        in_authorization = exchange.operation in {_START, _STOP}
        if exchange.operation == _NOTIFY and exchange.request.get("Type") not in NOTIFICATION_TYPES:
            continue  # it is no message of which there are fields
        name = (
            f"eRoamingChargingNotification{exchange.request.get('Type')}"
            if exchange.operation == _NOTIFY
            else exchange.operation
        )
        yield broken(
            "identification.no-rfid" if in_authorization else f"{name}.Identification.RFIDIdentification",
            exchange,
            "RFIDIdentification is not used for a card that was read at a charger",
            pointer="/Identification/RFIDIdentification",
            expected="RFIDMifareFamilyIdentification",
            found=given["RFIDIdentification"],
            erratum=None if in_authorization else "C202",
            verdict=Verdict.FAIL if in_authorization else Verdict.WARNING,
        )


@rule
def pin(record: Record) -> Iterator[Outcome]:
    """identification.pin-in-clear, where a QR code asks for authorization."""
    if record.role != "cpo":
        return
    for exchange, given in _identified(record, _START, _STOP):
        code = given.get("QRCodeIdentification")
        if not isinstance(code, dict):
            continue
        at = "/Identification/QRCodeIdentification"
        if code.get("PIN") is None or code.get("HashedPIN") is not None:
            hashed = code.get("HashedPIN") is not None
            yield broken(
                "identification.pin-in-clear",
                exchange,
                "a HashedPIN is not for authorization requests" if hashed else "the PIN is missing",
                pointer=f"{at}/HashedPIN" if hashed else f"{at}/PIN",
                expected="PIN in clear, no HashedPIN",
                found=", ".join(name for name in code if code[name] is not None),
            )
        elif code["PIN"] == "":
            yield broken(
                "identification.pin-in-clear",
                exchange,
                "the PIN is empty",
                pointer=f"{at}/PIN",
                expected="the PIN",
                found="an empty text",
                erratum="C154",
                verdict=Verdict.WARNING,
            )
        else:
            yield held("identification.pin-in-clear", exchange)


@rule
def own_session_id(record: Record) -> Iterator[Outcome]:
    """No SessionID in a first request: the hub makes it."""
    firsts = (_START,) if record.role == "cpo" else (_REMOTE_START, _RESERVE)
    erratum = "C062" if record.role == "cpo" else "C040"
    for exchange in record.written(*firsts):
        operation = exchange.operation
        if not exchange.by_target:
            continue
        if given := exchange.request.get("SessionID"):
            yield broken(
                f"{operation}.no-session-id",
                exchange,
                "a first request carries a SessionID, which only the hub can make",
                pointer="/SessionID",
                expected="no SessionID",
                found=given,
                erratum=erratum,
                verdict=Verdict.WARNING,
            )
        else:
            yield held(f"{operation}.no-session-id", exchange)


@rule
def operator(record: Record) -> Iterator[Outcome]:
    """operator.of-evse: the partner's own OperatorID, and an EVSE of its own."""
    if record.role != "cpo":
        return
    own = record.profile.partner.operator_id or ""
    operators = record.profile.partner.operators
    for exchange in record.written(_START, _STOP, _NOTIFY, _CDR):
        if not exchange.by_target:
            continue
        given, evse = (text(exchange.request.object, name) for name in ("OperatorID", "EvseID"))
        if given is not None and plain_id(given) != plain_id(own):
            yield broken(
                "operator.of-evse",
                exchange,
                "this is not the partner's own OperatorID",
                pointer="/OperatorID",
                expected=own,
                found=given,
            )
        elif evse is not None and operator_of(evse) not in operators:
            yield broken(
                "operator.of-evse",
                exchange,
                "the EVSE is another operator's; name sub-operators in [partner] sub_operator_ids",
                pointer="/EvseID",
                expected=f"an EVSE of {own}",
                found=evse,
            )
        else:
            yield held("operator.of-evse", exchange)


@rule
def presented(record: Record) -> Iterator[Outcome]:
    """identification.presented and evse.presented: what the stimulus showed, where it showed it."""
    firsts = (_START,) if record.role == "cpo" else (_REMOTE_START, _RESERVE)
    numbers = {exchange.number: exchange for exchange in record.exchanges}
    for wait in record.waits:
        exchange = numbers.get(wait.came or 0)
        if exchange is None or wait.presented is None or not exchange.request.object:
            continue
        evse, at = text(exchange.request.object, "EvseID"), wait.presented_at
        if evse is not None and at is not None and exchange.operation in firsts:
            if plain_id(evse) == plain_id(at):
                yield held("evse.presented", exchange)
            else:
                yield broken(
                    "evse.presented",
                    exchange,
                    "this is not the EVSE at which the identification was presented",
                    pointer="/EvseID",
                    expected=at,
                    found=evse,
                )
        given = exchange.request.get("Identification")
        if medium(given) is None or (record.role == "emp" and not _is_customer(record, wait.presented)):
            continue
        if medium(given) == medium(wait.presented):
            yield held("identification.presented", exchange)
        else:
            yield _not_presented(exchange, wait, given)


def _is_customer(record: Record, presented: object) -> bool:
    """Whether the profile has a customer of the EMP: whom the suite made up, the EMP cannot name."""
    return medium(presented) in [medium(one) for one in record.profile.partner.accepts]


def _not_presented(exchange: Exchange, wait: Wait, given: object) -> Outcome:
    return broken(
        "identification.presented",
        exchange,
        "this is not the identification that was presented",
        pointer="/Identification",
        expected=shown(wait.presented),
        found=given,
    )


@rule
def remote(record: Record) -> Iterator[Outcome]:
    """identification.remote: an EMP starts with RemoteIdentification only."""
    if record.role != "emp":
        return
    for exchange, given in _identified(record, _REMOTE_START, _RESERVE):
        kinds = [name for name, value in given.items() if value is not None]
        if len(kinds) != 1:
            continue  # the choice itself is judged with the fields
        if kinds == ["RemoteIdentification"]:
            yield held("identification.remote", exchange)
        else:
            yield broken(
                "identification.remote",
                exchange,
                "a remote start is identified with RemoteIdentification only",
                pointer=f"/Identification/{kinds[0]}",
                expected="RemoteIdentification",
                found=kinds[0],
                erratum="C203",
            )


@rule
def evco_ids(record: Record) -> Iterator[Outcome]:
    """identification.evco-of-provider, in remote starts, uploads, and lists of who may stop a session."""
    if record.role != "emp":
        return
    providers = record.profile.partner.providers
    for exchange in record.written(_START, _REMOTE_START, _RESERVE, "eRoamingPushAuthenticationData"):
        is_answer = exchange.operation == _START
        if exchange.by_target == is_answer or (is_answer and not exchange.answer.get(_MAY_STOP)):
            continue
        wrong = [
            (pointer, evco)
            for pointer, evco in _evco_ids(exchange.sent.object)
            if provider_of(evco) not in providers
        ]
        for pointer, evco in wrong:
            yield broken(
                "identification.evco-of-provider",
                exchange,
                "the EvcoID names another provider",
                pointer=pointer,
                expected=f"an EvcoID of {record.profile.partner.provider_id}",
                found=evco,
                # No sentence says that a medium that may stop must be of this provider.
                verdict=Verdict.WARNING if is_answer else Verdict.FAIL,
            )
        if not wrong:
            yield held("identification.evco-of-provider", exchange)


def _evco_ids(value: object, pointer: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "EvcoID" and isinstance(item, str):
                yield f"{pointer}/{name}", item
            else:
                yield from _evco_ids(item, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _evco_ids(item, f"{pointer}/{index}")
