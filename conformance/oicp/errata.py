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
    Erratum("C019", "EMP's OpenAPI writes HubProviderId; all others HubProviderID.", "HubProviderId from a CPO is a warning."),
    Erratum("C040", "CPO 02 and both OpenAPI documents demand the SessionID of a remote start; EMP 02 says it should not be filled.", "An EMP that sends none passes; one that sends one is warned."),
    Erratum("C042", "CPO 02 demands OperatorID in notifications; EMP 02 does not.", "A CPO without it fails; an EMP must take both."),
    Erratum("C043", "The text says an authorization must contain ProviderID; the tables make it optional.", "Authorized without ProviderID fails; NotAuthorized without it passes."),
    Erratum("C044", "The text lets an acknowledgement do without StatusCode; the table demands it.", "Missing with Result true is a warning, with Result false a failure."),
    Erratum("C062", "SessionID is optional in AuthorizeStart, but Hubject makes it after that request.", "A SessionID in a first AuthorizeStart is a warning."),
    Erratum("C070", "The tables call MeterValueInBetween a list; all schemas and examples have an object with meterValues.", "The object passes; a bare list is a warning."),
    Erratum("C077", "A code snippet of EMP 06 answers AuthorizeStop with Result and without ProviderID; the tables have no Result, and fill ProviderID.", "Either is a warning."),
    Erratum("C082", "OpenAPI allows no null; Hubject's guide shows nulls in optional fields.", "Null is absent, both ways round."),
    Erratum("C097", "No OpenAPI object is closed, so a misspelt optional field passes unseen.", "A field with a name close to one that is absent is a warning; other unknown fields pass."),
    Erratum("C100", "CPO 03 writes Connector Error and Critical Error; all others write them without a blank.", "Both are accepted; the form with a blank is a warning."),
    Erratum("C105", "AsciiDoc has a closed list of codes; the guide adds 401, 404 and 500; the diagrams give ranges.", "The guide's codes are a warning, other codes fail."),
    Erratum("C122", "The UID pattern has upper case only; the text says Hubject converts lower case.", "Lower-case hex is a warning."),
    Erratum("C126", "The EvcoID pattern has an upper-case C and X; the text says Hubject converts lower case.", "A lower-case c or x is a warning."),
    Erratum("C128", "CPO 03 has the EvseID in upper case; OpenAPI and the system accept lower case.", "Lower case is a warning."),
    Erratum("C137", "The two roles' patterns of a hash differ, and one allows a backslash by double escaping.", "Bcrypt's characters pass; a backslash is a warning."),
    Erratum("C143", "CPO 01 demands whole seconds and a numeric offset; all examples have milliseconds and Z.", "Fractions pass; Z is a warning for a CPO and passes for an EMP; no offset fails."),
    Erratum("C154", "PIN has 0 to 20 characters, but is required in authorization requests.", "An empty PIN is a warning."),
    Erratum("C192", "Examples have times out of order.", "ChargingStart after ChargingEnd fails; charging outside the session is a warning."),
    Erratum("C202", "RFIDIdentification is banned from eRoamingAuthorization, which is also the name of the whole service.", "It fails in AuthorizeStart and AuthorizeStop; elsewhere it is a warning."),
    Erratum("C203", "RemoteIdentification only: in the messages of remote authorization, or in all of a remote session.", "Another kind fails in a remote start; the CDR must carry the session's own identification."),
    Erratum("C208", "OpenAPI knows HTTP 200 only; a withdrawn description also 201 and 4xx.", "A refusal as 4xx is accepted, 201 is a warning, 5xx fails."),
    Erratum("C250", "Decimal (,3) allows three decimals; OpenAPI any number.", "More than three decimals fail; noise of binary fractions is a warning."),
)

ERRATA: Mapping[str, Erratum] = {erratum.id: erratum for erratum in _ALL}
