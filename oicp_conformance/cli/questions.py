"""The questions of `init`. Each answer is checked at once: a wrong one costs one line, and is asked again."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import click

from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.profile_text import Answers

DRIVERS = ("command", "http", "ocpp", "manual", "none")
ROLES = ("cpo", "emp")
MODES = ("online", "offline")
_DEFAULTS = {
    "role": "cpo",
    "base_url": "http://127.0.0.1:9000",
    "listen": "127.0.0.1:8600",
    "operator_id": "DE*ABC",
    "evse_id": ("DE*ABC*E1*1", "DE*ABC*E2*1"),
    "provider_id": "DE-DCB",
    "mode": "online",
    "uid": "1234ABCD",
    "refused_uid": "DEADBEEF",
    "evco_id": "",
    "stimuli": "command",
    "stimuli_url": "http://127.0.0.1:9001/stimuli",
    "station": "CP-1",
    "password_variable": "",
}
_CENTRAL_SYSTEM = "ws://127.0.0.1:9100/ocpp"
"""The default of stimuli_url for the driver ocpp."""
_QUESTIONS = {
    "role": "Role of the backend, cpo or emp",
    "base_url": "Its URL, to which /api/oicp/... is appended",
    "listen": "Where the hub listens, as the backend will call it",
    "mode": "Does the EMP authorize online or offline",
    "uid": "UID of an RFID card that it authorizes",
    "refused_uid": "UID of an RFID card that it rejects",
    "evco_id": "EvcoID of a customer who starts in the app (may be empty)",
    "station": "Identity of the charging station that the suite plays",
    "password_variable": "Environment variable with the password of the station (may be empty)",
}
_OF_ROLE = {
    "cpo": {
        "operator_id": "Its OperatorID",
        "evse_id": "EVSEs on which the suite may start sessions, separated by spaces",
        "provider_id": "ProviderID of the EMP that the suite plays",
        "stimuli": "How the suite makes it act: command, http, ocpp, manual or none",
    },
    "emp": {
        "operator_id": "OperatorID of the CPO that the suite plays",
        "evse_id": "EVSEs of this CPO, separated by spaces",
        "provider_id": "Its ProviderID",
        "stimuli": "How the suite makes it act: command, http, manual or none",
    },
}
_OF_DRIVER = {"http": "URL of the stimuli", "ocpp": "URL of the central system"}
_OF_OCPP = ("station", "password_variable")
_DISPENSABLE = ("listen", "refused_uid", "evco_id", "stimuli", "stimuli_url", "mode", *_OF_OCPP)
"""Questions whose default is harmless."""
_OTHER_SIDE = {"cpo": ("provider_id",), "emp": ("operator_id", "evse_id")}
"""By role, the ids of the side that the suite plays: any will do."""
_OF_EMP = ("mode", "uid", "refused_uid", "evco_id")

Check = Callable[[Answers], object]
"""Raises a `Problem` for answers of which no profile can be made."""


def answers_of(given: Mapping[str, Any], check: Check, *, asks: bool, defaults: bool) -> Answers:
    """What was given on the command line, completed by questions or defaults.

    Raises:
        Problem: what was given cannot be used, or is not enough and there is nobody to ask.
    """
    values = {name: value for name, value in given.items() if value not in (None, ())}
    if asks:
        check(_drafted(values))
    missing = []
    for name in _DEFAULTS:
        if name in values or not _applies(name, values):
            continue
        if asks:
            values[name] = _ask(name, values, check)
        elif defaults or name in _DISPENSABLE or name in _OTHER_SIDE.get(values.get("role", ""), ()):
            values[name] = _default(name, values)
        else:
            missing.append(f"--{name.replace('_', '-')}")
    if missing:
        raise Problem(f"missing: {', '.join(missing)}; add these options, or --yes for defaults")
    return _drafted(values)


def _applies(name: str, values: Mapping[str, Any]) -> bool:
    """Whether a question makes sense after the answers before it."""
    if name in _OF_EMP:
        return values.get("role") == "emp"
    if name in _OF_OCPP:
        return values.get("stimuli") == "ocpp"
    return name != "stimuli_url" or values.get("stimuli") in _OF_DRIVER


def _default(name: str, values: Mapping[str, Any]) -> Any:
    is_central = name == "stimuli_url" and values["stimuli"] == "ocpp"
    return _CENTRAL_SYSTEM if is_central else _DEFAULTS[name]


def _drafted(values: Mapping[str, Any]) -> Answers:
    """The answers so far, with defaults for the rest."""
    whole = dict(values)
    for name in _DEFAULTS:
        if name not in whole and _applies(name, whole):
            whole[name] = _default(name, whole)
    evse_ids = tuple(whole.pop("evse_id"))
    return Answers(name=f"My {whole['role'].upper()} backend", evse_ids=evse_ids, **whole)


def _ask(name: str, values: Mapping[str, Any], check: Check) -> Any:
    """The answer to one question, asked until it is a value of which a profile can be made."""

    def read(text: Any) -> Any:
        value = _read(name, text, values.get("role"))
        try:
            check(_drafted({**values, name: value}))
        except Problem as problem:
            raise click.UsageError(problem.message.splitlines()[0]) from None
        return value

    question = {**_QUESTIONS, **_OF_ROLE.get(values.get("role", ""), {})}
    question["stimuli_url"] = _OF_DRIVER.get(values.get("stimuli", ""), "")
    default = _default(name, values)
    shown = " ".join(default) if isinstance(default, tuple) else default
    return click.prompt(question[name], default=shown, value_proc=read, show_default=bool(shown))


def _read(name: str, text: str, role: str | None) -> Any:
    """The value in an answer."""
    text = text.strip()
    if name == "evse_id":
        return tuple(filter(None, re.split(r"[\s,]+", text)))
    choices = {"role": ROLES, "mode": MODES, "stimuli": DRIVERS}.get(name, ())
    if role == "emp":
        choices = tuple(one for one in choices if one != "ocpp")
    if choices and text.lower() not in choices:
        raise click.UsageError(f"found {text!r}, expected {', '.join(choices[:-1])} or {choices[-1]}")
    return text.lower() if choices else text
