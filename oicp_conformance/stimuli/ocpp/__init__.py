"""The driver `ocpp`: virtual charging stations that are connected to the CPO's own central system.

`settings` has the keys of the profile and `driver` maps stimuli to what happens at a station. `station` is a
station of any OCPP version; `v16` and `v201` write and answer the messages of one. Only these two and `wire`
import the extra packages, and only when a station connects.
"""

from importlib.util import find_spec


def needs_extra() -> str:
    """Return which packages the stations need that are not installed, and what to do; empty if none."""
    missing = [name for name in ("ocpp", "websockets") if find_spec(name) is None]
    todo = "to do: pip install 'oicp-conformance[ocpp]'"
    return f"the extra `ocpp` is not installed ({', '.join(missing)}); {todo}" if missing else ""
