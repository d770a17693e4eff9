"""What the tests of stimuli share: one stimulus, all of them, and scripts."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

README = Path(__file__).parent.parent.parent / "oicp_conformance" / "stimuli" / "README.md"

SWIPE = "eRoamingAuthorizeStart"
PARAMETERS: dict[str, object] = {
    "EvseID": "DE*ABC*E1*1",
    "Identification": {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}},
}
SENT = {"stimulus": SWIPE, "parameters": PARAMETERS}


def eventually(condition: Callable[[], object], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def script(folder: Path, body: str, interpreter: str = "/bin/sh") -> str:
    file = folder / "stimulate.sh"
    file.write_text(f"#!{interpreter}\n{body}\n")
    file.chmod(0o755)
    return str(file)


TABLE: dict[str, dict[str, object]] = {
    "eRoamingAuthorizeStart": PARAMETERS,
    "eRoamingAuthorizeStop": {"SessionID": "S-1", **PARAMETERS},
    "eRoamingChargingNotifications": {"SessionID": "S-1", "EvseID": "E-1", "Type": "Progress"},
    "eRoamingChargeDetailRecord": {"SessionID": "S-1", "EvseID": "E-1"},
    "plug-in": {"SessionID": "S-1", "EvseID": "E-1"},
    "unplug": {"SessionID": "S-1", "EvseID": "E-1"},
    "eRoamingPushEvseData": {"ActionType": "fullLoad"},
    "eRoamingPushEvseStatus": {"ActionType": "update"},
    "eRoamingPushPricingProductData": {"ActionType": "insert"},
    "eRoamingPushEVSEPricing": {"ActionType": "delete"},
    "eRoamingAuthorizeRemoteStart": {
        "EvseID": "E-1",
        "Identification": {"RemoteIdentification": {"EvcoID": "EVCO-1"}},
    },
    "eRoamingAuthorizeRemoteStop": {"SessionID": "S-1", "EvseID": "E-1"},
    "eRoamingAuthorizeRemoteReservationStart": {
        "EvseID": "E-1",
        "Identification": {"RemoteIdentification": {"EvcoID": "EVCO-1"}},
        "Duration": 15,
    },
    "eRoamingAuthorizeRemoteReservationStop": {"SessionID": "S-1", "EvseID": "E-1"},
    "eRoamingPushAuthenticationData": {"ActionType": "fullLoad"},
    "eRoamingPullEvseData": {},
    "eRoamingPullEvseStatus": {},
    "eRoamingPullEvseStatusByID": {"EvseID": ["E-1", "E-2"]},
    "eRoamingPullEvseStatusByOperatorID": {"OperatorID": ["O-1", "O-2"]},
    "eRoamingGetChargeDetailRecords": {"From": "2026-01-01", "To": "2026-01-31"},
    "eRoamingPullPricingProductData": {"OperatorIDs": ["O-1", "O-2"]},
    "eRoamingPullEVSEPricing": {"OperatorIDs": ["O-1", "O-2"]},
}
