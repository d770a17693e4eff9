"""Every message belongs to the session that its SessionID names."""

from selftest.unit.journals import EVSE, OTHER_CARD, OTHER_EVSE, Journal, a_cpo, an_emp
from selftest.unit.requirements.row import Row, Talk, broken, carded, started
from selftest.unit.wording import ABSENT, refused, slow

_STRAY = "00000000-0000-4000-8000-999999999999"
_REMOTE_STOP = "eRoamingAuthorizeRemoteStop"


def _refused_start(then: str) -> Talk:
    """A card is refused; `then` the CPO is silent, or settles all the same."""

    def talk(cpo: Journal) -> None:
        session = cpo.authorize_start(answer=refused("102"))
        if then == "silence":
            cpo.listened()
        if then == "record":
            cpo.cdr(session)

    return talk


def _tapped(stopped: str) -> Talk:
    """Of two sessions the first is stopped by its customer; the EMP stops one of them."""

    def talk(emp: Journal) -> None:
        sessions = {"first": emp.remote_start(), "second": emp.remote_start(EvseID=OTHER_EVSE)}
        stop = emp.remote_stop(sessions[stopped])
        came = stop if stopped == "first" else None
        emp.waited("request.sent", _REMOTE_STOP, came, session=sessions["first"].id, stimulus="done", after=2)

    return talk


def _refused_stop(*, ends: bool, listened: bool = True) -> Talk:
    """Another card may not stop a session; the CPO ends it, or goes on."""

    def talk(cpo: Journal) -> None:
        session = cpo.authorize_start()
        cpo.authorize_stop(session, Identification=OTHER_CARD, answer=refused("102"))
        if listened:
            cpo.listened()
        if ends:
            cpo.cdr(session)

    return talk


def _refused_remote_start(then: str) -> Talk:
    """The hub refuses the start of an EMP, which stops it all the same, or keeps quiet."""

    def talk(emp: Journal) -> None:
        session = emp.remote_start(answer=refused("603", SessionID="0000abcd-0000-4000-8000-000000000001"))
        if then == "silence":
            emp.listened()
        if then == "stop":
            emp.remote_stop(session, answer=refused("400"))

    return talk


