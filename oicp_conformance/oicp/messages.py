"""The messages of OICP 2.3 as their tables in CPO 02, EMP 02, CPO 03 and EMP 03 have them.

A model says: which fields there are, which are mandatory (no default), of what type each is. Fields that
no table knows are kept: a judge wants to see them. A null stands for an absent field (C082), so optional
fields take None. Where the two roles' tables differ, the other role's form is a subclass.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from oicp_conformance.oicp.types import (
    ActionType,
    Alias,
    AuthorizationStatusType,
    CodeType,
    DateTimeType,
    Decimal3Type,
    ErrorClassType,
    EvcoIDType,
    EvseIDType,
    HashFunctionType,
    HashValueType,
    MeteringStatusType,
    Named,
    OperatorIDType,
    ProductIDType,
    ProviderIDType,
    RFIDType,
    SessionIDType,
    String20Type,
    String50Type,
    String100Type,
    String150Type,
    String200Type,
    String250Type,
    String400Type,
    String1000Type,
    String3000Type,
    Tolerance,
    UIDType,
    whole,
)


class Structure(BaseModel):
    """An object of OICP: strictly typed, tolerant of fields that it does not know."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)


class Choice(Structure):
    """An object of which exactly one member is given."""


class Message(Structure):
    """A request or an answer of an operation."""

    section: ClassVar[str]
    """The anchor of the table that defines the message, in the role's document 02."""


class LegacyHashDataType(Structure):
    Function: Annotated[Literal["MD5", "SHA-1"], Named("MD5 or SHA-1")]
    Salt: String100Type | None = None
    # C138: no digest fits the 20 characters of the table, so the length is not judged.
    Value: Annotated[str, Named("String")] | None = None


class HashedPINType(Structure):
    Value: HashValueType
    Function: HashFunctionType
    LegacyHashData: LegacyHashDataType | None = None


class RFIDMifareFamilyIdentificationType(Structure):
    UID: UIDType


class RFIDIdentificationType(Structure):
    UID: UIDType
    EvcoID: EvcoIDType | None = None
    RFID: RFIDType
    PrintedNumber: String150Type | None = None
    ExpiryDate: DateTimeType | None = None


class QRCodeIdentificationType(Structure):
    EvcoID: EvcoIDType
    HashedPIN: HashedPINType | None = None
    PIN: String20Type | None = None


class PlugAndChargeIdentificationType(Structure):
    EvcoID: EvcoIDType


class RemoteIdentificationType(Structure):
    EvcoID: EvcoIDType


class IdentificationType(Choice):
    RFIDMifareFamilyIdentification: RFIDMifareFamilyIdentificationType | None = None
    RFIDIdentification: RFIDIdentificationType | None = None
    QRCodeIdentification: QRCodeIdentificationType | None = None
    PlugAndChargeIdentification: PlugAndChargeIdentificationType | None = None
    RemoteIdentification: RemoteIdentificationType | None = None


class StatusCodeType(Structure):
    Code: CodeType
    Description: String200Type | None = None
    AdditionalInfo: String1000Type | None = None


_ABSENT_AS_NULL = Tolerance(
    "C082", lambda value, holder: value is None and "meterValues" in holder, silent=True
)


class MeterValuesInBetween(Structure):
    # C070: the tables say "List"; all schemas and examples have this object.
    meterValues: Annotated[list[Decimal3Type], _ABSENT_AS_NULL]


def _a_bare_list(value: Any, _: Mapping[str, Any]) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, int | float) and not isinstance(item, bool) for item in value
    )


MeterValueInBetweenType = Annotated[
    MeterValuesInBetween, Named("list of meter values"), Tolerance("C070", _a_bare_list)
]


class SignedMeteringValuesType(Structure):
    SignedMeteringValue: String3000Type | None = None
    MeteringStatus: MeteringStatusType | None = None


