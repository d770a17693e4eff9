"""The commands that repeat a finding: what the suite did, and what its virtual station said meanwhile."""

import re
from typing import Any

from oicp_conformance.judge.chain import chain
from oicp_conformance.oicp.operation_names import NOTIFY
from oicp_conformance.reporting.commands import script
from selftest.unit.journals import Journal, a_cpo
from selftest.unit.requirements.stations import charged
from selftest.unit.wording import slow


def test_the_messages_of_its_station_stand_between_the_exchanges() -> None:
    cpo = a_cpo()
    session = cpo.remote_start()
    charged(cpo, session)
    charged(cpo, session, connector=2)
    record = cpo.cdr(session)
    lines = script(cpo.record, record.number).splitlines()
    told = [line.partition("sends ")[2].split()[0] for line in lines if ", OCPP, station CP-1: " in line]
    assert told == ["RemoteStartTransaction", "StartTransaction", "MeterValues", "StopTransaction"]
    begun, came = (next(at for at, line in enumerate(lines) if f"# exchange {n}:" in line) for n in (1, 2))
    assert all(begun < at < came for at, line in enumerate(lines) if "OCPP" in line)


def test_without_a_station_there_are_none() -> None:
    cpo = a_cpo()
    record = cpo.cdr(cpo.remote_start())
    assert "OCPP" not in script(cpo.record, record.number)


# --- what the suite did on the way


def stimuli_of(cpo: Journal, number: int) -> list[str]:
    """The stimuli and exchanges in a script, in their order."""
    found = re.findall(r'"stimulus": "([^"]+)"|^# exchange (\d+)', script(cpo.record, number), re.MULTILINE)
    return [stimulus or exchange for stimulus, exchange in found]


def test_cable_is_plugged_in_where_it_was() -> None:
    """The hub's stimuli stand between the exchanges; one that was not supported is not repeated."""
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.plugged(session)
    cpo.remote_stop(session)
    cpo.plugged(session, "unavailable", "unplug")
    assert stimuli_of(cpo, cpo.cdr(session).number) == ["1", "plug-in", "2", "3"]


def test_what_came_on_the_way_of_a_stimulus_came_for_it() -> None:
    """The target sent Progress before the Start that was asked for: the stimulus stands before both, once."""
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.notification("Progress", session)
    start = cpo.notification("Start", session)
    asked: dict[str, Any] = {"stimulus": "done", "session": session.id, "after": 1}
    cpo.waited("eRoamingChargingNotifications.sent-Start", NOTIFY, start, **asked)
    assert stimuli_of(cpo, start.number) == ["1", NOTIFY, "2", "3"]
    assert stimuli_of(cpo, 2) == ["1", NOTIFY, "2"]


def test_requests_at_the_same_time_are_sent_at_the_same_time() -> None:
    cpo = a_cpo()
    for _ in range(2):
        cpo.remote_start(purpose="request.parallel", expects="any", answer=slow(1.5))
    cpo.after(1).remote_start()
    lines = script(cpo.record, 2).splitlines()
    assert [line[-1] == "&" for line in lines if line.startswith("curl")] == [True, False]
    assert lines[-1].startswith("wait ")
    assert [one.number for one in chain(cpo.record, 1)] == [2, 1]
    assert "wait" not in script(cpo.record, 3)