ROWS = (
    Row(
        a_cpo,
        "session.id-of-hub",
        holds=started(lambda cpo, session: cpo.cdr(session)),
        breaks=broken(
            started(lambda cpo, session: cpo.cdr(session, SessionID=_STRAY, answer=refused("400"))),
            "/SessionID",
            _STRAY,
            "the hub never assigned",
        ),
        unclear=started(lambda cpo, session: cpo.notification("Start", session, SessionID=ABSENT)),
    ),
    Row(
        an_emp,
        "session.id-of-hub",
        holds=started(lambda emp, session: emp.remote_stop(session)),
        breaks=broken(
            started(lambda emp, session: emp.remote_stop(session, SessionID=session.id.upper()[:-1] + "2")),
            "/SessionID",
            "00000002",
            "the hub never assigned",
        ),
        unclear=started(lambda emp, session: emp.remote_stop(session, SessionID=ABSENT)),
    ),
    Row(
        a_cpo,
        "session.evse",
        holds=started(lambda cpo, session: cpo.cdr(session)),
        breaks=broken(
            started(lambda cpo, session: cpo.cdr(session, EvseID=OTHER_EVSE)), "/EvseID", EVSE, OTHER_EVSE
        ),
        unclear=carded(lambda cpo, session: cpo.authorize_stop(session, EvseID=ABSENT)),
    ),
    Row(
        an_emp,
        "session.evse",
        holds=started(lambda emp, session: emp.remote_stop(session)),
        breaks=broken(
            started(lambda emp, session: emp.remote_stop(session, EvseID=OTHER_EVSE)),
            "/EvseID",
            EVSE,
            OTHER_EVSE,
        ),
        unclear=started(lambda emp, session: emp.remote_stop(session, EvseID=ABSENT)),
    ),
    Row(
        a_cpo,
        "session.identification",
        holds=started(lambda cpo, session: cpo.cdr(session)),
        breaks=broken(
            carded(lambda cpo, session: cpo.cdr(session, Identification=OTHER_CARD)),
            "/Identification",
            "1234ABCD",
            "DEADBEEF",
        ),
        unclear=started(lambda cpo, session: cpo.notification("Start", session, Identification=ABSENT)),
    ),
    Row(
        a_cpo,
        "session.cpo-partner-session-id",
        holds=started(lambda cpo, session: cpo.cdr(session)),
        breaks=broken(
            started(lambda cpo, session: cpo.cdr(session, CPOPartnerSessionID="another")),
            "/CPOPartnerSessionID",
            "of-cpo",
            "another",
            "since exchange 1",
        ),
        unclear=started(lambda cpo, session: cpo.cdr(session, CPOPartnerSessionID=ABSENT)),
    ),
    Row(
        a_cpo,
        "session.emp-partner-session-id",
        holds=carded(lambda cpo, session: (cpo.authorize_stop(session), cpo.cdr(session))),
        breaks=broken(
            started(lambda cpo, session: cpo.cdr(session, EMPPartnerSessionID="made up")),
            "/EMPPartnerSessionID",
            "session of exchange 1",
            "of-emp",
            "made up",
        ),
        unclear=started(lambda cpo, session: cpo.cdr(session, EMPPartnerSessionID=ABSENT)),
    ),
    Row(
        an_emp,
        "session.cpo-partner-session-id",
        holds=started(lambda emp, session: emp.remote_stop(session, CPOPartnerSessionID="of-cpo")),
        breaks=broken(
            started(lambda emp, session: emp.remote_stop(session, CPOPartnerSessionID="made up")),
            "/CPOPartnerSessionID",
            "session of exchange 1",
            "of-cpo",
            "made up",
        ),
        unclear=started(lambda emp, session: emp.cdr(session)),
    ),
    Row(
        an_emp,
        "session.emp-partner-session-id",
        holds=started(lambda emp, session: emp.remote_stop(session)),
        breaks=broken(
            started(lambda emp, session: emp.remote_stop(session, EMPPartnerSessionID="another")),
            "/EMPPartnerSessionID",
            "of-emp",
            "another",
            "since exchange 1",
        ),
        unclear=started(lambda emp, session: emp.remote_stop(session, EMPPartnerSessionID=ABSENT)),
    ),
    Row(
        a_cpo,
        "session.refused",
        holds=_refused_start("silence"),
        breaks=broken(_refused_start("record"), "/SessionID", "exchange 1", "NotAuthorized, code 102"),
        unclear=_refused_start("the end of the run"),
    ),
    Row(
        a_cpo,
        "eRoamingAuthorizeStop.honoured",
        holds=_refused_stop(ends=False),
        breaks=broken(_refused_stop(ends=True), "/SessionID", "exchange 2", "000000000001"),
        unclear=_refused_stop(ends=True, listened=False),
    ),
    Row(
        an_emp,
        f"{_REMOTE_STOP}.after-refusal",
        holds=_refused_remote_start("silence"),
        breaks=broken(
            _refused_remote_start("stop"), "/SessionID", "the start in exchange 1", "Result false, code 603"
        ),
        unclear=_refused_remote_start("the end of the run"),
    ),
    Row(
        a_cpo,
        "eRoamingAuthorizeRemoteStart.one-of-two",
        holds=lambda cpo: (cpo.remote_start(answer=slow(3.0)), cpo.remote_start(answer=refused("602"))),
        breaks=broken(
            lambda cpo: (cpo.remote_start(answer=slow(3.0)), cpo.remote_start()),
            "/Result",
            f"{EVSE} was started twice at the same time",
            "exchanges 1 and 2",
        ),
        unclear=lambda cpo: (cpo.remote_start(), cpo.remote_start(answer=refused("602"))),
    ),
    Row(
        an_emp,
        "eRoamingAuthorizeRemoteStart.once",
        holds=started(lambda emp, session: (emp.remote_stop(session), emp.remote_start())),
        breaks=broken(
            started(lambda emp, _: emp.remote_start()), "/EvseID", "acknowledged in exchange 1", EVSE
        ),
        unclear=lambda emp: emp.remote_start(answer=refused("603")),
    ),
    Row(
        an_emp,
        f"{_REMOTE_STOP}.once",
        holds=started(lambda emp, session: emp.remote_stop(session)),
        breaks=broken(
            started(
                lambda emp, session: (
                    emp.remote_stop(session),
                    emp.remote_stop(session, answer=refused("400")),
                )
            ),
            "/SessionID",
            "acknowledged in exchange 2",
        ),
        unclear=lambda emp: emp.remote_stop(emp.unseen_session(), answer=refused("400")),
    ),
    Row(
        an_emp,
        f"{_REMOTE_STOP}.as-tapped",
        holds=_tapped("first"),
        breaks=broken(_tapped("second"), "/SessionID", "000000000001", "000000000002"),
        unclear=started(lambda emp, _: emp.waited("request.sent", _REMOTE_STOP)),
    ),
)
