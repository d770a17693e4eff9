"""The messages of eRoamingEVSEData: what a CPO pushes, what an EMP asks for, and what Hubject answers it."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from oicp_conformance.oicp.geo import (
    DecimalLatitudeType,
    DecimalLongitudeType,
    GeoCoordinatesGoogleFormatType,
    SexagesimalLatitudeType,
    SexagesimalLongitudeType,
)
from oicp_conformance.oicp.messages import Choice, Message, StatusCodeType, Structure
from oicp_conformance.oicp.types import (
    AccessibilityLocationType,
    AccessibilityType,
    ActionType,
    Alias,
    AuthenticationModeType,
    BeginTimeType,
    BooleanType,
    CalibrationLawDataAvailabilityType,
    ChargingModeType,
    ChargingPoolIDType,
    CityType,
    CountryCodeType,
    CountType,
    DateTimeType,
    DayType,
    DeltaType,
    DynamicInfoAvailableType,
    EmissionType,
    EndTimeType,
    EnergyType,
    EvseIDType,
    GeoCoordinatesResponseFormatType,
    IntegerType,
    LanguageCodeType,
    Named,
    OperatorIDType,
    PaymentOptionType,
    PercentageType,
    PhoneNumberType,
    PlugType,
    PowerInKilowattType,
    PowerType,
    ProviderIDType,
    RadiusType,
    Single,
    StreetType,
    String5Type,
    String10Type,
    String20Type,
    String50Type,
    String100Type,
    String150Type,
    String200Type,
    ThreeDigitsType,
    TimeZoneType,
    TwoDigitsType,
    ValueAddedServiceType,
)


class GeoCoordinatesGoogleType(Structure):
    # C012: one document writes Coordinatea, all others Coordinates.
    Coordinates: GeoCoordinatesGoogleFormatType


class GeoCoordinatesDecimalDegreeType(Structure):
    Longitude: DecimalLongitudeType
    Latitude: DecimalLatitudeType


class GeoCoordinatesDegreeMinuteSecondsType(Structure):
    Longitude: SexagesimalLongitudeType
    Latitude: SexagesimalLatitudeType


class GeoCoordinatesType(Choice):
    Google: GeoCoordinatesGoogleType | None = None
    DecimalDegree: GeoCoordinatesDecimalDegreeType | None = None
    DegreeMinuteSeconds: GeoCoordinatesDegreeMinuteSecondsType | None = None


class SearchCenterType(Structure):
    GeoCoordinates: GeoCoordinatesType
    Radius: RadiusType


class InfoTextType(Structure):
    lang: LanguageCodeType
    value: String150Type


class AddressIso19773Type(Structure):
    Country: CountryCodeType
    City: CityType
    Street: StreetType
    PostalCode: String10Type
    HouseNum: String10Type
    Floor: String5Type | None = None
    Region: String50Type | None = None
    ParkingFacility: BooleanType | None = None
    ParkingSpot: String5Type | None = None
    TimeZone: TimeZoneType | None = None


class ChargingFacilityType(Structure):
    PowerType: PowerType
    Voltage: ThreeDigitsType | None = None
    Amperage: TwoDigitsType | None = None
    Power: PowerInKilowattType
    ChargingModes: Annotated[list[ChargingModeType] | None, Alias("C011", "Charging Modes")] = None


class EnergySourceType(Structure):
    Energy: EnergyType | None = None
    Percentage: PercentageType | None = None


class EnvironmentalImpactType(Structure):
    CO2Emission: EmissionType | None = None
    NuclearWaste: EmissionType | None = None


class PeriodType(Structure):
    begin: BeginTimeType
    end: EndTimeType


class OpeningTimesType(Structure):
    Period: Annotated[list[PeriodType], Single("C072")]
    on: Annotated[DayType, Alias("C013", "On")]


class EvseDataRecordType(Structure):
    deltaType: DeltaType | None = None
    lastUpdate: DateTimeType | None = None
    EvseID: EvseIDType
    ChargingPoolID: ChargingPoolIDType | None = None
    ChargingStationID: Annotated[String50Type | None, Alias("C010", "ChargingStationId")] = None
    ChargingStationNames: list[InfoTextType]
    HardwareManufacturer: String50Type | None = None
    ChargingStationImage: String200Type | None = None
    SubOperatorName: String100Type | None = None
    Address: AddressIso19773Type
    GeoCoordinates: GeoCoordinatesType
    Plugs: list[PlugType]
    DynamicPowerLevel: BooleanType | None = None
    ChargingFacilities: list[ChargingFacilityType]
    RenewableEnergy: BooleanType
    EnergySource: list[EnergySourceType] | None = None
    EnvironmentalImpact: EnvironmentalImpactType | None = None
    CalibrationLawDataAvailability: CalibrationLawDataAvailabilityType
    AuthenticationModes: list[AuthenticationModeType]
    MaxCapacity: IntegerType | None = None
    PaymentOptions: list[PaymentOptionType]
    ValueAddedServices: list[ValueAddedServiceType]
    Accessibility: AccessibilityType
    AccessibilityLocation: AccessibilityLocationType | None = None
    HotlinePhoneNumber: PhoneNumberType
    AdditionalInfo: list[InfoTextType] | None = None
    ChargingStationLocationReference: list[InfoTextType] | None = None
    GeoChargingPointEntrance: GeoCoordinatesType | None = None
    IsOpen24Hours: BooleanType
    OpeningTimes: list[OpeningTimesType] | None = None
    HubOperatorID: OperatorIDType | None = None
    ClearinghouseID: String20Type | None = None
    IsHubjectCompatible: BooleanType
    DynamicInfoAvailable: DynamicInfoAvailableType


class PullEvseDataRecordType(EvseDataRecordType):
    """A record as an EMP gets it: it names its operator itself (C090, C160)."""

    OperatorID: OperatorIDType
    OperatorName: Annotated[str, Named("String")]


class OperatorEvseDataType(Structure):
    OperatorID: OperatorIDType
    OperatorName: String100Type
    EvseDataRecord: list[EvseDataRecordType]


class eRoamingPushEvseData(Message):
    section: ClassVar[str] = "eRoamingPushEvseDatamessage"

    ActionType: ActionType
    OperatorEvseData: OperatorEvseDataType


class eRoamingPullEVSEData(Message):
    section: ClassVar[str] = "eRoamingPullEVSEDatamessage"

    ProviderID: ProviderIDType
    SearchCenter: SearchCenterType | None = None
    LastCall: DateTimeType | None = None
    # C016: the table has a blank in this name.
    GeoCoordinatesResponseFormat: GeoCoordinatesResponseFormatType
    CountryCodes: list[CountryCodeType] | None = None
    OperatorIds: Annotated[list[OperatorIDType] | None, Alias("C015", "OperatorIDs")] = None
    AuthenticationModes: list[AuthenticationModeType] | None = None
    Accessibility: list[AccessibilityType] | None = None
    CalibrationLawDataAvailability: list[CalibrationLawDataAvailabilityType] | None = None
    RenewableEnergy: BooleanType | None = None
    IsHubjectCompatible: BooleanType | None = None
    IsOpen24Hours: BooleanType | None = None


class Page(Message):
    """What the pages of Hubject's answers have in common."""

    number: CountType
    size: CountType
    totalElements: CountType
    last: BooleanType
    totalPages: CountType
    first: BooleanType
    numberOfElements: CountType
    # C075: only OpenAPI has these two.
    pageable: Annotated[Mapping[str, Any] | None, Named("Hubject's data about the page")] = None
    empty: BooleanType | None = None


class eRoamingEVSEData(Page):
    """Hubject's answer to eRoamingPullEvseData."""

    section: ClassVar[str] = "eRoamingEVSEDatamessage"

    content: list[PullEvseDataRecordType]
    StatusCode: StatusCodeType
