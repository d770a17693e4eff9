"""The questions of `init`: a wrong answer costs one line, and the question comes again."""

from typing import Any

import pytest
from click.testing import CliRunner

from oicp_conformance.cli.errors import Problem
from oicp_conformance.cli.profile_text import Answers, profile_text
from oicp_conformance.cli.profiles import _profile
from oicp_conformance.cli.questions import answers_of

EVSES = ("DE*ABC*E1*1", "DE*ABC*E2*1")


def answered(*lines: str, **given: Any) -> tuple[Answers, list[str]]:
    """What the answers make, and the errors that were shown."""
    with CliRunner().isolation(input="".join(f"{one}\n" for one in lines)) as (shown, *_):
        answers = answers_of(given, _profile, asks=True, defaults=False)
        said = shown.getvalue().decode()
    return answers, [one for one in said.splitlines() if one.startswith("Error: ")]


def test_enter_takes_what_is_proposed() -> None:
    answers, errors = answered(*[""] * 7)
    assert errors == []
    assert (answers.role, answers.evse_ids, answers.stimuli) == ("cpo", EVSES, "command")


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["hubject", "CPO", *[""] * 6], "Error: found 'hubject', expected cpo or emp"),
        (["", "acme", *[""] * 6], 'Error: [target] base_url: found "acme", expected a URL such as'),
        (["", "", "8600", *[""] * 5], 'Error: [hub] listen: found "8600", expected "host:port"'),
        (["", "", "", "nonsense", *[""] * 4], 'Error: [partner] operator_id: found "nonsense", expected an'),
        (["", "", "", "", "X, Y", *[""] * 3], 'Error: [partner] evse_ids[0]: found "X", expected an EvseID'),
        (["", "", "", "", "", "??", "", ""], 'Error: [counterpart] provider_id: found "??", expected a'),
        (
            [*[""] * 6, "ocpp", "http://x", *[""] * 3],
            'Error: [stimuli] url: found "http://x", expected a URL',
        ),
        (
            [*[""] * 6, "ocpp", "", "", "pass word", ""],
            "Error: --password-variable: found 'pass word', expected",
        ),
        (["emp", *[""] * 5, "never", *[""] * 5], "Error: found 'never', expected online or offline"),
        (["emp", *[""] * 6, "ZZ", *[""] * 4], "Error: [partner] accepts[0].RFIDMifareFamilyIdentification"),
        (["emp", *[""] * 9, "ocpp", ""], "Error: found 'ocpp', expected command, http, manual or none"),
    ],
    ids=lambda one: one[7:27] if isinstance(one, str) else "",
)
def test_wrong_answer_is_asked_again(lines: list[str], error: str) -> None:
    """In one line, which says what is expected; the other answers are kept."""
    _, (shown,) = answered(*lines)
    assert shown.startswith(error)


def test_password_of_a_station_is_a_variable_that_need_not_be_set() -> None:
    answers, errors = answered(*[""] * 6, "ocpp", "", "CP-7", "CP7_PASSWORD_THAT_IS_NOT_SET")
    assert errors == []
    written = profile_text(answers)
    assert 'identity = "CP-7"\npassword = "${CP7_PASSWORD_THAT_IS_NOT_SET}"' in written
    without, _ = answered(*[""] * 6, "ocpp", "", "", "")
    assert '# password = "${CP1_PASSWORD}"' in profile_text(without)


def test_evses_may_be_separated_by_commas() -> None:
    answers, _ = answered("", "", "", "", "DE*ABC*E1*1, DE*ABC*E2*1,DE*ABC*E3", "", "")
    assert answers.evse_ids == (*EVSES, "DE*ABC*E3")


def test_wrong_flag_is_an_error_before_the_first_question() -> None:
    with pytest.raises(Problem, match="only for role cpo"):
        answered(role="emp", stimuli="ocpp")
