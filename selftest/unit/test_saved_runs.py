"""One exchange of a saved run is shown without reading the others."""

import json
from pathlib import Path

import pytest

from oicp_conformance.judge.frame import Frame, state
from oicp_conformance.judge.verdicts import judge
from oicp_conformance.reporting import finding
from oicp_conformance.reporting.finding import RunError
from oicp_conformance.run import archive
from selftest.unit.journals import a_cpo

FRAME = Frame(seed=1, strict=False, started=1.7e9, finished=1.7e9 + 60)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run with four exchanges; the third breaks something."""
    cpo = a_cpo()
    session = cpo.remote_start()
    cpo.notification("Start", session)
    cpo.cdr(session, ConsumedEnergy="4")
    cpo.push_evse_status()
    archive.save(tmp_path, cpo.record, FRAME)
    statement = state(
        judge(cpo.record),
        FRAME,
        journal=archive.digest(tmp_path / "journal.jsonl", cpo.record),
        advise=lambda _: "",
    )
    archive.write_statement(tmp_path, statement)
    return tmp_path


def lines(run: Path) -> list[str]:
    return (run / "journal.jsonl").read_text(encoding="utf-8").split("\n")


def write(run: Path, changed: list[str]) -> None:
    (run / "journal.jsonl").write_text("\n".join(changed), encoding="utf-8")


def test_the_other_lines_are_not_read(run: Path) -> None:
    shown = finding.show(run, 3)
    assert "FAIL eRoamingChargeDetailRecord.ConsumedEnergy: " in shown
    write(run, [one if '"number": 3' in one else one[: len(one) // 2] for one in lines(run)])
    assert finding.show(run, 3) == shown


def test_line_that_is_needed_must_be_in_order(run: Path) -> None:
    write(run, [one[:-1] if '"number": 3' in one else one for one in lines(run)])
    with pytest.raises(RunError, match=r"line 3: .*expected an exchange as one line of JSON"):
        finding.show(run, 3)


def test_line_of_which_the_number_does_not_come_first(run: Path) -> None:
    shown = [finding.show(run, number) for number in (1, 2, 3, 4)]
    write(run, [json.dumps(dict(reversed(json.loads(one).items()))) if one else "" for one in lines(run)])
    assert [finding.show(run, number) for number in (1, 2, 3, 4)] == shown


@pytest.mark.parametrize("number", [0, -1, 5])
def test_exchange_that_is_not_there(run: Path, number: int) -> None:
    with pytest.raises(RunError, match=f"exchange {number}: no such exchange; the run has 4$"):
        finding.show(run, number)


def test_run_without_exchanges(run: Path) -> None:
    write(run, [])
    with pytest.raises(RunError, match=r"no such exchange; the run has 0$"):
        finding.show(run, 1)
