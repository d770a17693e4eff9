"""Identifications and ids in what the target sends: which kind, whose, and in which form."""

from collections.abc import Iterator, Mapping
from typing import Any

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record, Verdict
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.requirements.message_fields import field_requirement
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.values import text
from oicp_conformance.oicp.operation_names import (
    AUTHORIZE_START,
    AUTHORIZE_STOP,
    CDR,
    IN_SESSION,
    NOTIFY,
    PUSH_AUTH,
    REMOTE_START,
    RESERVE,
)
from oicp_conformance.oicp.operations import NOTIFICATION_TYPES
from oicp_conformance.oicp.types import is_evse_id, operator_of, plain_id, provider_of

NO_RFID = requirement(
    "identification.no-rfid",
    cpo(
        "MUST",
        "The CPO never sends RFIDIdentification in AuthorizeStart or AuthorizeStop.",
        Source("CPO 03", "IdentificationType", 43, "explicit"),
        on=(
            AUTHORIZE_START,
            AUTHORIZE_STOP,
        ),
    ),
)

PIN_IN_CLEAR = requirement(
    "identification.pin-in-clear",
    cpo(
        "MUST",
        "For a QR code, the CPO sends the PIN in clear text and no HashedPIN.",
        Source("CPO 03", "QRCodeIdentificationType", 133, "explicit"),
        on=(AUTHORIZE_START, AUTHORIZE_STOP, CDR, NOTIFY),
    ),
)

REMOTE = requirement(
    "identification.remote",
    emp(
        "MUST",
        "RemoteStart and RemoteReservationStart identify the customer with RemoteIdentification only.",
        Source("EMP 03", "IdentificationType", 43, "explicit"),
        on=(
            REMOTE_START,
            RESERVE,
        ),
    ),
)

EVCO_OF_PROVIDER = requirement(
    "identification.evco-of-provider",
    emp(
        "MUST",
        "Each EvcoID names the EMP's ProviderID or a sub-provider of the EMP.",
        Source("EMP 02", "eRoamingPushAuthenticationData", 510, "explicit"),
        on=(
            AUTHORIZE_START,
            REMOTE_START,
            RESERVE,
            PUSH_AUTH,
        ),
    ),
)

OPERATOR_OF_EVSE = requirement(
    "operator.of-evse",
    cpo(
        "MUST",
        "The CPO sends its own OperatorID, and only its own EVSEs or those of its sub-operators.",
        Source("CPO 01", "hub_provider_and_operator", 81, "explicit"),
        on=(
            AUTHORIZE_START,
            *IN_SESSION,
        ),
    ),
)


_RFID_IN = {
    name: field_requirement(name, "Identification", "RFIDIdentification")
    for name in (CDR, *(f"eRoamingChargingNotification{kind}" for kind in NOTIFICATION_TYPES))
}
_MAY_STOP = "AuthorizationStopIdentifications"
_RFID_MAY_STOP = field_requirement("eRoamingAuthorizationStart", _MAY_STOP, "RFIDIdentification")


def _identified(record: Record, *operations: str) -> Iterator[tuple[Exchange, Mapping[str, Any]]]:
    for exchange in record.written(*operations):
        given = exchange.request.get("Identification")
        if exchange.by_target and isinstance(given, dict):
            yield exchange, given


@rule(NO_RFID, by_exchange=True)
def rfid(record: Record) -> Iterator[Outcome]:
    """No RFIDIdentification; in notifications and records its use is a warning (C202)."""
    for exchange, given in _identified(record, AUTHORIZE_START, *IN_SESSION):
        in_authorization = exchange.operation in {AUTHORIZE_START, AUTHORIZE_STOP}
        if given.get("RFIDIdentification") is None:
            if in_authorization:
                yield NO_RFID.held(exchange)
            continue
        if exchange.operation == NOTIFY and exchange.request.get("Type") not in NOTIFICATION_TYPES:
            continue  # it is no message of which there are fields
        name = (
            f"eRoamingChargingNotification{exchange.request.get('Type')}"
            if exchange.operation == NOTIFY
            else exchange.operation
        )
        requirement = NO_RFID if in_authorization else _RFID_IN[name or ""]
        yield requirement.broken(
            exchange,
            "RFIDIdentification must not be used for a card that was read at a charger",
            pointer="/Identification/RFIDIdentification",
            expected="RFIDMifareFamilyIdentification",
            found=given["RFIDIdentification"],
            erratum=None if in_authorization else "C202",
            verdict=None if in_authorization else Verdict.WARNING,
        )


