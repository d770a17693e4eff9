"""What is generated: messages from the contract, and what makes sensible requests of them. No I/O.

Schemathesis makes messages that the contract allows, and messages that it does not. A target needs more than
that: its own EVSEs, its customers, sessions that there are, times in order. So each generated message is laid
over an ordinary one, which gives what has to make sense. One request uses one freedom at a time, so that a
target which cannot cope with it is blamed for that and for nothing else.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st

from oicp_conformance.journal.exchange import Expects
from oicp_conformance.journal.sessions import medium
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.structure import look
from oicp_conformance.oicp.fields import Path, fields_of
from oicp_conformance.oicp.messages import Choice, IdentificationType, Message
from oicp_conformance.oicp.openapi import document
from oicp_conformance.oicp.operations import BY_NAME, Operation
from oicp_conformance.oicp.types import Role, is_plain_text, plain_id

Body = dict[str, Any]

ORDINARY = "ordinary"
"""Any of the optional fields, with any values that make sense."""
NULLS = "nulls"
UNKNOWN = "unknown fields"
CHARACTERS = "characters"
"""Texts in all scripts, up to the length that is allowed."""
SEPARATORS = "separators"
WILD = "wild"
"""Values that the contract allows and that make no sense: a target may refuse them, in good order."""
ELSEWHERE = "elsewhere"
"""An EVSE, an operator or a session that the target does not have."""
STRANGER = "stranger"
"""An identification that the target does not have."""

_OF_EACH_KIND: tuple[Any, ...] = (17, "new", 0.5, True, None, [], {}, [{"Inner": 1}])
"""Values of unknown fields: what is generated seldom has a number."""


@dataclass(frozen=True)
class Draft:
    """What was generated for one request."""

    body: Any
    """A message, anything else that is JSON, or bytes that are none."""
    pick: int
    """Which one, where there are several to choose from."""
    freedom: str = ORDINARY


def drafts(
    operation: Operation,
    role: Role,
    *,
    names: Collection[str] | None = None,
    valid: bool = True,
) -> st.SearchStrategy[Draft]:
    """Drafts of an operation's requests to a target of a role, as the contract allows them or as it does not.

    `names` are the messages to be made, where the operation has several. The same are asked for by the same
    object, so that what is known of it need not be found again.
    """
    return _drafts(role, operation.name, tuple(names or operation.requests), valid=valid)


@cache
def _drafts(role: Role, name: str, messages: tuple[str, ...], *, valid: bool) -> st.SearchStrategy[Draft]:
    from schemathesis import GenerationMode  # noqa: PLC0415 - see _described

    mode = GenerationMode.POSITIVE if valid else GenerationMode.NEGATIVE
    made: st.SearchStrategy[Any] = _described(role, name, messages).as_strategy(mode)
    return st.builds(Draft, made.map(lambda case: case.body), st.integers(0, 99))


@cache
def _contract(role: Role) -> dict[str, Any]:
    return document(role, "hub-to-target")


def _described(role: Role, name: str, messages: Collection[str]) -> Any:
    """An operation as schemathesis knows it, without the path: its ids are those of the body."""
    # A run begins without schemathesis, which takes a tenth of a second to load.
    import schemathesis  # noqa: PLC0415
    from schemathesis.core.result import Ok  # noqa: PLC0415

    operation, contract = BY_NAME[name], _contract(role)
    models = [operation.requests[one][role].__name__ for one in messages]
    schemas = [{"$ref": f"#/components/schemas/{model}"} for model in models]
    described = contract["paths"][operation.path]["post"] | {
        "parameters": [],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"oneOf": schemas} if len(schemas) > 1 else schemas[0]}
            },
        },
    }
    alone = contract | {"paths": {f"/{name}": {"post": described}}}
    (result,) = schemathesis.openapi.from_dict(alone).get_all_operations()
    assert isinstance(result, Ok)
    return result.ok()


# --- valid requests

_SCRIPTS = "äßéñøłğÅþčžωλΔЖядשלערبية漢字かなカナ한글ไทย–“”€°²½→✓😀🚗🔌𝔘𠜎"
_BEYOND_BMP = 0xFFFF
_WIDE = [one for one in _SCRIPTS if ord(one) > _BEYOND_BMP]


_KEPT = ("SessionID", "OperatorID", "EvseID")
"""What a message always has: Hubject passes on what the sender's document demands (C042).

