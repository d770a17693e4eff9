"""A driver presents a medium at a charger: the EMP responds to eRoamingAuthorizeStart."""

import pytest

from oicp_conformance.actors.emp import Emp
from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.hub import variations
from oicp_conformance.hub.variations import replaced_by
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.cause import Cause
from oicp_conformance.journal.exchange import Expects
from oicp_conformance.marks import about
from oicp_conformance.oicp.messages import eRoamingAuthorizeStart as AuthorizeStart

OPERATION = "eRoamingAuthorizeStart"
KINDS = ("RFIDMifareFamilyIdentification", "QRCodeIdentification", "PlugAndChargeIdentification")


@about(
    OPERATION, f"{OPERATION}.accepted", "authorization.provider-id", "authorization.code", "answer.session-id"
)
@pytest.mark.parametrize("kind", KINDS)
def test_customer_is_authorized(emp: Emp, kind: str) -> None:
    """Each identification that the profile accepts is Authorized, with ProviderID, code 000 and ids."""
    if not emp.customers.known(kind):
        raise Unobserved(f"the profile accepts no {kind}", Cause.PROFILE)
    for customer in emp.customers.known(kind):
        emp.make_free(customer)
        emp.authorize_start(customer)


@about(OPERATION, f"{OPERATION}.refused", "authorization.code", "authorization.code-area")
def test_refused_identification_is_not_authorized(emp: Emp, hub: Stage) -> None:
    """The EMP responds with NotAuthorized and a fitting code to each identification of `partner.refuses`."""
    refused = hub.profile.partner.refuses
    if not refused:
        raise Unobserved("the profile has no [[partner.refuses]]", Cause.PROFILE)
    for identification in refused:
        emp.authorize_start(identification, purpose=f"{OPERATION}.refused", expects="refuse")


@about(OPERATION, f"{OPERATION}.unknown", "authorization.code")
@pytest.mark.parametrize("kind", KINDS)
def test_unknown_identification_is_not_authorized(emp: Emp, kind: str) -> None:
    """The EMP responds with NotAuthorized to an unknown card, code or car, also the second time."""
    stranger, purpose = emp.customers.stranger(kind), f"{OPERATION}.unknown"
    if answer_of(emp.authorize_start(stranger, purpose=purpose, expects="refuse")) is not Answer.POSITIVE:
        emp.authorize_start(stranger, purpose=purpose, expects="refuse")


@about(OPERATION, f"{OPERATION}.unknown")
def test_longer_uid_is_not_authorized(emp: Emp) -> None:
    """A card whose longer UID begins or ends with a customer's UID is not the customer's card."""
    cards = emp.customers.known(KINDS[0])
    if not cards:
        raise Unobserved("the profile accepts no card", Cause.PROFILE)
    for stranger in emp.customers.lookalikes(cards[0]):
        emp.authorize_start(stranger, purpose=f"{OPERATION}.unknown", expects="refuse")


@about(OPERATION, f"{OPERATION}.refused")
def test_customer_without_the_right_pin_is_not_authorized(emp: Emp) -> None:
    """The EvcoID of a QR code is not secret; without the correct PIN it authorizes nobody."""
    codes = [
        one for one in emp.customers.known("QRCodeIdentification") if one["QRCodeIdentification"].get("PIN")
    ]
    if not codes:
        raise Unobserved("the profile accepts no QR code with a PIN", Cause.PROFILE)
    for number, shown in enumerate(emp.customers.with_wrong_pins(codes[0])):
        if number % 2 == 0:  # An EMP may lock a contract after three wrong PINs in a row.
            emp.make_free(codes[0])
            emp.authorize_start(codes[0])
        emp.authorize_start(shown, purpose=f"{OPERATION}.refused", expects="refuse")


@about(OPERATION, f"{OPERATION}.without-evse")
def test_start_without_evse_is_authorized(emp: Emp) -> None:
    """The EVSE is often still unknown when a card is read, so the request has no EvseID."""
    emp.authorize_with(
        f"{OPERATION}.without-evse",
        lambda body: {name: value for name, value in body.items() if name != "EvseID"},
    )


