"""What to do about what could not be judged, and about a run that did not come far: pure functions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from oicp_conformance.journal.cause import UNANSWERED, UNREACHABLE, Cause
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Record, Verdict, party_of
from oicp_conformance.judge.verdicts import Row
from oicp_conformance.oicp.operations import BY_NAME, OPERATIONS
from oicp_conformance.profile import Profile

_ROOT = "/api/oicp/"
_ASKED = {"done", None}
"""Outcomes of a stimulus after which the target's call is due; None where it is due without one."""


def hub_url(profile: Profile) -> str:
    """Where the target reaches the hub, as the profile has it."""
    return f"{'https' if profile.hub.tls else 'http'}://{profile.hub.listen}"


def advice(row: Row, profile: Profile) -> str:
    """What to do so that an inconclusive requirement can be judged; empty for any other verdict."""
    if row.verdict is not Verdict.INCONCLUSIVE or row.cause is None:
        return ""
    return _ADVICE[row.cause](row, profile)


# --- one function a cause


def _file(profile: Profile) -> str:
    return profile.path.name if profile.path else "the profile"


def _or_undeclared(row: Row, profile: Profile) -> str:
    """An optional operation need not be declared."""
    operation = BY_NAME[row.operation]
    part = operation.parts[party_of(profile)]
    if part.obligation != "optional" or operation.supports is None:
        return ""
    return f" If your backend does not offer it, remove {operation.supports} from [supports]."


def _stimulus_unavailable(row: Row, profile: Profile) -> str:
    if profile.stimuli.driver == "none":
        return (
            "The suite cannot make your backend send this request. Set [stimuli] driver in "
            f'{_file(profile)} to "http" or "command" and write a shim (`oicp-conformance init` writes a '
            'first one), or to "manual".' + _or_undeclared(row, profile)
        )
    if profile.stimuli.driver == "ocpp":
        return (
            "No virtual station can cause this. Add another driver in [stimuli.otherwise] of "
            f"{_file(profile)}, or do nothing if your backend never does this." + _or_undeclared(row, profile)
        )
    how = {"http": " with HTTP 501", "command": " with exit code 77"}.get(profile.stimuli.driver, "")
    return (
        f"Your shim responded{how}: not supported. Add this stimulus to the shim, or do nothing if your "
        "backend never does this." + _or_undeclared(row, profile)
    )


def _stimulus_failed(_: Row, profile: Profile) -> str:
    shim = profile.stimuli.shim
    if profile.stimuli.driver == "http":
        return (
            f"Check your shim: does it run at {shim} ([stimuli] url), and what does it log? "
            "It must return HTTP 2xx if it performs the stimulus, and 501 if it does not support it."
        )
    if profile.stimuli.driver == "command":
        return (
            f"Check your shim: does {shim} ([stimuli] command) run by hand? It must exit with 0 if it "
            "performs the stimulus, and with 77 if it does not support it."
        )
    if profile.stimuli.driver == "ocpp":
        return (
            "Read the OCPP messages in notes.jsonl of this run: how did your central system respond, and "
            "which request did it not send?"
        )
    return f'Read the log of your driver ([stimuli] driver = "{profile.stimuli.driver}").'


def _not_come(row: Row, profile: Profile) -> str:
    if "TLS:" in row.reason:
        return (
            "The TLS handshake failed. Your backend must trust the certificate of [hub.tls]. If client_ca is "
            "set, your backend must present a certificate that this CA signed."
        )
    return (
        f"Read the log of your backend: after the stimulus it must call {hub_url(profile)}{_ROOT}... "
        f"If it takes longer than {profile.stimuli.wait:g} s, raise [stimuli] wait in {_file(profile)}."
    )


def _not_served(row: Row, profile: Profile) -> str:
    operation = BY_NAME[row.operation]
    path = profile.target.paths.get(operation.name, operation.path)
    return (
        f"Serve POST {profile.target.base_url}{path}, or set the path that you serve in [target.paths] "
        f"in {_file(profile)}." + _or_undeclared(row, profile)
    )


def _refused(_: Row, profile: Profile) -> str:
    if profile.target.role == "cpo":
        return (
            "Make the EVSEs of [partner] evse_ids usable (free, in service, with a car where one is "
            "needed), or list more of them, and run again."
        )
    return "Check that your backend knows the customers of [[partner.accepts]], and run again."


def _ended(_: Row, profile: Profile) -> str:
    return (
        "The charge ended before the suite stopped it. Make a charge last longer; a simulator behind "
        f"{profile.target.name} may end it on its own."
    )


def _hidden(row: Row, profile: Profile) -> str:  # noqa: ARG001 - all have the same form
    if row.behind:
        return f"Fix {row.behind} first: this requirement cannot be judged until then."
    return "Look at the tests of this operation: their setup step failed."


def _profile(_: Row, profile: Profile) -> str:
    return f"Add the missing entry to {_file(profile)} if your backend supports it; otherwise do nothing."


def _alternative(row: Row, profile: Profile) -> str:  # noqa: ARG001
    group = BY_NAME[row.operation].alternatives
    names = ", ".join(one.name for one in OPERATIONS if one.alternatives == group)
    return f"Do nothing: one of {names} suffices, and one was observed."


def _stopped(_: Row, profile: Profile) -> str:  # noqa: ARG001
    return "Fix what ended the run, and run again."


