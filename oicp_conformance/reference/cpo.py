"""Run the reference CPO: `python -m oicp_conformance.reference.cpo --hub http://127.0.0.1:8600`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial

from oicp_conformance.options import OCPP_VERSIONS
from oicp_conformance.reference.cpo_backend import ReferenceCpo
from oicp_conformance.reference.process import Apply, parser, run

CHARGING_POINTS = ("E1*1", "E2*1", "E3*1")


def default_evse_ids(operator_id: str) -> list[str]:
    """Name charging points for an operator, in DIN form if its own id is."""
    if operator_id.lstrip("+")[:1].isdigit():
        return [f"{operator_id}*{point.replace('E', '00')}" for point in CHARGING_POINTS]
    return [f"{operator_id}*{point}" for point in CHARGING_POINTS]


def main(argv: Sequence[str] | None = None, *, apply: Apply | None = None) -> int:
    """Serve as a CPO until told to stop."""
    options = parser(__doc__ or "", with_faults=apply is not None)
    options.add_argument("--operator-id", default="DE*ABC")
    options.add_argument("--evse", action="extend", nargs="+", default=[], metavar="EVSEID")
    options.add_argument(
        "--reservation",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether charging points can be reserved",
    )
    options.add_argument(
        "--ocpp",
        choices=OCPP_VERSIONS,
        help="the OCPP version of the stations that act instead of the charging points",
    )
    arguments = options.parse_args(argv)
    evse_ids = arguments.evse or default_evse_ids(arguments.operator_id)

    def make() -> ReferenceCpo:
        made: Callable[..., ReferenceCpo] = ReferenceCpo
        if arguments.ocpp:
            from oicp_conformance.reference.ocpp_cpo import OcppCpo  # noqa: PLC0415 - it needs the extra

            made = partial(OcppCpo, version=arguments.ocpp)
        return made(
            arguments.hub,
            arguments.operator_id,
            evse_ids,
            reservation=arguments.reservation,
            seed=arguments.seed,
            timeout=arguments.timeout,
        )

    return run(arguments, make, apply)


if __name__ == "__main__":
    sys.exit(main())
