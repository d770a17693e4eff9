"""A record of which a part is asked about."""

from oicp_conformance.oicp.operation_names import AUTHORIZE_START, REMOTE_START
from selftest.unit.journals import OTHER_EVSE, a_cpo


def test_each_part_is_asked_about_by_itself() -> None:
    """What one record has worked out is not what is asked of another one."""
    cpo = a_cpo()
    first, second = cpo.remote_start(), cpo.authorize_start(EvseID=OTHER_EVSE)
    record, number = cpo.record, second.begun_by.number
    assert [one.id for one in record.asked_sessions] == [first.id, second.id]
    asking = record.asking_about({number})
    assert [one.id for one in asking.asked_sessions] == [second.id]
    assert [one.number for one in asking.asked(record.exchanges)] == [number]
    assert list(record.asked(record.exchanges)) == list(record.asked_exchanges) == list(record.exchanges)
    assert [one.number for one in asking.asked_exchanges] == [number]
    assert [one.number for one in asking.asked_written(REMOTE_START, AUTHORIZE_START)] == [number]
    assert not asking.asked_of(REMOTE_START)
    assert asking.asks_of(REMOTE_START, AUTHORIZE_START)
    assert not asking.asks_of(REMOTE_START)
    assert record.asks_of(REMOTE_START)
