"""Stimuli by a person, in words and on a real terminal."""

import io
import os
import pty
import select
from collections.abc import Callable, Iterator

import pytest

from oicp_conformance.stimuli import Outcome
from oicp_conformance.stimuli.manual import ManualDriver, instruction
from selftest.stimuli.shared import (
    PARAMETERS,
    SWIPE,
    TABLE,
)


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield str(value)


@pytest.mark.parametrize("stimulus", TABLE)
def test_manual_has_words_of_its_own_for_each_stimulus(stimulus: str) -> None:
    parameters = TABLE[stimulus]
    text = instruction(stimulus, parameters)
    assert "\n" not in text
    assert stimulus not in text, "words for people, not the name of the operation"
    for leaf in leaves(parameters):
        assert leaf in text
    if parameters:
        assert "(any " in instruction(stimulus, {}), "an absent parameter leaves a gap, and breaks nothing"


def test_manual_words_are_exact_for_cards_and_distinct_for_all() -> None:
    assert instruction(SWIPE, PARAMETERS) == (
        "Swipe this card at EVSE DE*ABC*E1*1: RFIDMifareFamilyIdentification UID 1234ABCD"
    )
    assert instruction("eRoamingAuthorizeStop", {"SessionID": "S-1", **PARAMETERS}) == (
        "Swipe this card at EVSE DE*ABC*E1*1 again, to stop session S-1: "
        "RFIDMifareFamilyIdentification UID 1234ABCD"
    )
    texts = {instruction(stimulus, parameters) for stimulus, parameters in TABLE.items()}
    assert len(texts) == len(TABLE)


@pytest.mark.parametrize(
    ("identification", "words"),
    [
        (
            {"QRCodeIdentification": {"EvcoID": "EVCO-1", "PIN": "1234"}},
            "by QR code: QRCodeIdentification Evco",
        ),
        (
            {"PlugAndChargeIdentification": {"EvcoID": "EVCO-1"}},
            "Plug in a car with this contract at EVSE E-1: ",
        ),
        ({"RFIDIdentification": {"UID": "12", "RFID": "nfc"}}, "E-1: RFIDIdentification UID 12, RFID nfc"),
    ],
)
def test_manual_has_words_for_each_kind_of_identification(identification: object, words: str) -> None:
    assert words in instruction(SWIPE, {"EvseID": "E-1", "Identification": identification})


def test_manual_distinguishes_the_types_of_notifications() -> None:
    texts = [
        instruction("eRoamingChargingNotifications", {"SessionID": "S", "EvseID": "E", "Type": kind})
        for kind in ("Start", "Progress", "End", "Error")
    ]
    assert [text.partition(" at EVSE")[0] for text in texts] == [
        "Let energy flow",
        "Let energy flow until the target reports progress",
        "Let the energy flow end",
        "Cause a fault",
    ]


def test_manual_has_words_for_what_it_does_not_know() -> None:
    assert instruction("eRoamingNew", {"A": "1"}) == "Make the target send eRoamingNew with A 1"


def test_manual_asks_at_once_and_counts_down_in_lines() -> None:
    out = io.StringIO()
    driver = ManualDriver(out, wait=30)
    stimulated = driver.stimulate(SWIPE, PARAMETERS)
    assert stimulated.outcome is Outcome.DONE
    assert stimulated.detail == f"asked on the terminal: {instruction(SWIPE, PARAMETERS)}"
    assert out.getvalue() == (f"\n>>> {instruction(SWIPE, PARAMETERS)}\n    ({SWIPE}; waiting for 30 s)\n")
    out.truncate(out.seek(0))
    for tenths in range(300, 174, -2):
        driver.waiting(tenths / 10)
    driver.arrived(True)
    assert out.getvalue() == "    25 s left\n    20 s left\n    received\n"


def test_manual_says_that_nothing_came() -> None:
    out = io.StringIO()
    driver = ManualDriver(out, wait=6)
    driver.stimulate(SWIPE, PARAMETERS)
    driver.waiting(-0.1)
    driver.arrived(False)
    assert out.getvalue().endswith("    0 s left\n    not received\n")


def test_manual_says_nothing_about_what_did_not_have_to_be_waited_for() -> None:
    out = io.StringIO()
    driver = ManualDriver(out, wait=6)
    driver.arrived(True)
    assert out.getvalue() == ""
    driver.stimulate(SWIPE, PARAMETERS)
    driver.arrived(True)
    driver.arrived(True)
    assert out.getvalue().count("received") == 1


def on_a_terminal(act: Callable[[ManualDriver], None], last: str) -> str:
    """What a person's terminal was sent, up to `last`."""
    master, slave = pty.openpty()
    sent = b""
    try:
        with os.fdopen(slave, "w") as terminal:
            act(ManualDriver(terminal, wait=3))
            while last.encode() not in sent and select.select([master], [], [], 5)[0]:
                sent += os.read(master, 65536)
    finally:
        os.close(master)
    return sent.decode()


def test_manual_draws_the_countdown_in_place_on_a_terminal() -> None:
    def act(driver: ManualDriver) -> None:
        driver.stimulate(SWIPE, PARAMETERS)
        for tenths in range(30, 8, -2):
            driver.waiting(tenths / 10)
        driver.arrived(True)
        driver.stimulate("eRoamingPullEvseData", {})

    sent = on_a_terminal(act, last="eRoamingPullEvseData; waiting")
    countdown = sent.partition("waiting for 3 s)\r\n")[2]
    assert countdown.startswith("\r    3 s left \x1b[K\r    2 s left \x1b[K\r    1 s left \x1b[Kreceived\r\n")
    assert ">>> Refresh the map" in countdown


def test_manual_does_not_write_over_a_countdown_that_was_not_finished() -> None:
    def act(driver: ManualDriver) -> None:
        driver.waiting(2.5)
        driver.stimulate("eRoamingPullEvseData", {})

    sent = on_a_terminal(act, last="Refresh the map")
    assert sent.startswith("\r    3 s left \x1b[K\r\n\r\n>>> Refresh the map")
