"""Where a behaviour is played: a run of the suite, its hub, and the peer that misbehaves."""

import contextlib
import json
import resource
import ssl
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import trustme

from oicp_conformance.embedded import free_port, profile
from oicp_conformance.hub.hub import TargetDown
from oicp_conformance.judge.outcome import Outcome as Judged
from oicp_conformance.judge.outcome import Verdict
from oicp_conformance.judge.statement import Statement
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.provider import faker
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import load
from oicp_conformance.reporting import har, page
from oicp_conformance.reporting.account import Account
from oicp_conformance.run.errata_page import errata_page
from oicp_conformance.run.run import Run
from oicp_conformance.stimuli.none import NoDriver
from tools.hostile import peer
from tools.hostile.behaviour import Behaviour

CALLED: dict[Role, str] = {"cpo": "eRoamingAuthorizeRemoteStart", "emp": "eRoamingAuthorizeStart"}
"""What the hub asks for."""
PURPOSES: dict[Role, str] = {"cpo": "request.valid", "emp": "eRoamingAuthorizeStart.accepted"}
"""The requirements that its request tries: it is an ordinary one."""
SENT: dict[Role, str] = {"cpo": "eRoamingPushEvseStatus", "emp": "eRoamingPullEvseStatus"}
"""What the target sends."""
TIMEOUT = 1.0
"""Seconds until the hub gives up waiting for an answer."""
_IDS = {"operatorID": "DE*ABC", "providerID": "DE-DCB"}
_CARD = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
_CUSTOMER = {"RemoteIdentification": {"EvcoID": "DE-DCB-C11111111-1"}}
_BODIES: dict[str, dict[str, Any]] = {
    "eRoamingAuthorizeRemoteStart": {
        "ProviderID": "DE-DCB",
        "EvseID": "DE*ABC*E1*1",
        "Identification": _CUSTOMER,
    },
    "eRoamingAuthorizeStart": {
        "OperatorID": "DE*ABC",
        "EvseID": "DE*ABC*E1*1",
        "Identification": _CARD,
    },
    "eRoamingPushEvseStatus": {
        "ActionType": "insert",
        "OperatorEvseStatus": {
            "OperatorID": "DE*ABC",
            "EvseStatusRecord": [{"EvseID": "DE*ABC*E1*1", "EvseStatus": "Available"}],
        },
    },
    "eRoamingPullEvseStatus": {"ProviderID": "DE-DCB"},
}
YES: dict[Role, dict[str, Any]] = {
    "cpo": {"Result": True, "StatusCode": {"Code": "000"}},
    "emp": {"AuthorizationStatus": "Authorized", "StatusCode": {"Code": "000"}, "ProviderID": "DE-DCB"},
}
"""What a target in good order answers."""


@dataclass
class Outcome:
    """What became of a behaviour."""

    verdict: str
    fails: list[str]
    warns: list[str]
    words: list[str]
    seconds: float
    megabytes: int
    files: list[str] = field(default_factory=list)

    def as_json(self) -> str:
        """Write it as one line."""
        return json.dumps(asdict(self))


class Certificates:
    """Who vouches for whom: the two sides, another partner, and a stranger."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "ca.pem"
        authority, other = trustme.CA(), trustme.CA()
        authority.cert_pem.write_to_path(str(self.authority))
        self._folder = folder
        for name, issuer in (("own", authority), ("other", authority), ("unknown", other)):
            made = issuer.issue_cert("127.0.0.1", common_name=f"{name}.example")
            made.cert_chain_pems[0].write_to_path(str(folder / f"{name}.pem"))
            made.private_key_pem.write_to_path(str(folder / f"{name}.key"))

    def pair(self, name: str) -> tuple[Path, Path]:
        """The certificate and the key of a name."""
        return self._folder / f"{name}.pem", self._folder / f"{name}.key"

    def server(self, name: str) -> ssl.SSLContext:
        """How a server with a certificate speaks TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.pair(name))
        return context

    def client(self, name: str | None) -> ssl.SSLContext:
        """How a client with a certificate, or none, speaks TLS."""
        context = ssl.create_default_context(cafile=self.authority)
        if name:
            context.load_cert_chain(*self.pair(name))
        return context


