"""A release has one version: in the package, in its tag, and in the changelog."""

import pytest

from tools.release import objection

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2027-01-01\n"


@pytest.mark.parametrize(
    ("version", "tags", "says"),
    [
        ("0.2.0", ["v0.2.0"], ""),
        ("0.2.0", [], ""),
        ("0.3.0", ["nightly"], ""),
        ("0.2.0", ["v0.3.0"], "has the tag v0.3.0, but __version__ is 0.2.0"),
        ("0.2.0", ["v0.2.0", "v0.2.1"], "has the tag v0.2.0, v0.2.1, but __version__ is 0.2.0"),
        ("0.3.0", ["v0.3.0"], "CHANGELOG.md has no section [0.3.0]"),
    ],
)
def test_version_is_the_tag(version: str, tags: list[str], says: str) -> None:
    said = objection(version, tags, CHANGELOG)
    assert said.endswith(says)
    assert bool(said) == bool(says)
