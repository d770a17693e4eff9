"""The quick look at a message accepts nothing of which the look at each field has something to say."""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicp_conformance.judge.alike import alike
from oicp_conformance.judge.deviations import Deviation
from oicp_conformance.judge.message_tables import messages_sent
from oicp_conformance.judge.outcome import Passes, Record, Verdict
from oicp_conformance.judge.requirements import message_fields
from oicp_conformance.judge.structure import look
from oicp_conformance.judge.verdicts import judge, outcomes
from oicp_conformance.oicp.fields import Path, fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import Party, of_party
from oicp_conformance.oicp.types import Role, has_decimals
from selftest.test_structure import MESSAGES, spoilt, spots
from selftest.unit.journals import Journal, a_cpo, an_emp
from selftest.unit.models import CDR, PUSH
from tools.field_examples import message

Body = dict[str, Any]
_TIMES = (
    *("2026-02-29T12:00:00+01:00", "2024-02-29T12:00:00+01:00", "2026-11-22T24:00:00+01:00"),
    *("2026-11-22T12:00:60+01:00", "0999-11-22T12:00:00+01:00", "2026-11-22T12:00:00.1234567+23:59"),
    *("2026-11-22T12:00:00+24:00", "2026-11-22T12:00:00Z", "2026-11-22t12:00:00+01:00"),
)
_NUMBERS = (
    0,
    -1,
    22.0,
    0.1 + 0.2,
    0.0005,
    1.001,
    999.9,
    1000,
    10**20,
    10**300,
    float("inf"),
    17592186044416.004,
)


def _models() -> Iterator[tuple[Role, type[Message]]]:
    for party in get_args(Party):
        role: Role = "cpo" if party == "cpo" else "emp"
        for operation in of_party(party):
            yield from ((role, model) for model in messages_sent(operation, party).values())


MODELS = tuple(dict.fromkeys(_models()))


@cache
def _sound(role: Role, model: type[Message]) -> tuple[tuple[Body, frozenset[Path]], ...]:
    """Messages that are in order, each with other fields, and these fields."""
    bodies = [message(model, path) for path in fields_of(model)]
    bodies += [body for of, body in MESSAGES if of is model]
    looked = ((body, list(look(model, body, role))) for body in bodies)
    return tuple(
        (body, frozenset(one.field.path for one in found))
        for body, found in looked
        if all(one.verdict is Verdict.PASS for one in found)
    )


def _other(value: Any, chance: random.Random) -> Any:
    """Another value of the kind, which may or may not be in order."""
    if isinstance(value, str):
        forms: tuple[Callable[[str], str], ...] = (str.lower, str.upper, str.strip, str.title)
        spelt = chance.choice(forms)(value)
        return chance.choice([spelt, f"{value}\n", f"\n{value}", f"{value} ", value * 9, "", "ß", *_TIMES])
    if isinstance(value, int | float):
        return chance.choice([*_NUMBERS, not value, str(value), value + 0.001, value + 0.0001])
    if isinstance(value, list):
        return chance.choice([value * 2, value * 60, [], value[0] if value else None])
    return chance.choice([{}, [value], None, "text"])


def _changed(body: Body, chance: random.Random) -> Body:
    body = copy.deepcopy(body)
    for _ in range(chance.choice([0, 1, 1, 2])):
        *above, last = chance.choice([*spots(body)])
        holder: Any = body
        for step in above:
            holder = holder[step]
        holder[last] = _other(holder[last], chance)
    return body


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("role", "model"), MODELS)
def test_what_is_accepted_at_once_is_in_order_field_by_field(
    role: Role, model: type[Message], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secrets here
    sound = _sound(role, model)
    for _ in range(40):
        (_, held), (body, _) = chance.choice(sound), chance.choice(sound)
        other = chance.choice([_changed, spoilt])(body, chance)
        for with_nulls in (False, True):
            if alike(model, held, with_nulls=with_nulls)(other):
                found = list(look(model, other, role))
                assert {one.verdict for one in found} == {Verdict.PASS}, other
                assert {one.field.path for one in found} == held, other


@pytest.mark.parametrize(("role", "model"), MODELS)
def test_a_message_that_is_in_order_is_accepted_at_once(role: Role, model: type[Message]) -> None:
    for body, held in _sound(role, model):
        assert alike(model, held, with_nulls=False)(body)
        assert alike(model, held, with_nulls=True)(body)
        others = {name: None for name in model.model_fields if (name,) not in held}
        assert alike(model, held, with_nulls=True)(body | others)
        if others:
            assert not alike(model, held, with_nulls=False)(body | others)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers().map(lambda one: one / 1000))
def test_decimals_are_those_of_the_shortest_notation(value: float) -> None:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    for most in (1, 3):
        assert has_decimals(value, most) == (-exponent <= most)


_LOAD = next(body for model, body in MESSAGES if model is PUSH)
_RECORD = next(body for model, body in MESSAGES if model is CDR)
_ONE = _LOAD["OperatorEvseData"]["EvseDataRecord"][0]


def _push(*records: Body) -> Body:
    return {**_LOAD, "OperatorEvseData": {**_LOAD["OperatorEvseData"], "EvseDataRecord": list(records)}}


