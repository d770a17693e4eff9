"""Run the reference EMP: `python -m oicp_conformance.reference.emp --hub http://127.0.0.1:8600`."""

import argparse
import json
import sys
from collections.abc import Sequence

from oicp_conformance.reference.emp_backend import ReferenceEmp
from oicp_conformance.reference.permissive import Message, medium_of
from oicp_conformance.reference.process import Apply, parser, run


def identification(argument: str) -> Message:
    """Read an Identification from the command line."""
    try:
        given = json.loads(argument)
    except ValueError as error:
        msg = f"not JSON: {error}"
        raise argparse.ArgumentTypeError(msg) from error
    medium = medium_of(given)
    if medium is None:
        msg = f"not an Identification with exactly one well-formed medium: {argument}"
        raise argparse.ArgumentTypeError(msg)
    return dict([medium])


def main(argv: Sequence[str] | None = None, *, apply: Apply | None = None) -> int:
    """Serve as an EMP until told to stop."""
    options = parser(__doc__ or "", with_faults=apply is not None)
    options.add_argument("--provider-id", default="DE-DCB")
    options.add_argument("--mode", choices=("online", "offline"), default="online")
    for name, meaning in (("--accepts", "whom it authorises"), ("--refuses", "whose contract is locked")):
        options.add_argument(
            name,
            action="extend",
            nargs="+",
            default=[],
            type=identification,
            metavar="JSON",
            help=f"{meaning}, each an Identification",
        )
    arguments = options.parse_args(argv)

    def make() -> ReferenceEmp:
        return ReferenceEmp(
            arguments.hub,
            arguments.provider_id,
            online=arguments.mode == "online",
            accepts=arguments.accepts,
            refuses=arguments.refuses,
            seed=arguments.seed,
            timeout=arguments.timeout,
        )

    return run(arguments, make, apply)


if __name__ == "__main__":
    sys.exit(main())
