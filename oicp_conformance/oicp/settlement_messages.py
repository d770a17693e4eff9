"""The messages of eRoamingGetChargeDetailRecords: what an EMP asks for, and what Hubject answers."""

from typing import Annotated, ClassVar

from oicp_conformance.oicp.evse_messages import Page
from oicp_conformance.oicp.messages import Message, StatusCodeType, eRoamingChargeDetailRecord
from oicp_conformance.oicp.types import (
    Alias,
    BooleanType,
    DateTimeType,
    OperatorIDType,
    ProviderIDType,
    SessionIDType,
    Single,
)


class eRoamingGetChargeDetailRecords(Message):
    section: ClassVar[str] = "eRoamingGetChargeDetailRecordsmessage"

    ProviderID: ProviderIDType
    From: DateTimeType
    To: DateTimeType
    SessionID: Annotated[list[SessionIDType] | None, Single("C247")] = None
    # C074: the documents never settled whether this is one id or a list of them.
    OperatorID: Annotated[list[OperatorIDType] | None, Single("C074", silent=True)] = None
    CDRForwarded: Annotated[BooleanType | None, Alias("C018", "CDRForwarder")] = None


class eRoamingChargeDetailRecords(Page):
    """Hubject's answer to eRoamingGetChargeDetailRecords; no table has it (C075)."""

    section: ClassVar[str] = "eRoamingChargeDetailRecordmessage"

    content: list[eRoamingChargeDetailRecord]
    StatusCode: StatusCodeType | None = None