class CalibrationLawVerificationType(Structure):
    CalibrationLawCertificateID: String100Type | None = None
    PublicKey: String1000Type | None = None
    MeteringSignatureUrl: String200Type | None = None
    MeteringSignatureEncodingFormat: String50Type | None = None
    SignedMeteringValuesVerificationInstruction: String400Type | None = None


class AuthenticationDataRecordType(Structure):
    Identification: IdentificationType


class ProviderAuthenticationDataType(Structure):
    ProviderID: ProviderIDType
    AuthenticationDataRecord: list[AuthenticationDataRecordType]


# The tables demand StatusCode, the text of the same document says MAY: without it, a positive answer is
# still understood.
_AcknowledgedStatusCodeType = Annotated[
    StatusCodeType,
    Named("StatusCodeType"),
    Tolerance("C044", lambda value, message: value is None and message.get("Result") is True),
]


class eRoamingAcknowledgement(Message):
    section: ClassVar[str] = "eRoamingAcknowledgementmessage"

    Result: Annotated[bool, Named("Boolean")]
    StatusCode: _AcknowledgedStatusCodeType
    SessionID: SessionIDType | None = None
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: String250Type | None = None


class eRoamingAuthorizeStart(Message):
    section: ClassVar[str] = "eRoamingAuthorizeStartmessage"

    SessionID: SessionIDType | None = None
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: String250Type | None = None
    OperatorID: OperatorIDType
    EvseID: EvseIDType | None = None
    Identification: IdentificationType
    PartnerProductID: ProductIDType | None = None


class eRoamingAuthorizationStart(Message):
    section: ClassVar[str] = "eRoamingAuthorizationStartmessage"

    SessionID: SessionIDType | None = None
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: String250Type | None = None
    ProviderID: ProviderIDType | None = None
    AuthorizationStatus: AuthorizationStatusType
    StatusCode: StatusCodeType
    AuthorizationStopIdentifications: list[IdentificationType] | None = None


class eRoamingAuthorizeStop(Message):
    section: ClassVar[str] = "eRoamingAuthorizeStopmessage"

    SessionID: SessionIDType
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: String250Type | None = None
    OperatorID: OperatorIDType
    EvseID: EvseIDType | None = None
    Identification: IdentificationType


class eRoamingAuthorizationStop(Message):
    section: ClassVar[str] = "eRoamingAuthorizationStopmessage"

    SessionID: SessionIDType | None = None
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: String250Type | None = None
    ProviderID: ProviderIDType | None = None
    AuthorizationStatus: AuthorizationStatusType
    StatusCode: StatusCodeType


class eRoamingAuthorizeRemoteStart(Message):
    section: ClassVar[str] = "eRoamingAuthorizeRemoteStartmessage"

    SessionID: SessionIDType
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: String250Type | None = None
    ProviderID: ProviderIDType
    EvseID: EvseIDType
    Identification: IdentificationType
    PartnerProductID: ProductIDType | None = None


class eRoamingAuthorizeRemoteStartOfEmp(eRoamingAuthorizeRemoteStart):
    """As the EMP sends it: the hub has yet to make the SessionID (C040)."""

    SessionID: SessionIDType | None = None  # type: ignore[assignment]


class eRoamingAuthorizeRemoteStop(Message):
    section: ClassVar[str] = "eRoamingAuthorizeRemoteStopmessage"

    SessionID: SessionIDType
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: String250Type | None = None
    ProviderID: ProviderIDType
    EvseID: EvseIDType


class eRoamingChargeDetailRecord(Message):
    section: ClassVar[str] = "eRoamingChargeDetailRecordmessage"

    SessionID: SessionIDType
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: String250Type | None = None
    PartnerProductID: ProductIDType | None = None
    EvseID: EvseIDType
    Identification: IdentificationType
    ChargingStart: DateTimeType
    ChargingEnd: DateTimeType
    SessionStart: DateTimeType
    SessionEnd: DateTimeType
    MeterValueStart: Decimal3Type | None = None
    MeterValueEnd: Decimal3Type | None = None
    MeterValueInBetween: MeterValueInBetweenType | None = None
    ConsumedEnergy: Decimal3Type
    SignedMeteringValues: list[SignedMeteringValuesType] | None = None
    CalibrationLawVerificationInfo: CalibrationLawVerificationType | None = None
    HubOperatorID: OperatorIDType | None = None
    HubProviderID: Annotated[ProviderIDType | None, Alias("C019", "HubProviderId")] = None


