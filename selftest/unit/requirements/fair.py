"""What a target may do: journals without any finding."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from selftest.unit import examples as ex
from selftest.unit.journals import (
    CARD,
    EVSE,
    FOREIGN_EVSE,
    OTHER_CARD,
    OTHER_EVSE,
    QR,
    Journal,
    Session,
    a_cpo,
    an_emp,
    at,
)
from selftest.unit.requirements import practice, pulls
from selftest.unit.requirements.further_pushes import NEW_CARD, after_another_charge
from selftest.unit.requirements.row import Talk, Target, carded, started
from selftest.unit.wording import ABSENT, accepted, http, nothing, refused, slow

_DATA, _STATUS = "eRoamingPullEvseData", "eRoamingPushEvseStatus"
_CDR, _RECORDS = "eRoamingChargeDetailRecord", "eRoamingGetChargeDetailRecords"
_STOP, _UPLOAD = "eRoamingAuthorizeRemoteStop", "eRoamingPushAuthenticationData"
_OF_SUB_PROVIDER = {"RemoteIdentification": {"EvcoID": "FR-XYZ-C12345678-X"}}


def _with_sub_operator() -> Journal:
    return a_cpo(evse_ids=[EVSE, FOREIGN_EVSE])


def _with_sub_provider() -> Journal:
    return an_emp(accepts=[CARD, _OF_SUB_PROVIDER])


def _of_hub_operator() -> Journal:
    return a_cpo(sub_operator_ids=["DE*XYZ"])


def _of_hub_provider() -> Journal:
    return an_emp(sub_provider_ids=["FR-XYZ"])


def _two_charges(*pushes: Talk) -> Talk:
    """A car charges at the first EVSE, then one at the second, and something is pushed."""

    def talk(cpo: Journal) -> None:
        first = cpo.remote_start()
        cpo.push_evse_status((EVSE, "Occupied"))
        cpo.remote_start(EvseID=OTHER_EVSE)
        for push in pushes:
            push(cpo)
        cpo.remote_stop(first)

    return talk


def _written(clock: float) -> str:
    return datetime.fromtimestamp(clock, UTC).isoformat(timespec="milliseconds")


def _ends_by_itself(cpo: Journal) -> None:
    first = cpo.remote_start()
    cpo.push_evse_status((EVSE, "Occupied"))
    cpo.remote_start(EvseID=OTHER_EVSE)
    cpo.notification("End", first)
    cpo.push_evse_status((OTHER_EVSE, "Occupied"), (EVSE, "Available"), action="update")
    cpo.remote_stop(first)


def _in_another_test(*talks: Talk) -> Talk:
    def talk(journal: Journal) -> None:
        for number, one in enumerate(talks):
            journal.test = f"test {number}"
            one(journal)

    return talk


def _retries_two_starts(emp: Journal) -> None:
    """Two starts meet an outage, and both are sent again after it."""
    for _ in range(2):
        emp.waited("request.sent", "eRoamingAuthorizeRemoteStart", stimulus="done", asked=emp.clock)
        emp.remote_start(answer=http(500))
    emp.remote_start()
    emp.remote_start()


def _retries_after_another_tap(emp: Journal) -> None:
    """Two starts meet an outage, and are sent again when the customer has tapped once more."""
    for _ in range(2):
        emp.waited("request.sent", "eRoamingAuthorizeRemoteStart", stimulus="done", asked=emp.clock)
        emp.remote_start(answer=http(500))
    emp.waited("request.sent", "eRoamingAuthorizeRemoteStart", stimulus="done", asked=emp.clock)
    for _ in range(3):
        emp.remote_start()


def _push(journal: Journal) -> object:
    return journal.push_evse_status(answer=refused("021"))


def _charges_while_clocks_change(cpo: Journal) -> None:
    cpo.clock = datetime.fromisoformat("2026-10-25T02:29:00+02:00").timestamp()
    session = cpo.remote_start()
    cpo.clock += 3600
    cpo.cdr(
        session,
        SessionStart="2026-10-25T02:30:00+02:00",
        ChargingStart="2026-10-25T02:31:00+02:00",
        ChargingEnd="2026-10-25T02:14:00+01:00",
        SessionEnd="2026-10-25T02:15:00+01:00",
    )


def _at_its_time(emp: Journal) -> None:
    """One stimulus has no effect, for no reason; in another test, that is after a failed pull."""
    emp.waited("request.sent", "eRoamingPullEvseStatus", stimulus="done")
    emp.test = "another"
    emp.pull("eRoamingPullEvseStatus", scripted="HTTP 500", answer=http(500))
    emp.waited("pull.failed-page", "eRoamingPullEvseStatus", stimulus="done")


def _locked(emp: Journal) -> None:
    """Somebody tries a PIN; then the EMP rejects the customer, too."""
    known, start = "eRoamingAuthorizeStart.accepted", emp.authorize_start
    wrong = {"QRCodeIdentification": QR["QRCodeIdentification"] | {"PIN": "12349"}}
    start(Identification=QR, purpose=known, expects="accept")
    start(
        Identification=wrong,
        purpose="eRoamingAuthorizeStart.refused",
        expects="refuse",
        answer=refused("101"),
    )
    start(Identification=QR, purpose=known, expects="accept", answer=refused("200"))


def _start_that_came_again(cpo: Journal) -> None:
    """The hub repeats the start of a running session; the CPO refuses it, and the charge goes on."""
    session = cpo.remote_start()
    again = {"purpose": "eRoamingAuthorizeRemoteStart.repeated", "expects": "any"}
    cpo.remote_start(**session.begun_by.request.object, answer=refused("602"), **again)
    cpo.notification("Start", session)
    cpo.cdr(session)


def _start_twice(first: Callable[[Journal], Session]) -> Talk:
    """A driver is refused, tries again, and charges."""

    def talk(cpo: Journal) -> None:
        first(cpo)
        cpo.cdr(cpo.authorize_start(CPOPartnerSessionID="the second"), CPOPartnerSessionID="the second")

    return talk


def _meets_a_session(cpo: Journal) -> None:
    running = cpo.authorize_start()
    cpo.remote_start(answer=refused("602"))
    cpo.listened()
    cpo.cdr(running)


def _sent_twice(name: str, **fields: Any) -> Talk:
    return started(
        lambda cpo, session: (
            cpo.notification(name, session, **fields),
            cpo.notification(name, session, **fields),
        )
    )


def _on_its_way(cpo: Journal) -> None:
    """The target is behind with its statuses, and goes on pushing while the suite listens."""
    session = cpo.remote_start()
    cpo.push_evse_status((EVSE, "Available"), action="update")
    cpo.plugged(session)
    number, wanted = session.begun_by.number, f"{_STATUS}.occupied"
    cpo.waited(wanted, _STATUS, session=session.id, stimulus="done", evse=EVSE, after=number)
    cpo.listened(5.0)
    cpo.push_evse_status((EVSE, "Occupied"), action="update")


def _no_record(cpo: Journal, session: Session) -> None:
    """The suite waits for a record that does not come, of a target that has never called."""
    stop, wanted = cpo.remote_stop(session), f"{_CDR}.sent"
    cpo.waited(wanted, _CDR, session=session.id, after=stop.number, unasked=10.0, stimulus="done")


def _tapped_twice(emp: Journal, session: Session) -> None:
    emp.remote_stop(session)
    again = emp.remote_stop(session, answer=refused("400"))
    for _ in range(2):
        emp.waited("request.sent", _STOP, again, session=session.id, stimulus="done")


def _until_acknowledged(emp: Journal, session: Session) -> None:
    first = emp.remote_stop(session, answer=refused("400"))
    stop = emp.remote_stop(session)
    emp.remote_stop(session, answer=refused("400"))
    for came in (first, stop):
        emp.waited("request.sent", _STOP, came, session=session.id, stimulus="done")


def _shows_no_stop(emp: Journal) -> None:
    """The app does not do it in a session that began with an ordinary answer either."""
    emp.remote_stop(emp.remote_start())
    for form, evse in ((None, EVSE), ("form: nulls", OTHER_EVSE)):
        session = emp.remote_start(scripted=form, EvseID=evse)
        emp.waited("request.sent", _STOP, session=session.id, stimulus="failed")


def _still_there(cpo: Journal) -> None:
    special = cpo.remote_start(answer=refused("602"), purpose="request.non-ascii", expects="accept").begun_by
    control = {"purpose": "request.valid", "expects": "accept", "control": special.number}
    first = cpo.remote_start(answer=refused("602"), **control).begun_by
    cpo.remote_start(repeats=first.number, **control)


def _pages(*numbers: int, **given: Any) -> Talk:
    return lambda emp: [
        emp.pull(_DATA, f"?page={one}&size=20", answer=accepted(last=one == 1), **given) for one in numbers
    ]


def _later(cpo: Journal) -> None:
    cpo.push_evse_status(answer=slow(3.0))
    cpo.after(2.5).push_evse_status()


def _never_shown(cpo: Journal) -> None:
    cpo.push_evse_status((EVSE, "Available"))
    record = cpo.cdr(cpo.remote_start())
    cpo.waited(f"{_STATUS}.free-again", _STATUS, stimulus="done", evse=EVSE, after=record.number)
    cpo.listened()


def _fetches_what_is_new(emp: Journal) -> None:
    """The CDRs of a period are wanted twice: the second time, only those are requested that are new."""
    for begin, end in (("09:00", "11:00"), ("11:00", "13:00")):
        came = emp.pull(_RECORDS, From=at(begin), To=at(end))
        asked = {"From": at("09:00"), "To": at(end)}
        emp.waited("request.sent", _RECORDS, came, stimulus="done", parameters=asked)
    emp.after(10.0).pull(_DATA)


def _ends_beside_a_stop(*kinds: str, ended_before: bool = False) -> Talk:
    """A session is stopped, and the CDR of another one follows; before, it ended as the `kinds` report."""

    def talk(cpo: Journal) -> None:
        if ended_before:
            cpo.cdr(cpo.remote_start())
        stopped, other = cpo.remote_start(), cpo.remote_start(EvseID=OTHER_EVSE)
        for kind in kinds:
            cpo.notification(kind, other)
        cpo.remote_stop(stopped)
        for one in (other, stopped):
            cpo.cdr(one)

    return talk


def _stopped_unasked(presented: Mapping[str, Any], *, kind: str = "") -> Talk:
    """A medium is presented to stop; the CPO sends no AuthorizeStop, and a CDR."""

    def talk(cpo: Journal) -> None:
        listed = {"AuthorizationStopIdentifications": [OTHER_CARD]} if kind == "listed" else {}
        session = cpo.authorize_start(answer=accepted(**listed))
        asked: dict[str, Any] = {"stimulus": "done", "presented": presented, "asked": cpo.clock}
        cpo.waited("request.sent", "eRoamingAuthorizeStop", session=session.id, **asked)
        if kind == "stopped":
            cpo.remote_stop(session)
        cpo.after(20.0 if kind == "late" else 0.0).cdr(session)

    return talk


def _at_the_other_plug(cpo: Journal) -> None:
    """A station has two plugs, and power for one car."""
    cpo.cdr(cpo.remote_start())
    other = cpo.remote_start(EvseID=OTHER_EVSE)
    cpo.remote_start(answer=refused("602"))
    cpo.remote_stop(other)
    cpo.cdr(other)


FAIR: Mapping[str, tuple[Target, Talk]] = {
    "the card of the session stops it at the station": (a_cpo, _stopped_unasked(CARD)),
    "a listed card stops a session at the station": (a_cpo, _stopped_unasked(OTHER_CARD, kind="listed")),
    "a session ends long after a card that may not stop it": (
        a_cpo,
        _stopped_unasked(OTHER_CARD, kind="late"),
    ),
    "a session is stopped by app after a card that may not": (
        a_cpo,
        _stopped_unasked(OTHER_CARD, kind="stopped"),
    ),
    "an EVSE that is in use with the other one of its station": (a_cpo, _at_the_other_plug),
    "a charge that ended, and has its CDR after the stop of another": (
        a_cpo,
        _ends_beside_a_stop("Start", "End"),
    ),
    "charges that end by themselves": (a_cpo, _ends_beside_a_stop(ended_before=True)),
    "an EMP that fetches only the CDRs that it has not yet": (an_emp, _fetches_what_is_new),
    "two starts that met an outage, and are both sent again": (an_emp, _retries_two_starts),
    "two starts that are sent again after a further tap": (an_emp, _retries_after_another_tap),
    # figures and pushes
    "an EVSE that was never shown as Occupied": (a_cpo, _never_shown),
    "a charger for 1000 V and 500 A that delivers 400 kW": (
        a_cpo,
        practice.with_facility(
            "CCS Combo 2 Plug (Cable Attached)", PowerType="DC", Voltage=1000, Amperage=500, Power=400
        ),
    ),
    "a record in summer time": (
        a_cpo,
        practice.at_an_evse(22, "UTC+00:00"),
    ),
    "a charge that ended long before its session": (
        a_cpo,
        started(lambda cpo, session: cpo.cdr(session, ChargingEnd=at("12:02"))),
    ),
    "a full load without records, and inserts after it": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_data(*practice.TWO),
            cpo.push_evse_data(OperatorEvseData=ex.push_evses()["OperatorEvseData"] | {"EvseDataRecord": []}),
            cpo.push_evse_data(*practice.TWO, action="insert"),
        ),
    ),
    "a full load of one EVSE, and inserts of the others": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_data(*practice.TWO),
            cpo.push_evse_status((EVSE, "Available"), (OTHER_EVSE, "Available")),
            cpo.push_evse_data(practice.TWO[0]),
            cpo.push_evse_status((EVSE, "Available")),
            cpo.push_evse_data(practice.TWO[1], action="insert"),
            cpo.push_evse_status((OTHER_EVSE, "Available"), action="insert"),
        ),
    ),
    "an insert that is sent again since the hub answered late": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_status(action="insert", scripted="late"),
            cpo.push_evse_status(action="insert", answer=practice.contradicted("already there: DEABCE11")),
        ),
    ),
    "an update before any full load of the run": (
        a_cpo,
        lambda cpo: cpo.push_evse_status(
            action="update", answer=practice.contradicted("not there: DEABCE11")
        ),
    ),
    "a full load that the hub rejected, and its status is not Occupied": (
        a_cpo,
        lambda cpo: cpo.waited(
            f"{_STATUS}.occupied",
            _STATUS,
            cpo.push_evse_status((EVSE, "Occupied"), scripted="018", answer=refused("018")),
        ),
    ),
    "an EVSE that is in service again": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_status((EVSE, "OutOfService")),
            cpo.push_evse_status((EVSE, "Available"), action="update"),
            cpo.remote_start(),
        ),
    ),
    "an EVSE that is Available since its charge has ended, before the hub's stop": (
        a_cpo,
        _ends_by_itself,
    ),
    "a status that was wrong for a moment": (
        a_cpo,
        _two_charges(
            lambda cpo: cpo.push_evse_status((OTHER_EVSE, "Occupied"), (EVSE, "Available"), action="update"),
            lambda cpo: cpo.push_evse_status((EVSE, "Occupied"), action="update"),
        ),
    ),
    "an EVSE that is shown as Occupied only when a car is there": (
        a_cpo,
        lambda cpo: (
            first := cpo.remote_start(),
            cpo.remote_start(EvseID=OTHER_EVSE),
            cpo.push_evse_status((OTHER_EVSE, "Occupied"), (EVSE, "Available")),
            cpo.remote_stop(first),
        ),
    ),
    "a list of all EVSEs from before a charge, after another charge": (
        a_cpo,
        after_another_charge("fullLoad"),
    ),
    # sessions
    "a refused repetition of a start": (a_cpo, _start_that_came_again),
    "a record of a charge that crosses the end of summer time": (a_cpo, _charges_while_clocks_change),
    "a QR code without its PIN in a record": (
        a_cpo,
        lambda cpo: cpo.cdr(
            cpo.authorize_start(Identification={"QRCodeIdentification": {"EvcoID": ex.EVCO, "PIN": "1234"}}),
            Identification={"QRCodeIdentification": {"EvcoID": ex.EVCO}},
        ),
    ),
    "a later partner session id of the EMP, given in its stop": (
        a_cpo,
        started(
            lambda cpo, session: (
                cpo.remote_stop(session, EMPPartnerSessionID="of its stop"),
                cpo.cdr(session, EMPPartnerSessionID="of its stop"),
            )
        ),
    ),
    "a partner session id of the EMP that was cleaned before it was kept": (
        a_cpo,
        started(
            lambda cpo, session: cpo.cdr(session, EMPPartnerSessionID="of emp"),
            EMPPartnerSessionID="of\x00 emp",
        ),
    ),
    "a start that is malformed, rejected with a code for authentication": (
        a_cpo,
        lambda cpo: cpo.remote_start(purpose="request.malformed", expects="refuse", answer=refused("101")),
    ),
    "the other form of a card as null, among the media that may stop": (
        an_emp,
        lambda emp: emp.authorize_start(
            answer=accepted(AuthorizationStopIdentifications=[CARD | {"RFIDIdentification": None}])
        ),
    ),
    "ids without separators": (
        a_cpo,
        started(lambda cpo, session: cpo.cdr(session, EvseID="DEABCE11")),
    ),
    "an OperatorID without separators": (a_cpo, lambda cpo: cpo.authorize_start(OperatorID="DEABC")),
    "an EVSE of a sub-operator that the profile lists": (
        _with_sub_operator,
        lambda cpo: (
            cpo.authorize_start(EvseID=FOREIGN_EVSE),
            cpo.push_evse_status((FOREIGN_EVSE, "Available")),
        ),
    ),
    "a customer of a sub-provider that the profile lists": (
        _with_sub_provider,
        lambda emp: emp.remote_start(Identification=_OF_SUB_PROVIDER),
    ),
    "all that a hub operator sends of a sub-operator that the profile names": (
        _of_hub_operator,
        lambda cpo: (
            cpo.push_evse_data(ex.evse(EvseID=FOREIGN_EVSE)),
            cpo.push_evse_status((FOREIGN_EVSE, "Available")),
            cpo.push_prices(ex.evse_pricing(EvseID=FOREIGN_EVSE)),
            cpo.cdr(cpo.authorize_start(EvseID=FOREIGN_EVSE)),
        ),
    ),
    "all that a hub provider sends of a sub-provider that the profile names": (
        _of_hub_provider,
        lambda emp: (
            emp.remote_start(Identification=_OF_SUB_PROVIDER),
            emp.push_customers({"PlugAndChargeIdentification": {"EvcoID": "FR-XYZ-C12345678-X"}}),
            emp.authorize_stop(
                emp.authorize_start(
                    answer=accepted(ProviderID="FR-XYZ", AuthorizationStopIdentifications=[_OF_SUB_PROVIDER])
                ),
                answer=accepted(ProviderID="FR*XYZ"),
            ),
        ),
    ),
    "an echo of the partner session id that the hub proposed": (
        a_cpo,
        lambda cpo: cpo.cdr(cpo.remote_start(CPOPartnerSessionID="the hub's")),
    ),
    "a record that is sent again because nobody answered": (
        a_cpo,
        started(lambda cpo, session: (cpo.cdr(session, answer=nothing("hung up")), cpo.cdr(session))),
    ),
    "a driver who is refused and comes again": (
        a_cpo,
        _start_twice(lambda cpo: cpo.authorize_start(answer=refused("102"))),
    ),
    "an authorization that came late, and was waited for": (
        a_cpo,
        lambda cpo: cpo.cdr(cpo.authorize_start(answer=slow(20.0), scripted="late")),
    ),
    "a session that goes on where a remote start was refused": (a_cpo, _meets_a_session),
    "the same card, after its session": (
        a_cpo,
        lambda cpo: (cpo.cdr(cpo.authorize_start()), cpo.authorize_start()),
    ),
    "the same card, at another EVSE": (
        a_cpo,
        lambda cpo: (cpo.authorize_start(), cpo.authorize_start(EvseID=OTHER_EVSE)),
    ),
    "another card, at the same EVSE": (
        a_cpo,
        lambda cpo: (cpo.authorize_start(), cpo.authorize_start(Identification=OTHER_CARD)),
    ),
    "the same card, in another test": (
        a_cpo,
        _in_another_test(Journal.authorize_start, Journal.authorize_start),
    ),
    "the same card, after a refusal": (
        a_cpo,
        lambda cpo: (cpo.authorize_start(answer=refused("102")), cpo.authorize_start()),
    ),
    "a stop that is tried again after the record, since it failed": (
        a_cpo,
        carded(
            lambda cpo, session: (
                cpo.authorize_stop(session, answer=nothing("hung up")),
                cpo.cdr(session),
                cpo.authorize_stop(session, answer=refused("400")),
            )
        ),
    ),
    "an end of a session long after its stop was refused": (
        a_cpo,
        carded(
            lambda cpo, session: (
                cpo.authorize_stop(session, answer=refused("102")),
                cpo.listened(5.0),
                cpo.after(60.0).cdr(session),
            )
        ),
    ),
    "a stop that comes when the session has ended": (
        a_cpo,
        started(lambda cpo, session: (cpo.cdr(session), cpo.remote_stop(session, answer=refused("400")))),
    ),
    "an Error that says why a remote start was refused": (
        a_cpo,
        lambda cpo: cpo.notification("Error", cpo.remote_start(answer=refused("510"))),
    ),
    "an Error after a card was refused, with the SessionID of the refusal": (
        a_cpo,
        lambda cpo: cpo.notification(
            "Error",
            cpo.authorize_start(answer=refused("102", SessionID="0000abcd-0000-4000-8000-000000000001")),
        ),
    ),
    "silence of a target that has never called": (a_cpo, started(_no_record)),
    "a stop that is tapped twice": (an_emp, started(_tapped_twice)),
    "a stop that is sent until it is acknowledged, and a second one that was tapped before": (
        an_emp,
        started(_until_acknowledged),
    ),
    "an app that shows no stop before the charge was notified": (an_emp, _shows_no_stop),
    "a start that is rejected while a car is there, as the control at first": (
        a_cpo,
        _still_there,
    ),
    "a stop that is sent again since it failed": (
        an_emp,
        started(
            lambda emp, session: (emp.remote_stop(session, answer=refused("001")), emp.remote_stop(session))
        ),
    ),
    "a start that is refused and tried again": (
        an_emp,
        lambda emp: (emp.remote_start(answer=refused("603")), emp.remote_stop(emp.remote_start())),
    ),
    # how the hub's requests are taken
    "an operator without a contract": (
        an_emp,
        lambda emp: emp.authorize_start(
            purpose="eRoamingAuthorizeStart.other-operator", expects="any", answer=refused("300")
        ),
    ),
    "an optional operation that is not offered": (
        lambda: a_cpo({}),
        lambda cpo: cpo.reservation_start(
            purpose="optional.not-offered", expects="refuse", answer=http(404, b"<html>")
        ),
    ),
    "an acknowledgement in place of an authorization": (
        an_emp,
        lambda emp: emp.authorize_start(
            expects="any", answer=accepted(AuthorizationStatus=ABSENT, ProviderID=ABSENT, Result=False)
        ),
    ),
    "a charset that is UTF-8": (
        a_cpo,
        lambda cpo: cpo.push_evse_status(content_type="application/json;charset=utf8"),
    ),
    # notifications and records
    "a notification that is sent again": (a_cpo, _sent_twice("Progress")),
    "a second Start after an End": (
        a_cpo,
        started(
            lambda cpo, session: [
                cpo.notification(kind, session, SessionStart=start)
                for kind, start in (
                    ("Start", at("12:00")),
                    ("End", at("12:00")),
                    ("Start", at("11:59")),
                )
            ]
        ),
    ),
    "Progress, and the next one five minutes later": (
        a_cpo,
        started(
            lambda cpo, session: (
                cpo.notification("Progress", session),
                cpo.notification("Progress", session, EventOccurred=at("12:36"), ConsumedEnergyProgress=2.0),
            )
        ),
    ),
    "a charge that goes on after its End": (
        a_cpo,
        started(
            lambda cpo, session: (
                cpo.notification(
                    "End", session, ChargingEnd=at("12:50"), MeterValueEnd=13.0, ConsumedEnergy=3.0
                ),
                cpo.cdr(session),
            )
        ),
    ),
    "times that differ by a second from those of the record": (
        a_cpo,
        started(
            lambda cpo, session: (
                cpo.notification("Start", session, ChargingStart="2026-11-22T12:01:01+01:00"),
                cpo.cdr(session),
            )
        ),
    ),
    "figures that are rounded": (
        a_cpo,
        started(
            lambda cpo, session: (
                cpo.notification("End", session, ConsumedEnergy=4.001),
                cpo.cdr(session),
            )
        ),
    ),
    "a duration that is rounded to seconds": (
        a_cpo,
        started(lambda cpo, session: cpo.notification("Progress", session, ChargingDuration=1799000)),
    ),
    "figures unlike those of a record that was refused": (
        a_cpo,
        started(
            lambda cpo, session: (
                cpo.notification("Start", session, ChargingStart=at("12:05")),
                cpo.cdr(session, answer=refused("001")),
            )
        ),
    ),
    "a moment in another time zone": (
        a_cpo,
        started(lambda cpo, session: cpo.cdr(session, SessionEnd="2026-11-22T12:00:00+00:00")),
    ),
    # what is published
    "pushes of two operations at once": (
        a_cpo,
        lambda cpo: (cpo.push_evse_data(answer=slow(3.0)), cpo.push_evse_status()),
    ),
    "a push after a slow one": (a_cpo, _later),
    "the same push in many tests": (a_cpo, _in_another_test(*[_push] * 12)),
    "the same push, which is accepted": (a_cpo, lambda cpo: [cpo.push_evse_status() for _ in range(12)]),
    "pushes that are refused and differ": (
        a_cpo,
        lambda cpo: [
            cpo.push_evse_status((EVSE, state), answer=refused("021"))
            for state in ("Available", "Occupied") * 6
        ],
    ),
    "an EVSE that is priced for each provider": (
        a_cpo,
        lambda cpo: cpo.push_prices(
            ex.evse_pricing(EvseID=EVSE, ProviderID="*"), ex.evse_pricing(EvseID=EVSE, ProviderID="DE-DCB")
        ),
    ),
    "prices that are deleted with their products": (
        a_cpo,
        lambda cpo: (
            cpo.push_products(ex.product(ProductID="AC 2")),
            cpo.push_prices(ex.evse_pricing("AC 1", EvseID=EVSE), action="delete"),
        ),
    ),
    "a status of an EVSE that was inserted": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_data(),
            cpo.push_evse_data(ex.evse(EvseID=OTHER_EVSE), action="insert"),
            cpo.push_evse_status((EVSE, "Available"), (OTHER_EVSE, "Available")),
        ),
    ),
    "a status that is deleted with its EVSE": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_data(),
            cpo.push_evse_status((OTHER_EVSE, "Available"), action="delete"),
        ),
    ),
    "a load that Hubject refused changes nothing": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_data(),
            cpo.push_evse_data(ex.evse(EvseID=OTHER_EVSE), answer=refused("021")),
            cpo.push_evse_status((EVSE, "Available")),
        ),
    ),
    "a status that is on its way": (a_cpo, _on_its_way),
    "dynamic information that is on its way": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_data(ex.evse(), ex.evse(EvseID=OTHER_EVSE)),
            cpo.push_evse_status((EVSE, "Available"), action="update"),
        ),
    ),
    "an upload that is refused for another reason": (
        an_emp,
        lambda emp: emp.push_customers(action="insert", answer=refused("019")),
    ),
    "two customers, each with one of PIN and HashedPIN": (an_emp, lambda emp: emp.push_customers(QR, CARD)),
    "a customer for tests, who is updated after it was deleted": (
        an_emp,
        lambda emp: (
            emp.push_customers(CARD, QR),
            emp.push_customers(NEW_CARD, action="insert"),
            emp.push_customers(NEW_CARD, action="delete"),
            emp.push_customers(
                NEW_CARD, action="update", answer=practice.contradicted("not there: 5678ABCD")
            ),
        ),
    ),
    "a full load in two parts": (
        an_emp,
        lambda emp: (
            emp.push_customers(CARD, QR),
            emp.push_customers(CARD),
            emp.push_customers(QR, action="insert"),
        ),
    ),
    "a customer who is deleted by a full load of the others": (
        an_emp,
        lambda emp: (
            emp.push_customers(CARD, QR),
            emp.waited(
                f"{_UPLOAD}.delete",
                _UPLOAD,
                stimulus="done",
                asked=emp.clock - 0.5,
                parameters={"ActionType": "delete"},
            ),
            emp.push_customers(CARD),
        ),
    ),
    "all customers deleted by an empty full load": (
        an_emp,
        lambda emp: (
            emp.push_customers(CARD, QR),
            emp.push_customers(
                ProviderAuthenticationData={"ProviderID": "DE-DCB", "AuthenticationDataRecord": []}
            ),
        ),
    ),
    # what is pulled
    "an EMP that refreshes only EVSEs that were published": (an_emp, pulls.refreshed(EVSE)),
    "pages that are asked for side by side": (an_emp, _pages(1, 0)),
    "a page that takes its time, after pages that failed and came again": (
        an_emp,
        lambda emp: (
            emp.pull(_DATA, scripted="HTTP 429", answer=http(429)),
            emp.pull(_DATA),
            emp.waited("pull.failed-page", _DATA, stimulus="done"),
        ),
    ),
    "two servers that pull the same page, while there are too many requests": (
        an_emp,
        lambda emp: [
            emp.pull(_DATA, scripted=how, answer=answer)
            for how, answer in (*[("HTTP 429", http(429))] * 3, (None, accepted()), (None, accepted()))
        ],
    ),
    "four servers that pull the same page at once, while there are too many requests": (
        an_emp,
        lambda emp: [
            emp.pull(_DATA, scripted=how, answer=answer)
            for how, answer in (*[("HTTP 429", replace(http(429), seconds=3.0))] * 3, (None, accepted()))
        ],
    ),
    "a LastCall by a clock that is fast": (
        an_emp,
        pulls.last_calls(lambda _: 20.0, *pulls.SHORT_AND_LONG),
    ),
    "a LastCall of the second attempt, which began with the first page again": (
        an_emp,
        lambda emp: (
            pulls.last_calls(lambda _: 0.05, *[0.1] * 3)(emp),
            emp.pull(_DATA, answer=accepted(last=False), LastCall=at("12:50")),
            emp.after(30.0).pull(_DATA, answer=accepted(last=False), LastCall=at("12:50")),
            emp.pull(_DATA, "?page=1&size=100", LastCall=at("12:50")),
            emp.pull(_DATA, LastCall=_written(emp.clock - 2.0)),
        ),
    ),
    "a pull that fails and comes to its end later, when another server has pulled with its own LastCall": (
        an_emp,
        lambda emp: (
            pulls.last_calls(lambda _: 0.05, *[0.1] * 3)(emp),
            emp.pull(_DATA, LastCall=at("12:50"), answer=http(429), scripted="HTTP 429"),
            emp.pull(_DATA, LastCall=_written(emp.clock - 2.0)),
            emp.after(1.0).pull(_DATA, LastCall=at("12:50")),
        ),
    ),
    "pages that are read from the last to the first while more are added": (
        an_emp,
        lambda emp: (
            pulls.last_calls(lambda _: 0.05, *[0.1] * 3)(emp),
            emp.pull(_DATA, answer=accepted(last=False, totalPages=3), LastCall=at("12:50")),
            emp.pull(_DATA, "?page=2&size=100", LastCall=at("12:50"), answer=http(429), scripted="HTTP 429"),
            emp.pull(_DATA, "?page=2&size=100", answer=accepted(last=False), LastCall=at("12:50")),
            emp.pull(_DATA, "?page=1&size=100", answer=accepted(last=False), LastCall=at("12:50")),
            emp.pull(_DATA, LastCall=_written(emp.clock - 2.0)),
        ),
    ),
    "a LastCall in whole seconds, which is rounded up": (
        an_emp,
        pulls.last_calls(lambda seconds: 0.95 if seconds > 1 else 0.05, *pulls.SHORT_AND_LONG),
    ),
    "pages of two rounds": (an_emp, _pages(0, 1, 0, 1)),
    "pages behind the last one, in another test": (
        an_emp,
        _in_another_test(
            _pages(0, 1),
            lambda emp: [
                emp.pull(_DATA, f"?page={page}&size=20", answer=accepted(last=True)) for page in (2, 3)
            ],
        ),
    ),
    "pages of two requests, mingled": (
        an_emp,
        lambda emp: [
            emp.pull(_DATA, f"?page={page}&size=20", answer=accepted(last=page == 1), CountryCodes=[country])
            for page in (0, 1)
            for country in ("DEU", "FRA")
        ],
    ),
    "LastCall beside filters that are null": (
        an_emp,
        lambda emp: emp.pull(_DATA, LastCall=at("12:00"), CountryCodes=None, OperatorIds=None),
    ),
    "limit beside page and size": (
        an_emp,
        lambda emp: emp.pull(_DATA, "?page=0&size=20&limit=5"),
    ),
    "a wrong token at a stop": (
        an_emp,
        carded(
            lambda emp, session: emp.authorize_stop(
                session,
                purpose="eRoamingAuthorizeStop.other-medium",
                expects="refuse",
                answer=refused("602"),
            )
        ),
    ),
    "a card that the EMP named may stop": (
        an_emp,
        lambda emp: emp.authorize_stop(
            emp.authorize_start(answer=accepted(AuthorizationStopIdentifications=[OTHER_CARD])),
            Identification=OTHER_CARD,
            purpose="eRoamingAuthorizeStop.other-medium",
            expects="refuse",
        ),
    ),
    "an EMP that is online uploads some customers only": (
        an_emp,
        lambda emp: emp.tried_upload(CARD, authorized=False, push=emp.push_customers(NEW_CARD)),
    ),
    "a contract that was charged with, and is locked after a wrong PIN": (an_emp, _locked),
    "a stop of the EMP that crosses the stop with the card": (
        an_emp,
        carded(lambda emp, session: (emp.authorize_stop(session), emp.remote_stop(session))),
    ),
    "an EMP that once did not pull when it was asked to, and stops after a failed pull": (
        an_emp,
        _at_its_time,
    ),
    "an EMP updates whom it uploaded before the run": (
        an_emp,
        lambda emp: emp.push_customers(action="update", answer=practice.contradicted("not there: 1234ABCD")),
    ),
    "products of two providers": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_data(),
            cpo.push_products(),
            cpo.push_products(
                PricingProductData=ex.products(ex.product(ProductID="DC 1"), ProviderID="DE-ABC")
            ),
            cpo.push_prices(),
        ),
    ),
    "a price that arrives while the products are loaded again": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_data(),
            cpo.push_products(ex.product(ProductID="AC 1"), ex.product(ProductID="AC 2")),
            cpo.push_products(ex.product(ProductID="AC 1")),
            cpo.push_prices(ex.evse_pricing("AC 2", EvseID=EVSE), action="insert"),
            cpo.push_products(ex.product(ProductID="AC 2"), action="insert"),
        ),
    ),
    "a status that was deleted later": (
        a_cpo,
        lambda cpo: (
            cpo.push_evse_data(ex.evse(DynamicInfoAvailable="true")),
            cpo.push_evse_status(),
            cpo.push_evse_status(action="delete"),
        ),
    ),
}