class Scene:
    """A run that has one peer."""

    def __init__(self, role: Role, behaviour: Behaviour, folder: Path, timeout: float) -> None:
        self.role = role
        self.behaviour = behaviour
        self.folder = folder
        self.port = free_port()
        self._timeout = timeout
        self.certificates = Certificates(folder) if behaviour.tls else None
        self._begun: Run | None = None
        self._held = contextlib.ExitStack()

    @property
    def run(self) -> Run:
        """The run; it begins, with a target that is not there, where no other one was named."""
        return self._begun or self.begin("http://127.0.0.1:9")

    def begin(self, base_url: str) -> Run:
        """Begin the run against a target."""
        where = {"base_url": base_url, "stimuli_url": base_url}
        file = self.folder / "profile.toml"
        text = profile(self.role, self.port, where, timeout=self._timeout)
        file.write_text(f"{text}{self._tables()}", encoding="utf-8")
        settings = ['hub.allow=["127.0.0.1"]', "stimuli.wait=0.2"]
        described = load(file, operations=BY_NAME, overrides=settings)
        reports = self.folder / "reports"
        reports.mkdir()
        run = Run(described, NoDriver(wait=0.2), faker(1), seed=1, strict=False, folder=reports)
        run.hub.start()
        self._held.callback(run.hub.stop)
        self._begun = run
        return run

    def _tables(self) -> str:
        if self.certificates is None:
            return ""
        if self.behaviour.tls == "target":
            return f"[target.tls]\nca = {json.dumps(str(self.certificates.authority))}\n"
        files = zip(("certificate", "key"), self.certificates.pair("own"), strict=True)
        lines = [f"{key} = {json.dumps(str(one))}" for key, one in files]
        lines.append(f"client_ca = {json.dumps(str(self.certificates.authority))}")
        return "\n".join(["[hub.tls]", *lines, 'client_subject = "own.example"', ""])

    # --- the target answers

    def answers(
        self, talk: peer.Talk, *, reads: bool = True, certificate: str = "own", calls: int = 1
    ) -> None:
        """Have the hub call, so many times, a target that answers in a way of its own."""
        tls = self.certificates.server(certificate) if self.certificates and reads else None
        with peer.serving(talk, reads=reads, tls=tls) as port:
            self.begin(f"{'https' if self.behaviour.tls == 'target' else 'http'}://127.0.0.1:{port}")
            operation = CALLED[self.role]
            try:
                for _ in range(calls):
                    self.run.hub.call(operation, self.called, purpose=PURPOSES[self.role])
            except TargetDown as reason:
                self.run.stopped = str(reason)

    @property
    def called(self) -> dict[str, Any]:
        """What the hub sends."""
        session = "0000abcd-0000-4000-8000-000000000001"
        return {**_BODIES[CALLED[self.role]], **({"SessionID": session} if self.role == "emp" else {})}

    @property
    def yes(self) -> bytes:
        """An answer in good order."""
        return json.dumps(YES[self.role]).encode()

    # --- the target asks

    @property
    def path(self) -> str:
        """Where the target sends its request."""
        return BY_NAME[SENT[self.role]].path_for(_IDS)

    @property
    def body(self) -> bytes:
        """A request in good order."""
        return json.dumps(_BODIES[SENT[self.role]]).encode()

    def sends(self, *pieces: bytes, **how: Any) -> bytes:
        """Send bytes to the hub."""
        self.start()
        return peer.send(self.port, *pieces, **how)

    def asks(
        self, body: bytes | None = None, *headers: str, tls: ssl.SSLContext | None = None, **how: Any
    ) -> bytes:
        """Send a request to the hub, of which `how` says the method and the version."""
        if tls:  # it is not told there that this was all
            headers = (*headers, "Connection: close")
        data = peer.request(self.path, self.body if body is None else body, *headers, **how)
        return self.sends(data, tls=tls)

    def start(self) -> None:
        """See to it that the hub listens."""
        self.run.hub.url  # noqa: B018 - it begins the run

    def certified(self, name: str | None) -> ssl.SSLContext:
        """How the target speaks TLS with the certificate of a name, or none."""
        if self.certificates is None:
            raise ValueError("there is no TLS in this scene")
        return self.certificates.client(name)

    # --- the end

    def close(self) -> None:
        """Have the hub listen no longer."""
        self._held.close()

    def finish(self) -> Statement:
        """End the run, and write all that a run writes."""
        run = self.run
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline and len(run.hub.journal.closed()) < len(run.hub.journal.exchanges):
            time.sleep(0.01)
        self._held.close()
        run.partial = "a hostile behaviour"
        statement = run.finish()
        page.write(run.folder / "conformance.json", said=run.written)
        har.write(run.folder / har.NAME, run.written)
        findings = found_in(run)
        (run.folder / "errata.md").write_text(errata_page(findings), encoding="utf-8")
        account = Account("a test", "", CALLED[self.role], (), "fail", run.written, "", findings)
        (run.folder / "account.html").write_text(account.page, encoding="utf-8")
        (run.folder / "diagram.svg").write_text(account.diagram or "", encoding="utf-8")
        return statement


@contextlib.contextmanager
def opened(role: Role, behaviour: Behaviour, folder: Path, *, timeout: float = TIMEOUT) -> Iterator[Scene]:
    """A scene, which ends in any case; `timeout` is how many seconds the hub waits for an answer."""
    scene = Scene(role, behaviour, folder, timeout)
    try:
        yield scene
    finally:
        scene.close()


def played(role: Role, behaviour: Behaviour, folder: Path) -> Outcome:
    """Play a behaviour, and return what became of it."""
    began = time.monotonic()
    with opened(role, behaviour, folder) as scene:
        behaviour.does(scene)
        statement = scene.finish()
        run = scene.run
    found = found_in(run)
    exchanges = [one for one in run.written.exchanges if one.detail]
    words = [f"{one.message}; expected {one.expected}; found {one.found}" for one in found]
    words += [one.detail for one in exchanges]
    words += [*(run.hub.budget.notes), *([run.stopped] if run.stopped else []), *run.trouble]
    return Outcome(
        verdict=statement.verdict,
        fails=_ids(found, Verdict.FAIL),
        warns=_ids(found, Verdict.WARNING),
        words=[one[:400] for one in words],
        seconds=round(time.monotonic() - began, 2),
        megabytes=_peak(),
        files=sorted(one.name for one in run.folder.iterdir()),
    )


def found_in(run: Run) -> list[Judged]:
    """All that was found broken in a run that has ended."""
    return run.judgement.findings if run.judgement else []


def _ids(found: Sequence[Judged], verdict: Verdict) -> list[str]:
    return sorted({one.requirement for one in found if one.verdict is verdict})


def _peak() -> int:
    """The most memory that this process has needed, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))
