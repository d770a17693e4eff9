"""The commands that repeat a finding show what a virtual station of the suite said meanwhile."""

from oicp_conformance.reporting.commands import script
from selftest.unit.journals import a_cpo
from selftest.unit.requirements.stations import charged


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
