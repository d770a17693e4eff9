"""The options of a run: one table for pytest and for the command `oicp-conformance`.

It is read in every session of pytest of whoever has the suite installed, so it imports next to nothing.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

SEED = 1
"""The seed of a run that names none: a verdict must not depend on luck."""
RANDOM = "random"
EXAMPLES = 3
"""Generated requests, or sequences, for each property in a run that names no number."""
OCPP_VERSIONS = ("1.6", "2.0.1", "2.1")
"""The OCPP versions of virtual charging stations."""


@dataclass(frozen=True)
class Option:
    """One option; `read` makes its value of the text, and raises ValueError with what is wrong."""

    name: str
    help: str
    metavar: str = ""
    """What its value is called; empty for an option without a value."""
    read: Callable[[str], Any] = str
    many: bool = False
    """Whether it may be repeated."""
    default: Any = None
    hidden: bool = False
    """Whether the command's help leaves it out: the error that asks for it names it."""
    bare: str | None = None
    """Its value where the option is given without one; None where it needs one."""

    @property
    def key(self) -> str:
        """Its name in Python."""
        return self.name.removeprefix("--").replace("-", "_")


def _seed(text: str) -> int | str:
    if text == RANDOM or text.isdecimal():
        return text if text == RANDOM else int(text)
    raise ValueError(f"{text!r} is neither a non-negative integer nor {RANDOM!r}")


def _examples(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is not a non-negative integer")
    return int(text)


def _ocpp(text: str) -> str:
    if text not in OCPP_VERSIONS:
        raise ValueError(f"{text!r} is neither {' nor '.join(map(repr, OCPP_VERSIONS))}")
    return text


def _setting(text: str) -> str:
    if not text.partition("=")[0].strip() or "=" not in text:
        raise ValueError(f"{text!r} is not KEY=VALUE, such as target.base_url=http://127.0.0.1:9000")
    return text


TARGET = Option("--target", "the profile of the backend under test", "FILE", Path)
SET = Option("--set", "change the profile, e.g. hub.listen=0.0.0.0:8600", "KEY=VALUE", _setting, many=True)
CONSENT = Option("--i-may-test-this-system", "confirm it for a public address or Hubject itself", hidden=True)
OPERATION = Option("--operation", "run only the tests about this operation", "NAME", many=True)
EXAMPLES_OPTION = Option(
    "--examples",
    f"generated inputs for each property (default: {EXAMPLES}; 0: none)",
    "N",
    _examples,
    default=EXAMPLES,
)
SEED_OPTION = Option(
    "--seed", f"seed of all test data (default: {SEED}; {RANDOM}: a new one)", f"N|{RANDOM}", _seed
)
DEVIATIONS = Option("--deviations", "the list of known deviations", "FILE", Path)
BASELINE = Option("--baseline", "compare with this statement or report folder", "FILE", Path)
HISTORY = Option("--history", "keep results here, and show their trend in report.html", "FILE", Path)
REPORT_DIR = Option("--report-dir", "write the reports here (default: reports/out/<run>)", "DIR", Path)
NO_HTML = Option("--no-report-html", "do not render report.html")
OCPP = Option(
    "--ocpp",
    "drive the reference CPO by virtual charging stations (default: 1.6; without --target)",
    "1.6|2.0.1|2.1",
    _ocpp,
    bare="1.6",
)
JOURNAL = Option("--journal", "judge a saved journal again, without a target", "FILE", Path)

ALL = (
    *(TARGET, SET, CONSENT, OPERATION, EXAMPLES_OPTION, SEED_OPTION, DEVIATIONS, BASELINE, HISTORY),
    *(REPORT_DIR, NO_HTML, JOURNAL, OCPP),
)


def settings(given: Sequence[str], *, consent: bool) -> list[str]:
    """Return the changes of the profile that a command line asks for."""
    return [*given, *([f"target.consent={CONSENT.name}"] if consent else [])]


def offer(parser: "pytest.Parser", options: Iterable[Option] = ALL) -> None:
    """Offer the options to pytest."""
    group = parser.getgroup("oicp", "OICP conformance")
    for one in options:
        if not one.metavar:
            group.addoption(one.name, action="store_true", help=one.help)
            continue
        group.addoption(
            one.name,
            action="append" if one.many else "store",
            default=[] if one.many else one.default,
            **({"nargs": "?", "const": one.bare} if one.bare else {}),
            type=_for_argparse(one.read),
            metavar=one.metavar,
            help=one.help,
        )


def _for_argparse(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def checked(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return checked
