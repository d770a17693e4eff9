"""Authentication data that an EMP uploads: with which actions, in which form, and true to its customers."""

from collections.abc import Iterator, Mapping
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of, code_of
from oicp_conformance.journal.sessions import medium
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, shown
from oicp_conformance.judge.published import contradicts_hub, rejected_because
from oicp_conformance.judge.requirement import awaited, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.judge.uploaded import identifications
from oicp_conformance.oicp.operation_names import PUSH_AUTH
from oicp_conformance.oicp.pins import pin_matches
from oicp_conformance.oicp.types import plain_id

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
    """
    is_loaded = False
    for exchange in record.of(PUSH_AUTH):
        action = exchange.request.get("ActionType")
        if exchange.scripted or not exchange.request.object:
            continue
        if answer_of(exchange) is Answer.POSITIVE:
            is_loaded |= action == "fullLoad"
            yield TRUTHFUL.held(exchange)
        elif code_of(exchange) == "022" and action in ("insert", "update"):
            contradicts = contradicts_hub(exchange)
            if contradicts and action == "update" and not is_loaded:
                continue
            yield TRUTHFUL.broken(
                exchange,
                rejected_because(exchange),
                pointer="/ActionType" if contradicts else None,
                expected="insert for new records, update for known ones"
                if contradicts
                else "an upload that is accepted",
                found=action,
            )


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
