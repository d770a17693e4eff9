"""What OICP 2.3 demands of a target, as data: id, level, clause, and one sentence of our own.

The requirements on fields come out of the models; all others stand here, once. A row of a statement is a
requirement on one operation: a requirement on several operations has one row for each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal
from urllib.parse import quote

from oicp_conformance.oicp.fields import fields_of
from oicp_conformance.oicp.messages import Message, eRoamingAcknowledgement
from oicp_conformance.oicp.operations import Operation, Party, of_party
from oicp_conformance.oicp.types import BOTH, Role

Level = Literal["MUST", "SHOULD", "MAY"]
Scope = Literal["all", "sent", "sent-with-id", "answered", "acknowledged"]
"""Of all operations; of those that the target sends (with an id in the path); of those that it answers
(with an eRoamingAcknowledgement)."""

_CPO: frozenset[Role] = frozenset({"cpo"})
_EMP: frozenset[Role] = frozenset({"emp"})

_DOCUMENTS = {
    "00": "00_README_{role}.md",
    "01": "01_{role}_Communication_Paradigms.asciidoc",
    "02": "02_{role}_Services_and_Operations.asciidoc",
    "03": "03_{role}_Data_Types.asciidoc",
    "06": "06_{role}_Code_Snippets.asciidoc",
}
_REPOSITORY = "https://github.com/hubject/oicp/blob/master/OICP-2.3"


@dataclass(frozen=True)
class Requirement:
    """One thing that OICP 2.3 demands."""

    id: str
    level: Level
    source: str
    """The document of the role and the section in it, such as `02 eRoamingChargeDetailRecord`."""
    text: str
    scope: Scope | tuple[str, ...]
    roles: frozenset[Role] = BOTH
    field: bool = False
    """Whether it comes out of a message's table."""
    not_tested: str = ""
    """Why it cannot be judged, where that is so; then it has no row in a statement."""

    @property
    def judged(self) -> str:
        """How it is judged."""
        if self.not_tested:
            return f"not tested: {self.not_tested}"
        if self.field:
            return "every message of the target against its table"
        if self.id == "request.sent":
            return "whether it came when there was occasion"
        if self.id.startswith(("request.", "optional.")):
            return "the target's answers to requests made for it"
        return "a rule over the journal"

    def clause(self, role: Role) -> str:
        """The clause as a report names it, such as `CPO 02 eRoamingChargeDetailRecord`."""
        return f"{role.upper()} {self.source.removesuffix('message')}"

    def url(self, role: Role) -> str:
        """Where the clause can be read."""
        document, _, section = self.source.partition(" ")
        file = _DOCUMENTS[document].format(role=role.upper())
        return f"{_REPOSITORY}/{quote(f'OICP 2.3 {role.upper()}')}/{file}#{section}"


def _rule(
    id: str,  # noqa: A002 - the field's word
    level: Level,
    source: str,
    text: str,
    scope: Scope | tuple[str, ...],
    roles: frozenset[Role] = BOTH,
) -> Requirement:
    return Requirement(id, level, source, text, scope, roles)


_START, _STOP = "eRoamingAuthorizeStart", "eRoamingAuthorizeStop"
_REMOTE_START, _REMOTE_STOP = "eRoamingAuthorizeRemoteStart", "eRoamingAuthorizeRemoteStop"
_NOTIFY, _CDR = "eRoamingChargingNotifications", "eRoamingChargeDetailRecord"
_PUSH_AUTH = "eRoamingPushAuthenticationData"
_RESERVE, _RELEASE = "eRoamingAuthorizeRemoteReservationStart", "eRoamingAuthorizeRemoteReservationStop"
_EVSE_DATA, _EVSE_STATUS = "eRoamingPushEvseData", "eRoamingPushEvseStatus"
_PRODUCTS, _EVSE_PRICING = "eRoamingPushPricingProductData", "eRoamingPushEVSEPricing"
_PUSHES = (_EVSE_DATA, _EVSE_STATUS, _PRODUCTS, _EVSE_PRICING, _PUSH_AUTH)
_PULL_EVSE_DATA, _GET_CDRS = "eRoamingPullEvseData", "eRoamingGetChargeDetailRecords"
_STATUS_PULLS = ("eRoamingPullEvseStatus", "eRoamingPullEvseStatusByID", "eRoamingPullEvseStatusByOperatorID")
_PRICE_PULLS = ("eRoamingPullPricingProductData", "eRoamingPullEVSEPricing")
_PULLS = (_PULL_EVSE_DATA, *_STATUS_PULLS, _GET_CDRS, *_PRICE_PULLS)
_IN_SESSION = (_STOP, _NOTIFY, _CDR)
_OF_CPO = (_START, *_IN_SESSION)
_NOTIFICATION = "02 eRoamingChargingNotifications"

