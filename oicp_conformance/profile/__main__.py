"""Write the JSON Schema of the profile to its file: `python -m oicp_conformance.profile`."""

from oicp_conformance.profile.schema import FILE, text

FILE.write_text(text(), encoding="utf-8")
