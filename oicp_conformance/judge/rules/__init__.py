"""The rules, one subject a module; importing this package registers them all."""

from oicp_conformance.judge.rules import (
    answers,
    authorization,
    cdr,
    evse,
    fields,
    http,
    notifications,
    pricing,
    pulls,
    push,
    sessions,
    waits,
)
from oicp_conformance.judge.rules import hub_requests as requests

__all__ = [
    "answers",
    "authorization",
    "cdr",
    "evse",
    "fields",
    "http",
    "notifications",
    "pricing",
    "pulls",
    "push",
    "requests",
    "sessions",
    "waits",
]
