"""More ways to break requirements of requests, responses and authorizations than the one of their rows."""

from collections.abc import Mapping
from dataclasses import replace

from selftest.unit.journals import Journal, a_cpo, a_hub_provider, an_emp
from selftest.unit.requirements.row import Broken, Target, broken
from selftest.unit.wording import ABSENT, accepted, http, nothing, refused, slow

_CREATED = replace(accepted(), status=201)


def _busy_in_spite_of_its_control(cpo: Journal) -> None:
    cpo.remote_start(purpose="request.minimal", answer=refused("601"), EMPPartnerSessionID=ABSENT)
    cpo.remote_start(control=1)


FURTHER: Mapping[str, tuple[Target, str, Broken]] = {
    "a response after Hubject has given up": (
        an_emp,
        "http.answer-time",
        broken(
            lambda emp: emp.hub_asks(answer=slow(35.0)), None, "took 35.0 s", "about 30 s and has timed out"
        ),
    ),
    "another method": (
        a_cpo,
        "http.path",
        broken(lambda cpo: cpo.push_evse_status(method="PUT"), None, "PUT", "is sent with POST"),
    ),
    "another partner in the path": (
        an_emp,
        "http.path-id",
        broken(
            lambda emp: emp.pull(
                "eRoamingPullEvseStatus", path="/api/oicp/evsepull/v21/providers/FR-XYZ/status-records"
            ),
            None,
            "FR-XYZ",
            "DE-DCB",
        ),
    ),
    "an empty body": (
        a_cpo,
        "http.json",
        broken(lambda cpo: cpo.push_evse_status(raw=b""), None, "the body is empty"),
    ),
    "a list in place of an object": (
        a_cpo,
        "http.json",
        broken(lambda cpo: cpo.push_evse_status(raw=b"[1]"), None, "not a JSON object", "[1]"),
    ),
    "an answer that is not JSON": (
        a_cpo,
        "http.json",
        broken(lambda cpo: cpo.hub_asks(answer=http(200, b"OK")), None, "OK"),
    ),
    "a charset that is not UTF-8": (
        a_cpo,
        "http.content-type",
        broken(
            lambda cpo: cpo.push_evse_status(content_type="application/json; charset=latin-1"),
            None,
            "latin-1",
        ),
    ),
    "created": (a_cpo, "http.status", broken(lambda cpo: cpo.hub_asks(answer=_CREATED), None, "HTTP 201")),
    "a special request that breaks the target": (
        a_cpo,
        "request.malformed",
        broken(
            lambda cpo: (
                cpo.hub_asks(),
                cpo.hub_asks(
                    purpose="request.malformed", expects="refuse", answer=http(500, b"oops"), EvseID=ABSENT
                ),
            ),
            None,
            "HTTP 500",
            "oops",
        ),
    ),
    "a start as the guide shows it": (
        a_cpo,
        "request.malformed",
        broken(
            lambda cpo: (
                cpo.hub_asks(),
                cpo.hub_asks(purpose="request.malformed", expects="refuse", SessionID=ABSENT),
            ),
            None,
            "accepted",
        ),
    ),
    "busy, though the same without what is special is accepted": (
        a_cpo,
        "request.minimal",
        broken(_busy_in_spite_of_its_control, None, "code 601", "exchange 2 was accepted"),
    ),
    "an endpoint of an optional operation that breaks": (
        lambda: a_cpo({}),
        "optional.not-offered",
        broken(
            lambda cpo: cpo.reservation_start(
                purpose="optional.not-offered", expects="refuse", answer=http(500)
            ),
            None,
            "HTTP 500",
        ),
    ),
    "an endpoint of an optional operation that does not answer": (
        lambda: a_cpo({}),
        "optional.not-offered",
        broken(
            lambda cpo: cpo.reservation_start(
                purpose="optional.not-offered", expects="refuse", answer=nothing("timeout")
            ),
            None,
            "no response: timeout",
        ),
    ),
    "Authorized without a ProviderID": (
        an_emp,
        "authorization.provider-id",
        broken(
            lambda emp: emp.authorize_start(answer=accepted(ProviderID=ABSENT)),
            "/ProviderID",
            "without ProviderID",
            "DE-DCB",
        ),
    ),
    "Authorized by a provider that is none of the sub-providers": (
        a_hub_provider,
        "authorization.provider-id",
        broken(
            lambda emp: emp.authorize_start(answer=accepted(ProviderID="FR-XYZ")),
            "/ProviderID",
            "FR-XYZ",
            "DE-DCB",
        ),
    ),
    "NotAuthorized with success": (
        an_emp,
        "authorization.code",
        broken(
            lambda emp: emp.authorize_start(
                answer=accepted(AuthorizationStatus="NotAuthorized"), expects="any"
            ),
            "/StatusCode/Code",
            "NotAuthorized is sent with StatusCode 000",
        ),
    ),
    "a start that lacks its identification": (
        a_cpo,
        "request.malformed",
        broken(
            lambda cpo: (
                cpo.hub_asks(),
                cpo.hub_asks(purpose="request.malformed", expects="refuse", Identification=ABSENT),
            ),
            None,
            "accepted",
            warns=True,
        ),
    ),
    "an authorization of nobody": (
        an_emp,
        "request.malformed",
        broken(
            lambda emp: (
                emp.authorize_start(),
                emp.authorize_start(purpose="request.malformed", expects="refuse", Identification=ABSENT),
            ),
            None,
            "accepted",
        ),
    ),
    "a null that breaks the target": (
        a_cpo,
        "request.nulls",
        broken(
            lambda cpo: (
                cpo.hub_asks(),
                cpo.hub_asks(purpose="request.nulls", answer=http(500, b"oops"), EMPPartnerSessionID=None),
            ),
            None,
            "HTTP 500",
        ),
    ),
}
