"""The driver that asks a person: it says what to do, and counts down while the suite waits."""

import math
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, Self, TextIO

from oicp_conformance.profile import Stimuli
from oicp_conformance.stimuli.base import Console, Outcome, Stimulated, StimulusError

# How often the countdown gets a line of its own where lines cannot be redrawn.
_SECONDS_PER_LINE = 5


class ManualStimuli(Stimuli):
    """`[stimuli]` with `driver = "manual"`."""

    driver: Literal["manual"] = "manual"
    """"manual": the suite asks a person on the terminal."""


class ManualDriver:
    """Writes to a person on `out`, and trusts that what it asks for is done within `wait` seconds."""

    settings: ClassVar[type[Stimuli]] = ManualStimuli
    speaks = True

    def __init__(self, out: TextIO, *, wait: float) -> None:
        self.wait = wait
        self._out = out
        self._redraws = out.isatty()
        self._asked = False
        self._shown: int | None = None

    @classmethod
    def from_profile(cls, stimuli: Stimuli, console: Console) -> Self:
        """Make the driver for a profile.

        Raises:
            StimulusError: there is no person who reads the terminal.
        """
        if not console.interactive:
            raise StimulusError(
                '[stimuli] driver = "manual" needs the terminal, but pytest captures it: run with -s'
            )
        return cls(console.out, wait=stimuli.wait)

    def stimulate(self, stimulus: str, parameters: Mapping[str, object]) -> Stimulated:
        """Say what to do now. Whether it is done shows in what the target sends."""
        task = instruction(stimulus, parameters)
        self._finish_line()
        self._write(f"\n>>> {task}\n    ({stimulus}; waiting for {self.wait:g} s)\n")
        self._asked = True
        self._shown = None if self._redraws else math.ceil(self.wait)
        return Stimulated(Outcome.DONE, f"asked on the terminal: {task}")

    def waiting(self, remaining: float) -> None:
        """Draw the countdown: once a second in place on a terminal, else a line every five seconds."""
        seconds = max(0, math.ceil(remaining))
        if self._redraws and seconds != self._shown:
            self._write(f"\r    {seconds} s left \x1b[K")
        elif not self._redraws and (self._shown is None or seconds <= self._shown - _SECONDS_PER_LINE):
            self._write(f"    {seconds} s left\n")
        else:
            return
        self._shown = seconds

    def arrived(self, arrived: bool) -> None:
        """Finish the countdown with how it went; silent when there was nothing to wait for."""
        if self._asked or self._shown is not None:
            indent = "" if self._redraws and self._shown is not None else "    "
            self._write(f"{indent}{'received' if arrived else 'not received'}\n")
        self._asked = False
        self._shown = None

    def _finish_line(self) -> None:
        if self._redraws and self._shown is not None:
            self._write("\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def instruction(stimulus: str, parameters: Mapping[str, object]) -> str:
    """What a person should do now, in one line, so that the target's world does `stimulus`."""
    words = _INSTRUCTIONS.get(stimulus)
    if words is None:
        return f"Make the target send {stimulus}{_with(parameters)}"
    return words(_Words(parameters))


class _Words:
    """The parameters of a stimulus, each as text; one that is absent is a gap that can be read."""

    def __init__(self, parameters: Mapping[str, object]) -> None:
        self._parameters = parameters

    def __getitem__(self, name: str) -> str:
        return _text(self._parameters[name]) if name in self._parameters else f"(any {name})"


def _text(value: object) -> str:
    """A parameter as a person reads it: `RFIDMifareFamilyIdentification UID 1234ABCD`."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(inner) for inner in value)
    return str(value)


def _with(parameters: Mapping[str, object]) -> str:
    return f" with {_text(parameters)}" if parameters else ""


def _swipe(again: str, words: _Words) -> str:
    identification = words["Identification"]
    at = f"at EVSE {words['EvseID']}{again}"
    if identification.startswith("QRCode"):
        return f"Identify {at} by QR code: {identification}"
    if identification.startswith("PlugAndCharge"):
        verb = "Unplug the car with this contract" if again else "Plug in a car with this contract"
        return f"{verb} {at}: {identification}"
    return f"Swipe this card {at}: {identification}"


_CHARGING = {
    "Start": "Let energy flow",
    "Progress": "Let energy flow until the target reports progress",
    "End": "Let the energy flow end",
    "Error": "Cause a fault",
}

_PUBLISHING = {
    "fullLoad": "all of the",
    "insert": "something new in the",
    "update": "a change of the",
    "delete": "the removal of something from the",
}


def _charging(words: _Words) -> str:
    kind = words["Type"]
    what = _CHARGING.get(kind, "Let the charge continue")
    return f"{what} at EVSE {words['EvseID']}, in session {words['SessionID']} (notification {kind})"


def _publish(what: str) -> Callable[[_Words], str]:
    def words_for(words: _Words) -> str:
        action = words["ActionType"]
        return f"Publish {_PUBLISHING.get(action, 'the')} {what} (ActionType {action})"

    return words_for


_INSTRUCTIONS: Mapping[str, Callable[[_Words], str]] = {
    "eRoamingAuthorizeStart": lambda words: _swipe("", words),
    "eRoamingAuthorizeStop": lambda words: _swipe(f" again, to stop session {words['SessionID']}", words),
    "eRoamingChargingNotifications": _charging,
    "eRoamingChargeDetailRecord": lambda words: (
        f"Finish session {words['SessionID']} at EVSE {words['EvseID']}: unplug, and let its CDR be sent"
    ),
    "plug-in": lambda words: (
        f"Plug in the car at EVSE {words['EvseID']}, so that energy can flow in session {words['SessionID']}"
    ),
    "unplug": lambda words: (
        f"Unplug the car at EVSE {words['EvseID']}, so that it is free again after session "
        f"{words['SessionID']}"
    ),
    "eRoamingPushEvseData": _publish("EVSE data"),
    "eRoamingPushEvseStatus": _publish("EVSE statuses"),
    "eRoamingPushPricingProductData": _publish("pricing products"),
    "eRoamingPushEVSEPricing": _publish("prices of EVSEs"),
    "eRoamingAuthorizeRemoteStart": lambda words: (
        f"Tap start in the app for EVSE {words['EvseID']}, as this customer: {words['Identification']}"
    ),
    "eRoamingAuthorizeRemoteStop": lambda words: (
        f"Tap stop in the app for session {words['SessionID']} at EVSE {words['EvseID']}"
    ),
    "eRoamingAuthorizeRemoteReservationStart": lambda words: (
        f"Reserve EVSE {words['EvseID']} in the app for {words['Duration']} minutes, as this customer: "
        f"{words['Identification']}"
    ),
    "eRoamingAuthorizeRemoteReservationStop": lambda words: (
        f"Release the reservation of EVSE {words['EvseID']} in the app (session {words['SessionID']})"
    ),
    "eRoamingPushAuthenticationData": _publish("customers' authentication data"),
    "eRoamingPullEvseData": lambda _: "Refresh the map: pull the EVSE data",
    "eRoamingPullEvseStatus": lambda _: "Refresh the map: pull the EVSE statuses",
    "eRoamingPullEvseStatusByID": lambda words: f"Pull the status of these EVSEs: {words['EvseID']}",
    "eRoamingPullEvseStatusByOperatorID": lambda words: (
        f"Pull the EVSE statuses of these operators: {words['OperatorID']}"
    ),
    "eRoamingGetChargeDetailRecords": lambda words: (
        f"Settle: get the charge detail records from {words['From']} to {words['To']}"
    ),
    "eRoamingPullPricingProductData": lambda words: (
        f"Refresh the tariffs: pull the pricing products of these operators: {words['OperatorIDs']}"
    ),
    "eRoamingPullEVSEPricing": lambda words: (
        f"Refresh the tariffs: pull the prices of EVSEs of these operators: {words['OperatorIDs']}"
    ),
}