_RULES = (
    # how messages travel
    _rule("http.path", "MUST", "06 codeSnippets", "A request goes with POST to the documented path of its operation, with the version of the service in it.", "sent"),
    _rule("http.path-id", "MUST", "01 provider_and_operator_ids", "The id in the path is the id in the body, and it is the partner's own.", "sent-with-id"),
    _rule("http.json", "MUST", "01 rest", "A message is one JSON object.", "all"),
    _rule("http.utf-8", "MUST", "01 rest", "A message is encoded in UTF-8.", "all"),
    _rule("http.content-type", "SHOULD", "06 codeSnippets", "A message is announced as application/json.", "all"),
    _rule("http.served", "MUST", "02 services_and_operations", "A mandatory operation, and an optional one that is declared, is served at its path.", "answered"),
    _rule("http.status", "MUST", "01 status_codes", "A request is answered with HTTP 200 and the message of its operation; a refusal may come as 4xx.", "answered"),
    _rule("http.answered", "MUST", "01 status_codes", "Each request is answered, within the time that the profile allows.", "answered"),
    _rule("http.answer-time", "SHOULD", "02 eRoamingAuthorizeRemoteStart", "An answer takes less than 10 seconds.", "answered"),
    # how requests of the hub are taken
    _rule("request.valid", "MUST", "02 services_and_operations", "A well-formed request in a fitting situation is accepted.", (_REMOTE_START, _REMOTE_STOP, _RESERVE, _RELEASE), _CPO),
    _rule("request.valid", "MUST", "02 services_and_operations", "A well-formed request in a fitting situation is accepted.", (_NOTIFY, _CDR), _EMP),
    _rule("request.minimal", "MUST", "02 services_and_operations", "A request that has only its mandatory fields is accepted.", "answered"),
    _rule("request.maximal", "MUST", "02 services_and_operations", "A request that has every field at its longest is accepted.", "answered"),
    _rule("request.optional-field", "MUST", "02 services_and_operations", "A request with any one of its optional fields is accepted.", (_NOTIFY, _CDR), _EMP),
    _rule("request.nulls", "MUST", "02 services_and_operations", "A request with null for what is optional is accepted: Hubject sends such.", "answered"),
    _rule("request.unknown-field", "MUST", "02 services_and_operations", "A request with a field that OICP 2.3 does not know is accepted.", "answered"),
    _rule("request.non-ascii", "MUST", "01 rest", "A request with characters beyond ASCII is accepted.", "answered"),
    _rule("request.separators", "SHOULD", "03 EvseIDType", "The separators of ids are optional: an id without them is understood.", (_REMOTE_START, _REMOTE_STOP, _RESERVE, _RELEASE), _CPO),
    _rule("request.malformed", "MUST", "01 status_codes", "A malformed request is refused in an orderly way: a negative answer or 4xx, never a 5xx.", "answered"),
    # what answers say
    _rule("answer.result-and-code", "MUST", "02 eRoamingAcknowledgementmessage", "Result is true exactly when the StatusCode is 000.", "acknowledged"),
    _rule("answer.session-id", "MUST", "01 session_handling", "The SessionID of an answer is the one of the request.", "answered"),
    _rule("answer.partner-session-id", "MUST", "01 session_handling", "The partner session id that the other side gave comes back unchanged.", "answered"),
    # sessions
    _rule("session.id-of-hub", "MUST", "01 session_handling", "A SessionID is one that Hubject gave in this session; partners make none.", _IN_SESSION, _CPO),
    _rule("session.id-of-hub", "MUST", "01 session_handling", "A SessionID is one that Hubject gave in this session; partners make none.", (_REMOTE_STOP, _RELEASE), _EMP),
    _rule("session.evse", "MUST", "01 session_handling", "Messages of a session name the session's EVSE.", _IN_SESSION, _CPO),
    _rule("session.evse", "MUST", "01 session_handling", "Messages of a session name the session's EVSE.", (_REMOTE_STOP, _RELEASE), _EMP),
    _rule("session.identification", "MUST", "02 eRoamingChargeDetailRecord", "Messages of a session carry the identification that began it.", (_NOTIFY, _CDR), _CPO),
    _rule("session.cpo-partner-session-id", "MUST", "01 session_handling", "The CPOPartnerSessionID stays the same through a session.", (*_IN_SESSION, _REMOTE_STOP, _RELEASE), _CPO),
    _rule("session.emp-partner-session-id", "MUST", "01 session_handling", "The EMPPartnerSessionID stays the same through a session.", (_STOP, _REMOTE_STOP, _RELEASE), _EMP),
    _rule("session.refused", "MUST", "02 eRoamingAuthorizeStart", "After a refusal or an error nothing follows: no notification and no charge detail record.", (_START, _REMOTE_START, _RESERVE), _CPO),
    # what the target sends by itself
    _rule("request.sent", "MUST", "02 services_and_operations", "The operation is sent when the charging world, or the customer, gives occasion to it.", (_START, _STOP), _CPO),
    _rule("request.sent", "MUST", "02 services_and_operations", "The operation is sent when the charging world, or the customer, gives occasion to it.", (_REMOTE_START, _REMOTE_STOP, _RESERVE, _RELEASE, *_PULLS), _EMP),
    _rule("session.evse-free", "SHOULD", "02 eRoamingAuthorizeStart", "When a session is over, or a driver was refused, the EVSE is free for the next one.", (_REMOTE_START,), _CPO),
    # the CPO's side
    _rule("eRoamingAuthorizeStart.no-session-id", "SHOULD", "01 session_handling", "The first request of a session carries no SessionID: Hubject makes it.", (_START,), _CPO),
    _rule("eRoamingAuthorizeStart.once", "SHOULD", "02 eRoamingAuthorizeStart", "One presentation of a medium asks for one authorization.", (_START,), _CPO),
    _rule("identification.no-rfid", "MUST", "03 IdentificationType", "RFIDIdentification is not used in authorization; cards go as RFIDMifareFamilyIdentification.", (_START, _STOP), _CPO),
    _rule("identification.pin-in-clear", "MUST", "03 QRCodeIdentificationType", "A QR code goes with its PIN in clear and without HashedPIN in authorization.", (_START, _STOP), _CPO),
    _rule("identification.presented", "MUST", "02 eRoamingAuthorizeStart", "The identification is the one that the driver presented.", (_START, _STOP), _CPO),
    _rule("evse.presented", "MUST", "02 eRoamingAuthorizeStart", "The EVSE, if it is named, is the one at which the identification was presented.", (_START,), _CPO),
    _rule("evse.presented", "MUST", "02 eRoamingAuthorizeRemoteStart", "The EVSE is the one that the customer chose.", (_REMOTE_START, _RESERVE), _EMP),
    _rule("operator.of-evse", "MUST", "01 hub_provider_and_operator", "OperatorID is the partner's own, and the EVSE is one of its EVSEs.", _OF_CPO, _CPO),
    _rule("eRoamingAuthorizeRemoteStart.unknown-evse", "MUST", "02 eRoamingAuthorizeRemoteStart", "A start of an EVSE that the operator does not have is refused.", (_REMOTE_START,), _CPO),
    _rule("eRoamingAuthorizeRemoteStart.occupied-evse", "MUST", "02 eRoamingAuthorizeRemoteStart", "A start of an EVSE that is in use is refused.", (_REMOTE_START,), _CPO),
    _rule("eRoamingAuthorizeRemoteStart.nothing-started", "MUST", "02 eRoamingAuthorizeRemoteStart", "A start that was refused has started nothing.", (_REMOTE_START,), _CPO),
    _rule("eRoamingAuthorizeRemoteStop.of-card-session", "SHOULD", "02 eRoamingAuthorizeRemoteStop", "A session that a card began can be stopped remotely.", (_REMOTE_STOP,), _CPO),
    _rule("eRoamingAuthorizeRemoteStop.unknown-session", "MUST", "01 session_handling", "A stop of a session that never was is refused.", (_REMOTE_STOP,), _CPO),
    _rule("eRoamingAuthorizeRemoteStop.ended-session", "MUST", "01 session_handling", "A stop of a session that is over is refused.", (_REMOTE_STOP,), _CPO),
    _rule("eRoamingAuthorizeRemoteStop.other-evse", "SHOULD", "02 eRoamingAuthorizeRemoteStop", "A stop that names another EVSE than the session's is refused.", (_REMOTE_STOP,), _CPO),
    _rule("eRoamingAuthorizeStop.honoured", "SHOULD", "02 eRoamingAuthorizeStop", "A stop that was not authorized ends no session.", (_STOP,), _CPO),
    _rule("eRoamingChargeDetailRecord.sent", "MUST", "02 eRoamingChargeDetailRecord", "After the end of a charging process its charge detail record is sent.", (_CDR,), _CPO),
    _rule("eRoamingChargeDetailRecord.one-per-session", "MUST", "02 eRoamingChargeDetailRecord", "There is one charge detail record for each SessionID.", (_CDR,), _CPO),
    _rule("eRoamingChargeDetailRecord.charging-times", "MUST", "02 eRoamingChargeDetailRecordmessage", "ChargingStart is not after ChargingEnd.", (_CDR,), _CPO),
    _rule("eRoamingChargeDetailRecord.session-times", "MUST", "02 eRoamingChargeDetailRecordmessage", "SessionStart is not after SessionEnd.", (_CDR,), _CPO),
    _rule("eRoamingChargeDetailRecord.charging-in-session", "SHOULD", "02 eRoamingChargeDetailRecordmessage", "Charging lies within the session: SessionStart, ChargingStart, ChargingEnd, SessionEnd.", (_CDR,), _CPO),
    _rule("eRoamingChargeDetailRecord.over", "SHOULD", "02 eRoamingChargeDetailRecordmessage", "A record is of a session that is over: SessionEnd is not in the future.", (_CDR,), _CPO),
    _rule("eRoamingChargeDetailRecord.meter-values", "MUST", "02 eRoamingChargeDetailRecordmessage", "Meter values do not fall: start, in between, end.", (_CDR,), _CPO),
    _rule("eRoamingChargeDetailRecord.consumed-energy", "MUST", "02 eRoamingChargeDetailRecordmessage", "ConsumedEnergy is MeterValueEnd minus MeterValueStart, and not negative.", (_CDR,), _CPO),
    _rule("eRoamingChargeDetailRecord.signed-values-count", "MUST", "02 eRoamingChargeDetailRecordmessage", "There are at most 10 signed metering values.", (_CDR,), _CPO),
    _rule("eRoamingChargeDetailRecord.signed-values-order", "SHOULD", "03 SignedMeteringValuesType", "Signed metering values come in the order Start, Progress, End.", (_CDR,), _CPO),
    _rule("eRoamingChargingNotifications.sent-Start", "MUST", "02 eRoamingChargingNotificationsstart", "When energy flows, a declared Start is sent.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.sent-Progress", "MUST", "02 eRoamingChargingNotificationsprogress", "While energy flows, a declared Progress is sent.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.sent-End", "MUST", "02 eRoamingChargingNotificationsend", "When energy flows no more, a declared End is sent.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.sent-Error", "MUST", "02 eRoamingChargingNotificationsError", "When a fault occurs, a declared Error is sent.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.type", "MUST", "03 ChargingNotificationType", "Type is Start, Progress, End or Error.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.before-cdr", "SHOULD", "02 eRoamingChargingNotifications", "Notifications tell of what happens within the session, before its charge detail record.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.order", "MUST", _NOTIFICATION, "Start comes before Progress, Progress before End.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.progress-spacing", "MUST", _NOTIFICATION, "Between two Progress notifications of a session lie at least 5 minutes.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.progress-figure", "MUST", "02 eRoamingChargingNotificationsprogressmessage", "Progress carries ChargingDuration or ConsumedEnergyProgress.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.charging-duration", "MUST", "02 eRoamingChargingNotificationsprogressmessage", "ChargingDuration is EventOccurred minus ChargingStart, in milliseconds.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.times", "MUST", "02 eRoamingChargingNotificationsendmessage", "The times of a notification are in order: SessionStart, ChargingStart, EventOccurred or ChargingEnd.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.meter-values", "MUST", "02 eRoamingChargingNotificationsendmessage", "Meter values do not fall, and ConsumedEnergy is their difference.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.energy-rises", "MUST", "02 eRoamingChargingNotificationsprogressmessage", "Consumed energy does not fall from one notification of a session to the next.", (_NOTIFY,), _CPO),
    _rule("eRoamingChargingNotifications.agree-with-cdr", "MUST", "02 eRoamingChargeDetailRecordmessage", "The figures of the notifications agree with the charge detail record.", (_NOTIFY,), _CPO),
    # the EMP's side
    _rule("eRoamingAuthorizeStart.accepted", "MUST", "02 eRoamingAuthorizeStart", "A customer's identification is authorized.", (_START,), _EMP),
    _rule("eRoamingAuthorizeStart.refused", "MUST", "02 eRoamingAuthorizeStart", "An identification that the EMP does not serve is not authorized.", (_START,), _EMP),
    _rule("eRoamingAuthorizeStart.unknown", "MUST", "02 eRoamingAuthorizeStart", "An identification that nobody knows is not authorized.", (_START,), _EMP),
    _rule("eRoamingAuthorizeStart.repeated", "MUST", "01 error_handling", "The same request that comes a second time, with the same SessionID, is answered in good order.", (_START,), _EMP),
    _rule("request.parallel", "MUST", "01 error_handling", "Requests that come at the same time are answered in good order.", (_START,), _EMP),
    _rule("request.utc", "MUST", "01 time_zones", "Dates and times in UTC, written with a Z, are understood.", (_CDR,), _EMP),
    _rule("eRoamingChargingNotifications.repeated", "MUST", "02 eRoamingChargingNotifications", "A notification that comes a second time is answered in good order.", (_NOTIFY,), _EMP),
    _rule("eRoamingChargingNotifications.meter-values-list", "SHOULD", "02 eRoamingChargingNotificationsprogress", "MeterValueInBetween is understood as a list of numbers, too.", (_NOTIFY,), _EMP),
    _rule("identification.presented", "MUST", "02 eRoamingAuthorizeRemoteStart", "The identification is the one of the customer who asked for the start.", (_REMOTE_START, _RESERVE), _EMP),
    _rule("eRoamingAuthorizeStart.without-evse", "MUST", "02 eRoamingAuthorizeStartmessage", "The EvseID may be absent.", (_START,), _EMP),
    _rule("eRoamingAuthorizeStart.other-operator", "MUST", "02 eRoamingAuthorizeStart", "Requests of any operator are answered.", (_START,), _EMP),
    _rule("authorization.provider-id", "MUST", "02 eRoamingAuthorizationStartmessage", "A positive authorization carries the provider's own ProviderID.", (_START, _STOP), _EMP),
    _rule("authorization.no-result", "SHOULD", "02 eRoamingAuthorizationStopmessage", "An authorization carries no Result: that belongs to acknowledgements.", (_START, _STOP), _EMP),
    _rule("authorization.code", "MUST", "02 eRoamingAuthorizationStartmessage", "Authorized goes with StatusCode 000, NotAuthorized with another.", (_START, _STOP), _EMP),
    _rule("authorization.code-area", "SHOULD", "03 CodeType", "A refused authorization is explained with a code for authentication, sessions or systems.", (_START, _STOP), _EMP),
    _rule("eRoamingAuthorizeStop.own-medium", "MUST", "02 eRoamingAuthorizeStop", "The medium that started a session may stop it.", (_STOP,), _EMP),
    _rule("eRoamingAuthorizeStop.other-medium", "MUST", "02 eRoamingAuthorizeStop", "A medium that the EMP does not serve may not stop a session.", (_STOP,), _EMP),
    _rule("eRoamingAuthorizeStop.unknown-session", "SHOULD", "01 session_handling", "A stop of a session that never was is not authorized.", (_STOP,), _EMP),
    _rule("eRoamingAuthorizeStop.closed-session", "SHOULD", "01 session_handling", "A stop of a session that is over is not authorized.", (_STOP,), _EMP),
    _rule("eRoamingChargeDetailRecord.signed-values", "MUST", "02 eRoamingChargeDetailRecordmessage", "A charge detail record with signed metering values is accepted.", (_CDR,), _EMP),
    _rule("eRoamingChargeDetailRecord.unknown-session", "MUST", "02 eRoamingChargeDetailRecord", "A charge detail record of a session that the EMP has not seen is answered in good order.", (_CDR,), _EMP),
    _rule("eRoamingChargeDetailRecord.repeated", "MUST", "02 eRoamingChargeDetailRecord", "A repeated charge detail record is answered in good order.", (_CDR,), _EMP),
    _rule("eRoamingChargingNotifications.error-type-with-blank", "SHOULD", "03 ErrorClassType", "The spelling of ErrorType in the CPO's document is accepted too.", (_NOTIFY,), _EMP),
    _rule("eRoamingChargingNotifications.without-operator-id", "MUST", "02 eRoamingChargingNotificationsstartmessage", "The OperatorID of a notification may be absent.", (_NOTIFY,), _EMP),
    _rule("eRoamingChargingNotifications.not-a-notification", "MUST", "01 status_codes", "What is no notification is answered in good order.", (_NOTIFY,), _EMP),
    _rule("identification.remote", "MUST", "03 IdentificationType", "Remote authorization uses RemoteIdentification only.", (_REMOTE_START, _RESERVE), _EMP),
    _rule("identification.evco-of-provider", "MUST", "02 eRoamingPushAuthenticationData", "The EvcoID names this provider.", (_START, _REMOTE_START, _RESERVE, _PUSH_AUTH), _EMP),
    _rule("eRoamingAuthorizeRemoteStart.no-session-id", "SHOULD", "02 eRoamingAuthorizeRemoteStartmessage", "The first request of a session carries no SessionID: Hubject makes it.", (_REMOTE_START,), _EMP),
    _rule("eRoamingAuthorizeRemoteStop.once", "SHOULD", "01 session_handling", "A session whose stop was acknowledged is not stopped again.", (_REMOTE_STOP,), _EMP),
    _rule("eRoamingAuthorizeRemoteStop.after-refusal", "MUST", "01 session_handling", "No stop follows a start that was refused.", (_REMOTE_STOP,), _EMP),
    _rule("identification.pin-or-hash", "MUST", "02 eRoamingPushAuthenticationData", "A QR code goes with a PIN or with a HashedPIN, not with both and not with none.", (_PUSH_AUTH,), _EMP),
    _rule("eRoamingPushAuthenticationData.pin-matches", "MUST", "02 eRoamingPushAuthenticationData", "An uploaded HashedPIN is the hash of the customer's PIN.", (_PUSH_AUTH,), _EMP),
    *(
        _rule(f"eRoamingPushAuthenticationData.{action}", "MUST", "02 eRoamingPushAuthenticationData", f"The customers are published with the ActionType {action}.", (_PUSH_AUTH,), _EMP)
        for action in ("fullLoad", "insert", "update", "delete")
    ),
    _rule("eRoamingPushAuthenticationData.truthful", "SHOULD", "02 eRoamingPushAuthenticationData", "Only new records are inserted, only known ones updated.", (_PUSH_AUTH,), _EMP),
    _rule("eRoamingPushAuthenticationData.authorizes-offline", "MUST", "02 eRoamingPushAuthenticationData", "A customer whose data were uploaded is authorized offline by Hubject.", (_PUSH_AUTH,), _EMP),
    _rule("push.sequential", "MUST", "01 data_push_operations", "Pushes of one operation never overlap: each waits for the answer to the one before.", _PUSHES),
    _rule("push.after-refusal", "MUST", "01 error_handling", "A push that Hubject refuses is not sent again and again.", _PUSHES),
    # what a CPO publishes
    *(
        _rule(f"{push}.{action}", "MUST", f"02 {push}", f"Data are published with the ActionType {action}.", (push,), _CPO)
        for push in (_EVSE_DATA, _EVSE_STATUS, _PRODUCTS, _EVSE_PRICING)
        for action in ("fullLoad", "insert", "update", "delete")
    ),
    _rule("push.evse-of-operator", "MUST", "02 eRoamingPushEvseData", "Every EVSE of a push is the operator's own.", (_EVSE_DATA, _EVSE_STATUS, _EVSE_PRICING), _CPO),
    _rule("push.evse-unique", "MUST", "02 eRoamingPushEvseData", "No EVSE is twice in one push; of prices, not for one provider.", (_EVSE_DATA, _EVSE_STATUS, _EVSE_PRICING), _CPO),
    _rule("eRoamingPushEvseData.opening-times", "MUST", "03 EvseDataRecordType", "An EVSE that is not open around the clock has OpeningTimes.", (_EVSE_DATA,), _CPO),
    _rule("eRoamingPushEvseData.no-payment", "MUST", "03 PaymentOptionType", "No Payment stands alone.", (_EVSE_DATA,), _CPO),
    _rule("eRoamingPushEvseData.renewable-energy", "MUST", "03 EvseDataRecordType", "RenewableEnergy is true only where all energy is renewable.", (_EVSE_DATA,), _CPO),
    _rule("eRoamingPushEvseData.dynamic-info", "SHOULD", "03 EvseDataRecordType", "DynamicInfoAvailable says truly whether a status is pushed.", (_EVSE_DATA,), _CPO),
    _rule("eRoamingPushEvseStatus.published", "MUST", "02 eRoamingPushEvseStatus", "A status is pushed only of EVSEs whose data are published.", (_EVSE_STATUS,), _CPO),
    _rule("eRoamingPushEvseStatus.occupied", "MUST", "03 EvseStatusType", "While a session runs, the EVSE's status is Occupied.", (_EVSE_STATUS,), _CPO),
    _rule("eRoamingPushEvseStatus.reserved", "MUST", "03 EvseStatusType", "While an EVSE is reserved, its status is Reserved.", (_EVSE_STATUS,), _CPO),
    _rule("eRoamingPushPricingProductData.product-unique", "MUST", "03 PricingProductDataRecordType", "No ProductID is twice in one push.", (_PRODUCTS,), _CPO),
    _rule("eRoamingPushPricingProductData.availability-times", "SHOULD", "03 PricingProductDataRecordType", "Of a product that is not valid around the clock the times are given.", (_PRODUCTS,), _CPO),
    _rule("eRoamingPushEVSEPricing.known-products", "MUST", "03 EvseIDProductListType", "EVSEs are priced with products that are published.", (_EVSE_PRICING,), _CPO),
    _rule("eRoamingPushEVSEPricing.known-evses", "MUST", "02 eRoamingPushEVSEPricing", "EVSEs are priced that are published.", (_EVSE_PRICING,), _CPO),
    _rule("eRoamingChargeDetailRecord.signed-when-external", "MUST", "03 SignedMeteringValuesType", "Where calibration law data are External, the record carries signed metering values.", (_CDR,), _CPO),
    # reservations
    _rule("eRoamingAuthorizeRemoteReservationStart.unknown-evse", "MUST", "02 eRoamingAuthorizeRemoteReservationStart", "A reservation of an EVSE that the operator does not have is refused.", (_RESERVE,), _CPO),
    _rule("eRoamingAuthorizeRemoteReservationStart.occupied-evse", "MUST", "02 eRoamingAuthorizeRemoteReservationStart", "A reservation of an EVSE that is in use or reserved is refused.", (_RESERVE,), _CPO),
    _rule("eRoamingAuthorizeRemoteReservationStart.honoured", "MUST", "02 eRoamingAuthorizeRemoteReservationStart", "What is reserved is not started for others.", (_RESERVE,), _CPO),
    _rule("eRoamingAuthorizeRemoteReservationStop.unknown-session", "MUST", "01 session_handling", "The end of a reservation that never was is refused.", (_RELEASE,), _CPO),
    _rule("eRoamingAuthorizeRemoteReservationStart.no-session-id", "SHOULD", "01 session_handling", "The first request of a session carries no SessionID: Hubject makes it.", (_RESERVE,), _EMP),
    # what an EMP pulls
    _rule("pull.page-parameters", "MUST", "02 eRoamingPullEvseData", "Pages are asked for with page and size.", (_PULL_EVSE_DATA, _GET_CDRS), _EMP),
    _rule("pull.page-size", "SHOULD", "02 eRoamingGetChargeDetailRecords", "A page has at most 2000 records.", (_PULL_EVSE_DATA, _GET_CDRS), _EMP),
    _rule("pull.last-page", "MUST", "02 eRoamingPullEvseData", "Pages are read to the last one.", (_PULL_EVSE_DATA, _GET_CDRS), _EMP),
    _rule("pull.every-page", "MUST", "02 eRoamingPullEvseData", "No page is left out: the first one is page 0.", (_PULL_EVSE_DATA, _GET_CDRS), _EMP),
    _rule("pull.survives", "SHOULD", "02 eRoamingEVSEDatamessage", "Nulls, empty pages and values of tomorrow in Hubject's answers are survived.", _PULLS, _EMP),
    _rule("pull.after-failure", "SHOULD", "01 error_handling", "A page that Hubject refuses is not asked for again and again.", (_PULL_EVSE_DATA, _GET_CDRS), _EMP),
    _rule("pull.failed-page", "SHOULD", "01 error_handling", "A pull that fails once does not end the pulls.", _PULLS, _EMP),
    _rule("eRoamingPullEvseData.last-call-alone", "MUST", "02 eRoamingPullEvseData", "LastCall does not go with SearchCenter, CountryCodes or OperatorIds.", (_PULL_EVSE_DATA,), _EMP),
    _rule("eRoamingGetChargeDetailRecords.from-before-to", "MUST", "02 eRoamingGetChargeDetailRecordsmessage", "From is not after To.", (_GET_CDRS,), _EMP),
    _rule("status-pull.path", "SHOULD", "06 eRoamingPullEVSEStatusByID", "Each form of the status pull has a path of its own.", _STATUS_PULLS, _EMP),
    # mandatory and optional
    _rule("optional.not-offered", "MUST", "02 services_and_operations", "The endpoint of an optional operation that is not offered refuses and does not break.", "answered"),
)


