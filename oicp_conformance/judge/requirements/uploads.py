"""Authentication data that an EMP uploads: with which actions, in which form, and true to its customers."""

from collections.abc import Iterator

from oicp_conformance.journal.answers import Answer, answer_of, code_of
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, shown
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
        "A QR code goes with a PIN or with a HashedPIN, not with both and not with none.",
        Source("EMP 02", "eRoamingPushAuthenticationData"),
        on=(PUSH_AUTH,),
    ),
)

PIN_MATCHES = requirement(
    "eRoamingPushAuthenticationData.pin-matches",
    emp(
        "MUST",
        "An uploaded HashedPIN is the hash of the customer's PIN.",
        Source("EMP 02", "eRoamingPushAuthenticationData"),
        on=(PUSH_AUTH,),
    ),
)

FULL_LOAD = awaited(
    "eRoamingPushAuthenticationData.fullLoad",
    emp(
        "MUST",
        "The customers are published with the ActionType fullLoad.",
        Source("EMP 02", "eRoamingPushAuthenticationData"),
        on=(PUSH_AUTH,),
    ),
)

INSERT = awaited(
    "eRoamingPushAuthenticationData.insert",
    emp(
        "MUST",
        "The customers are published with the ActionType insert.",
        Source("EMP 02", "eRoamingPushAuthenticationData"),
        on=(PUSH_AUTH,),
    ),
)

UPDATE = awaited(
    "eRoamingPushAuthenticationData.update",
    emp(
        "MUST",
        "The customers are published with the ActionType update.",
        Source("EMP 02", "eRoamingPushAuthenticationData"),
        on=(PUSH_AUTH,),
    ),
)

DELETE = awaited(
    "eRoamingPushAuthenticationData.delete",
    emp(
        "MUST",
        "The customers are published with the ActionType delete.",
        Source("EMP 02", "eRoamingPushAuthenticationData"),
        on=(PUSH_AUTH,),
    ),
)

TRUTHFUL = requirement(
    "eRoamingPushAuthenticationData.truthful",
    emp(
        "SHOULD",
        "Only new records are inserted, only known ones updated.",
        Source("EMP 02", "eRoamingPushAuthenticationData"),
        on=(PUSH_AUTH,),
    ),
)

AUTHORIZES_OFFLINE = requirement(
    "eRoamingPushAuthenticationData.authorizes-offline",
    emp(
        "MUST",
        "A customer whose data were uploaded is authorized offline by Hubject.",
        Source("EMP 02", "eRoamingPushAuthenticationData"),
        on=(PUSH_AUTH,),
    ),
)


@rule(PIN_OR_HASH, PIN_MATCHES)
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
                    "a QR code is uploaded with exactly one of PIN and HashedPIN",
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
                    "the hash is not the one of the customer's PIN",
                    pointer=f"{at}/HashedPIN/Value",
                    expected="a Bcrypt hash of the PIN in the profile",
                    found=value,
                )


@rule(TRUTHFUL)
def truthful(record: Record) -> Iterator[Outcome]:
    """What Hubject refuses as inconsistent is a warning."""
    for exchange in record.of(PUSH_AUTH):
        if exchange.scripted or not exchange.request.object:
            continue
        if answer_of(exchange) is Answer.POSITIVE:
            yield TRUTHFUL.held(exchange)
        elif code_of(exchange) == "022" and exchange.request.get("ActionType") in ("insert", "update"):
            status = exchange.answer.object["StatusCode"]
            yield TRUTHFUL.broken(
                exchange,
                str(status.get("AdditionalInfo")),
                pointer="/ActionType",
                expected="insert for new records, update for known ones",
                found=exchange.request.get("ActionType"),
            )


@rule(AUTHORIZES_OFFLINE)
def authorizes(record: Record) -> Iterator[Outcome]:
    """What was uploaded is what the profile says of the customers."""
    for check in record.uploads:
        if check.authorized:
            yield Outcome(AUTHORIZES_OFFLINE.id, PUSH_AUTH, Verdict.PASS, test=check.test)
        else:
            yield Outcome(
                AUTHORIZES_OFFLINE.id,
                PUSH_AUTH,
                Verdict.FAIL,
                "a customer of the profile is not authorized from what was uploaded",
                check.exchange,
                "/ProviderAuthenticationData/AuthenticationDataRecord",
                expected=shown(check.identification),
                found="no record of it",
                test=check.test,
                by_level=True,
            )
