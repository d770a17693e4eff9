"""What a central system, its CPO and the connection of a station want of each other."""

from datetime import datetime
from typing import Protocol

SECONDS = 5.0
"""Seconds to wait for the response of a station."""
STATION = "CP-1"
"""The identity of the station at which all EVSEs are."""
PASSWORD = "reference-station"  # noqa: S105 - of a station that does not exist
"""The password of that station."""


class Cpo(Protocol):
    """What a central system tells its CPO; each call may take its time, and comes in a thread of its own."""

    def status(self, connector: int, status: str, at: datetime) -> None:
        """Hear the status of a connector."""

    def card(self, token: str) -> bool:
        """Say whether a token is accepted."""

    def begun(self, connector: int, at: datetime, watt_hours: int, transaction: str) -> bool:
        """Hear that a transaction began; say whether it may."""

    def metered(self, transaction: str, at: datetime, watt_hours: int, context: str) -> None:
        """Hear a meter value."""

    def stopped(self, transaction: str, at: datetime, watt_hours: int) -> None:
        """Hear that a transaction is over."""


class Line(Protocol):
    """The connection of one station, in one OCPP version; each call returns whether it was accepted."""

    async def start(self) -> None:
        """Serve until the connection ends."""

    async def remote_start(self, connector: int, token: str, number: int) -> bool:
        """Ask for a transaction."""

    async def remote_stop(self, transaction: str) -> bool:
        """Ask for the end of a transaction."""

    async def reserve(self, connector: int, number: int, token: str, minutes: int) -> bool:
        """Ask for a reservation."""

    async def cancel(self, number: int) -> bool:
        """Ask for the end of a reservation."""
