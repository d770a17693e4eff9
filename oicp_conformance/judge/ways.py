"""Whole sessions as drivers have them: how one begins, how it ends, and with which verdict each was tried.

The table is the same for the scenarios that walk it, the statement and the reports.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from oicp_conformance.judge.first_seen import consequences
from oicp_conformance.judge.outcome import Outcome, Record, Verdict, declared
from oicp_conformance.oicp.operation_names import AUTHORIZE_STOP
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile

MEDIA = {
    "card": "RFIDMifareFamilyIdentification",
    "QR code": "QRCodeIdentification",
    "Plug & Charge": "PlugAndChargeIdentification",
}
"""What is shown at a charger, and how OICP names it."""
OFFLINE, APP, RESERVATION = "card, authorized offline", "app", "reservation, then app"
MEDIUM, ITSELF, FAULT = "same medium", "by itself", "fault"
_SHOWN_AGAIN = ("card", "QR code", OFFLINE)
"""The beginnings with something that can be shown again: a car does not identify itself to stop."""
_BY_APP = (APP, RESERVATION)


@dataclass(frozen=True)
class Way:
    """One way of a session from its beginning to its charge detail record."""

    begin: str
    end: str
    before: tuple[str, ...]
    """The types of notification before the end."""
    after: tuple[str, ...] = ()
    """Those that an EMP gets after a stop."""

    def __str__(self) -> str:
        return f"{self.begin}; {self.end}"


_OF_CPO = {
    MEDIUM: (("Start", "Progress"), ()),
    APP: (("Start", "Progress"), ()),
    ITSELF: (("Start", "Progress", "End"), ()),
    FAULT: (("Start", "Error"), ()),
}
"""By end, what a CPO is asked to report; after a stop it reports by itself what is left."""
_OF_EMP = {
    MEDIUM: (("Start", "Progress"), ("End",)),
    APP: (("Start",), ("Progress", "End")),
    ITSELF: (("Start", "Progress", "End"), ()),
    FAULT: (("Error", "Start", "Error", "End"), ()),
}
"""By end, what an EMP is sent: different types in one session, in several orders."""


def _of_cpo(begin: str, end: str) -> bool:
    return end != MEDIUM or begin in _SHOWN_AGAIN


def _of_emp(begin: str, end: str) -> bool:
    # What the app may stop that it did not start, an EMP decides; offline, it has no part in a stop.
    if begin == OFFLINE:
        return end == ITSELF
    return {MEDIUM: begin in _SHOWN_AGAIN, APP: begin in _BY_APP}.get(end, True)


BEGINNINGS = (*MEDIA, OFFLINE, APP, RESERVATION)
ENDS = (MEDIUM, APP, ITSELF, FAULT)
WAYS: Mapping[Role, tuple[Way, ...]] = {
    "cpo": tuple(Way(*one, *_OF_CPO[one[1]]) for one in product(BEGINNINGS, ENDS) if _of_cpo(*one)),
    "emp": tuple(Way(*one, *_OF_EMP[one[1]]) for one in product(BEGINNINGS, ENDS) if _of_emp(*one)),
}
"""The ways of each role."""


def why_not(profile: Profile, way: Way) -> str | None:
    """Return why a way does not concern a target, or None."""
    is_offline_emp = profile.target.role == "emp" and profile.partner.mode == "offline"
    if is_offline_emp and way.begin not in _BY_APP:
        return "for an offline EMP, Hubject authorizes the customers itself"
    if way.begin == RESERVATION and not profile.supports.eRoamingReservation:
        return "eRoamingReservation is not declared"
    if way.end == MEDIUM and not declared(profile, BY_NAME[AUTHORIZE_STOP]):
        return f"{AUTHORIZE_STOP} is not declared"
    if way.end == FAULT and "Error" not in profile.supports.eRoamingChargingNotifications:
        return "the notification type Error is not declared"
    return None


@dataclass(frozen=True)
class Walked:
    """A way, and what became of it."""

    way: Way
    verdict: Verdict
    reason: str = ""
    test: str | None = None
    consequence: bool = False
    """Whether it fails only for defects that an earlier test has shown."""


def walked(record: Record, findings: list[Outcome]) -> Iterator[Walked]:
    """Return what became of each way of the target's role, in the order of the table."""
    tests = {(one.begin, one.end): one.test for one in record.walks}
    following = consequences(record, findings)
    open_ = {one.test: one.reason for one in record.unseen}
    for way in WAYS[record.role]:
        test = tests.get((way.begin, way.end))
        found = [one for one in findings if test is not None and one.test == test]
        if reason := why_not(record.profile, way):
            yield Walked(way, Verdict.NOT_APPLICABLE, reason)
        elif test is None:
            yield Walked(way, Verdict.INCONCLUSIVE, "not tried in this run")
        elif found:
            is_fail = any(one.verdict is Verdict.FAIL for one in found)
            names = ", ".join(dict.fromkeys(one.requirement for one in found))
            verdict = Verdict.FAIL if is_fail else Verdict.WARNING
            yield Walked(way, verdict, names, test, consequence=test in following)
        elif test in open_:
            yield Walked(way, Verdict.INCONCLUSIVE, open_[test], test)
        else:
            yield Walked(way, Verdict.PASS, "", test)
