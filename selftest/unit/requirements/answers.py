"""What the target's answers say in themselves, and against the request."""

from collections.abc import Iterator

from selftest.unit.journals import PARTNERS, a_cpo, an_emp
from selftest.unit.requirements.row import Row, Target, broken
from selftest.unit.wording import ABSENT, accepted, http, refused

_STRAY = "00000000-0000-4000-8000-999999999999"
_CODE_102 = {"Code": "102"}


def _rows(journal: Target) -> Iterator[Row]:
    yield Row(
        journal,
        "answer.result-and-code",
        holds=lambda said: (said.hub_asks(), said.hub_asks(answer=refused("700"))),
        breaks=broken(
            lambda said: said.hub_asks(answer=accepted(StatusCode={"Code": "400"})),
            "/StatusCode/Code",
            "Result is true, but StatusCode is 400",
        ),
        unclear=lambda said: said.hub_asks(answer=http(404)),
    )
    yield Row(
        journal,
        "answer.session-id",
        holds=lambda said: said.hub_asks(),
        breaks=broken(
            lambda said: said.hub_asks(answer=accepted(SessionID=_STRAY)), "/SessionID", _STRAY, "000001"
        ),
        unclear=lambda said: said.hub_asks(answer=accepted(SessionID=ABSENT)),
    )
    given = "EMPPartnerSessionID" if journal is a_cpo else "CPOPartnerSessionID"
    yield Row(
        journal,
        "answer.partner-session-id",
        holds=lambda said: said.hub_asks(),
        breaks=broken(
            lambda said: said.hub_asks(answer=accepted(**{given: "another"})),
            f"/{given}",
            PARTNERS[given],
            "another",
        ),
        unclear=lambda said: said.hub_asks(answer=accepted(**{given: ABSENT})),
    )


ROWS = (
    *_rows(a_cpo),
    *_rows(an_emp),
    Row(
        an_emp,
        "authorization.provider-id",
        holds=lambda emp: emp.authorize_start(),
        breaks=broken(
            lambda emp: emp.authorize_start(answer=accepted(ProviderID="FR-XYZ")),
            "/ProviderID",
            "FR-XYZ",
            "DE-DCB",
        ),
        unclear=lambda emp: emp.authorize_start(answer=refused("102")),
    ),
    Row(
        an_emp,
        "authorization.no-result",
        holds=lambda emp: emp.authorize_start(),
        breaks=broken(lambda emp: emp.authorize_start(answer=accepted(Result=True)), "/Result", "true"),
        unclear=lambda emp: emp.authorize_start(answer=accepted(AuthorizationStatus=ABSENT, Result=False)),
    ),
    Row(
        an_emp,
        "authorization.code",
        holds=lambda emp: emp.authorize_start(),
        breaks=broken(
            lambda emp: emp.authorize_start(answer=accepted(StatusCode=_CODE_102)),
            "/StatusCode/Code",
            "Authorized is sent with StatusCode 102",
            "000",
        ),
        unclear=lambda emp: emp.authorize_start(answer=accepted(StatusCode=ABSENT)),
    ),
    Row(
        an_emp,
        "authorization.code-area",
        holds=lambda emp: emp.authorize_start(answer=refused("102"), expects="any"),
        breaks=broken(
            lambda emp: emp.authorize_start(answer=refused("601"), expects="any"),
            "/StatusCode/Code",
            "601 is a code for EVSEs",
        ),
        unclear=lambda emp: emp.authorize_start(),
    ),
)
