"""How the reference CPO reads the operations that it serves."""

from collections.abc import Mapping

from oicp_conformance.reference import permissive as reading
from oicp_conformance.reference.permissive import Shape

_PARTNERS = {
    "CPOPartnerSessionID": reading.PARTNER_SESSION_ID,
    "EMPPartnerSessionID": reading.PARTNER_SESSION_ID,
}
READS: Mapping[str, Shape] = {
    "eRoamingAuthorizeRemoteStart": Shape(
        {
            "SessionID": reading.SESSION_ID,
            "ProviderID": reading.PROVIDER_ID,
            "EvseID": reading.EVSE_ID,
            "Identification": reading.remote_identification,
        },
        {**_PARTNERS, "PartnerProductID": reading.PRODUCT_ID},
    ),
    "eRoamingAuthorizeRemoteStop": Shape(
        {
            "SessionID": reading.SESSION_ID,
            "ProviderID": reading.PROVIDER_ID,
            "EvseID": reading.EVSE_ID,
        },
        _PARTNERS,
    ),
    "eRoamingAuthorizeRemoteReservationStart": Shape(
        {
            "SessionID": reading.SESSION_ID,
            "ProviderID": reading.PROVIDER_ID,
            "EvseID": reading.EVSE_ID,
            "Identification": reading.remote_identification,
        },
        {**_PARTNERS, "PartnerProductID": reading.PRODUCT_ID, "Duration": reading.minutes},
    ),
    "eRoamingAuthorizeRemoteReservationStop": Shape(
        {
            "SessionID": reading.SESSION_ID,
            "ProviderID": reading.PROVIDER_ID,
            "EvseID": reading.EVSE_ID,
        },
        _PARTNERS,
    ),
}
