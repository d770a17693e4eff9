"""Pulls of an EMP: pages to the last one, and filters that Hubject reads."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from selftest.unit.journals import EVSE, OTHER_EVSE, Journal, an_emp, at
from selftest.unit.requirements.row import Row, Talk, broken
from selftest.unit.wording import ABSENT, Answer, accepted, http, refused, slow

_DATA, _RECORDS, _STATUS = "eRoamingPullEvseData", "eRoamingGetChargeDetailRecords", "eRoamingPullEvseStatus"
_BY_ID = "eRoamingPullEvseStatusByID"
_MORE = accepted(last=False)


def _asked(query: str) -> Talk:
    return lambda emp: emp.pull(_DATA, query)


def _pages(*numbers: int, last: int = 1, scripted: str | None = None) -> Talk:
    """These pages are pulled, of which there are as many."""
    return lambda emp: [
        emp.pull(_DATA, f"?page={one}&size=20", answer=accepted(last=one == last), scripted=scripted)
        for one in numbers
    ]


def _since(*clocks: str) -> Talk:
    """All is pulled at 13:00, an hour later the changes since such times; all but the last of these fails."""

    def talk(emp: Journal) -> None:
        emp.pull(_DATA)
        emp.after(3600.0)
        for clock in clocks[:-1]:
            emp.pull(_DATA, LastCall=at(clock), answer=http(503), scripted="HTTP 503")
        emp.pull(_DATA, LastCall=at(clocks[-1]))

    return talk


def refreshed(*requested: str) -> Talk:
    """Two EVSEs are to be refreshed: these are requested, one after the other."""

    def talk(emp: Journal) -> None:
        came = [emp.pull(_BY_ID, EvseID=[one]) for one in requested]
        asked = {"EvseID": [EVSE, OTHER_EVSE]}
        emp.waited("request.sent", _BY_ID, came[0], stimulus="done", parameters=asked)
        emp.after(10.0).pull(_STATUS)

    return talk


def settled(begin: str, end: str) -> Talk:
    """The CDRs from 10:00 to 14:00 are wanted at 13:00: these are requested."""

    def talk(emp: Journal) -> None:
        came = emp.pull(_RECORDS, From=at(begin), To=at(end))
        asked = {"From": at("10:00"), "To": at("14:00")}
        emp.waited("request.sent", _RECORDS, came, stimulus="done", parameters=asked)
        emp.after(10.0).pull(_STATUS)

    return talk


def _more_pages(*, come: bool, answer: Answer = _MORE) -> Talk:
    """A first page of several is given, and the suite waits for the next."""

    def talk(emp: Journal) -> None:
        first = emp.pull(_DATA, "?page=0&size=20", answer=answer)
        came = emp.pull(_DATA, "?page=1&size=20") if come else None
        emp.waited("pull.last-page", _DATA, came, after=first.number, stimulus="done")

    return talk


def _goes_on(requirement: str, scripted: str, answer: Any, *, came: bool, stimulus: str = "done") -> Talk:
    """The hub answers a pull as it may, and the suite asks for the next one."""

    def talk(emp: Journal) -> None:
        emp.pull(_STATUS, scripted=scripted, answer=answer)
        next_one = emp.pull(_STATUS) if came else None
        detail = "" if came else "none came in 10 s"
        emp.waited(requirement, _STATUS, next_one, stimulus=stimulus, detail=detail)

    return talk


def _repeated(times: int) -> Talk:
    return lambda emp: [emp.pull(_DATA, answer=refused("021")) for _ in range(times)]


def last_calls(later: Callable[[float], float], *lengths: float) -> Talk:
    """Pulls of so many seconds; `later` says for such a length how much LastCall is after its beginning."""

    def talk(emp: Journal) -> None:
        given: dict[str, str] = {}
        for seconds in (*lengths, 0.1):
            made = datetime.fromtimestamp(emp.clock + later(seconds), UTC)
            emp.pull(_DATA, answer=slow(seconds), **given)
            emp.after(seconds)
            given = {"LastCall": made.isoformat(timespec="milliseconds")}

    return talk


SHORT_AND_LONG = (0.1, 0.2, 0.1, 5.0)
"""Seconds that pulls last."""
_FAILS = ("pull.failed-page", "HTTP 500", http(500))
_NULLS = ("pull.survives", "nulls", accepted(EvseStatuses=None))

ROWS = (
    Row(
        an_emp,
        "pull.as-asked",
        holds=refreshed(EVSE, OTHER_EVSE),
        breaks=broken(
            refreshed(OTHER_EVSE),
            "/EvseID",
            "asked to refresh 2 EvseIDs, and never requested 1 of them",
            EVSE,
        ),
        unclear=refreshed("DE*XYZ*E1*1"),
    ),
    Row(
        an_emp,
        "pull.last-call-begin",
        holds=last_calls(lambda _: 0.05, *SHORT_AND_LONG),
        breaks=broken(
            last_calls(lambda seconds: seconds + 0.05, *SHORT_AND_LONG),
            "/LastCall",
            "began with exchange 4 and lasted 5.0 s",
            "5.1 s after its beginning",
        ),
        unclear=last_calls(lambda seconds: seconds + 0.05, 0.1, 5.0),
    ),
    Row(
        an_emp,
        "pull.page-parameters",
        holds=_asked("?page=0&size=20"),
        breaks=broken(_asked("?pageSize=20"), None, "pageSize", "page, size"),
        unclear=lambda emp: emp.pull(_STATUS),
    ),
    Row(
        an_emp,
        "pull.page-size",
        holds=_asked("?page=0&size=2000"),
        breaks=broken(_asked("?page=0&size=2001"), None, "2001", "at most 2000"),
        unclear=_asked("?page=0"),
    ),
    Row(
        an_emp,
        "pull.last-page",
        holds=_more_pages(come=True),
        breaks=broken(_more_pages(come=False), None, "last: false", "0"),
        unclear=_more_pages(come=False, answer=http(500)),
    ),
    Row(
        an_emp,
        "pull.every-page",
        holds=_pages(0, 1, 2, last=2),
        breaks=broken(_pages(1, 3, last=3), None, "without 0, 2", "pages 0 to 3"),
        unclear=_pages(1, scripted="an empty page"),
    ),
    Row(
        an_emp,
        "pull.survives",
        holds=_goes_on(*_NULLS, came=True),
        breaks=broken(_goes_on(*_NULLS, came=False), None, "(nulls)", "none came in 10 s"),
        unclear=_goes_on(*_NULLS, came=False, stimulus="unavailable"),
    ),
    Row(
        an_emp,
        "pull.failed-page",
        holds=_goes_on(*_FAILS, came=True),
        breaks=broken(_goes_on(*_FAILS, came=False), None, "(HTTP 500)", "none came in 10 s"),
        unclear=_goes_on(*_FAILS, came=False, stimulus="failed"),
    ),
    Row(
        an_emp,
        "pull.after-failure",
        holds=_repeated(11),
        breaks=broken(_repeated(12), None, "was sent 12 times", "at most 10", "11"),
        unclear=_repeated(1),
    ),
    Row(
        an_emp,
        f"{_DATA}.last-call-alone",
        holds=lambda emp: emp.pull(_DATA, LastCall=at("12:00"), RenewableEnergy=True),
        breaks=broken(
            lambda emp: emp.pull(_DATA, LastCall=at("12:00"), CountryCodes=["DEU"], OperatorIds=["DE*ABC"]),
            "/LastCall",
            "CountryCodes, OperatorIds",
        ),
        unclear=lambda emp: emp.pull(_DATA, CountryCodes=["DEU"]),
    ),
    Row(
        an_emp,
        "pull.last-call-kept",
        holds=_since("13:00", "12:59"),
        breaks=broken(
            _since("13:00", "13:30"),
            "/LastCall",
            "LastCall 2026-11-22T13:00:00+01:00 got HTTP 503 in exchange 2",
            "2026-11-22T13:30:00+01:00",
        ),
        unclear=lambda emp: emp.pull(_DATA, LastCall=at("12:00")),
    ),
    Row(
        an_emp,
        f"{_RECORDS}.from-before-to",
        holds=lambda emp: emp.pull(_RECORDS, From=at("12:00"), To=at("12:00")),
        breaks=broken(
            lambda emp: emp.pull(_RECORDS, From=at("13:00"), To=at("12:00")),
            "/From",
            at("13:00"),
            at("12:00"),
        ),
        unclear=lambda emp: emp.pull(_RECORDS, To=ABSENT),
    ),
    Row(
        an_emp,
        "status-pull.path",
        holds=lambda emp: emp.pull(_STATUS),
        breaks=broken(
            lambda emp: emp.pull(_STATUS, EvseID=[EVSE]), "/EvseID", "/status-records", "by EvseID"
        ),
        unclear=lambda emp: emp.pull(_DATA),
    ),
)