@rule(_RFID_MAY_STOP, by_exchange=True)
def rfid_that_may_stop(record: Record) -> Iterator[Outcome]:
    """An EMP names who may stop, and does not use RFIDIdentification there (EMP 03 L42)."""
    for exchange in record.of(AUTHORIZE_START):
        named = None if exchange.by_target else exchange.answer.get(_MAY_STOP)
        for index, one in enumerate(named if isinstance(named, list) else []):
            if isinstance(one, dict) and one.get("RFIDIdentification") is not None:
                yield _RFID_MAY_STOP.broken(
                    exchange,
                    "RFIDIdentification must not be used in authorizations (EMP 03 L42)",
                    pointer=f"/{_MAY_STOP}/{index}/RFIDIdentification",
                    expected="RFIDMifareFamilyIdentification",
                    found=one["RFIDIdentification"],
                )


@rule(PIN_IN_CLEAR, by_exchange=True)
def pin(record: Record) -> Iterator[Outcome]:
    """A QR code without HashedPIN, and with its PIN where it asks for authorization."""
    for exchange, given in _identified(record, AUTHORIZE_START, AUTHORIZE_STOP, CDR, NOTIFY):
        code = given.get("QRCodeIdentification")
        if not isinstance(code, dict):
            continue
        at, asks = "/Identification/QRCodeIdentification", exchange.operation not in (CDR, NOTIFY)
        if (asks and code.get("PIN") is None) or code.get("HashedPIN") is not None:
            hashed = code.get("HashedPIN") is not None
            yield PIN_IN_CLEAR.broken(
                exchange,
                "a HashedPIN is for uploaded authentication data only" if hashed else "the PIN is missing",
                pointer=f"{at}/HashedPIN" if hashed else f"{at}/PIN",
                expected="PIN in clear text, no HashedPIN" if asks else "no HashedPIN",
                found=", ".join(name for name in code if code[name] is not None),
            )
        elif asks and code["PIN"] == "":
            yield PIN_IN_CLEAR.broken(
                exchange,
                "the PIN is empty",
                pointer=f"{at}/PIN",
                expected="the PIN",
                found="an empty text",
                erratum="C154",
                verdict=Verdict.WARNING,
            )
        else:
            yield PIN_IN_CLEAR.held(exchange)


@rule(OPERATOR_OF_EVSE, by_exchange=True)
def operator(record: Record) -> Iterator[Outcome]:
    """The partner's own OperatorID, and an EVSE of its own."""
    own = record.profile.partner.operator_id or ""
    operators = record.profile.partner.operators
    for exchange in record.written(AUTHORIZE_START, *IN_SESSION):
        if not exchange.by_target:
            continue
        given, evse = (text(exchange.request.object, name) for name in ("OperatorID", "EvseID"))
        if given is not None and plain_id(given) != plain_id(own):
            yield OPERATOR_OF_EVSE.broken(
                exchange,
                "the OperatorID is not the CPO's own",
                pointer="/OperatorID",
                expected=own,
                found=given,
            )
        elif evse is not None and is_evse_id(evse) and operator_of(evse) not in operators:
            yield OPERATOR_OF_EVSE.broken(
                exchange,
                "the EVSE belongs to another operator; list sub-operators in [partner] sub_operator_ids",
                pointer="/EvseID",
                expected=f"an EVSE of {own}",
                found=evse,
            )
        else:
            yield OPERATOR_OF_EVSE.held(exchange)


@rule(REMOTE, by_exchange=True)
def remote(record: Record) -> Iterator[Outcome]:
    """An EMP starts with RemoteIdentification only."""
    for exchange, given in _identified(record, REMOTE_START, RESERVE):
        kinds = [name for name, value in given.items() if value is not None]
        if len(kinds) != 1:
            continue  # the choice itself is judged with the fields
        if kinds == ["RemoteIdentification"]:
            yield REMOTE.held(exchange)
        else:
            yield REMOTE.broken(
                exchange,
                "a remote start must use RemoteIdentification",
                pointer=f"/Identification/{kinds[0]}",
                expected="RemoteIdentification",
                found=kinds[0],
                erratum="C203",
            )


@rule(EVCO_OF_PROVIDER, by_exchange=True)
def evco_ids(record: Record) -> Iterator[Outcome]:
    """The provider of an EvcoID, in remote starts, uploads, and lists of who may stop a session."""
    providers = record.profile.partner.providers
    for exchange in record.written(AUTHORIZE_START, REMOTE_START, RESERVE, PUSH_AUTH):
        is_answer = exchange.operation == AUTHORIZE_START
        if exchange.by_target == is_answer or (is_answer and not exchange.answer.get(_MAY_STOP)):
            continue
        wrong = [
            (pointer, evco)
            for pointer, evco in _evco_ids(exchange.sent.object)
            if provider_of(evco) not in providers
        ]
        for pointer, evco in wrong:
            yield EVCO_OF_PROVIDER.broken(
                exchange,
                "the EvcoID belongs to another provider",
                pointer=pointer,
                expected=f"an EvcoID of {record.profile.partner.provider_id}",
                found=evco,
                # No sentence says that a medium that may stop must be of this provider.
                verdict=Verdict.WARNING if is_answer else Verdict.FAIL,
            )
        if not wrong:
            yield EVCO_OF_PROVIDER.held(exchange)


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