class Notification(Message):
    """What the four messages of eRoamingChargingNotifications have in common, as the CPO sends them."""

    SessionID: SessionIDType
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: String250Type | None = None
    Identification: IdentificationType | None = None
    EvseID: EvseIDType
    OperatorID: OperatorIDType


class eRoamingChargingNotificationStart(Notification):
    section: ClassVar[str] = "eRoamingChargingNotificationsstartmessage"

    Type: Annotated[Literal["Start"], Named("ChargingNotificationType")]
    ChargingStart: DateTimeType
    SessionStart: DateTimeType | None = None
    MeterValueStart: Decimal3Type | None = None
    PartnerProductID: ProductIDType | None = None


class eRoamingChargingNotificationProgress(Notification):
    section: ClassVar[str] = "eRoamingChargingNotificationsprogressmessage"

    Type: Annotated[Literal["Progress"], Named("ChargingNotificationType")]
    ChargingStart: DateTimeType
    EventOccurred: DateTimeType
    ChargingDuration: Annotated[int, BeforeValidator(whole), Named("Integer (milliseconds)")] | None = None
    SessionStart: DateTimeType | None = None
    ConsumedEnergyProgress: Decimal3Type | None = None
    MeterValueStart: Decimal3Type | None = None
    MeterValueInBetween: MeterValueInBetweenType | None = None
    PartnerProductID: ProductIDType | None = None


class eRoamingChargingNotificationEnd(Notification):
    section: ClassVar[str] = "eRoamingChargingNotificationsendmessage"

    Type: Annotated[Literal["End"], Named("ChargingNotificationType")]
    ChargingStart: DateTimeType | None = None
    ChargingEnd: DateTimeType
    SessionStart: DateTimeType | None = None
    SessionEnd: DateTimeType | None = None
    ConsumedEnergy: Decimal3Type | None = None
    MeterValueStart: Decimal3Type | None = None
    MeterValueEnd: Decimal3Type | None = None
    MeterValueInBetween: MeterValueInBetweenType | None = None
    PartnerProductID: ProductIDType | None = None
    PenaltyTimeStart: DateTimeType | None = None


class eRoamingChargingNotificationError(Notification):
    section: ClassVar[str] = "eRoamingChargingNotificationserrormessage"

    Type: Annotated[Literal["Error"], Named("ChargingNotificationType")]
    ErrorType: ErrorClassType
    ErrorAdditionalInfo: String250Type | None = None


class eRoamingPushAuthenticationData(Message):
    section: ClassVar[str] = "eRoamingPushAuthenticationDatamessage"

    ActionType: ActionType
    ProviderAuthenticationData: ProviderAuthenticationDataType


class _ToEmp(Notification):
    """As the EMP gets a notification: its document does not demand the OperatorID (C042)."""

    OperatorID: OperatorIDType | None = None  # type: ignore[assignment]


class eRoamingChargingNotificationStartToEmp(_ToEmp, eRoamingChargingNotificationStart):
    """The Start notification of EMP 02."""


class eRoamingChargingNotificationProgressToEmp(_ToEmp, eRoamingChargingNotificationProgress):
    """The Progress notification of EMP 02."""


class eRoamingChargingNotificationEndToEmp(_ToEmp, eRoamingChargingNotificationEnd):
    """The End notification of EMP 02."""


class eRoamingChargingNotificationErrorToEmp(_ToEmp, eRoamingChargingNotificationError):
    """The Error notification of EMP 02."""
