"""Authentication data, as an EMP uploads them."""

from collections.abc import Iterator
from typing import Any

from oicp_conformance.journal.exchange import Exchange


def identifications(exchange: Exchange) -> Iterator[tuple[str, dict[str, Any]]]:
    """The identifications of an upload with their pointers."""
    data = exchange.request.get("ProviderAuthenticationData")
    records = data.get("AuthenticationDataRecord") if isinstance(data, dict) else None
    for index, one in enumerate(records if isinstance(records, list) else []):
        given = one.get("Identification") if isinstance(one, dict) else None
        if isinstance(given, dict):
            yield f"/ProviderAuthenticationData/AuthenticationDataRecord/{index}/Identification", given
