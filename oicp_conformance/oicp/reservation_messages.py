"""The messages of eRoamingReservation. Both roles' tables are alike: the EMP may leave the SessionID out."""

from typing import Annotated, ClassVar

from oicp_conformance.oicp.messages import IdentificationType, Message
from oicp_conformance.oicp.types import (
    Alias,
    DurationType,
    EvseIDType,
    ProductIDType,
    ProviderIDType,
    SessionIDType,
    String250Type,
)

_EMPPartnerSessionID = Annotated[String250Type | None, Alias("C020", "EMPPartnerSessionId")]


class eRoamingAuthorizeRemoteReservationStart(Message):
    section: ClassVar[str] = "eRoamingAuthorizeRemoteReservationStartmessage"

    SessionID: SessionIDType | None = None
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: _EMPPartnerSessionID = None
    ProviderID: ProviderIDType
    EvseID: EvseIDType
    Identification: IdentificationType
    PartnerProductID: ProductIDType | None = None
    Duration: DurationType | None = None


class eRoamingAuthorizeRemoteReservationStop(Message):
    section: ClassVar[str] = "eRoamingAuthorizeRemoteReservationStopmessage"

    SessionID: SessionIDType
    CPOPartnerSessionID: String250Type | None = None
    EMPPartnerSessionID: _EMPPartnerSessionID = None
    ProviderID: ProviderIDType
    EvseID: EvseIDType
