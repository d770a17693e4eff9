"""Where the official documents contradict each other, and how the judge decides.

The ids are those of the project's list of contradictions. A finding that rests on one names it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Erratum:
    """One contradiction that matters to a verdict."""

    id: str
    says: str
    """What the documents say, and where."""
    judged: str
    """How the judge decides, and how loudly."""


_ALL = (
    Erratum("C010", "CPO 03 and OpenAPI write ChargingStationId; EMP 03, all examples and the guide ChargingStationID.", "ChargingStationId is a warning."),
    Erratum("C011", "CPO 03 writes Charging Modes with a blank; all others ChargingModes.", "The name with a blank is a warning, and its values are judged."),
    Erratum("C012", "CPO 03 writes Coordinatea; all others Coordinates.", "Coordinates is demanded; Coordinatea fails, with a hint."),
    Erratum("C013", "EMP 03 writes On in OpeningTimes; all others on.", "The hub sends on; On from a CPO is a warning."),
    Erratum("C015", "PullEvseData has OperatorIds and the pricing pulls OperatorIDs; the text mixes them up.", "The other spelling is a warning, since the filter would be lost."),
    Erratum("C016", "EMP 02 breaks GeoCoordinatesResponseFormat with a blank; all others do not.", "The name without a blank is demanded."),
    Erratum("C017", "EMP 02 and OpenAPI's schema write EVSEStatus for the filter; the example and the code snippets EvseStatus.", "Both pass, and the hub honours both."),
    Erratum("C018", "EMP's OpenAPI writes CDRForwarder in its schema; all others, its own example too, CDRForwarded.", "CDRForwarder is a warning."),
    Erratum("C019", "EMP's OpenAPI writes HubProviderId; all others HubProviderID.", "HubProviderId from a CPO is a warning."),
    Erratum("C020", "OpenAPI writes EMPPartnerSessionId in reservations; all others EMPPartnerSessionID.", "EMPPartnerSessionId is a warning."),
    Erratum("C021", "EMP 02 calls the list of the answer OperatorEVSEPricing; all others EVSEPricing.", "The hub sends EVSEPricing."),
    Erratum("C022", "CPO 03 and EMP 03 have Period in ProductAvailabilityTimes; OpenAPI and the snippets the list Periods.", "Periods is demanded; Period, or one object in place of the list, is a warning. Periods in OpeningTimes fails."),
    Erratum("C024", "EMP 02 defines one answer to all three pulls of status; the snippets and OpenAPI have another one by id.", "The hub answers with EVSEStatusRecords to the pull by id."),
    Erratum("C040", "CPO 02 and both OpenAPI documents demand the SessionID of a remote start; EMP 02 says it should not be filled.", "An EMP that sends none passes; one that sends one is warned."),
    Erratum("C041", "CPO 02 makes the SessionID of a reservation start optional, and says that Hubject makes and forwards it.", "The hub always sends it; a CPO has to work with it."),
    Erratum("C042", "CPO 02 demands OperatorID in notifications; EMP 02 does not.", "A CPO without it fails; an EMP must take both."),
    Erratum("C043", "The text says an authorization must contain ProviderID; the tables make it optional.", "Authorized without ProviderID fails; NotAuthorized without it passes."),
    Erratum("C044", "The text lets an acknowledgement do without StatusCode; the table demands it.", "Missing with Result true is a warning, with Result false a failure."),
    Erratum("C045", "PIN is optional in the table, and required in authorization requests by its text.", "A QR code without PIN in AuthorizeStart or AuthorizeStop fails."),
    Erratum("C046", "OpeningTimes is M/O in the table, and never required in OpenAPI.", "IsOpen24Hours false without OpeningTimes fails."),
    Erratum("C048", "SignedMeteringValues is optional in the tables; a note in CPO 03 demands it where calibration law data are External.", "A CPO that published External and sends none in its charge detail record fails."),
    Erratum("C057", "StatusCode is mandatory in eRoamingEVSEData, optional in the other answers, and null in an example.", "The hub sends it as an object, as null or not at all; an EMP should survive that."),
    Erratum("C058", "EMP 03 makes fields mandatory in which Hubject has null for partners with older data.", "An EMP should survive such nulls; it is never accused of them."),
    Erratum("C059", "ProductAvailabilityTimes is mandatory, though it says nothing where a product is valid for 24 hours.", "With IsValid24hours true, a missing one is a warning; otherwise it fails. An empty list passes."),
    Erratum("C060", "The tables tell 1...n from 0...n; OpenAPI knows no least number.", "An empty EVSEPricing or EvseIDProductList fails; other lists may be empty."),
    Erratum("C062", "SessionID is optional in AuthorizeStart, but Hubject makes it after that request.", "A SessionID in a first AuthorizeStart is a warning."),
    Erratum("C070", "The tables call MeterValueInBetween a list; all schemas and examples have an object with meterValues.", "The object passes; a bare list is a warning."),
    Erratum("C071", "The tables make EvseIDProductList a list of objects with a ProductID; all schemas and examples have strings.", "Strings are expected; objects are a warning."),
    Erratum("C072", "The tables have one Period in OpeningTimes; all schemas and examples a list.", "A list is expected; one object is a warning."),
    Erratum("C073", "The tables type ProductAvailabilityTimes as one object and call it a list; all schemas and examples have a list.", "A list is expected; one object is a warning."),
    Erratum("C074", "OperatorID of eRoamingGetChargeDetailRecords is one id in EMP 02 and OpenAPI, a list in the snippets.", "Both pass."),
    Erratum("C075", "No table defines eRoamingChargeDetailRecords; OpenAPI and the snippets have a page of records.", "The hub sends OpenAPI's page."),
    Erratum("C076", "Examples answer the pull of pricing products with an acknowledgement, or with EVSE prices.", "The hub sends PricingProductData."),
    Erratum("C077", "A code snippet of EMP 06 answers AuthorizeStop with Result and without ProviderID; the tables have no Result, and fill ProviderID.", "Either is a warning."),
    Erratum("C079", "CPO 03 calls DynamicInfoAvailable an enumeration of true, false and auto; all examples have a string.", "A string is demanded; a Boolean fails."),
    Erratum("C080", "CPO 03 and its OpenAPI have whole kilowatts; EMP's OpenAPI any number.", "A fraction is a warning for a CPO; an EMP must be able to read it."),
    Erratum("C082", "OpenAPI allows no null; Hubject's guide shows nulls in optional fields.", "Null is absent, both ways round."),
    Erratum("C085", "The pull of EVSE prices has a ProviderID in its body, the one of pricing products has none.", "Where the body has no id, only the one of the path is judged."),
    Erratum("C087", "Examples have a PartnerProductID in AuthorizeStop; the tables have none.", "It passes as an unknown field."),
    Erratum("C088", "Examples push deltaType and lastUpdate, which Hubject assigns.", "They pass."),
    Erratum("C089", "An example of OpenAPI has identifications beside Identification in place of inside.", "Only those inside count."),
    Erratum("C091", "OpenAPI lets GeoCoordinates have several formats at once, and the examples do; the tables say exactly one.", "More than one, or none, fails."),
    Erratum("C092", "OpenAPI lets Identification have several kinds at once, and the examples do; the tables say exactly one.", "More than one, or none, fails."),
    Erratum("C096", "EMP 03 has Radius as Decimal (4,1); OpenAPI has any number, and examples have 0.", "Outside of 0 to 999.9, or with more decimals, it is a warning."),
    Erratum("C097", "No OpenAPI object is closed, so a misspelt optional field passes unseen.", "A field with a name close to one that is absent is a warning; other unknown fields pass."),
    Erratum("C100", "CPO 03 writes Connector Error and Critical Error; all others write them without a blank.", "Both are accepted; the form with a blank is a warning."),
    Erratum("C101", "A best practice tells to avoid the plug type Unspecified, which the list of OICP 2.3 has no more.", "Unspecified fails."),
    Erratum("C102", "The release notes misspell No Authentication Required.", "Only the spelling of the list passes."),
    Erratum("C103", "A description in OpenAPI writes No payment; the list No Payment.", "Only the spelling of the list passes."),
    Erratum("C104", "ReferenceUnit is an enumeration in the tables, any string in OpenAPI.", "The enumeration is demanded."),
    Erratum("C105", "AsciiDoc has a closed list of codes; the guide adds 401, 404 and 500; the diagrams give ranges.", "The guide's codes are a warning, other codes fail."),
    Erratum("C106", "The guide and the examples spell the standard products in other ways; custom ids are allowed.", "Any string of up to 50 characters passes."),
    Erratum("C107", "CPO 03 points to the active codes of ISO 4217; OpenAPI has any string.", "Three upper-case letters are demanded; an unknown code is a warning."),
    Erratum("C109", "The CPO guide's table of EVSE states has the names of another protocol in OICP's column.", "Only the names of the list pass."),
    Erratum("C112", "Country codes are alpha-3; OpenAPI does not check them.", "A code that ISO 3166-1 does not have fails; Kosovo's unofficial XKX is a warning."),
    Erratum("C115", "EvseNotFound is in the list of EVSE states, and described as an answer of Hubject.", "A CPO that pushes it is warned."),
    Erratum("C122", "The UID pattern has upper case only; the text says Hubject converts lower case.", "Lower-case hex is a warning."),
    Erratum("C126", "The EvcoID pattern has an upper-case C and X; the text says Hubject converts lower case.", "A lower-case c or x is a warning."),
    Erratum("C128", "CPO 03 has the EvseID in upper case; OpenAPI and the system accept lower case.", "Lower case is a warning."),
    Erratum("C131", "The prose allows an asterisk for all providers, the pattern does not; OpenAPI's pattern matches too much.", "A ProviderID or exactly an asterisk is demanded."),
    Erratum("C132", "The pattern of the Google notation lets a comma or nothing stand between the numbers, and checks no range.", "Another separator than one blank is a warning; a value out of range fails."),
    Erratum("C133", "The pattern of decimal degrees allows up to 199; coordinates are often sent as numbers.", "A string is demanded; a value out of range fails."),
    Erratum("C134", "The pattern of degrees, minutes and seconds checks no range.", "What matches it and is out of range is a warning."),
    Erratum("C137", "The two roles' patterns of a hash differ, and one allows a backslash by double escaping.", "Bcrypt's characters pass; a backslash is a warning."),
    Erratum("C139", "The pattern of LanguageCode knows lower-case languages; pulled data may lack the language.", "The pattern is demanded of a CPO; an EMP must take null."),
    Erratum("C140", "The pattern of ChargingPoolID lets its instance begin with a separator, the grammar does not; OpenAPI does not anchor it.", "It is judged as a whole; an instance that begins with a separator is a warning."),
    Erratum("C141", "The pattern of TimeZone lets a comma be a sign, and checks no range.", "UTC, a plus or minus, and a time up to 14:59 are demanded."),
    Erratum("C142", "The pattern of opening times checks no range, and says nothing of midnight.", "00:00 to 23:59 are demanded, and 24:00 passes as an end."),
    Erratum("C143", "CPO 01 demands whole seconds and a numeric offset; all examples have milliseconds and Z.", "Fractions pass; Z is a warning for a CPO and passes for an EMP; no offset fails."),
    Erratum("C146", "CPO 01 demands the offset of the charge point's place; a best practice only asks for it.", "An offset that does not fit the EVSE's TimeZone is a warning."),
    Erratum("C151", "Voltage and Power have three digits in the tables, Amperage two, which is too little for fast chargers.", "More digits are a warning."),
    Erratum("C152", "Percentage has two digits in the tables.", "0 to 100 passes."),
    Erratum("C153", "CO2Emission and NuclearWaste have five characters in the tables, five digits in OpenAPI.", "0 to 99999 passes, with any decimals."),
    Erratum("C154", "PIN has 0 to 20 characters, but is required in authorization requests.", "An empty PIN is a warning."),
    Erratum("C159", "Duration has two digits in the tables, 1 to 99 in OpenAPI.", "1 to 99 is demanded."),
    Erratum("C160", "OperatorName has 100 characters in CPO 03, no limit in EMP 03.", "A CPO may use 100; what the hub sends to an EMP is not limited."),
    Erratum("C161", "The largest page is 2000 for charge detail records; for EVSE data only the guide says so.", "A larger size is a warning, and the hub cuts it to 2000."),
    Erratum("C162", "EMP 02 demands paging; the guide's example goes without, and there are defaults.", "A pull without page and size is a warning; stopping before the last page fails."),
    Erratum("C172", "EMP's OpenAPI has one path for all three pulls of status; the snippets and the guide have three.", "Three paths are expected; another pull's body at a path is a warning, and is answered by its form."),
    Erratum("C176", "The guide names the parameters of paging pages and limit.", "page and size are expected."),
    Erratum("C192", "Examples have times out of order.", "ChargingStart after ChargingEnd fails; charging outside the session is a warning."),
    Erratum("C194", "EMP 02 forbids LastCall together with SearchCenter, CountryCodes and OperatorIds; the examples have all of them.", "The combination fails."),
    Erratum("C195", "A note excludes only SearchCenter beside LastCall, the table two more; of the other filters nothing is said.", "Only the three that the table names exclude LastCall."),
    Erratum("C196", "CPO 02 refers to the EMP's document for what insert, update, delete and fullLoad do.", "The hub does what EMP 02 says; a CPO that goes against it is warned."),
    Erratum("C198", "CPO 02 wants answers in under 10 seconds, the guide in 60.", "More than 10 seconds is a warning; no answer within the profile's time fails."),
    Erratum("C202", "RFIDIdentification is banned from eRoamingAuthorization, which is also the name of the whole service.", "It fails in AuthorizeStart and AuthorizeStop; elsewhere it is a warning."),
    Erratum("C203", "RemoteIdentification only: in the messages of remote authorization, or in all of a remote session.", "Another kind fails in a remote start; the CDR must carry the session's own identification."),
    Erratum("C207", "The diagrams answer some failures of AuthorizeStart with an acknowledgement; OpenAPI has one answer only.", "The hub gives both, and takes both."),
    Erratum("C208", "OpenAPI knows HTTP 200 only; a withdrawn description also 201 and 4xx.", "A refusal as 4xx is accepted, 201 is a warning, 5xx fails."),
    Erratum("C209", "OpeningTimes are for stations that are not always open; nothing forbids them for others.", "IsOpen24Hours true with OpeningTimes is a warning."),
    Erratum("C210", "The only official example pushes an EVSE of another operator than the one that it names.", "An EVSE of another operator fails, unless the profile names one of its EVSEs."),
    Erratum("C211", "RenewableEnergy true means that there is no other energy; the class of nuclear energy is left open.", "Fossil or nuclear energy in EnergySource with true fails."),
    Erratum("C212", "No Payment is not combined with other options; OpenAPI does not check it.", "The combination fails."),
    Erratum("C223", "OpenAPI tells messages of one path apart by oneOf, and the shorter tables match the others' messages.", "The Type, or the path, says which message it is."),
    Erratum("C226", "A general rule makes all data pushes sequential; the push of pricing products does not repeat it.", "The general rule holds."),
    Erratum("C234", "A charge detail record follows a stopped reservation; of one that runs out nothing is said.", "It is demanded only after a stop."),
    Erratum("C246", "Only a diagram says that EvseIDs in a push of status must be the operator's.", "The rule of EVSE data holds."),
    Erratum("C247", "The release notes have one SessionID in eRoamingGetChargeDetailRecords; all others a list.", "A list is expected; one id is a warning."),
    Erratum("C250", "Decimal (,3) allows three decimals; OpenAPI any number.", "More than three decimals fail; noise of binary fractions is a warning."),
)

ERRATA: Mapping[str, Erratum] = {erratum.id: erratum for erratum in _ALL}
