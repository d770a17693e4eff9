"""The profile: what a user tells the suite about the target, read from TOML files.

Whoever reads a `Profile` can rely on it: what the role needs is there, ids are well-formed, files exist, and
relative paths have been resolved against the folder of the file in which they stand.
"""

from oicp_conformance.profile.identification import KINDS
from oicp_conformance.profile.loading import ProfileError, load
from oicp_conformance.profile.masking import MARK
from oicp_conformance.profile.model import (
    Counterpart,
    Hub,
    HubTls,
    NotificationType,
    Partner,
    Profile,
    Secrets,
    Supports,
    Target,
    TargetTls,
)
from oicp_conformance.profile.saved import as_saved, restore
from oicp_conformance.profile.schema import json_schema
from oicp_conformance.profile.stimuli import Stimuli
from oicp_conformance.profile.table import Table
from oicp_conformance.profile.values import SHORTEST_SECRET, File, Form, NonEmpty, Seconds, Url

__all__ = [
    "KINDS",
    "MARK",
    "SHORTEST_SECRET",
    "Counterpart",
    "File",
    "Form",
    "Hub",
    "HubTls",
    "NonEmpty",
    "NotificationType",
    "Partner",
    "Profile",
    "ProfileError",
    "Seconds",
    "Secrets",
    "Stimuli",
    "Supports",
    "Table",
    "Target",
    "TargetTls",
    "Url",
    "as_saved",
    "json_schema",
    "load",
    "restore",
]
