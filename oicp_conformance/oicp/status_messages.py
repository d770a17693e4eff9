"""The messages of eRoamingEVSEStatus: what a CPO pushes, the three pulls of an EMP, and Hubject's answers."""

from typing import Annotated, ClassVar

from pydantic import Field

from oicp_conformance.oicp.evse_messages import SearchCenterType
from oicp_conformance.oicp.messages import Message, StatusCodeType, Structure
from oicp_conformance.oicp.types import (
    ActionType,
    Alias,
    EvseIDType,
    EvseStatusType,
    OperatorIDType,
    ProviderIDType,
    PushedEvseStatusType,
    String100Type,
)


class PushedEvseStatusRecordType(Structure):
    EvseID: EvseIDType
    EvseStatus: PushedEvseStatusType


class EvseStatusRecordType(Structure):
    EvseID: EvseIDType
    EvseStatus: EvseStatusType


class PushedOperatorEvseStatusType(Structure):
    OperatorID: OperatorIDType
    OperatorName: String100Type | None = None
    EvseStatusRecord: list[PushedEvseStatusRecordType]


class OperatorEvseStatusType(Structure):
    OperatorID: OperatorIDType
    OperatorName: String100Type | None = None
    EvseStatusRecord: list[EvseStatusRecordType]


class EvseStatusesType(Structure):
    """The node around the operators' blocks; its inner name is the one of the code snippets (C023)."""

    OperatorEvseStatus: list[OperatorEvseStatusType]


class EVSEStatusRecordsType(Structure):
    """The node around the records that were asked for by id (C024)."""

    EvseStatusRecord: list[EvseStatusRecordType]


class eRoamingPushEvseStatus(Message):
    section: ClassVar[str] = "eRoamingPushEvseStatusmessage"

    ActionType: ActionType
    OperatorEvseStatus: PushedOperatorEvseStatusType


class eRoamingPullEVSEStatus(Message):
    section: ClassVar[str] = "eRoamingPullEVSEStatusmessage"

    ProviderID: ProviderIDType
    SearchCenter: SearchCenterType | None = None
    EVSEStatus: Annotated[EvseStatusType | None, Alias("C017", "EvseStatus", silent=True)] = None


class eRoamingPullEVSEStatusByID(Message):
    section: ClassVar[str] = "eRoamingPullEVSEStatusByIDmessage"

    ProviderID: ProviderIDType
    EvseID: Annotated[list[EvseIDType], Field(max_length=100)]


class eRoamingPullEVSEStatusByOperatorID(Message):
    section: ClassVar[str] = "eRoamingPullEVSEStatusByOperatorIDmessage"

    ProviderID: ProviderIDType
    OperatorID: list[OperatorIDType]


class eRoamingEVSEStatus(Message):
    """Hubject's answer to eRoamingPullEvseStatus and eRoamingPullEvseStatusByOperatorID."""

    section: ClassVar[str] = "eRoamingEVSEStatusmessage"

    EvseStatuses: EvseStatusesType
    StatusCode: StatusCodeType | None = None


class eRoamingEVSEStatusByID(Message):
    """Hubject's answer to eRoamingPullEvseStatusByID."""

    section: ClassVar[str] = "eRoamingEVSEStatusmessage"

    EVSEStatusRecords: EVSEStatusRecordsType
    StatusCode: StatusCodeType | None = None
