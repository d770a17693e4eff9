"""Data pushes: one after another, and truthful."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from oicp_conformance.journal.answers import Answer, answer_of, code_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, broken, held, rule, shown
from oicp_conformance.oicp.operations import OPERATIONS, Operation
from oicp_conformance.oicp.pins import pin_matches
from oicp_conformance.oicp.types import plain_id

PUSH_AUTH = "eRoamingPushAuthenticationData"


@rule
def sequential(record: Record) -> Iterator[Outcome]:
    """push.sequential: a push begins after the answer to the one before."""
    for operation in OPERATIONS:
        if not operation.is_push:
            continue
        before: Exchange | None = None
        for exchange in record.of(operation.name):
            if before is not None and exchange.started < (before.finished or 0):
                yield broken(
                    "push.sequential",
                    exchange,
                    f"it was sent before the push of exchange {before.number} was answered",
                    expected="one push after another",
                    found="two at once",
                )
            else:
                yield held("push.sequential", exchange)
            before = exchange if before is None or _ends(exchange) > _ends(before) else before


def _ends(exchange: Exchange) -> float:
    return exchange.finished or exchange.started


def identifications(exchange: Exchange) -> Iterator[tuple[str, dict[str, Any]]]:
    """The identifications of an upload with their pointers."""
    data = exchange.request.get("ProviderAuthenticationData")
    records = data.get("AuthenticationDataRecord") if isinstance(data, dict) else None
    for index, one in enumerate(records if isinstance(records, list) else []):
        given = one.get("Identification") if isinstance(one, dict) else None
        if isinstance(given, dict):
            yield f"/ProviderAuthenticationData/AuthenticationDataRecord/{index}/Identification", given


@rule
def pins(record: Record) -> Iterator[Outcome]:
    """identification.pin-or-hash and pin-matches."""
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
                yield held("identification.pin-or-hash", exchange)
            else:
                yield broken(
                    "identification.pin-or-hash",
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
                yield held(f"{PUSH_AUTH}.pin-matches", exchange)
            else:
                yield broken(
                    f"{PUSH_AUTH}.pin-matches",
                    exchange,
                    "the hash is not the one of the customer's PIN",
                    pointer=f"{at}/HashedPIN/Value",
                    expected="a Bcrypt hash of the PIN in the profile",
                    found=value,
                )


@rule
def truthful(record: Record) -> Iterator[Outcome]:
    """truthful: what Hubject refuses as inconsistent is a warning."""
    for exchange in record.of(PUSH_AUTH):
        if exchange.scripted or not exchange.request.object:
            continue
        if answer_of(exchange) is Answer.POSITIVE:
            yield held(f"{PUSH_AUTH}.truthful", exchange)
        elif code_of(exchange) == "022" and exchange.request.get("ActionType") in ("insert", "update"):
            status = exchange.answer.object["StatusCode"]
            yield broken(
                f"{PUSH_AUTH}.truthful",
                exchange,
                str(status.get("AdditionalInfo")),
                pointer="/ActionType",
                expected="insert for new records, update for known ones",
                found=exchange.request.get("ActionType"),
                verdict=Verdict.WARNING,
            )


@rule
def authorizes(record: Record) -> Iterator[Outcome]:
    """authorizes-offline: what was uploaded is what the profile says of the customers."""
    for check in record.uploads:
        if check.authorized:
            yield Outcome(f"{PUSH_AUTH}.authorizes-offline", PUSH_AUTH, Verdict.PASS, test=check.test)
        else:
            yield Outcome(
                f"{PUSH_AUTH}.authorizes-offline",
                PUSH_AUTH,
                Verdict.FAIL,
                "a customer of the profile is not authorized from what was uploaded",
                check.exchange,
                "/ProviderAuthenticationData/AuthenticationDataRecord",
                expected=shown(check.identification),
                found="no record of it",
                test=check.test,
            )


MOST_REPEATS = 10
"""How often what Hubject refuses may come again unchanged, until a test asks for it anew."""


def _repeatable(operation: Operation) -> tuple[str, Verdict] | None:
    """The requirement that an operation is not repeated without end, and what it is to break it."""
    if operation.is_push:
        return "push.after-refusal", Verdict.FAIL
    return ("pull.after-failure", Verdict.WARNING) if operation.is_paged else None


def _is_repetition(before: Exchange, exchange: Exchange) -> bool:
    return (
        (before.test, before.path) == (exchange.test, exchange.path)
        and before.request.json == exchange.request.json
        and answer_of(before) is not Answer.POSITIVE
    )


@rule
def endless(record: Record) -> Iterator[Outcome]:
    """push.after-refusal and pull.after-failure: what was refused is not sent again and again."""
    for operation in OPERATIONS:
        if not (known := _repeatable(operation)):
            continue
        requirement, verdict = known
        repeats = 0
        for before, exchange in pairwise(one for one in record.of(operation.name) if one.by_target):
            repeats = repeats + 1 if _is_repetition(before, exchange) else 0
            if repeats > MOST_REPEATS:
                yield broken(
                    requirement,
                    exchange,
                    f"the same comes for the {repeats + 1}th time, though it was refused each time",
                    expected=f"at most {MOST_REPEATS} repetitions",
                    found=repeats,
                    verdict=verdict,
                )
            elif answer_of(before) is not Answer.POSITIVE:
                yield held(requirement, exchange)