KEPT = ("SessionID", "EvseID")
"""Fields that Hubject always adds, and on which a tariff may depend; other tests omit the EvseID."""
VARIATIONS = {
    "request.minimal": lambda body: variations.minimal(AuthorizeStart, body, kept=KEPT),
    "request.maximal": lambda body: variations.longest(AuthorizeStart, body, kept=["EMPPartnerSessionID"]),
    "request.nulls": lambda body: variations.nulls(AuthorizeStart, body, kept=KEPT),
    "request.unknown-field": variations.with_unknown_field,
    "request.non-ascii": lambda body: variations.with_non_ascii(body, "CPOPartnerSessionID"),
}


@about(OPERATION, *VARIATIONS)
@pytest.mark.parametrize("purpose", VARIATIONS)
def test_start_in_every_permitted_form_is_authorized(emp: Emp, purpose: str) -> None:
    """The EMP accepts a request with few or many fields, with nulls, unknown fields and any characters."""
    emp.authorize_with(purpose, VARIATIONS[purpose])


@about(OPERATION, f"{OPERATION}.other-operator")
@pytest.mark.parametrize("form", ["ISO", "DIN"])
def test_start_at_an_evse_of_another_operator_is_answered(emp: Emp, hub: Stage, form: str) -> None:
    """Ids of operators and EVSEs have the ISO or DIN form; an EMP may have no contract with an operator."""
    operator = hub.faker.operator_id() if form == "ISO" else "+49*536"
    evse = hub.faker.evse_id(operator)
    emp.authorize_start(
        emp.customer(),
        lambda body: {**body, "OperatorID": operator, "EvseID": evse},
        purpose=f"{OPERATION}.other-operator",
        expects="any",
    )


@about(OPERATION, "request.malformed")
@pytest.mark.parametrize("name", variations.malformed_names(AuthorizeStart))
def test_malformed_start_is_refused(emp: Emp, name: str) -> None:
    """The EMP rejects a malformed request, never with HTTP 5xx."""
    customer = emp.customer()
    body = emp.messages.authorize_request(customer)
    wrong = next(one for one in variations.malformed(AuthorizeStart, body) if one.name == name)
    # The operator stands in the path, too: an EMP may do without it in the body.
    expects: Expects = "any" if "OperatorID" in name else "refuse"
    emp.authorize_start(
        customer, replaced_by(wrong), raw=wrong.raw, purpose="request.malformed", expects=expects
    )


@about(OPERATION, "request.nulls")
def test_code_with_a_pin_and_no_hash_is_authorized(emp: Emp) -> None:
    """The request has the PIN of the QR code in clear text; its HashedPIN is null."""
    codes = [
        one for one in emp.customers.known("QRCodeIdentification") if one["QRCodeIdentification"].get("PIN")
    ]
    if not codes:
        raise Unobserved("the profile accepts no QR code with a PIN", Cause.PROFILE)
    emp.make_free(codes[0])
    exchange = emp.authorize_start(
        codes[0], lambda body: variations.inner_nulls(AuthorizeStart, body), purpose="request.nulls"
    )
    if answer_of(exchange) is not Answer.POSITIVE:
        emp.authorize_start(codes[0], control=exchange.number)


@about(OPERATION, f"{OPERATION}.repeated")
def test_start_that_comes_twice_is_answered(emp: Emp) -> None:
    """After a lost connection, Hubject may repeat a request: the EMP may accept or reject it."""
    emp.authorize_again(emp.authorize_start(emp.customer()))


@about(OPERATION, "request.parallel")
def test_starts_at_the_same_time_are_answered(emp: Emp) -> None:
    """Requests arrive at the same time: the EMP responds to each with a valid message."""
    emp.swipe_at_once([emp.customers.stranger(kind) for kind in KINDS * 4])


@about(OPERATION, "request.parallel")
def test_notification_before_the_answer_is_answered(emp: Emp) -> None:
    """A notification may arrive before the authorization ends: the EMP responds to both."""
    emp.swipe_and_notify(emp.customer())
