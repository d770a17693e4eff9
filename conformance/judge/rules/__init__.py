"""The rules, one subject a module; importing this package registers them all."""

from conformance.judge.rules import (
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
    requests,
    sessions,
    waits,
)

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
