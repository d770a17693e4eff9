"""A Hubject for the integration tests of a CPO's or an EMP's backend, with pytest.

    from oicp_conformance.testing import hubject

    def test_a_remote_start(hubject):
        backend.start(hub_url=hubject.url)
        hubject.call_at(backend.url)
        assert hubject.remote_start().status == 200
        hubject.assert_sent("eRoamingChargeDetailRecord", SessionID=hubject.session.id)
        hubject.assert_conformant()

The mark `@pytest.mark.hubject(role="emp", provider_id="DE-DCB")` describes your backend: its arguments are
those of `hub_for`.
"""

import contextlib
import json
from collections.abc import Generator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from oicp_conformance.desk import acts, asked, shown
from oicp_conformance.desk.control import Control
from oicp_conformance.desk.desk import Desk
from oicp_conformance.desk.opening import opened, run_before
from oicp_conformance.desk.side import Side
from oicp_conformance.embedded import free_port, inline
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.sessions import Session
from oicp_conformance.judge.outcome import Outcome, Verdict
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import load

__all__ = ["Hubject", "hub_for", "hubject"]

_NOWHERE = "http://127.0.0.1:9"
"""An address at which nothing listens, for a target without an address so far."""


class Hubject:
    """A hub for one backend, as tests use it.

    What it sends and receives are exchanges: `request` and `answer` have a `json`, an exchange a `status`.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        """Take the hub that all methods use."""
        self._side: Side = desk.side()
        self._control: Control | None = None

    @property
    def url(self) -> str:
        """The URL of the hub for the backend, which appends `/api/oicp/...` to it."""
        return self._side.run.hub.url

    @property
    def control_url(self) -> str:
        """The URL of the page and of the control interface, which are served from the first use on."""
        if self._control is None:
            self._control = Control(self.desk, "127.0.0.1", 0, None)
        return self._control.url

    def call_at(self, base_url: str) -> None:
        """Call the backend at this base URL from now on."""
        self._side.run.hub.aim(base_url)

    def reset(self) -> None:
        """Delete all exchanges, stored data and scripts."""
        self.desk.reset()

    def stop(self) -> None:
        """Stop serving the page; the caller stops the hub itself."""
        if self._control is not None:
            self._control.stop()

    # --- the hub calls

    def send(self, operation: str, body: Any) -> Exchange:
        """Send any request to the backend."""
        return acts.send(self._side, operation, body)

    def remote_start(self, evse: str | None = None, **fields: Any) -> Exchange:
        """Send a CPO an eRoamingAuthorizeRemoteStart; `fields` replace its ordinary ones."""
        return acts.remote_start(self._side, asked.OnEvse(EvseID=evse, fields=fields))

    def remote_stop(self, session: Session | None = None, **fields: Any) -> Exchange:
        """Send a CPO an eRoamingAuthorizeRemoteStop, by default for the session that began last."""
        return acts.remote_stop(self._side, asked.InSession(SessionID=_id(session), fields=fields))

    def reserve(self, evse: str | None = None, **fields: Any) -> Exchange:
        """Send a CPO an eRoamingAuthorizeRemoteReservationStart."""
        return acts.reserve(self._side, asked.Reserved(EvseID=evse, fields=fields))

    def release(self, session: Session | None = None, **fields: Any) -> Exchange:
        """Send a CPO an eRoamingAuthorizeRemoteReservationStop."""
        return acts.release(self._side, asked.InSession(SessionID=_id(session), fields=fields))

    def authorize(self, identification: dict[str, Any], **fields: Any) -> Exchange:
        """Send an EMP an eRoamingAuthorizeStart."""
        return acts.authorize(self._side, asked.Authorized(Identification=identification, fields=fields))

    def authorize_stop(self, session: Session | None = None, **fields: Any) -> Exchange:
        """Send an EMP an eRoamingAuthorizeStop."""
        return acts.authorize_stop(self._side, asked.Stopped(SessionID=_id(session), fields=fields))

    def notify(self, kind: str, session: Session | None = None, **fields: Any) -> Exchange:
        """Send an EMP a notification of a type: Start, Progress, End or Error."""
        return acts.notify(self._side, asked.Notified(Type=kind, SessionID=_id(session), fields=fields))

    def charge_detail_record(self, session: Session | None = None, **fields: Any) -> Exchange:
        """Send an EMP the charge detail record of a session."""
        return acts.settle(self._side, asked.InSession(SessionID=_id(session), fields=fields))

    # --- the hub answers

    def knows_customer(self, identification: dict[str, Any]) -> None:
        """Let the hub authorize an Identification for a CPO."""
        acts.add_customer(self._side, asked.Customer(Identification=identification))

    def answers(self, kind: asked.Kind, operation: str = "*", **more: Any) -> None:
        """Respond to the next request of an operation in another way, as `/scripts` does.

        For example `answers("refuse", "eRoamingAuthorizeStart", code="102")`, `answers("http", status=429)`.
        """
        acts.answer(self._side, asked.Scripted(answer=kind, operation=operation, **more))

    # --- what the backend sent

    @property
    def session(self) -> Session:
        """The session that began last."""
        if not self._side.sessions:
            raise AssertionError("no session has begun")
        return self._side.sessions[-1]

    @property
    def exchanges(self) -> list[Exchange]:
        """All exchanges so far."""
        return self._side.exchanges

    def sent(self, operation: str | None = None) -> list[Exchange]:
        """The requests that the backend has sent, all or those of an operation.

        Raises:
            ValueError: OICP has no such operation.
        """
        if operation is not None:
            _check(operation)
        return [one for one in self.exchanges if one.by_target and operation in {None, one.operation}]

    def wait_for(self, operation: str, seconds: float = 10.0, **fields: Any) -> Exchange:
        """Return the first request of an operation with these fields; wait for it if necessary.

        Raises:
            AssertionError: it was not sent.
        """
        journal = self._side.run.hub.journal
        _check(operation)
        came = journal.wait(lambda one: _is(one, operation, fields), seconds)
        if came is None:
            raise AssertionError(
                f"{_wanted(operation, fields)} was not sent within {seconds:g} s; {self._told()}"
            )
        return came

    def assert_sent(
        self, operation: str, *, times: int | None = None, seconds: float = 10.0, **fields: Any
    ) -> Exchange:
        """Assert that the backend sends a request of an operation with these fields, `times` times if given.

        Returns the first one. Further requests count only if they were received by then.
        """
        first = self.wait_for(operation, seconds, **fields)
        if times is not None:
            self._side.run.hub.journal.wait(lambda _: self._count(operation, fields) >= times, seconds)
            count = self._count(operation, fields)
            assert count == times, f"{_wanted(operation, fields)} was sent {count} times, expected {times}"
        return first

    def assert_not_sent(self, operation: str, *, seconds: float = 0.0, **fields: Any) -> None:
        """Assert that no such request was sent, and that none is sent within `seconds`."""
        _check(operation)
        came = self._side.run.hub.journal.wait(lambda one: _is(one, operation, fields), seconds)
        assert came is None, f"{_wanted(operation, fields)} was sent in exchange {came and came.number}"

    def _count(self, operation: str, fields: dict[str, Any]) -> int:
        return sum(_is(one, operation, fields) for one in self.exchanges)

    def _told(self) -> str:
        return f"sent were: {', '.join(one.operation or one.path for one in self.sent()) or 'nothing'}"

    # --- the judge

    def findings(self, seconds: float = 30.0) -> list[Outcome]:
        """Return all findings so far; wait until everything is judged."""
        assert self._side.settle(seconds), f"not judged within {seconds:g} s"
        return self._side.findings

    def assert_conformant(self, *, strict: bool = False) -> None:
        """Assert that the backend has broken no MUST so far; with `strict`, no SHOULD either."""
        bad = [one for one in self.findings() if strict or one.verdict is Verdict.FAIL]
        lines = [
            f"{one['verdict'].upper()} {one['requirement']}: {one['message']} (exchange {one['exchange']})"
            for one in shown.texts(bad)
        ]
        assert not bad, "\n".join(lines)


def _id(session: Session | None) -> str | None:
    return session.id if session else None


def _check(operation: str) -> None:
    """Reject a misspelt name, since a test that expects no such request would pass."""
    if operation not in BY_NAME:
        raise ValueError(f"{operation} is not an operation of OICP 2.3")


def _is(one: Exchange, operation: str, fields: dict[str, Any]) -> bool:
    return (
        one.by_target
        and one.operation == operation
        and all(one.request.get(name) == value for name, value in fields.items())
    )


def _wanted(operation: str, fields: dict[str, Any]) -> str:
    return operation + (f" with {json.dumps(fields, ensure_ascii=False, default=str)}" if fields else "")


@contextlib.contextmanager
def hub_for(
    role: Role = "cpo",
    *,
    base_url: str = _NOWHERE,
    operator_id: str = "DE*ABC",
    evse_ids: Sequence[str] = ("DE*ABC*E1*1", "DE*ABC*E2*1"),
    provider_id: str = "DE-DCB",
    accepts: Sequence[dict[str, Any]] = ({"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}},),
    supports: Sequence[str] = (),
    timeout: float = 10.0,
) -> Generator[Hubject, None, None]:
    """Run a hub on a free port of this machine.

    Args:
        role: what the backend is, `cpo` or `emp`.
        base_url: the URL of the backend; `Hubject.call_at` can set it later.
        operator_id: the OperatorID of the CPO: your backend, or the hub's other side.
        evse_ids: the EVSEs of the CPO.
        provider_id: the ProviderID of the EMP.
        accepts: the Identifications that an EMP authorizes.
        supports: the optional operations that the backend offers, by their names in `[supports]`; the hub
            judges them only then. Notifications are declared with all their types.
        timeout: seconds to wait for its responses.

    Raises:
        ProfileError: one of these has an invalid value.
    """
    with TemporaryDirectory(prefix="oicp-hub-") as folder:
        file = Path(folder, "target.toml")
        declared = {
            one: ["Start", "Progress", "End", "Error"] if one == "eRoamingChargingNotifications" else True
            for one in supports
        }
        partner = {"operator_id": operator_id, "evse_ids": list(evse_ids)}
        own = partner if role == "cpo" else {"provider_id": provider_id, "mode": "online"}
        tables: dict[str, dict[str, Any]] = {
            "target": {"name": "backend", "role": role, "base_url": base_url, "timeout": timeout},
            "partner": own,
            "counterpart": {"provider_id": provider_id, **partner},
            "hub": {"listen": f"127.0.0.1:{free_port()}"},
            "supports": declared,
            "stimuli": {"driver": "none"},
        }
        text = "".join(f"[{name}]\n{_lines(table)}\n" for name, table in tables.items())
        if role == "emp":
            text += "".join(f"[[partner.accepts]]\n{inline(one)}\n" for one in accepts)
            text += '[[partner.refuses]]\nRFIDMifareFamilyIdentification = { UID = "DEADBEEF" }\n'
        file.write_text(text, encoding="utf-8")
        run = run_before(load(file, operations=BY_NAME))
    with opened(Desk([run])) as desk:
        made = Hubject(desk)
        try:
            yield made
        finally:
            made.stop()


def _lines(table: dict[str, Any]) -> str:
    # JSON's strings, numbers, booleans and lists of them are TOML's.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())


@pytest.fixture
def hubject(request: pytest.FixtureRequest) -> Generator[Hubject, None, None]:
    """A hub on a free port, for the backend that the mark `hubject` describes; by default for a CPO."""
    marker = request.node.get_closest_marker("hubject")
    with hub_for(*(marker.args if marker else ()), **(marker.kwargs if marker else {})) as made:
        yield made
