"""The pages of the documentation site: one for each requirement, and no link that leads nowhere."""

import re
from posixpath import dirname, join, normpath

import pytest
import yaml

from oicp_conformance.cli import command
from oicp_conformance.judge.requirement import REQUIREMENTS
from tools import site


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return site.pages()


def test_each_requirement_has_a_page(pages: dict[str, str]) -> None:
    made = {page for page in pages if page.startswith("requirements/")} - {"requirements/index.md"}
    assert made == {f"requirements/{one}.md" for one in REQUIREMENTS}
    page = pages["requirements/push.accepted.md"]
    for heading in ("## For a CPO", "## Good", "## Bad", "## Proof"):
        assert f"{heading}\n" in page
    assert "| level | SHOULD |" in page
    assert re.search(r"^- `[\w-]+`$", page, re.MULTILINE)


def test_links_lead_to_pages(pages: dict[str, str]) -> None:
    """Also those of the navigation; what is not on the site is no link."""
    for page, text in pages.items():
        prose = "".join(site.CODE.split(text)[::2])
        for link in re.findall(r"\]\(([^)#\s]+)", prose):
            assert "://" in link or normpath(join(dirname(page), link)) in pages, f"{page}: {link}"
    setup = (site.ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r"[\w/-]+\.md$", setup.partition("\nnav:\n")[2], re.MULTILINE)
    assert set(named) <= set(pages)
    assert yaml.safe_load(setup)["strict"] is True


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
    assert "| incomplete | 1 |" in pages["reference/verdicts.md"]
    assert "## `requirements`" in pages["reference/statement.md"]