UNLIKE: dict[str, tuple[type[Message], Body, Body]] = {
    "too many decimals": (CDR, _RECORD, _RECORD | {"ConsumedEnergy": 1.0001}),
    "too many decimals in a list": (
        *(CDR, _RECORD),
        _RECORD | {"MeterValueInBetween": {"meterValues": [1.0, 1.0001]}},
    ),
    "a null in place of a list": (CDR, _RECORD, _RECORD | {"MeterValueInBetween": {"meterValues": None}}),
    "mandatory fields of an item, null": (
        PUSH,
        _push(_ONE | {"AdditionalInfo": []}),
        _push(_ONE | {"AdditionalInfo": [{"lang": None, "value": None}]}),
    ),
    "an empty text": (PUSH, _push(_ONE), _push(_ONE | {"HotlinePhoneNumber": ""})),
    "an empty list": (PUSH, _push(_ONE), _push(_ONE | {"Plugs": []})),
    "no item at all": (PUSH, _push(_ONE), _push()),
    "a rare field in no item": (
        PUSH,
        _push(_ONE, _ONE | {"MaxCapacity": 5}),
        _push(_ONE, {name: one for name, one in _ONE.items() if name != "MaxCapacity"}),
    ),
    "a name that is close to another": (CDR, _RECORD, _RECORD | {"HubProviderld": "DE-DCB"}),
}


@pytest.mark.parametrize(("model", "body", "other"), UNLIKE.values(), ids=UNLIKE)
def test_a_message_is_not_alike(model: type[Message], body: Body, other: Body) -> None:
    held = frozenset(one.field.path for one in look(model, body, "cpo"))
    for with_nulls in (False, True):
        assert alike(model, held, with_nulls=with_nulls)(body)
        assert not alike(model, held, with_nulls=with_nulls)(other)


# --- the rule, with and without it


def _of_cpo() -> Journal:
    journal = a_cpo()
    for number in range(4):
        journal.test = f"a.py::test_{number}[a]"
        session = journal.remote_start()
        journal.notification("Start", session)
        journal.notification("Progress", session, **({"MeterValueStart": "1"} if number == 2 else {}))
        journal.cdr(session, **({"ConsumedEnergy": None} if number == 1 else {"HubProviderID": None}))
        # What follows proves nothing: it was to be refused.
        journal.cdr(journal.remote_start(purpose="request.malformed", expects="refuse", EvseID="?"))
        journal.push_evse_status()
    return journal


def _of_emp() -> Journal:
    journal = an_emp()
    for number in range(4):
        journal.test = f"a.py::test_{number}[a]"
        session = journal.authorize_start()
        journal.authorize_stop(session)
        journal.cdr(session)
        journal.pull("eRoamingPullEvseData", LastCall="2026-11-22T12:00:00Z" if number else None)
        journal.push_customers()
    return journal


@pytest.fixture(params=[_of_cpo, _of_emp])
def journal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """A journal in which the same messages come again and again, some of them with something wrong."""
    monkeypatch.setattr(message_fields, "_KNOWN", {role: {} for role in get_args(Role)})
    monkeypatch.setattr(message_fields, "_OFTEN", 1)
    message_fields._counting.cache_clear()
    made: Journal = request.param()
    return made


def test_the_same_is_said_of_messages_that_are_alike(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = journal.record
    said = list(message_fields.fields(record))
    passed = [len(one.exchanges) for one in said if isinstance(one, Passes)]
    assert sum(one for one in passed if one > 1) > len(journal.exchanges) / 2
    at_once, rows = outcomes(record), judge(record, partial="a test").rows
    message_fields._KNOWN[journal.profile.target.role].clear()
    monkeypatch.setattr(message_fields, "_MOST_KINDS", 0)
    one_by_one = outcomes(Record(journal.profile, record.exchanges, ()))
    assert len(at_once) == len(one_by_one)
    assert set(at_once) == set(one_by_one)
    assert rows == judge(Record(journal.profile, record.exchanges, ()), partial="a test").rows


@pytest.mark.parametrize("name", ["a.py::test_{}[a]", "test_{}"])
def test_a_pass_is_kept_in_each_test_of_a_deviation(journal: Journal, name: str) -> None:
    field = (
        "eRoamingPullEVSEData.ProviderID"
        if journal.profile.target.role == "emp"
        else "eRoamingPushEvseStatus.ActionType"
    )
    listed = [
        Deviation(position, field, "", "", "", date.max, test=name.format(position)) for position in range(5)
    ]
    settled = judge(journal.record, deviations=listed).deviations
    assert [one.state for one in settled] == ["stale"] * 4 + ["not-observed"]


def test_only_so_many_kinds_of_messages_are_remembered(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_fields, "_MOST_KINDS", 1)
    judge(journal.record)
    assert len(message_fields._KNOWN[journal.profile.target.role]) == 1


def test_a_validator_is_made_where_the_same_fields_come_often(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = message_fields._KNOWN[journal.profile.target.role]
    monkeypatch.setattr(message_fields, "_OFTEN", 4)
    *before, last = journal.exchanges[-1:] * 4
    for number, one in enumerate([*before, last], 1):
        assert not known
        judge(Record(journal.profile, (replace(one, number=number),), ()))
    assert len(known) == 1
