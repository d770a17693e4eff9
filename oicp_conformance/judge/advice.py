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
    return f" If your backend does not offer it, take {operation.supports} out of [supports]."


def _stimulus_unavailable(row: Row, profile: Profile) -> str:
    if profile.stimuli.driver == "none":
        return (
            "Give the suite a way to make your backend send it: [stimuli] in "
            f'{_file(profile)} names a shim (driver = "http" or "command"), or has a person asked '
            '(driver = "manual"). `oicp-conformance init` writes a shim to begin with.'
            + _or_undeclared(row, profile)
        )
    if profile.stimuli.driver == "ocpp":
        return (
            "No virtual station can cause it: let another driver do it, in [stimuli.otherwise] of "
            f"{_file(profile)}, or leave it if there is no such thing at your side."
            + _or_undeclared(row, profile)
        )
    how = {"http": " with 501", "command": " with exit code 77"}.get(profile.stimuli.driver, "")
    return (
        f"Your shim says{how} that your backend cannot be brought to it. Teach the shim this stimulus, "
        "or leave it if there is no such thing at your side." + _or_undeclared(row, profile)
    )


def _stimulus_failed(_: Row, profile: Profile) -> str:
    shim = profile.stimuli.shim
    if profile.stimuli.driver == "http":
        return (
            f"Look at your shim: does it run at {shim} ([stimuli] url), and what does it log? "
            "It answers 2xx when it is being done, and 501 when it cannot be done."
        )
    if profile.stimuli.driver == "command":
        return (
            f"Look at your shim: does {shim} ([stimuli] command) run by hand? It exits with 0 when it is "
            "being done, and with 77 when it cannot be done."
        )
    if profile.stimuli.driver == "ocpp":
        return (
            "Look at the OCPP messages in notes.jsonl of this run: what did your central system answer, and "
            "what did it not request? See docs/ocpp.md."
        )
    return f'Look at what the driver of your stimuli ([stimuli] driver = "{profile.stimuli.driver}") logs.'


def _not_come(row: Row, profile: Profile) -> str:
    if "TLS:" in row.reason:
        return (
            "Your backend and the hub do not trust each other: let your backend trust the certificate of "
            "[hub.tls], and show the hub one that its client_ca knows, if it asks for one."
        )
    return (
        f"Look into the log of your backend: it has to call {hub_url(profile)}{_ROOT}... when it is asked "
        f"to. If it takes longer than {profile.stimuli.wait:g} s, raise [stimuli] wait in {_file(profile)}."
    )


def _not_served(row: Row, profile: Profile) -> str:
    operation = BY_NAME[row.operation]
    path = profile.target.paths.get(operation.name, operation.path)
    return (
        f"Serve POST {profile.target.base_url}{path}, or name the path that you serve under [target.paths] "
        f"in {_file(profile)}." + _or_undeclared(row, profile)
    )


def _refused(_: Row, profile: Profile) -> str:
    if profile.target.role == "cpo":
        return (
            "See to it that the EVSEs of [partner] evse_ids can be used (free, in order, with a car where "
            "one is needed), name more of them, and run again."
        )
    return "Check that your backend knows the customers of [[partner.accepts]], and run again."


def _ended(_: Row, profile: Profile) -> str:
    return (
        "Let a charge last until the suite stops it: it was over before. "
        f"A simulator behind {profile.target.name} may end it on its own."
    )


def _hidden(row: Row, profile: Profile) -> str:  # noqa: ARG001 - all have the same form
    if row.behind:
        return f"Repair {row.behind} first: it hides this."
    return "Look at the tests of this operation: what they begin with did not come about."


def _profile(_: Row, profile: Profile) -> str:
    return f"Add it to {_file(profile)} if your backend has it; else there is nothing to do."


def _alternative(row: Row, profile: Profile) -> str:  # noqa: ARG001
    group = BY_NAME[row.operation].alternatives
    names = ", ".join(one.name for one in OPERATIONS if one.alternatives == group)
    return f"Nothing: one of {names} suffices, and one was seen."


def _stopped(_: Row, profile: Profile) -> str:  # noqa: ARG001
    return "Repair what ended the run, and run again."


def _not_observed(_: Row, profile: Profile) -> str:  # noqa: ARG001
    return "Nothing, if your backend never does this; else see to it that it happens in the run."


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
    Cause.NOT_COME: "the call did not come",
    Cause.STIMULUS_UNAVAILABLE: "there is no stimulus for it",
    Cause.NOT_SERVED: "the operation is not served",
    Cause.REFUSED: "refused, for a reason outside of the interface",
    Cause.HIDDEN: "hidden by something else",
    Cause.ENDED: "the charge was over too soon",
    Cause.STOPPED: "the run ended before it",
    Cause.PROFILE: "the profile lacks what it takes",
    Cause.NOT_OBSERVED: "no occasion for it was seen",
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
            f"Look into the log of your backend: it took the request and did not answer within "
            f"{target.timeout:g} s ([target] timeout in {file})."
        )
    if not stopped.startswith(UNREACHABLE):
        return ""
    called = [one for one in record.exchanges if not one.by_target]
    if called and called[-1].trouble == "tls":
        return (
            "Somebody is there, but TLS does not come about: check whether [target] base_url is http or "
            "https, and ca, certificate and key under [target.tls]."
        )
    return (
        f"Start your backend, or correct [target] base_url in {file}. "
        f"To see for yourself: curl -i {target.base_url}/"
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
            f"Requests came from {heard[-1].peer}, which the suite does not know as your backend's address. "
            f"If it is one, list it under [hub] allow in {_file(record.profile)}."
        )
    heard = [one for one in heard if not one.stranger]
    if astray := [one for one in heard if not one.trouble]:
        return (
            f"Your backend calls the hub, but at paths that OICP does not have, such as {_shortest(astray)}: "
            f"it has to call {url}{_ROOT}..., as it would call Hubject."
        )
    if heard:
        return (
            f"Your backend reaches {url}, but what arrives is not an HTTP request "
            f"({heard[-1].detail or heard[-1].trouble}): check http or https, and [hub.tls]."
        )
    host = urlsplit(url).hostname or ""
    elsewhere = (
        f" If it runs in a container or on another machine, {host} is not this machine there: listen on "
        '"0.0.0.0" and give it an address of this machine.'
        if host in {"127.0.0.1", "localhost", "::1"}
        else ""
    )
    return (
        f"Not one request of your backend has arrived at the hub. Configure {url} in your backend where it "
        f"has Hubject's address: it then calls {url}{_ROOT}...{elsewhere}"
    )


def _shortest(exchanges: Iterable[Exchange]) -> str:
    return min((f"{one.method} {one.path}" for one in exchanges), key=len)[:200]
