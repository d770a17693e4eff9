"""How the target takes the hub's requests: special ones beside ordinary ones."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from selftest.unit.journals import (
    CARD,
    EVSE,
    FOREIGN_EVSE,
    OPTIONS,
    OTHER_CARD,
    OTHER_EVSE,
    REMOTE,
    Journal,
    Session,
    a_cpo,
    an_emp,
)
from selftest.unit.requirements.row import Row, Talk, Target, broken
from selftest.unit.wording import ABSENT, accepted, http, nothing, refused

Request = Callable[..., object]
"""One request of the hub: the journal, and how it goes."""


def _asks(journal: Journal, **given: Any) -> object:
    return journal.hub_asks(**given)


def _of_unseen(say: Callable[..., object]) -> Request:
    """A request in a session that the target does not know."""
    return lambda journal, **given: say(journal, journal.unseen_session(), **given)


def _ordinary(journal: Target, purpose: str, request: Request) -> Row:
    """What must be accepted, if nothing outside of the interface is in the way."""
    given = {"purpose": purpose}
    return Row(
        journal,
        purpose,
        holds=lambda said: request(said, **given),
        breaks=broken(
            lambda said: request(said, answer=refused("400"), **given),
            None,
            "code 400",
            "a positive response",
        ),
        unclear=lambda said: request(said, answer=refused("700"), **given),
    )


def _to_accept(
    journal: Target, purpose: str, request: Request, special: Mapping[str, Any], *, warns: bool = False
) -> Row:
    """What must be accepted; that the same without what is special is accepted says what is to blame."""

    def with_control(answer_of_control: Any) -> Talk:
        def talk(said: Journal) -> None:
            request(said, purpose=purpose, answer=refused("022"), **special)
            number = said.exchanges[-1].number
            request(said, control=number, expects="any", answer=answer_of_control)

        return talk

    return Row(
        journal,
        purpose,
        holds=lambda said: request(said, purpose=purpose, **special),
        breaks=broken(
            with_control(accepted()),
            None,
            "code 022",
            "was accepted, with other",
            *_names(special),
            warns=warns,
        ),
        unclear=with_control(refused("022")),
    )


def _names(special: Mapping[str, Any]) -> list[str]:
    return [name for name in special if name[0].isupper()]


def _to_refuse(
    journal: Target,
    purpose: str,
    ordinary: Request,
    request: Request,
    *,
    warns: bool = False,
    **special: Any,
) -> Row:
    """What must be refused: it says something where ordinary requests of the operation are accepted."""
    given = {"purpose": purpose, "expects": "refuse", **special}
    return Row(
        journal,
        purpose,
        holds=lambda said: (ordinary(said), request(said, answer=refused("400"), **given)),
        breaks=broken(
            lambda said: (ordinary(said), request(said, **given)),
            None,
            "accepted: HTTP 200 with code 000",
            "or HTTP 4xx",
            warns=warns,
        ),
        unclear=lambda said: request(said, answer=refused("400"), **given),
    )


def _to_answer(
    purpose: str, ordinary: Request, request: Request, journal: Target = an_emp, **special: Any
) -> Row:
    """What a target may accept or refuse, but in good order."""
    given = {"purpose": purpose, "expects": "any", **special}
    return Row(
        journal,
        purpose,
        holds=lambda emp: (ordinary(emp), request(emp, answer=refused("400"), **given)),
        breaks=broken(
            lambda emp: (ordinary(emp), request(emp, answer=http(500, b"oops"), **given)),
            None,
            "HTTP 500",
            "oops",
        ),
        unclear=lambda emp: request(emp, answer=http(500, b"oops"), **given),
    )


def _begun(say: Callable[..., object], begin: Callable[..., Session] = Journal.remote_start) -> Request:
    """A request in a session that the target has begun."""
    return lambda journal, **given: say(journal, begin(journal, expects="any"), **given)


def _rows(journal: Target) -> Iterator[Row]:
    partner = "EMPPartnerSessionID" if journal is a_cpo else "CPOPartnerSessionID"
    freedoms: dict[str, Mapping[str, Any]] = {
        "request.minimal": {partner: ABSENT},
        "request.maximal": {"PartnerProductID": "x" * 100},
        "request.nulls": {partner: None},
        "request.unknown-field": {"SomethingOfTomorrow": 1},
        "request.non-ascii": {partner: "größer-東京"},
    }
    for purpose, special in freedoms.items():
        is_of_emp = purpose == "request.nulls" and journal is an_emp
        yield _to_accept(journal, purpose, _asks, special, warns=is_of_emp)
    yield _to_refuse(journal, "request.malformed", _asks, _asks, warns=journal is an_emp, EvseID=ABSENT)
    offers = {**OPTIONS, "eRoamingReservation": False, "eRoamingAuthorizeStop": False}
    optional = Journal.reservation_start if journal is a_cpo else _stopped
    given: dict[str, Any] = {"purpose": "optional.not-offered", "expects": "refuse"}
    yield Row(
        partial(journal, offers),
        "optional.not-offered",
        holds=lambda said: optional(said, answer=http(404), **given),
        breaks=broken(lambda said: optional(said, **given), None, "declare it under [supports]", "000"),
        unclear=lambda said: optional(said, answer=nothing("unreachable"), **given),
    )


_RESERVE, _RELEASE = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"
_REMOTE_START, _REMOTE_STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
_START, _STOP = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
_NOTIFY, _CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"
_notified: Request = _of_unseen(
    lambda journal, session, **given: journal.notification("Error", session, **given)
)
_in_progress: Request = _of_unseen(
    lambda journal, session, **given: journal.notification("Progress", session, **given)
)
_settled = _of_unseen(Journal.cdr)
_stopped = _of_unseen(Journal.authorize_stop)


def _stopped_when_settled(emp: Journal, **given: Any) -> object:
    """The stop of a session that is over, with a medium that the EMP named for its stop."""
    session = emp.authorize_start(answer=accepted(AuthorizationStopIdentifications=[CARD]))
    emp.cdr(session)
    return emp.authorize_stop(session, **given)


def _free_again(last: Any) -> Talk:
    return lambda cpo: (cpo.cdr(cpo.remote_start()), cpo.remote_start(answer=last))


def _at_an_evse_in_use(code: str) -> Talk:
    given: dict[str, Any] = {"purpose": f"{_REMOTE_START}.occupied-evse", "expects": "refuse"}
    return lambda cpo: (cpo.remote_start(), cpo.remote_start(answer=refused(code), **given))


_FOR_ITS_CUSTOMER = f"{_RESERVE}.for-its-customer"


def _honours(answer: Any, works: bool = True, purpose: str = f"{_RESERVE}.honoured") -> Talk:
    """A reservation, and the start of another driver."""

    def talk(cpo: Journal) -> None:
        if works:
            cpo.remote_start(EvseID=OTHER_EVSE)
        cpo.reservation_start()
        cpo.remote_start(purpose=purpose, expects="refuse", answer=answer)

    return talk


def _starts_reserved(answer: Any, then: Any = None) -> Talk:
    """A reservation, the start of its customer, and the same without the reservation if that was rejected."""

    def talk(cpo: Journal) -> None:
        cpo.reservation_start()
        start = cpo.remote_start(purpose=f"{_RESERVE}.customer-starts", answer=answer).begun_by
        if answer.code != "000":
            cpo.remote_start(control=start.number, answer=then or accepted())

    return talk


def _nothing_started(answer: Any, unknown: Any) -> Talk:
    """A start that was refused is stopped, beside a session that never was, and one that runs."""

    def talk(cpo: Journal) -> None:
        refused_one = cpo.remote_start(answer=refused("602"))
        cpo.remote_stop(cpo.remote_start(EvseID=OTHER_EVSE))
        given: dict[str, Any] = {"expects": "refuse"}
        cpo.remote_stop(
            cpo.unseen_session(), answer=unknown, purpose=f"{_REMOTE_STOP}.unknown-session", **given
        )
        cpo.remote_stop(refused_one, answer=answer, purpose=f"{_REMOTE_START}.nothing-started", **given)

    return talk


ROWS = (
    *_rows(a_cpo),
    *_rows(an_emp),
    _ordinary(a_cpo, "request.valid", _asks),
    _ordinary(an_emp, "request.valid", _asks),
    _to_accept(an_emp, "request.optional-field", _asks, {"HubOperatorID": "DE*HUB"}),
    _to_accept(a_cpo, "request.separators", _asks, {"EvseID": "DEABCE11"}),
    # what a CPO has to refuse
    _to_refuse(a_cpo, f"{_REMOTE_START}.unknown-evse", _asks, _asks, EvseID=FOREIGN_EVSE),
    _to_refuse(a_cpo, f"{_REMOTE_START}.occupied-evse", _asks, _asks),
    _to_refuse(
        a_cpo, f"{_REMOTE_STOP}.unknown-session", _begun(Journal.remote_stop), _of_unseen(Journal.remote_stop)
    ),
    _to_refuse(
        a_cpo, f"{_REMOTE_STOP}.ended-session", _begun(Journal.remote_stop), _of_unseen(Journal.remote_stop)
    ),
    _to_refuse(
        a_cpo,
        f"{_REMOTE_STOP}.other-evse",
        _begun(Journal.remote_stop),
        _begun(Journal.remote_stop),
        EvseID=OTHER_EVSE,
    ),
    _to_refuse(
        a_cpo,
        "session.other-provider",
        _begun(Journal.remote_stop),
        _begun(Journal.remote_stop),
        ProviderID="DE-8EV",
    ),
    _to_refuse(
        a_cpo,
        f"{_RESERVE}.unknown-evse",
        Journal.reservation_start,
        Journal.reservation_start,
        EvseID=FOREIGN_EVSE,
    ),
    _to_refuse(a_cpo, f"{_RESERVE}.occupied-evse", Journal.reservation_start, Journal.reservation_start),
    _to_refuse(
        a_cpo,
        f"{_RELEASE}.unknown-session",
        _begun(Journal.reservation_stop, Journal.reservation_start),
        _of_unseen(Journal.reservation_stop),
    ),
    Row(
        a_cpo,
        "answer.code-area",
        holds=_at_an_evse_in_use("601"),
        breaks=broken(_at_an_evse_in_use("101"), "/StatusCode/Code", "101 is a code for authentication"),
        unclear=lambda cpo: cpo.remote_start(answer=refused("101"), purpose="request.malformed"),
    ),
    Row(
        a_cpo,
        f"{_RESERVE}.honoured",
        holds=_honours(refused("602")),
        breaks=broken(_honours(accepted()), None, "accepted: HTTP 200 with code 000"),
        unclear=_honours(refused("602"), works=False),
    ),
    Row(
        a_cpo,
        f"{_RESERVE}.customer-starts",
        holds=_starts_reserved(accepted()),
        breaks=broken(
            _starts_reserved(refused("601")),
            None,
            "code 601",
            "exchange 3 was accepted, with the same fields",
        ),
        unclear=_starts_reserved(refused("601"), then=refused("602")),
    ),
    Row(
        a_cpo,
        _FOR_ITS_CUSTOMER,
        holds=_honours(refused("601"), purpose=_FOR_ITS_CUSTOMER),
        breaks=broken(
            _honours(accepted(), purpose=_FOR_ITS_CUSTOMER), None, "accepted: HTTP 200 with code 000"
        ),
        unclear=_honours(refused("601"), works=False, purpose=_FOR_ITS_CUSTOMER),
    ),
    Row(
        a_cpo,
        f"{_REMOTE_START}.nothing-started",
        holds=_nothing_started(refused("400"), unknown=refused("400")),
        breaks=broken(
            _nothing_started(accepted(), unknown=refused("400")),
            None,
            "accepted: HTTP 200 with code 000",
            warns=True,
        ),
        unclear=_nothing_started(
            refused("400"),
            # Who accepts any stop does not show what it has started.
            unknown=accepted(),
        ),
    ),
    _ordinary(
        a_cpo,
        f"{_REMOTE_STOP}.of-card-session",
        lambda cpo, **given: cpo.remote_stop(cpo.authorize_start(), **given),
    ),
    Row(
        a_cpo,
        "session.evse-free",
        holds=_free_again(accepted()),
        breaks=broken(_free_again(refused("601")), "/StatusCode/Code", "601", "000"),
        unclear=lambda cpo: cpo.remote_start(),
    ),
    # what an EMP has to accept
    _ordinary(an_emp, f"{_START}.accepted", Journal.authorize_start),
    _ordinary(an_emp, f"{_STOP}.own-medium", _stopped),
    _to_accept(an_emp, f"{_START}.without-evse", Journal.authorize_start, {"EvseID": ABSENT}),
    _to_accept(an_emp, f"{_START}.other-operator", Journal.authorize_start, {"OperatorID": "NL*UTR"}),
    _to_accept(an_emp, f"{_STOP}.listed-medium", _stopped, {"Identification": OTHER_CARD}),
    _to_accept(
        an_emp,
        f"{_CDR}.signed-values",
        _settled,
        {"SignedMeteringValues": [{"SignedMeteringValue": "AAA", "MeteringStatus": "Start"}]},
    ),
    _to_accept(an_emp, f"{_NOTIFY}.error-type-with-blank", _notified, {"ErrorType": "Connector Error"}),
    _to_accept(an_emp, f"{_NOTIFY}.without-operator-id", _notified, {"OperatorID": ABSENT}),
    _to_accept(an_emp, f"{_NOTIFY}.meter-values-list", _in_progress, {"MeterValueInBetween": [11.0, 12.0]}),
    _to_accept(an_emp, f"{_CDR}.clock-change", _settled, {"SessionEnd": "2026-11-22T14:00:00+02:00"}),
    _to_accept(an_emp, f"{_CDR}.without-energy", _settled, {"ConsumedEnergy": 0}),
    _to_accept(an_emp, f"{_CDR}.large-values", _settled, {"MeterValueEnd": 131.0, "ConsumedEnergy": 121.0}),
    _to_accept(an_emp, f"{_CDR}.late", _settled, {"SessionEnd": "2026-11-18T13:00:00+01:00"}),
    _to_accept(
        a_cpo,
        f"{_REMOTE_START}.sub-provider",
        Journal.remote_start,
        {"Identification": {"RemoteIdentification": {"EvcoID": "FR-SUB-C12345678-X"}}},
    ),
    _to_accept(an_emp, "request.utc", _settled, {"SessionEnd": "2026-11-22T12:00:00Z"}),
    # what it has to refuse
    _to_refuse(
        an_emp,
        f"{_START}.refused",
        Journal.authorize_start,
        Journal.authorize_start,
        Identification=OTHER_CARD,
    ),
    _to_refuse(
        an_emp, f"{_START}.unknown", Journal.authorize_start, Journal.authorize_start, Identification=REMOTE
    ),
    _to_refuse(an_emp, f"{_STOP}.other-medium", _stopped, _stopped, Identification=OTHER_CARD),
    _to_refuse(an_emp, f"{_STOP}.unknown-session", _stopped, _stopped),
    _to_refuse(an_emp, f"{_STOP}.closed-session", _stopped, _stopped_when_settled),
    # what it has to answer
    _to_answer(f"{_CDR}.unknown-session", _settled, _settled),
    _to_answer(f"{_CDR}.repeated", _settled, _settled),
    _to_answer(f"{_NOTIFY}.not-a-notification", _notified, _notified, Type="Pause", EvseID=EVSE),
    _to_answer(f"{_NOTIFY}.repeated", _notified, _notified),
    _to_answer(f"{_NOTIFY}.after-record", _notified, _notified),
    _to_answer(f"{_STOP}.repeated", _stopped, _stopped),
    _to_answer(
        f"{_START}.repeated",
        Journal.authorize_start,
        Journal.authorize_start,
        # That of the first one.
        SessionID="0000abcd-0000-4000-8000-000000000001",
    ),
    _to_answer("request.parallel", Journal.authorize_start, Journal.authorize_start),
    _to_answer("request.parallel", Journal.remote_start, Journal.remote_start, a_cpo),
    _to_answer(f"{_REMOTE_START}.repeated", Journal.remote_start, Journal.remote_start, a_cpo),
)
