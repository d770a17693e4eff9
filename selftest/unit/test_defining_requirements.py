"""A requirement stands in one place, and what names one that there is not is an error at once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oicp_conformance.actors.stage import Stage
from oicp_conformance.embedded import free_port, profile
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.judge import requirements
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.requirement import REQUIREMENTS, cpo, graded, requirement
from oicp_conformance.judge.requirements.acceptance import SEPARATORS
from oicp_conformance.judge.requirements.encoding import JSON
from oicp_conformance.judge.requirements.message_fields import field_requirement
from oicp_conformance.judge.requirements.notification_types import SENT
from oicp_conformance.judge.source import Source, Strength
from oicp_conformance.marks import about
from oicp_conformance.oicp.operation_names import CDR, REMOTE_START
from oicp_conformance.oicp.provider import faker
from oicp_conformance.profile import load
from oicp_conformance.stimuli.none import NoDriver

SOURCE = Source("CPO 02", "eRoamingChargeDetailRecord", 292, "explicit")
EXCHANGE = Exchange(7, "hub-to-target", REMOTE_START, "POST", "/", Part(), 0.0)


@pytest.fixture
def defined() -> Iterator[None]:
    """What a test defines is forgotten."""
    before = dict(REQUIREMENTS)
    yield
    REQUIREMENTS.clear()
    REQUIREMENTS.update(before)


@pytest.mark.usefixtures("defined")
def test_an_id_is_given_once() -> None:
    made = requirement("test.once", cpo("MUST", "It is.", SOURCE, on=(CDR,)))
    assert REQUIREMENTS["test.once"] is made
    with pytest.raises(ValueError, match=r"two requirements are called test\.once"):
        requirement("test.once", cpo("MUST", "It is.", SOURCE, on=(CDR,)))


@pytest.mark.usefixtures("defined")
def test_operations_are_those_of_oicp() -> None:
    with pytest.raises(ValueError, match="eRoamingChargeDetailRecords is not an operation"):
        requirement("test.operation", cpo("MUST", "It is.", SOURCE, on=("eRoamingChargeDetailRecords",)))


@pytest.mark.usefixtures("defined")
@pytest.mark.parametrize("strength", ["example", "practice", "diagram", "lower"])
def test_a_must_is_written_as_a_duty(strength: Strength) -> None:
    weak = replace(SOURCE, strength=strength)
    with pytest.raises(ValueError, match=f"{strength} is not a MUST|a MUST by {strength} names its erratum"):
        requirement("test.must", cpo("MUST", "It is.", weak, on=(CDR,)))
    assert requirement("test.should", cpo("SHOULD", "It should.", weak, on=(CDR,))).id == "test.should"
    assert requirement("test.may", cpo("MAY", "It may.", weak, on=(CDR,))).id == "test.may"


@pytest.mark.usefixtures("defined")
def test_a_diagram_is_a_must_where_an_erratum_says_so() -> None:
    weak = replace(SOURCE, strength="diagram")
    with pytest.raises(ValueError, match="there is no erratum C999"):
        requirement("test.must", cpo("MUST", "It is.", weak, on=(CDR,), erratum="C999"))
    made = requirement("test.must", cpo("MUST", "It is.", weak, on=(CDR,), erratum="C303"))
    finding = graded(made.broken(EXCHANGE, "no"), made.demands["cpo"])
    assert (finding.verdict, finding.erratum) == (Verdict.FAIL, "C303")


def test_a_may_is_never_broken() -> None:
    with pytest.raises(ValueError, match=r"sent-Start is a MAY, and cannot be broken"):
        SENT["Start"].broken(EXCHANGE, "no")


@pytest.mark.usefixtures("defined")
def test_a_source_is_in_a_document_that_is_known() -> None:
    with pytest.raises(KeyError, match="CPO 09"):
        Source("CPO 09", "", 1, "explicit")
    assert SOURCE.url == (
        "https://github.com/hubject/oicp/blob/eabcdca7c64dd43af8397dc493e0bb8a70be1c24/OICP-2.3/"
        "OICP%202.3%20CPO/02_CPO_Services_and_Operations.asciidoc?plain=1#L292"
    )


def test_a_field_is_one_of_its_message() -> None:
    assert field_requirement(CDR, "ConsumedEnergy").id == "eRoamingChargeDetailRecord.ConsumedEnergy"
    with pytest.raises(KeyError):
        field_requirement(CDR, "ConsumedEnergie")


def test_verdict_follows_from_the_level() -> None:
    must, should = catalogue("cpo")[JSON.id], catalogue("cpo")[SEPARATORS.id]
    assert (must.level, should.level) == ("MUST", "SHOULD")
    assert graded(JSON.broken(EXCHANGE, "no"), must).verdict is Verdict.FAIL
    assert graded(SEPARATORS.broken(EXCHANGE, "no"), should).verdict is Verdict.WARNING
    assert graded(SEPARATORS.held(EXCHANGE), should).verdict is Verdict.PASS


def test_verdict_that_is_given_stays() -> None:
    must, should = catalogue("cpo")[JSON.id], catalogue("cpo")[SEPARATORS.id]
    softened = JSON.broken(EXCHANGE, "no", verdict=Verdict.WARNING)
    assert graded(softened, must).verdict is Verdict.WARNING
    assert graded(SEPARATORS.broken(EXCHANGE, "no", verdict=Verdict.FAIL), should).verdict is Verdict.FAIL


def test_finding_carries_the_erratum_that_its_demand_rests_on() -> None:
    demand = replace(catalogue("cpo")[JSON.id], erratum="C208")
    assert graded(JSON.broken(EXCHANGE, "no"), demand).erratum == "C208"
    assert graded(JSON.broken(EXCHANGE, "no", erratum="C100"), demand).erratum == "C100"
    assert graded(JSON.held(EXCHANGE), demand).erratum is None


def test_test_is_about_what_there_is() -> None:
    assert about(CDR, "http.json").mark.args == (CDR, "http.json")
    with pytest.raises(ValueError, match=r"unknown requirement http\.jsom; did you mean http\.json\?"):
        about(CDR, "http.jsom")
    with pytest.raises(ValueError, match="is not an operation of OICP"):
        about("eRoamingChargeDetailRecords", "http.json")


def test_hub_calls_and_waits_for_what_there_is(tmp_path: Path) -> None:
    file = tmp_path / "cpo.toml"
    nowhere = "http://127.0.0.1:9"
    file.write_text(profile("cpo", free_port(), {"base_url": nowhere, "stimuli_url": nowhere}), "utf-8")
    hub = Stage(load(file), NoDriver(wait=1.0), faker(1))
    with pytest.raises(ValueError, match=r"unknown requirement request\.vaild"):
        hub.call(REMOTE_START, {}, purpose="request.vaild")
    with pytest.raises(ValueError, match=r"unknown requirement eRoamingChargeDetailRecord\.send"):
        hub.await_operation(CDR, lambda _: True, requirement=f"{CDR}.send", since=0)
    assert not hub.journal.closed()


def test_each_module_of_requirements_is_listed() -> None:
    """One that is not would define nothing, and nobody would miss it."""
    modules = {one.stem for one in Path(requirements.__path__[0]).glob("*.py")}
    assert modules - {"__init__"} == set(requirements.__all__)
