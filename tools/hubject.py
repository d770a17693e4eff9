"""The page "How Hubject works in ten pictures": what is drawn, and which requirements say so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from oicp_conformance.judge.catalogue import catalogue, not_tested
from oicp_conformance.judge.requirement import Demand
from oicp_conformance.oicp.operations import OPERATIONS, Operation
from oicp_conformance.oicp.types import Role
from tools.pictures import Message, Note, picture

EMP, HUBJECT, CPO = "EMP", "Hubject", "CPO"
PARTNERS = ((EMP, "has the drivers"), (HUBJECT, "between them"), (CPO, "has the stations"))
SUITE, SHIM, BACKEND = "The suite", "Your shim", "Your backend"
_PREFIX = "eRoaming"
DEMANDS: Mapping[Role, Mapping[str, Demand]] = {
    "cpo": {one.id: one for one in (*catalogue("cpo").values(), *not_tested("cpo"))},
    "emp": {one.id: one for one in (*catalogue("emp-online").values(), *not_tested("emp-online"))},
}


@dataclass(frozen=True)
class Picture:
    """One picture with its text; `sources` are requirements as (role, id)."""

    name: str
    title: str
    text: str
    steps: Sequence[Message | Note]
    sources: Sequence[tuple[Role, str]] = ()
    lanes: Sequence[tuple[str, str]] = PARTNERS

    @property
    def about(self) -> str:
        """The picture in words."""
        told = (
            f"{one.sender} to {one.receiver}: {one.text}" if isinstance(one, Message) else one.text
            for one in self.steps
        )
        return "; ".join(told)

    def svg(self) -> str:
        """Return the drawing."""
        return picture(self.lanes, self.steps, self.title, self.about)


def _asked(sender: str, receiver: str, text: str, answer: str) -> tuple[Message, Message]:
    """A request and its response."""
    return Message(sender, receiver, text), Message(receiver, sender, answer, is_response=True)


def _through(first: str, last: str, name: str, answer: str, assigned: str = "") -> tuple[Message, ...]:
    """An operation that Hubject passes on, and its response on the way back."""
    return (
        Message(first, HUBJECT, name),
        Message(HUBJECT, last, f"{name}{assigned}"),
        Message(last, HUBJECT, answer, is_response=True),
        Message(HUBJECT, first, answer, is_response=True),
    )


def _map() -> Iterator[Message]:
    """All operations, by who sends them to whom: as the table of operations has them."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for one in OPERATIONS:
        groups.setdefault(way(one), []).append(one.name.removeprefix(_PREFIX))
    for through, names in groups.items():
        listed = ", ".join(names)
        yield Message(through[0], through[1], listed)
        if len(through) > 2:
            yield Message(through[1], through[2], "the same, passed on")


def way(one: Operation) -> tuple[str, ...]:
    """Return the partners that an operation goes through, from its sender on."""
    directions = {party[:3]: part.direction for party, part in one.parts.items()}
    sender = CPO if directions.get("cpo") == "target-to-hub" else EMP
    receiver = {CPO: "emp", EMP: "cpo"}[sender]
    return (sender, HUBJECT, receiver.upper()) if receiver in directions else (sender, HUBJECT)