def _untested(
    why: str,
    id: str,  # noqa: A002 - the field's word
    level: Level,
    source: str,
    text: str,
    scope: Scope | tuple[str, ...],
    roles: frozenset[Role],
) -> Requirement:
    return replace(_rule(id, level, source, text, scope, roles), not_tested=why)


_CLOCK = "the target's clock is not the suite's"
_INSIDE = "it is inside the target, and leaves no trace in a message"
_NOT_TESTED = (
    _untested("certificates do not carry the ids in a form that OICP defines", "partner.certificate", "MUST", "01 Security", "The ids of a request are those of the partner's client certificate.", "sent", BOTH),
    _untested("examples have free text (C144)", "status-code.description", "SHOULD", "01 status_codes", "The Description of a StatusCode has a defined value.", "answered", BOTH),
    _untested("no field or header carries it (C228)", "partner.version", "MUST", "00 release_management", "Partners indicate the OICP version that they run.", "all", BOTH),
    _untested("it is agreed outside of OICP; the profile lists the EVSEs", "partner.sub-operators", "MUST", "01 hub_provider_and_operator", "Sub partners are configured with Hubject before their ids are used.", "sent", BOTH),
    _untested("the location of a test EVSE need not be its real one (C146)", "time.of-location", "MUST", "01 time_zones", "The offset of a date and time is the one of the charging location.", _OF_CPO, _CPO),
    _untested("when the backend closes a session cannot be seen (C199)", "cdr.in-ten-seconds", "SHOULD", "02 eRoamingChargeDetailRecord", "A charge detail record is sent within ten seconds after the session is closed.", (_CDR,), _CPO),
    _untested(_CLOCK, "cdr.after-session-end", "SHOULD", "02 eRoamingChargeDetailRecord", "A charge detail record is sent after its SessionEnd.", (_CDR,), _CPO),
    _untested("which software verifies them is not said in OICP", "cdr.signed-format", "MUST", "03 SignedMeteringValuesType", "Signed metering values have a format that the transparency software supports.", (_CDR,), _CPO),
    _untested("the card itself is not at hand: the stimulus names the UID as it should be", "uid.big-endian", "SHOULD", "03 RFIDmifarefamilyIdentificationType", "A UID is read from left to right, big-endian.", (_START,), _CPO),
    _untested("lists are allowed, and when one is wrong is not said (C197)", "status.one-by-one", "SHOULD", "02 eRoamingPushEvseStatus", "Status changes are sent one by one.", (_EVSE_STATUS,), _CPO),
    _untested(_INSIDE, "prices.without-vat", "SHOULD", "02 eRoamingPushPricingProductData", "Prices are without value added tax.", (_PRODUCTS,), _CPO),
    _untested("the charging point itself is not at hand", "evse.true-data", "SHOULD", "02 eRoamingPushEvseData", "Addresses, coordinates and plugs are those of the charging point.", (_EVSE_DATA,), _CPO),
    _untested("a run is shorter than that, and its pulls are asked for (C201)", "pull.frequency", "SHOULD", "02 eRoamingPullEvseStatus", "Status is pulled every one to five minutes.", _STATUS_PULLS, _EMP),
    _untested(_INSIDE, "pull.records-kept", "SHOULD", "02 eRoamingPullEvseData", "What was pulled is kept and shown to customers.", (_PULL_EVSE_DATA,), _EMP),
    _untested("double storage cannot be seen (C233)", "cdr.stored-once", "MUST", "02 eRoamingChargeDetailRecord", "A repeated charge detail record is not settled twice.", (_CDR,), _EMP),
)


