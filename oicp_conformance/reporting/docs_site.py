"""Where the documentation site has the page of a requirement: one place says where the site is."""

import os
import re
from importlib.metadata import PackageNotFoundError, metadata

from oicp_conformance.judge.catalogue import OWN

VARIABLE = "OICP_CONFORMANCE_DOCS"
"""The URL of a site that `tox -e docs` built, http(s) or file; it comes before the project's own."""
_LABEL = "Documentation"
"""The entry of [project.urls] that names the project's own site. Without one, there are no links."""


def page_of(requirement: str) -> str | None:
    """Return the URL of a requirement's page; None where no site is known, or it has no such page.

    A requirement of another package has no page.
    """
    site = os.environ.get(VARIABLE) or _project_site()
    # A link that leads nowhere is worse than none.
    if requirement not in OWN or not re.fullmatch(r"(https?|file)://[^\s\"'<>()\[\]]+", site):
        return None
    return f"{site.rstrip('/')}/requirements/{requirement}.html"


def _project_site() -> str:
    try:
        urls = metadata("oicp-conformance").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    return next((one.partition(", ")[2] for one in urls if one.startswith(f"{_LABEL}, ")), "")