PICTURES = (
    Picture(
        "partners",
        "Who talks to whom",
        "A CPO runs charging stations. An EMP has contracts with drivers. They do not call each other: each calls "
        f"Hubject, and Hubject calls them. All names of operations begin with `{_PREFIX}`.",
        (*_map(), Note("each operation is one POST with JSON over HTTPS")),
        (("cpo", "http.path"), ("cpo", "push.evse-of-operator")),
    ),
    Picture(
        "card",
        "A driver presents a card",
        "The CPO asks Hubject, and Hubject asks the EMP. Hubject assigns the SessionID. The CPO uses it in everything "
        "that follows, up to the CDR.",
        (
            Note("a driver holds a card to a station"),
            *_through(
                CPO, EMP, "eRoamingAuthorizeStart", "Authorized, SessionID", assigned=" with a SessionID"
            ),
            Note("the driver charges, and presents the card again"),
            *_through(CPO, EMP, "eRoamingAuthorizeStop", "Authorized"),
        ),
        (
            ("cpo", "eRoamingAuthorizeStart.no-session-id"),
            ("cpo", "session.id-of-hub"),
            ("cpo", "session.refused"),
            ("emp", "eRoamingAuthorizeStart.refused"),
        ),
    ),
    Picture(
        "remote",
        "A driver starts in an app",
        "The EMP sends the start without a SessionID. Hubject assigns one, calls the CPO, and returns the response of the "
        "CPO. The stop names that SessionID.",
        (
            Note("a driver taps start in the EMP's app"),
            *_through(
                EMP,
                CPO,
                "eRoamingAuthorizeRemoteStart",
                "Result true, SessionID",
                assigned=" with a SessionID",
            ),
            Note("the driver taps stop"),
            *_through(EMP, CPO, "eRoamingAuthorizeRemoteStop", "Result true"),
        ),
        (
            ("emp", "eRoamingAuthorizeRemoteStart.no-session-id"),
            ("cpo", "answer.session-id"),
            ("cpo", "eRoamingAuthorizeRemoteStart.occupied-evse"),
            ("cpo", "eRoamingAuthorizeRemoteStop.unknown-session"),
        ),
    ),
    Picture(
        "reservation",
        "A driver reserves an EVSE",
        "A reservation is optional. It has a SessionID of its own. While it lasts, nobody else may start there, and "
        "the CPO reports the EVSE as Reserved.",
        (
            *_through(
                EMP,
                CPO,
                "eRoamingAuthorizeRemoteReservationStart",
                "Result true, SessionID",
                assigned=", SessionID",
            ),
            *_asked(CPO, HUBJECT, "eRoamingPushEvseStatus: Reserved", "Result true"),
            *_through(EMP, CPO, "eRoamingAuthorizeRemoteReservationStop", "Result true"),
            *_asked(CPO, HUBJECT, "eRoamingPushEvseStatus: Available", "Result true"),
        ),
        (
            ("cpo", "eRoamingAuthorizeRemoteReservationStart.honoured"),
            ("cpo", "eRoamingPushEvseStatus.reserved"),
            ("cpo", "eRoamingAuthorizeRemoteReservationStop.unknown-session"),
        ),
    ),
    Picture(
        "settlement",
        "Notifications and the CDR",
        "During a session the CPO may send notifications. After it, the CPO sends one charge detail record (CDR). "
        "Hubject passes both on to the EMP.",
        (
            *(
                Message(*step, f"eRoamingChargingNotifications: {kind}")
                for kind in ("Start", "Progress", "End")
                for step in ((CPO, HUBJECT), (HUBJECT, EMP))
            ),
            Note("the session is over"),
            *_through(CPO, EMP, "eRoamingChargeDetailRecord", "Result true"),
        ),
        (
            ("cpo", "eRoamingChargingNotifications.progress-spacing"),
            ("cpo", "eRoamingChargingNotifications.before-cdr"),
            ("cpo", "eRoamingChargeDetailRecord.one-per-session"),
            ("cpo", "eRoamingChargeDetailRecord.session-times"),
            ("emp", "eRoamingChargeDetailRecord.unknown-session"),
        ),
    ),
    Picture(
        "offline",
        "An offline EMP",
        "An offline EMP does not respond to requests. It pushes its authentication data, and Hubject authorizes in its "
        "place. It fetches the CDRs later.",
        (
            *_asked(EMP, HUBJECT, "eRoamingPushAuthenticationData", "Result true"),
            Note("a driver holds a card to a station"),
            *_asked(CPO, HUBJECT, "eRoamingAuthorizeStart", "Authorized, SessionID"),
            *_asked(CPO, HUBJECT, "eRoamingChargeDetailRecord", "Result true"),
            *_asked(EMP, HUBJECT, "eRoamingGetChargeDetailRecords", "the CDRs of a period, in pages"),
        ),
        (
            ("emp", "eRoamingPushAuthenticationData.authorizes-offline"),
            ("emp", "identification.pin-or-hash"),
            ("emp", "eRoamingGetChargeDetailRecords.from-before-to"),
        ),
    ),
    Picture(
        "publishing",
        "A CPO publishes its EVSEs",
        "The CPO first pushes the data of all EVSEs, then their statuses, then each change. Pushes of one kind follow "
        "one another: the next one starts after the response to the one before.",
        (
            *_asked(CPO, HUBJECT, "eRoamingPushEvseData: fullLoad", "Result true"),
            *_asked(CPO, HUBJECT, "eRoamingPushEvseStatus: fullLoad", "Result true"),
            Note("a car begins to charge"),
            *_asked(CPO, HUBJECT, "eRoamingPushEvseStatus: update, Occupied", "Result true"),
            Note("the car leaves"),
            *_asked(CPO, HUBJECT, "eRoamingPushEvseStatus: update, Available", "Result true"),
        ),
        (
            ("cpo", "push.sequential"),
            ("cpo", "eRoamingPushEvseStatus.published"),
            ("cpo", "eRoamingPushEvseStatus.occupied"),
            ("cpo", "eRoamingPushEvseStatus.free-again"),
        ),
    ),
    Picture(
        "pulling",
        "An EMP pulls, page by page",
        "The EMP reads what the CPOs published. EVSE data is sent in pages: the EMP requests the next page until it has the "
        "last. With LastCall it gets only the changes.",
        (
            *_asked(EMP, HUBJECT, "eRoamingPullEvseData ?page=0&size=20", "page 0, last false"),
            *_asked(EMP, HUBJECT, "eRoamingPullEvseData ?page=1&size=20", "page 1, last true"),
            *_asked(EMP, HUBJECT, "eRoamingPullEvseStatus", "the statuses of all EVSEs"),
            Note("some time later"),
            *_asked(EMP, HUBJECT, "eRoamingPullEvseData with LastCall", "what changed since then"),
        ),
        (
            ("emp", "pull.page-parameters"),
            ("emp", "pull.last-page"),
            ("emp", "eRoamingPullEvseData.last-call-alone"),
            ("emp", "pull.last-call"),
        ),
    ),
    Picture(
        "pricing",
        "Prices",
        "Prices are optional. The CPO pushes its products, and which EVSE has which product. The EMP pulls both.",
        (
            *_asked(CPO, HUBJECT, "eRoamingPushPricingProductData", "Result true"),
            *_asked(CPO, HUBJECT, "eRoamingPushEVSEPricing", "Result true"),
            *_asked(EMP, HUBJECT, "eRoamingPullPricingProductData", "the products"),
            *_asked(EMP, HUBJECT, "eRoamingPullEVSEPricing", "the products of each EVSE"),
        ),
        (
            ("cpo", "eRoamingPushPricingProductData.product-unique"),
            ("cpo", "eRoamingPushEVSEPricing.known-products"),
            ("cpo", "prices.without-vat"),
        ),
    ),
    Picture(
        "suite",
        "What the suite puts in Hubject's place",
        "The suite plays Hubject and the partner on its other side. When your backend must act, the suite sends a "
        "stimulus to your shim. It records everything, and judges it.",
        (
            Message(SUITE, SHIM, "stimulus: eRoamingAuthorizeStart"),
            Message(SHIM, BACKEND, "a card at station 1"),
            *_asked(BACKEND, SUITE, "eRoamingAuthorizeStart", "Authorized, as Hubject responds"),
            *_asked(SUITE, BACKEND, "eRoamingAuthorizeRemoteStart", "Result true"),
            Note("journal → rules → findings → verdicts"),
        ),
        (("cpo", "request.sent"), ("cpo", "request.valid"), ("cpo", "http.answered")),
        ((SUITE, "plays Hubject"), (SHIM, "or OCPP stations"), (BACKEND, "the target")),
    ),
)


def page() -> str:
    """Return the page, with a link to the requirements and the lines that each picture rests on."""
    parts = [
        "# How Hubject works in ten pictures\n\nA solid arrow is a request, a dashed arrow its response. Below each "
        "picture are the requirements that it rests on, with the line of the document.\n"
    ]
    for number, one in enumerate(PICTURES, 1):
        alt = f"{one.title}: {one.about}".replace("[", "(").replace("]", ")").replace('"', "'")
        parts.append(
            f"\n## {number}. {one.title}\n\n{one.text}\n\n![{alt}](hubject/{one.name}.svg)"
            '{ width="480" loading="lazy" }\n\n'
        )
        for role, name in one.sources:
            demand = DEMANDS[role][name]
            line = f"{demand.clause}, line {demand.source.line}"
            parts.append(f"- {demand.sentence} [{name}](requirements/{name}.md), [{line}]({demand.url})\n")
    return "".join(parts)


def drawings() -> dict[str, str]:
    """Return the files of all pictures, by their path on the site."""
    return {f"hubject/{one.name}.svg": one.svg() for one in PICTURES}
