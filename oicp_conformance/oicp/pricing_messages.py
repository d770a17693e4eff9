"""The messages of eRoamingDynamicPricing: what a CPO pushes, what an EMP pulls, and Hubject's answers."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from oicp_conformance.oicp.evse_messages import PeriodType
from oicp_conformance.oicp.messages import Message, StatusCodeType, Structure
from oicp_conformance.oicp.types import (
    ActionType,
    AdditionalReferenceType,
    Alias,
    BooleanType,
    CurrencyIDType,
    DateTimeType,
    DayType,
    DecimalType,
    EvseIDType,
    OperatorIDType,
    ProductIDType,
    ProviderIDOrAllType,
    ProviderIDType,
    ReferenceUnitType,
    Single,
    String100Type,
    Tolerance,
)


class ProductAvailabilityTimesType(Structure):
    Periods: Annotated[list[PeriodType], Alias("C022", "Period"), Single("C022")]
    on: DayType


class AdditionalReferencesType(Structure):
    AdditionalReference: AdditionalReferenceType
    AdditionalReferenceUnit: ReferenceUnitType
    PricePerAdditionalReferenceUnit: DecimalType


def _not_needed(value: Any, product: Mapping[str, Any]) -> bool:
    return value is None and product.get("IsValid24hours") is True


class PricingProductDataRecordType(Structure):
    ProductID: ProductIDType
    ReferenceUnit: ReferenceUnitType
    ProductPriceCurrency: CurrencyIDType
    PricePerReferenceUnit: DecimalType
    MaximumProductChargingPower: DecimalType
    IsValid24hours: BooleanType
    ProductAvailabilityTimes: Annotated[
        list[ProductAvailabilityTimesType], Single("C073"), Tolerance("C059", _not_needed)
    ]
    AdditionalReferences: list[AdditionalReferencesType] | None = None


class PricingProductDataType(Structure):
    OperatorID: OperatorIDType
    OperatorName: String100Type | None = None
    ProviderID: ProviderIDOrAllType
    PricingDefaultPrice: DecimalType
    PricingDefaultPriceCurrency: CurrencyIDType
    PricingDefaultReferenceUnit: ReferenceUnitType
    PricingProductDataRecords: list[PricingProductDataRecordType]


def _as_an_object(value: Any, _: Mapping[str, Any]) -> bool:
    """The tables make the list one of objects with a ProductID."""
    name = value.get("ProductID") if isinstance(value, Mapping) else None
    return isinstance(name, str) and len(name) <= 50


class EVSEPricingType(Structure):
    EvseID: EvseIDType
    ProviderID: ProviderIDOrAllType
    EvseIDProductList: Annotated[
        list[Annotated[ProductIDType, Tolerance("C071", _as_an_object)]], Field(min_length=1)
    ]


class OperatorEVSEPricingType(Structure):
    OperatorID: OperatorIDType
    OperatorName: String100Type | None = None
    EVSEPricing: list[EVSEPricingType]


class eRoamingPushPricingProductData(Message):
    section: ClassVar[str] = "eRoamingPushPricingProductDatamessage"

    ActionType: ActionType
    PricingProductData: PricingProductDataType


class eRoamingPushEVSEPricing(Message):
    section: ClassVar[str] = "eRoamingPushEVSEPricingmessage"

    ActionType: ActionType
    EVSEPricing: Annotated[list[EVSEPricingType], Field(min_length=1)]


class eRoamingPullPricingProductData(Message):
    section: ClassVar[str] = "eRoamingPullPricingProductDatamessage"

    LastCall: DateTimeType | None = None
    OperatorIDs: Annotated[list[OperatorIDType], Alias("C015", "OperatorIds")]


class eRoamingPullEVSEPricing(Message):
    section: ClassVar[str] = "eRoamingPullEVSEPricingmessage"

    ProviderID: ProviderIDType
    LastCall: DateTimeType | None = None
    OperatorIDs: Annotated[list[OperatorIDType], Alias("C015", "OperatorIds")]


class eRoamingPricingProductData(Message):
    """Hubject's answer to eRoamingPullPricingProductData."""

    section: ClassVar[str] = "eRoamingPricingProductDatamessage"

    PricingProductData: list[PricingProductDataType]
    StatusCode: StatusCodeType | None = None


class eRoamingEVSEPricing(Message):
    """Hubject's answer to eRoamingPullEVSEPricing; the table has another name for the list (C021)."""

    section: ClassVar[str] = "eRoamingEVSEPricingmessage"

    EVSEPricing: list[OperatorEVSEPricingType]
    StatusCode: StatusCodeType | None = None