An EMP whose tariff depends on the EVSE may refuse a start that names none: that is a test of its own.
"""


def fitted(
    model: type[Message], draft: Draft, whole: Mapping[str, Any], *, texts: Collection[str]
) -> tuple[Body, Expects]:
    """A valid request: `whole` with what was generated, where that may be anything.

    `whole` has a sensible value for each field that is to be there at times; `texts` names the fields that
    may hold any text. Gives also what a conformant target does with it.
    """
    given = draft.body
    fields = fields_of(model)
    body = {}
    for name, info in model.model_fields.items():
        kept = name in _KEPT or info.is_required()
        value = given.get(name)
        if draft.freedom == CHARACTERS and fields[name,].type_name.startswith("String"):
            value = value or "x"
        if name in texts and value is not None:
            body[name] = _written(fields, (name,), value, draft)
        elif name in whole and (kept or given.get(name) is not None):
            body[name] = whole[name]
        elif draft.freedom == NULLS and not kept:
            body[name] = None
    strangers = {name: given[name] for name in given if name not in model.model_fields}
    if draft.freedom == UNKNOWN:
        values = [*map(_in_ascii, strangers.values()), _OF_EACH_KIND[draft.pick % len(_OF_EACH_KIND)]]
        body |= {f"New{number}": value for number, value in enumerate(values)}
    if draft.freedom == WILD:
        return body | strangers, "any"
    return body, "accept"


def text_of(model: type[Message], name: str, draft: Draft) -> str:
    """A generated text for one of a message's fields."""
    given = draft.body.get(name) if isinstance(draft.body, dict) else None
    return str(_written(fields_of(model), (name,), given or "x", draft))


def _in_ascii(value: Any) -> Any:
    """The same with ordinary texts: an unknown field is enough at a time."""
    if isinstance(value, Mapping):
        return {f"Inner{number}": _in_ascii(inner) for number, inner in enumerate(value.values())}
    if isinstance(value, list):
        return [_in_ascii(inner) for inner in value]
    return _plain(value) if isinstance(value, str) else value


def _plain(text: str) -> str:
    return "".join(chr(ord("!") + ord(one) % 94) for one in text)[:40]


