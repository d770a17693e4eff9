"""Messages with a long list, of which the records that are like those before them are looked at in batches.

A full load may have 100 000 records, which differ in their values, and seldom in their fields.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oicp_conformance.judge import structure
from oicp_conformance.judge.alike import records_alike
from oicp_conformance.judge.complaints import list_at, record_lists, with_list
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.structure import Looked
from oicp_conformance.oicp.fields import Path
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.types import Role

BATCH = 100
"""Records that are looked at together."""
_MOST = 50
"""How often the fields of further records are learnt, for which these are looked at twice."""


def look(model: type[Message], body: Mapping[str, Any], sender: Role, batch: int = BATCH) -> Iterator[Looked]:
    """Judge each field of a message, as `structure.look` does: that finds the same, and takes longer."""
    path = max(record_lists(model), key=lambda one: len(list_at(body, one)), default=())
    records = list_at(body, path)
    if len(records) <= batch:
        yield from structure.look(model, body, sender)
        return
    numbers = _remarkable(model, body, path, sender, batch)
    above = "".join(f"/{step}" for step in (*path, ""))
    for looked in structure.look(model, with_list(body, path, [records[at] for at in numbers]), sender):
        yield replace(looked, pointer=_moved(looked.pointer, above, numbers))


def _moved(pointer: str, above: str, numbers: Sequence[int]) -> str:
    """A pointer into a list of some records, as it is in the list of all: they have these numbers there."""
    if not pointer.startswith(above):
        return pointer
    number, slash, below = pointer.removeprefix(above).partition("/")
    return f"{above}{numbers[int(number)]}{slash}{below}"


def _remarkable(
    model: type[Message], body: Mapping[str, Any], path: Path, sender: Role, batch: int
) -> list[int]:
    """The numbers of the records of which there may be something to say that those before do not say."""
    records = list_at(body, path)

    def held(some: list[Any]) -> set[Path]:
        looked = structure.look(model, with_list(body, path, some), sender)
        return {one.field.path for one in looked if one.verdict is Verdict.PASS}

    numbers = list(range(batch))
    known = held(records[:batch])
    accepts = records_alike(model, path, frozenset(known))
    lessons = 0
    for start in range(batch, len(records), batch):
        some = records[start : start + batch]
        if accepts(some):
            continue
        others = [number for number, one in enumerate(some, start) if not accepts([one])]
        numbers += others
        if lessons < _MOST:
            lessons += 1
            known |= held([records[number] for number in others])
            accepts = records_alike(model, path, frozenset(known))
    return numbers
