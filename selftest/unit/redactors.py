"""A redactor and an exchange for it, in the tests of redaction."""

import json
from typing import Any

from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.profile import Profile
from oicp_conformance.redaction import Redactor

LONG = 'Tr0ub/4dor & "3"é'
SHORT = "s3cr3t"
HASH = "$2b$04$ky2qLw0orOj90gGOBUubsOvN35Ds0oZ/HlTjSoCTuYU83wWH2W8iq"


def profile(**secrets: Any) -> Profile:
    raw: dict[str, Any] = {
        "target": {"name": "An EMP", "role": "emp", "base_url": "http://127.0.0.1:9"},
        "partner": {
            "provider_id": "DE-DCB",
            "accepts": [{"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234"}}],
        },
        "secrets": secrets,
    }
    return Profile.model_validate(raw)


def redactor(**secrets: Any) -> Redactor:
    return Redactor.from_profile(profile(**secrets), {})


def exchange(body: bytes | object, **values: Any) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given: dict[str, Any] = {
        "number": 1,
        "direction": "target-to-hub",
        "operation": "eRoamingAuthorizeStart",
        "method": "POST",
        "path": "/x",
        "request": Part((("Content-Type", "application/json"),), raw),
        "started": 1.0,
        "finished": 2.0,
    }
    return Exchange(**{**given, **values})


def body_of(made: Redactor, body: bytes | object) -> bytes:
    return made.exchange(exchange(body)).request.body
