"""Why a request had to be rejected: said in words that need no journal."""

from collections.abc import Callable
from typing import Any

import pytest

from oicp_conformance.judge.outcome import Outcome
from oicp_conformance.judge.verdicts import outcomes
from selftest.unit.journals import (
    EVSE,
    FOREIGN_EVSE,
    OTHER_CARD,
    OTHER_EVSE,
    Journal,
    a_cpo,
    an_emp,
)
from selftest.unit.wording import ABSENT, accepted

_START, _STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
_AUTHORIZE, _END = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
_RESERVE, _MALFORMED = "eRoamingAuthorizeRemoteReservationStart", "request.malformed"


def _to_refuse(purpose: str, **fields: Any) -> dict[str, Any]:
    return {"purpose": purpose, "expects": "refuse", **fields}


def _after_its_record(journal: Journal) -> object:
    session = journal.remote_start() if journal.is_of_cpo else journal.authorize_start()
    journal.cdr(session)
    if journal.is_of_cpo:
        return journal.remote_stop(session, **_to_refuse(f"{_STOP}.ended-session"))
    return journal.authorize_stop(session, **_to_refuse(f"{_END}.closed-session"))


def _stopped_again(cpo: Journal) -> object:
    session = cpo.remote_start()
    cpo.remote_stop(session)
    return cpo.remote_stop(session, **_to_refuse(f"{_STOP}.ended-session"))


WRONG: tuple[tuple[Callable[[], Journal], Callable[[Journal], object], str, str], ...] = (
    # target, what is said, why the last request had to be rejected, how that is done
    (
        a_cpo,
        lambda cpo: cpo.remote_start(**_to_refuse(_MALFORMED, EvseID=ABSENT)),
        "(/EvseID)",
        "Result false",
    ),
    (
        a_cpo,
        lambda cpo: cpo.remote_start(**_to_refuse(_MALFORMED, raw=b"{")),
        "the body is not JSON",
        "Result false",
    ),
    (
        a_cpo,
        lambda cpo: cpo.remote_start(**_to_refuse(_MALFORMED, raw=b"[]")),
        "not a JSON object",
        "Result false",
    ),
    (
        an_emp,
        lambda emp: emp.authorize_start(**_to_refuse(_MALFORMED, Identification=ABSENT)),
        "(/Identification)",
        "NotAuthorized",
    ),
    (
        an_emp,
        lambda emp: emp.notification("Start", emp.authorize_start(), **_to_refuse(_MALFORMED, Type="Begin")),
        '"Begin" is not a Type of OICP 2.3 (/Type)',
        "Result false",
    ),
    (
        a_cpo,
        lambda cpo: cpo.remote_start(**_to_refuse(f"{_START}.unknown-evse", EvseID=FOREIGN_EVSE)),
        f"does not list {FOREIGN_EVSE}",
        "Result false",
    ),
    (
        a_cpo,
        lambda cpo: (cpo.remote_start(), cpo.remote_start(**_to_refuse(f"{_START}.occupied-evse"))),
        f"{EVSE} is in use since exchange 1 ({_START})",
        "Result false",
    ),
    (
        a_cpo,
        lambda cpo: (cpo.reservation_start(), cpo.remote_start(**_to_refuse(f"{_RESERVE}.honoured"))),
        f"{EVSE} is in use since exchange 1 ({_RESERVE})",
        "Result false",
    ),
    (
        a_cpo,
        lambda cpo: cpo.remote_stop(cpo.unseen_session(), **_to_refuse(f"{_STOP}.unknown-session")),
        "Hubject created no session ffffffff-0000-4000-8000-000000000001",
        "Result false",
    ),
    (a_cpo, _after_its_record, "the CDR in exchange 2 settled this session", "Result false"),
    (a_cpo, _stopped_again, "exchange 2 stopped this session", "Result false"),
    (
        a_cpo,
        lambda cpo: cpo.remote_stop(
            cpo.remote_start(), **_to_refuse(f"{_STOP}.other-evse", EvseID=OTHER_EVSE)
        ),
        f"exchange 1 began this session on {EVSE} (/EvseID)",
        "Result false",
    ),
    (an_emp, _after_its_record, "the CDR in exchange 2 settled this session", "NotAuthorized"),
    (
        an_emp,
        lambda emp: emp.authorize_start(**_to_refuse(f"{_AUTHORIZE}.refused", Identification=OTHER_CARD)),
        "under partner.refuses",
        "NotAuthorized",
    ),
    (
        an_emp,
        lambda emp: emp.authorize_start(
            **_to_refuse(
                f"{_AUTHORIZE}.unknown",
                Identification={"RFIDMifareFamilyIdentification": {"UID": "00000001"}},
            )
        ),
        "not list this Identification under partner.accepts",
        "NotAuthorized",
    ),
    (
        an_emp,
        lambda emp: emp.authorize_stop(
            emp.authorize_start(), **_to_refuse(f"{_END}.other-medium", Identification=OTHER_CARD)
        ),
        "under partner.refuses",
        "NotAuthorized",
    ),
)


def _last(journal: Journal) -> Outcome:
    of_the_last = [one for one in outcomes(journal.record) if one.exchange == len(journal.exchanges)]
    (found,) = (one for one in of_the_last if one.is_finding)
    return found


@pytest.mark.parametrize(("target", "talk", "why", "instead"), WRONG, ids=[one[2] for one in WRONG])
def test_finding_says_why_the_request_had_to_be_rejected(
    target: Callable[[], Journal], talk: Callable[[Journal], object], why: str, instead: str
) -> None:
    journal = target()
    talk(journal)
    found = _last(journal)
    assert found.message.startswith("accepted: HTTP 200 with code 000 (Success), although ")
    assert why in found.message
    assert found.expected == f"{instead} or HTTP 4xx"


def test_many_wrong_fields_are_not_all_named() -> None:
    cpo = a_cpo()
    cpo.remote_start(**_to_refuse(_MALFORMED, raw=b"{}"))
    message = _last(cpo).message
    assert message.count("(/") == 3
    assert message.endswith("; ...")


def test_finding_invents_no_reason() -> None:
    """The EVSE is free and the request sound: that the suite expects a rejection must have another reason."""
    cpo = a_cpo()
    cpo.remote_start(**_to_refuse(f"{_START}.occupied-evse", answer=accepted()))
    assert _last(cpo).message == "accepted: HTTP 200 with code 000 (Success)"
