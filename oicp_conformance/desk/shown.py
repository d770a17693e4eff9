"""Exchanges, findings, sessions and what the hub knows, as JSON: pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from oicp_conformance.hub.hubject import Hubject
from oicp_conformance.journal.answers import answer_of, code_of
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.sessions import Session
from oicp_conformance.journal.times import iso
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile
from oicp_conformance.reporting.account import Evidence

MOST_RECORDS = 1000
"""EVSEs, statuses, prices and customers that are shown at most."""


def summary(exchange: Exchange, role: Role, verdict: str | None) -> dict[str, Any]:
    """An exchange as a row, without its bodies."""
    session = exchange.request.get("SessionID") or exchange.answer.get("SessionID")
    return {
        "role": role,
        "number": exchange.number,
        "direction": exchange.direction,
        "operation": exchange.operation,
        "method": exchange.method,
        "path": exchange.path,
        "started": iso(exchange.started),
        "seconds": round(exchange.seconds, 3),
        "status": exchange.status,
        "code": code_of(exchange),
        "result": answer_of(exchange).value,
        "session": session if isinstance(session, str) else None,
        "trouble": exchange.trouble,
        "detail": exchange.detail,
        "scripted": exchange.scripted,
        "verdict": verdict,
    }


def part(one: Part) -> dict[str, Any]:
    """A request or an answer: `json` where the body is JSON, else `text`."""
    body = {"text": one.body.decode("utf-8", "replace")} if one.problem else {"json": one.json}
    return {"headers": [list(pair) for pair in one.headers], **body, "cut": one.cut}


def texts(found: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Findings in short."""
    return [
        {
            "requirement": one.requirement,
            "operation": one.operation,
            "verdict": one.verdict.value,
            "message": one.message,
            "exchange": one.exchange,
            "pointer": one.pointer,
            "expected": one.expected,
            "found": one.found,
        }
        for one in found
    ]


def findings(found: Sequence[Outcome], exchange: Exchange, profile: Profile) -> list[dict[str, Any]]:
    """The findings of an exchange, with the excerpt of the message in which the offending part is marked."""
    record = Record(profile, (exchange,), ())
    made = []
    for row, one in zip(texts(found), found, strict=True):
        evidence = Evidence(one, record)
        made.append(
            {
                **row,
                "sentence": evidence.requirement.sentence,
                "clause": evidence.clause,
                "half": evidence.half,
                "marked": [{"text": text, "marked": marked} for text, marked in evidence.lines],
            }
        )
    return made


def session(one: Session, role: Role) -> dict[str, Any]:
    """A session, with the numbers of its exchanges."""
    state = "refused" if one.refused else "settled" if one.settled else "stopped" if one.stopped_by else ""
    return {
        "role": role,
        "SessionID": one.id,
        "EvseID": one.evse,
        "Identification": one.identification,
        "CPOPartnerSessionID": one.cpo_partner[0] if one.cpo_partner else None,
        "EMPPartnerSessionID": one.emp_partner[0] if one.emp_partner else None,
        "begun_by": one.begun_by.operation,
        "started": iso(one.begun_by.started),
        "state": state or ("running" if one.begun else "unanswered"),
        "exchanges": [each.number for each in one.exchanges],
    }


def knowledge(hubject: Hubject, role: Role) -> dict[str, Any]:
    """What the hub knows: what was pushed and uploaded, and whom it authorizes."""
    store = hubject.store
    tables: Mapping[str, Any] = {
        "EvseData": store.evse_data.table,
        "EvseStatus": store.statuses.table,
        "PricingProductData": store.products.table,
        "EVSEPricing": store.prices.table,
    }
    rows = {
        name: [entry.record for _, entry in table.every() if entry.valid] for name, table in tables.items()
    }
    rows["AuthenticationData"] = list(hubject.uploaded.records)
    rows["Customers"] = [{kind: value} for kind, value in sorted(hubject.customers)]
    return {
        "role": role,
        "now": store.now.isoformat(),
        "counts": {name: len(some) for name, some in rows.items()},
        **{name: some[:MOST_RECORDS] for name, some in rows.items()},
    }