def _not_observed(_: Row, profile: Profile) -> str:  # noqa: ARG001
    return "Do nothing if your backend never does this. Otherwise cause it during the run."


_ADVICE: Mapping[Cause, Callable[[Row, Profile], str]] = {
    Cause.STIMULUS_FAILED: _stimulus_failed,
    Cause.NOT_COME: _not_come,
    Cause.STIMULUS_UNAVAILABLE: _stimulus_unavailable,
    Cause.NOT_SERVED: _not_served,
    Cause.REFUSED: _refused,
    Cause.HIDDEN: _hidden,
    Cause.ENDED: _ended,
    Cause.STOPPED: _stopped,
    Cause.PROFILE: _profile,
    Cause.NOT_OBSERVED: _not_observed,
    Cause.ALTERNATIVE: _alternative,
}
"""In the order in which a reader should care."""


_TITLES: Mapping[Cause, str] = {
    Cause.STIMULUS_FAILED: "the stimulus failed",
    Cause.NOT_COME: "the call was not received",
    Cause.STIMULUS_UNAVAILABLE: "no stimulus is available",
    Cause.NOT_SERVED: "the operation is not served",
    Cause.REFUSED: "rejected, for a reason outside of OICP",
    Cause.HIDDEN: "hidden by another finding",
    Cause.ENDED: "the charge ended too soon",
    Cause.STOPPED: "the run ended too early",
    Cause.PROFILE: "the profile does not list what it needs",
    Cause.NOT_OBSERVED: "no event required it",
    Cause.ALTERNATIVE: "another operation was used instead",
}


# --- many rows at once


@dataclass(frozen=True)
class Group:
    """Inconclusive requirements about which the same has to be done."""

    cause: Cause
    advice: str
    rows: Sequence[Row]

    @property
    def is_by_default(self) -> bool:
        """Whether nothing is known of why: it did not happen to be observed."""
        return self.cause is Cause.NOT_OBSERVED

    @property
    def reason(self) -> str:
        """The reason that all have in common; empty where they differ, each with its own."""
        reasons = {row.reason for row in self.rows}
        return next(iter(reasons)) if len(reasons) == 1 and not self.is_by_default else ""

    @property
    def title(self) -> str:
        """What is the matter with all of them."""
        return self.reason or _TITLES[self.cause]


def groups(rows: Iterable[Row], profile: Profile) -> list[Group]:
    """The inconclusive rows by what to do about them; what matters most comes first."""
    found: dict[tuple[Cause, str], list[Row]] = {}
    for row in rows:
        if row.verdict is Verdict.INCONCLUSIVE and row.cause is not None:
            found.setdefault((row.cause, advice(row, profile)), []).append(row)
    order = list(_ADVICE)
    return sorted(
        (Group(cause, text, own) for (cause, text), own in found.items()),
        key=lambda one: order.index(one.cause),
    )


# --- a run that did not come far


def on_stop(stopped: str, record: Record) -> str:
    """What to do about what ended the run; empty where it was not the target."""
    target, file = record.profile.target, _file(record.profile)
    if stopped.startswith(UNANSWERED):
        return (
            f"Read the log of your backend: it received the request and did not respond within "
            f"{target.timeout:g} s ([target] timeout in {file})."
        )
    if not stopped.startswith(UNREACHABLE):
        return ""
    called = [one for one in record.exchanges if not one.by_target]
    if called and called[-1].trouble == "tls":
        return (
            "Something listens there, but the TLS handshake failed. Check [target] base_url (http or https), "
            "and ca, certificate and key in [target.tls]."
        )
    return (
        f"Start your backend, or correct [target] base_url in {file}. To try it: curl -i {target.base_url}/"
    )


def on_silence(record: Record) -> str:
    """What to do when the target was asked to call the hub, and the hub never heard of it; else empty.

    The most common mistake of a first day: the backend does not know where the hub is.
    """
    waited = [one for one in record.waits if one.came is None and (one.unasked or one.stimulus in _ASKED)]
    heard = [one for one in record.exchanges if one.by_target]
    if not waited or record.reaches_hub:
        return ""
    url = hub_url(record.profile)
    if heard and all(one.stranger for one in heard):
        return (
            f"The hub rejected requests from {heard[-1].peer}: this is not a known address of your backend. "
            f"If your backend uses it, list it in [hub] allow in {_file(record.profile)}."
        )
    heard = [one for one in heard if not one.stranger]
    if astray := [one for one in heard if not one.trouble]:
        return (
            f"Your backend calls the hub, but not on OICP paths, for example {_shortest(astray)}. "
            f"It must call {url}{_ROOT}..., as it would call Hubject."
        )
    if heard:
        return (
            f"Your backend reaches {url}, but what arrives is not an HTTP request "
            f"({heard[-1].detail or heard[-1].trouble}): check http or https, and [hub.tls]."
        )
    host = urlsplit(url).hostname or ""
    elsewhere = (
        f" In a container or on another machine, {host} is not this machine: let the hub listen on "
        '"0.0.0.0", and configure an address of this machine in your backend.'
        if host in {"127.0.0.1", "localhost", "::1"}
        else ""
    )
    return (
        f"The hub received no request from your backend. Configure {url} in your backend, in place of "
        f"Hubject's address. Your backend then calls {url}{_ROOT}...{elsewhere}"
    )


def _shortest(exchanges: Iterable[Exchange]) -> str:
    return min((f"{one.method} {one.path}" for one in exchanges), key=len)[:200]
