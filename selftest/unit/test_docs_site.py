"""Links to the page of a requirement: there are some only where a site is known."""

import pytest

from oicp_conformance.reporting import docs_site, results
from oicp_conformance.reporting.broken import broken, told
from oicp_conformance.reporting.page import html, markdown
from selftest.unit.journals import a_cpo
from selftest.unit.requirements.row import Broken
from selftest.unit.test_broken import row, statement
from selftest.unit.test_requirements import ROWS, judged

ID = "eRoamingChargeDetailRecord.sent"
PAGE = f"https://docs.example/v1/requirements/{ID}.html"


def shown(id_: str = ID) -> list[str]:
    """All reports of a broken requirement."""
    made = statement(row(id_, "fail", "t"))
    (one,) = broken(made)
    lines = "\n".join(told(one, a_cpo().record, "RUN"))
    return [html(made, "0"), markdown(made), lines]


def test_findings_link_to_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(docs_site.VARIABLE, "https://docs.example/v1/")
    page, comment, lines = shown()
    assert f'<a href="{PAGE}" rel="noreferrer">with examples</a>' in page
    assert f", [with examples]({PAGE}))" in comment
    assert f"  page:     {PAGE}\n" in lines


@pytest.mark.parametrize(
    "site", ["", "docs.example", "javascript:alert(1)", 'https://x/"onclick=', "https://a b"]
)
def test_there_is_no_link_without_a_site(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(docs_site.VARIABLE, site)
    monkeypatch.setattr(docs_site, "_project_site", lambda: "")
    assert not [one for one in shown() if "with examples" in one or "page: " in one]


def test_a_requirement_of_another_package_has_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(docs_site.VARIABLE, "https://docs.example")
    assert docs_site.page_of("acme.of-its-own") is None
    assert docs_site.page_of(ID) == "https://docs.example/requirements/eRoamingChargeDetailRecord.sent.html"


def test_finding_in_words_names_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(docs_site.VARIABLE, "https://docs.example/v1")
    given = next(one for one in ROWS if one.requirement == "push.sequential")
    assert isinstance(given.breaks, Broken)
    found = judged(given.journal, given.requirement, given.breaks.talk)
    (first, *_) = (one for one in found.own if one.is_finding)
    text = results.finding(first, found.record)
    assert "  page:        https://docs.example/v1/requirements/push.sequential.html\n" in text
