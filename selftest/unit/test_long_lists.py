"""A look at a long list in batches finds what a look at each of its records finds."""

import copy
import random
from typing import Any

import pytest

from oicp_conformance.judge import long_lists, structure
from oicp_conformance.judge.complaints import list_at, record_lists, with_list
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.oicp.fields import Path
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.types import BOTH, Role
from selftest.test_structure import MESSAGES, VALUES, spoilt

LISTS = [
    (model, body, path) for model, body in MESSAGES for path in record_lists(model) if list_at(body, path)
]


def nulls(record: Any, chance: random.Random) -> Any:
    """The record with null in some fields, or without some, as another partner may write it."""
    return {
        name: None if chance.random() < 0.05 else value
        for name, value in record.items()
        if chance.random() > 0.05
    }


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("sender", sorted(BOTH))
@pytest.mark.parametrize(("model", "body", "path"), LISTS)
def test_both_looks_find_the_same(
    model: type[Message], body: dict[str, Any], path: Path, sender: Role, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secrets here
    records: list[Any] = []
    for _ in range(40):
        record = copy.deepcopy(chance.choice(list_at(body, path)))
        if chance.random() < 0.15:
            record = spoilt(record, chance)
        records.append(nulls(record, chance) if chance.random() < 0.3 else record)
    for place in range(30, 40, 3):
        records[place] = chance.choice([*VALUES, records[place]])
    beside = {"ActionType": chance.choice(VALUES), "Vendor": 1} if seed % 3 == 0 else {}
    message = with_list(body, path, records) | beside
    expected = list(structure.look(model, message, sender))
    for batch in (1, 3, 8):
        assert list(long_lists.look(model, message, sender, batch)) == expected


def test_few_records_of_a_full_load_are_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    model, body, path = next(one for one in LISTS if len(list_at(one[1], one[2])) == 7)
    records = list_at(body, path) * 200
    records[1000] = records[1000] | {"Plugs": "CHAdeMO"}
    looked: list[int] = []
    look = structure.look

    def counting(model: type[Message], message: Any, sender: Role) -> Any:
        looked.append(len(list_at(message, path)))
        return look(model, message, sender)

    monkeypatch.setattr(structure, "look", counting)
    found = list(long_lists.look(model, with_list(body, path, records), "cpo"))
    (finding,) = (one for one in found if one.verdict is not Verdict.PASS)
    assert finding.pointer == "/OperatorEvseData/EvseDataRecord/1000/Plugs"
    assert sum(looked) < 3 * long_lists.BATCH