def _of_message(name: str, model: type[Message], operations: tuple[str, ...]) -> Iterator[Requirement]:
    for field in fields_of(model).values():
        need = "mandatory" if field.mandatory else "optional"
        yield Requirement(
            id=".".join((name, *field.path)),
            level="MUST",
            source=f"02 {model.section}",
            text=f"{field.path[-1]} is {need} in {name}: {field.type_name}.",
            scope=operations,
            field=True,
        )


def messages_sent(operation: Operation, party: Party) -> dict[str, type[Message]]:
    """The messages of an operation that the party writes: its requests, or its answer."""
    role: Role = "cpo" if party == "cpo" else "emp"
    if operation.parts[party].direction == "target-to-hub":
        return {name: forms[role] for name, forms in operation.requests.items()}
    return {operation.answer.__name__: operation.answer}


def not_tested(party: Party) -> list[Requirement]:
    """What OICP demands of a party and no run can judge, each with its reason."""
    role: Role = "cpo" if party == "cpo" else "emp"
    return [rule for rule in _NOT_TESTED if role in rule.roles]


@cache
def catalogue(party: Party) -> dict[str, Requirement]:
    """All requirements on a party, by id."""
    role: Role = "cpo" if party == "cpo" else "emp"
    found = {rule.id: rule for rule in _RULES if role in rule.roles and operations_of(rule, party)}
    for operation in of_party(party):
        for name, model in messages_sent(operation, party).items():
            sharing = tuple(
                other.name for other in of_party(party) if name in messages_sent(other, party)
            )
            found.update({rule.id: rule for rule in _of_message(name, model, sharing)})
    return found


def operations_of(requirement: Requirement, party: Party) -> list[str]:
    """The operations of a party that a requirement is judged on: its rows in a statement."""
    return [one.name for one in of_party(party) if is_judged_on(requirement, one, party)]


def is_judged_on(requirement: Requirement, operation: Operation, party: Party) -> bool:
    """Whether a requirement is judged on an operation of a party."""
    scope = requirement.scope
    sends = operation.parts[party].direction == "target-to-hub"
    match scope:
        case "all":
            return True
        case "sent":
            return sends
        case "sent-with-id":
            return sends and "{" in operation.path
        case "answered":
            return not sends
        case "acknowledged":
            return not sends and operation.answer is eRoamingAcknowledgement
        case listed:
            return operation.name in listed
