"""The pages of the documentation site: one for each requirement, and no link that leads nowhere."""

import re
from itertools import pairwise
from posixpath import dirname, join, normpath
from xml.etree import ElementTree

import pytest
import yaml

from oicp_conformance.cli import command
from oicp_conformance.judge.catalogue import OWN
from oicp_conformance.judge.requirement import REQUIREMENTS, JudgedBy
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.reporting import docs_site
from selftest.unit.test_requirements import ROWS
from tools import hubject, site
from tools.pictures import Message


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return site.pages()


def test_each_requirement_has_a_page(pages: dict[str, str]) -> None:
    made = {page for page in pages if page.startswith("requirements/")} - {"requirements/index.md"}
    assert made == {f"requirements/{one}.md" for one in REQUIREMENTS}
    page = pages["requirements/push.accepted.md"]
    for heading in ("## For a CPO", "## Good", "## Bad", "## Proof"):
        assert f"{heading}\n" in page
    for name, one in REQUIREMENTS.items():
        page = pages[f"requirements/{name}.md"]
        is_tested = one.by is not JudgedBy.NOTHING
        for title, times in (("Good", is_tested), ("Bad", is_tested), ("Good and bad", not is_tested)):
            assert page.count(f"\n## {title}\n\n") == times, f"{name}: {title}"
    assert (
        "see [eRoamingChargingNotifications.type](eRoamingChargingNotifications.type.md)"
        in (pages["requirements/eRoamingChargingNotificationEnd.Type.md"])
    )
    page = pages["requirements/push.accepted.md"]
    assert "| level | SHOULD |" in page
    assert re.search(r"^- `[\w-]+`$", page, re.MULTILINE)


def test_links_lead_to_pages(pages: dict[str, str]) -> None:
    """Also those of the navigation; what is not on the site is no link."""
    for page, text in pages.items():
        prose = "".join(site.CODE.split(text)[::2])
        for link in re.findall(r"(?<!\\)\]\(([^)#\s]+)", prose):
            assert "://" in link or normpath(join(dirname(page), link)) in pages, f"{page}: {link}"
    setup = (site.ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r"[\w/-]+\.md$", setup.partition("\nnav:\n")[2], re.MULTILINE)
    assert set(named) <= set(pages)
    settings = yaml.safe_load(setup)
    assert settings["strict"] is True
    # The name keeps the plugin for pages from a disk from loading one of another server.
    assert settings["extra"]["polyfills"] == [one for one in pages if "iframe-worker" in one]


def test_link_to_a_file_that_is_not_on_the_site() -> None:
    written = {"docs/a.md": "a.md", "docs/b.md": "b.md"}
    text = "[b](b.md#c) [code](../x.py) [x.py](../x.py) [out](https://a.example/) `[b](b.md)`"
    assert (
        site.linked(text, "docs/a.md", written)
        == "[b](b.md#c) code (`x.py`) x.py [out](https://a.example/) `[b](b.md)`"
    )


def test_reference_comes_out_of_the_code(pages: dict[str, str]) -> None:
    commands = pages["reference/commands.md"]
    assert re.findall(r"^## (\w+)$", commands, re.MULTILINE) == list(command.commands)
    assert "| `base_url` |" in pages["reference/profile.md"]
    assert "## `requirements`" in pages["reference/statement.md"]


def test_findings_link_to_pages_of_the_site(pages: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(docs_site.VARIABLE, "https://docs.example")
    for one in OWN:
        found = docs_site.page_of(one)
        assert found is not None
        page = found.removeprefix("https://docs.example/").removesuffix(".html")
        assert f"{page}.md" in pages


def test_pictures_show_what_oicp_has(pages: dict[str, str]) -> None:
    """Each message goes the way that the table of operations has, and all operations are shown."""
    assert len(hubject.PICTURES) == 10
    shown = set()
    for one in hubject.PICTURES:
        for step in (step for step in one.steps if isinstance(step, Message)):
            for name in re.findall(r"eRoaming\w+", step.text):
                shown.add(name)
                way = hubject.way(BY_NAME[name])
                if one.lanes is hubject.PARTNERS:
                    assert (step.sender, step.receiver) in pairwise(way), (one.name, name)
    assert {one.name for one in BY_NAME.values()} - shown == {
        # Only the map has them.
        "eRoamingPullEvseStatusByID",
        "eRoamingPullEvseStatusByOperatorID",
    }
    for operation in BY_NAME:
        assert operation.removeprefix("eRoaming") in pages["hubject.md"]


def test_pictures_have_words_for_those_who_do_not_see_them(pages: dict[str, str]) -> None:
    images = re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", pages["hubject.md"])
    assert len(images) == 10
    for text, file in images:
        root = ElementTree.fromstring(pages[file])  # noqa: S314 - of our own making
        assert "prefers-color-scheme: dark" in pages[file]
        title = root.findtext("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert text.partition(": ")[2] in title
        assert len(text) > 100


def test_examples_of_fields_are_what_the_judge_says(pages: dict[str, str]) -> None:
    """By the whole judge: the good message has no finding of the field, the bad one has that of the page."""
    by_rules = {row.requirement for row in ROWS}
    for name, good, bad in site.of_fields():
        page = pages[f"requirements/{name}.md"]
        if good is None:
            # OICP forbids this one where no card is known by it.
            assert name.endswith(".RFIDIdentification")
            assert "\n## Good\n\nAll messages without this field.\n" in page, name
        else:
            assert "\n## Good\n" in page, name
            assert not [one for one in outcomes(good.record) if one.requirement == name and one.is_finding]
        if bad is None:
            # Another Type makes it no such message: eRoamingChargingNotifications.type is about that.
            assert re.fullmatch(r"eRoamingChargingNotification\w+\.Type", name)
            continue
        assert "\n## Bad\n" in page, name
        found = next(one for one in outcomes(bad.record) if one.requirement == name and one.is_finding)
        assert found == bad.outcome
        if name not in by_rules:
            assert site.told(found) in page, name
    assert {name for name, _, _ in site.of_fields()} == {
        one.id for one in REQUIREMENTS.values() if one.by is JudgedBy.TABLE
    }
