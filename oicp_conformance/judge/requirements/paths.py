"""The path of a request: the documented one of its operation, with the partner's own id in it."""

from collections.abc import Iterator

from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.requirement import cpo, emp, requirement, rule
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operations import Operation, at_path, meant_by, unpack
from oicp_conformance.oicp.types import plain_id

PATH = requirement(
    "http.path",
    cpo(
        "MUST",
        (
            "The CPO sends each request with POST to the path that OICP 2.3 lists for the operation, "
            "including the service version."
        ),
        Source("CPO 06", "eRoamingPushEvseData", 11, "explicit"),
        on="sent",
    ),
    emp(
        "MUST",
        (
            "The EMP sends each request with HTTP POST to the documented path of its operation, "
            "including the service version."
        ),
        Source("EMP 06", "eroamingpullevsedata", 7, "explicit"),
        on="sent",
    ),
)

PATH_ID = requirement(
    "http.path-id",
    cpo(
        "MUST",
        (
            "The path and the OperatorID in the body both carry the OperatorID of the partner that "
            "talks to Hubject."
        ),
        Source("CPO 01", "hub_provider_and_operator", 81, "explicit"),
        on="sent-with-id",
    ),
    emp(
        "MUST",
        "ProviderID in the path and in the body is the EMP's own ProviderID.",
        Source("EMP 01", "hub_provider_and_operator", 81, "explicit"),
        on="sent-with-id",
    ),
)


_CASE = "; the case of a method matters (RFC 9110, section 9.1)"


def _meant_by_line(line: str) -> Operation | None:
    """The operation whose path is in a request line that is not HTTP."""
    words = line.split(" ")
    # Otherwise it was too much of something for the hub, such as headers.
    is_other = len(words) > 1 and words[-1] not in {"HTTP/1.0", "HTTP/1.1"}
    located = at_path(words[1].partition("?")[0]) if is_other else None
    return located[0] if located else None


@rule(PATH, by_exchange=True)
def path(record: Record) -> Iterator[Outcome]:
    """A wrong path is charged to the operation that it most likely means."""
    for exchange in record.exchanges:
        if not exchange.by_target or exchange.stranger:
            continue
        if exchange.operation is None and exchange.trouble == "not HTTP":
            if (meant := _meant_by_line(exchange.path)) and record.party in meant.parts:
                yield PATH.broken(
                    exchange,
                    f"the request is not HTTP/1.1: {exchange.detail}",
                    expected=f"POST {meant.path} HTTP/1.1",
                    found=exchange.path,
                    operation=meant.name,
                )
        elif exchange.operation is None:
            bare = exchange.path.partition("?")[0]
            if (
                exchange.method == "POST"
                and (meant := meant_by(bare, exchange.request.json))
                and record.party in meant.parts
            ):
                yield PATH.broken(
                    exchange,
                    f"not an OICP 2.3 path; did you mean {meant.name}?",
                    expected=f"POST {meant.path}",
                    found=f"{exchange.method} {exchange.path}",
                    operation=meant.name,
                )
        elif exchange.method != "POST":
            yield PATH.broken(
                exchange,
                f"{exchange.operation} is sent with POST{_CASE * (exchange.method.upper() == 'POST')}",
                expected="POST",
                found=exchange.method,
            )
        else:
            yield PATH.held(exchange)


@rule(PATH_ID, by_exchange=True)
def path_id(record: Record) -> Iterator[Outcome]:
    """The partner's own id, in the path and in the body."""
    own = record.profile.partner.operator_id if record.role == "cpo" else record.profile.partner.provider_id
    for exchange in record.exchanges:
        is_his = exchange.by_target and not exchange.stranger
        located = at_path(exchange.path.partition("?")[0]) if is_his else None
        if own is None or located is None or not located[1]:
            continue
        operation, ids = located
        (in_path,) = ids.values()
        in_body = unpack(exchange.request.object, operation.body_id) if operation.body_id else None
        if plain_id(in_path) != plain_id(own):
            message = "the path contains the id of another partner"
            yield PATH_ID.broken(exchange, message, expected=own, found=in_path)
        elif isinstance(in_body, str) and plain_id(in_body) != plain_id(in_path):
            yield PATH_ID.broken(
                exchange,
                "the ids in the body and in the path differ",
                pointer=operation.body_id,
                expected=in_path,
                found=in_body,
            )
        else:
            yield PATH_ID.held(exchange)
