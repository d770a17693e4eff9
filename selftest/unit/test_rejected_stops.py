"""A stop that was rejected ends no session: what is said where the record follows it all the same."""

from typing import Any

import pytest

from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit.journals import OTHER_EVSE, Journal, a_cpo
from selftest.unit.wording import refused

_STOP, _CDR = "eRoamingAuthorizeRemoteStop", "eRoamingChargeDetailRecord"
_OTHER_EVSE, _OTHER_PROVIDER = f"{_STOP}.other-evse", "session.other-provider"


def _refused(cpo: Journal, session: Any, purpose: str = _OTHER_EVSE) -> Any:
    return cpo.remote_stop(
        session, purpose=purpose, expects="refuse", EvseID=OTHER_EVSE, answer=refused("400")
    )


def _judged(cpo: Journal, requirement: str = _OTHER_EVSE) -> list[Outcome]:
    return [one for one in outcomes(cpo.record) if one.requirement == requirement]


def _works(cpo: Journal) -> None:
    """Have the CPO accept a stop, so that a rejection says something."""
    session = cpo.remote_start()
    cpo.remote_stop(session)
    cpo.cdr(session)


def test_a_record_that_follows_at_once_is_a_finding() -> None:
    cpo = a_cpo()
    _works(cpo)
    session = cpo.remote_start()
    _refused(cpo, session)
    record = cpo.cdr(session)
    (judged,) = _judged(cpo)
    assert judged.verdict is Verdict.WARNING
    assert f"its CDR followed in exchange {record.number}" in judged.message


def test_it_is_one_finding_of_the_first_of_two_stops() -> None:
    cpo = a_cpo()
    _works(cpo)
    session = cpo.remote_start()
    first = _refused(cpo, session)
    cpo.after(-0.9)
    _refused(cpo, session, _OTHER_PROVIDER)
    cpo.after(-0.9)
    cpo.cdr(session)
    (judged,), (second,) = _judged(cpo), _judged(cpo, _OTHER_PROVIDER)
    assert judged.is_finding
    assert second.verdict is Verdict.INCONCLUSIVE
    assert f"the rejected stop of exchange {first.number}" in second.message
    assert second.behind == _OTHER_EVSE


@pytest.mark.parametrize("way", ["later", "after a stop", "asked for", "charges are short"])
def test_other_records_say_nothing(way: str) -> None:
    cpo = a_cpo()
    _works(cpo)
    if way == "charges are short":
        cpo.cdr(cpo.remote_start())
    session = cpo.remote_start()
    _refused(cpo, session)
    if way == "after a stop":
        cpo.remote_stop(session)
    if way == "later":
        cpo.after(2.0)
    record = cpo.cdr(session)
    if way == "asked for":
        cpo.waited(f"{_CDR}.sent", _CDR, record, session=session.id, stimulus="done")
    (judged,) = _judged(cpo)
    assert judged.verdict is Verdict.PASS