def _written(fields: Mapping[Path, Any], path: Path, value: Any, draft: Draft) -> Any:
    """The texts in a value, as the freedom has them."""
    if isinstance(value, list):
        return [_written(fields, path, item, draft) for item in value]
    if isinstance(value, Mapping):
        return {
            name: _written(fields, (*path, name), inner, draft)
            for name, inner in value.items()
            if (*path, name) in fields and inner is not None
        }
    found = re.fullmatch(r"String \(([0-9]+)\)", fields[path].type_name)
    if draft.freedom == WILD or not found or not isinstance(value, str):
        return value
    longest = int(found[1])
    if draft.freedom != CHARACTERS:
        return _plain(value) or "x"
    text = "".join(_SCRIPTS[ord(one) % len(_SCRIPTS)] for one in value)
    text = _WIDE[draft.pick // 2 % len(_WIDE)] + text[1:]
    if draft.pick % 2:
        # Beyond the basic plane some count a character twice, and a limit is not worth a dispute.
        basic = "".join(one for one in text if ord(one) <= _BEYOND_BMP) or _SCRIPTS[0]
        text = basic * (longest // len(basic))
    text = unicodedata.normalize("NFC", text[: longest // 2 if draft.pick % 2 == 0 else longest])
    return text if text and is_plain_text(text) else _SCRIPTS[0]


def moments(given: Mapping[str, Any], times: Mapping[str, str]) -> dict[str, str]:
    """Times with the offset of generated ones, in whole seconds: OICP has no others (EMP 01, time_zones)."""
    made = next((value for name, value in given.items() if name in times and isinstance(value, str)), "")
    offset = re.search(r"([+-])([0-9]{2}):([0-9]{2})$", made)
    shift = 0
    if offset:
        # The places of this Earth are from twelve hours behind to fourteen ahead.
        hours = int(offset[2]) % (13 if offset[1] == "-" else 14)
        shift = (hours * 60 + int(offset[3])) * (-1 if offset[1] == "-" else 1)
        shift = max(shift, -12 * 60)
    zone = timezone(timedelta(minutes=shift))
    return {name: datetime.fromisoformat(value).astimezone(zone).isoformat() for name, value in times.items()}


def energies(given: Mapping[str, Any], whole: Mapping[str, Any], pick: int) -> dict[str, Any]:
    """Meter values that rise from a generated one by the energy of an ordinary charge, also by none."""
    start = _amount(given.get("MeterValueStart"))
    charged = next((whole[name] for name in ("ConsumedEnergy", "ConsumedEnergyProgress") if name in whole), 0)
    energy = 0 if pick % 3 == 2 else charged
    between = given.get("MeterValueInBetween")
    count = len(between.get("meterValues", ())) * (pick + 1) if isinstance(between, Mapping) else 0
    values = [round(start + energy * (step + 1) / (count + 1), 3) for step in range(count)]
    return {
        "MeterValueStart": start,
        "MeterValueEnd": round(start + energy, 3),
        "MeterValueInBetween": {"meterValues": values},
        "ConsumedEnergy": energy,
        "ConsumedEnergyProgress": energy,
    }


def _amount(value: Any) -> float:
    number = abs(value) if isinstance(value, int | float) else 0
    return round(number % 1000, 3)


def evco_id(given: Any, provider_id: str) -> str | None:
    """A generated EvcoID, made one of a provider."""
    for inner in given.values() if isinstance(given, Mapping) else ():
        made = inner.get("EvcoID") if isinstance(inner, Mapping) else None
        if isinstance(made, str) and (
            found := re.fullmatch(r"[A-Z]{2}([*-]?)[A-Z0-9]{3}(.*)", made, re.IGNORECASE)
        ):
            plain = plain_id(provider_id)
            return f"{plain[:2]}{found[1]}{plain[2:]}{found[2]}"
    return None


def evse_id(given: Any, operator_id: str, own: Collection[str]) -> str:
    """A generated EvseID, made one of an operator, that is none of its `own`."""
    signs = "0-9*" if operator_id.lstrip("+")[:1].isdigit() else "A-Z0-9*"
    end = re.sub(rf"[^{signs}]", "", str(given))[:28] or "1"
    start = f"{operator_id}*" if signs == "0-9*" else f"{operator_id}*E"
    known = {plain_id(one) for one in own}
    return start + end if plain_id(start + end) not in known else f"{start}{end}9"


def without_separators(evse: str, provider_id: str, pick: int) -> Body:
    """The same ids with fewer separators: those of the ISO form may do without each of them."""
    bare: Body = {}
    if found := re.fullmatch(r"([A-Za-z]{2})\*?([A-Za-z0-9]{3})\*?(E.*)", evse):
        first, second = ("", "*", "")[pick % 3], ("*", "", "")[pick % 3]
        bare["EvseID"] = f"{found[1]}{first}{found[2]}{second}{found[3]}"
    if re.match("[A-Za-z]", provider_id):
        plain = re.sub("[*-]", "", provider_id)
        bare["ProviderID"] = f"{plain[:2]}{('', '*', '-')[pick // 3 % 3]}{plain[2:]}"
    return bare


def stranger(given: Any, accepted: Collection[Mapping[str, Any]], pick: int) -> Body:
    """A generated Identification, in a form for authorization, of somebody who is no customer."""
    known = {medium(one) for one in accepted}
    inner: Mapping[str, Any] = next(
        (given[kind] for kind in IdentificationType.model_fields if kind in given), {}
    )
    if isinstance(uid := inner.get("UID"), str):
        made: Body = {"RFIDMifareFamilyIdentification": {"UID": uid}}
    else:
        value = {"EvcoID": inner.get("EvcoID")}
        kind = "QRCodeIdentification" if pick % 2 else "PlugAndChargeIdentification"
        made = {kind: value | ({"PIN": str(pick)} if pick % 2 else {})}
    is_customer = medium(made) in known
    return {"RFIDMifareFamilyIdentification": {"UID": "0" * 14}} if is_customer else made


# --- invalid requests

_ECHOED = ("SessionID", "CPOPartnerSessionID", "EMPPartnerSessionID")
"""What a target may repeat in its answer: a wrong text there would come back as a mistake of its own."""
_FREE_TO_DO_WITHOUT = {"cpo": ("ProviderID",), "emp": ("OperatorID",)}
"""Who stands in the path: a target may do without it in the body."""
_STOPS = ("eRoamingAuthorizeRemoteStop", "eRoamingAuthorizeRemoteReservationStop")
"""What a CPO may stop by the SessionID alone, which is the leading identifier (CPO 01)."""
_LENIENT = ("eRoamingChargingNotifications", "eRoamingChargeDetailRecord")
"""What an EMP makes of a message with gaps is its own affair, but for the session of a record."""


@dataclass(frozen=True)
class Wrong:
    """A request that is none, and what a conformant target does with it."""

    body: Any
    raw: bytes | None
    expects: Expects


def wronged(operation: Operation, role: Role, draft: Draft, whole: Mapping[str, Any]) -> Wrong:
    """An invalid request: `whole` with what is wrong in the generated one."""
    name_and_model = operation.request_model(role, whole)
    assert name_and_model is not None
    model = name_and_model[1]
    if not isinstance(draft.body, dict):
        return _not_a_message(draft, whole)
    body = dict(whole)
    wrong = {one.pointer.split("/")[1] for one in _faults(model, draft.body, role)}
    for name in wrong & model.model_fields.keys():
        value = draft.body.get(name)
        if value is None:
            body.pop(name, None) if draft.pick % 2 else body.update({name: None})
        else:
            body[name] = [value] if name in _ECHOED and not isinstance(value, dict | list) else value
    if not list(_faults(model, body, role)):
        needed = [name for name, info in model.model_fields.items() if info.is_required()]
        body.pop(needed[draft.pick % len(needed)], None)
    hard = {
        one.pointer.split("/")[1]
        for one in _faults(model, body, role)
        if _nobody_understands(model, body, one)
    }
    hard -= {*_FREE_TO_DO_WITHOUT[role], "Type"}
    if role == "cpo" and operation.name in _STOPS:
        hard -= {"EvseID"}
    if role == "emp" and operation.name in _LENIENT:
        hard &= {"SessionID"} if operation.name == "eRoamingChargeDetailRecord" else set()
    return Wrong(body, None, "refuse" if hard else "any")


def _not_a_message(draft: Draft, whole: Mapping[str, Any]) -> Wrong:
    """Bytes, or JSON that is not an object; half a message where the bytes happen to be an object."""
    raw = draft.body if isinstance(draft.body, bytes) else json.dumps(draft.body, default=str).encode()
    if draft.pick % 3 == 0 or raw.lstrip()[:1] == b"{":
        text = json.dumps(whole, ensure_ascii=False).encode()
        raw = text[: 1 + draft.pick * (len(text) - 2) // 100]
    return Wrong(None, raw, "refuse")


def _faults(model: type[Message], body: Mapping[str, Any], role: Role) -> Iterator[Any]:
    """What is wrong with a request to a target of a role, as its own documents have it."""
    return (one for one in look(model, body, role) if one.verdict is Verdict.FAIL)


def _nobody_understands(model: type[Message], body: Mapping[str, Any], fault: Any) -> bool:
    """Whether no reader can overlook a fault: a mandatory field is not there at all."""
    path = tuple(step for step in fault.pointer.split("/")[1:] if not step.isdigit())
    name = path[0]
    info = model.model_fields.get(name)
    if info is None or not info.is_required():
        return False
    value = body.get(name)
    structure = fields_of(model)[name,].structure
    if structure is None:
        return value is None or isinstance(value, dict | list)
    if not isinstance(value, Mapping):
        return True
    is_choice = issubclass(structure, Choice)
    return is_choice and all(value.get(one) is None for one in structure.model_fields)
