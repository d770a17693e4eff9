"""What a user would use instead: schemathesis alone, with the official OpenAPI documents, on the same faults.

`python -m tools.comparison --documents DIR [--matrix FILE] [--out DIR] [--jobs 2] [--sample N]`

DIR holds clones of Hubject's oicp-cpo-2.3-api-doc and oicp-emp-2.3-api-doc. Schemathesis sees what a target
serves. Of what a target sends by itself it sees nothing, so those faults are counted and not run. A fault is
caught when schemathesis fails although all that it says of the faultless target has been accepted, by its own
`--baseline`; what it says of that one, and what is new for a conformant variant, are wrong accusations.

Each is done plain, and with the help of a tester who knows the target: its ids in the documents
(`write_with_help`), and sessions and refusals as `tools.comparison_hooks` explains them.

Written to DIR: `faults.tsv` (one fault or variant a line), `comparison.tsv` and `comparison.md` (categories).
What DIR already holds is not run again, so that what was stopped goes on, and a sample can grow.
"""

import argparse
import csv
import itertools
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from schemathesis.core.deserialization import deserialize_yaml

from fixtures.faults import Fault, every
from fixtures.faults.transport import SPOILS
from fixtures.faults.variants import ANY
from oicp_conformance.embedded import ACCEPTS, EVSE_IDS, free_port, reference
from oicp_conformance.oicp.operations import BY_NAME, OPERATIONS
from oicp_conformance.oicp.types import Role

Help = Literal["plain", "helped"]
_ROOT = Path(__file__).parent.parent
DOCUMENT = "oicp-{role}-2.3-api-doc/src"
LONGEST = 45.0
"""Seconds for each operation that is tried, until a run is ended that has found nothing."""
ROLES: tuple[Role, ...] = ("cpo", "emp")

# Categories

FIELDS = "fields of responses"
HTTP = "HTTP behaviour"
CONSISTENCY = "consistency of responses"
SESSIONS = "sessions and places"
TOLERANCE = "tolerance"
MEANING = "who and what is accepted"
REACHABLE = (FIELDS, HTTP, CONSISTENCY, SESSIONS, TOLERANCE, MEANING)
EFFECTS = "served, but shows only in what is sent"
SENT: Mapping[str, tuple[str, ...]] = {
    "authorizations": ("eRoamingAuthorizeStart", "eRoamingAuthorizeStop"),
    "notifications": ("eRoamingChargingNotifications",),
    "charge detail records": ("eRoamingChargeDetailRecord",),
    "EVSE data and status": ("eRoamingPushEvseData", "eRoamingPushEvseStatus"),
    "prices": ("eRoamingPushPricingProductData", "eRoamingPushEVSEPricing"),
    "remote starts and stops, reservations": (
        "eRoamingAuthorizeRemoteStart",
        "eRoamingAuthorizeRemoteStop",
        "eRoamingAuthorizeRemoteReservationStart",
        "eRoamingAuthorizeRemoteReservationStop",
    ),
    "authentication data": ("eRoamingPushAuthenticationData",),
    "pulls": (
        "eRoamingPullEvseData",
        "eRoamingPullEvseStatus",
        "eRoamingPullEvseStatusByID",
        "eRoamingPullEvseStatusByOperatorID",
        "eRoamingPullPricingProductData",
        "eRoamingPullEVSEPricing",
        "eRoamingGetChargeDetailRecords",
    ),
}
"""What a target sends by itself, where schemathesis sees nothing."""
CATEGORIES = (*REACHABLE, EFFECTS, *SENT)
WHOLE_ROLE = {SESSIONS, MEANING}
"""Where an operation may show what is wrong with another one, so that all are tried."""
_NAMED: tuple[tuple[str, str], ...] = (
    (HTTP, rf"-({'|'.join(re.escape(name) for name, *_ in SPOILS)}|not-served)$|-500-on-|crash-parallel$"),
    (
        TOLERANCE,
        r"-breaks-(on|without)-|-(needs|wants)-|-one-operator-only$|-refuses-error-type"
        r"|-crash-(hashed|nested|bare)-|-z-refused$",
    ),
    (EFFECTS, r"^cdr-(for|lost)-|-without-cdr$|^card-session-|^reservation-own-session-id$|-remote-refused$"),
    (CONSISTENCY, r"-other-((emp|cpo)-partner-)?session-id$|-other-provider-id$|-session-id-changes$"),
    (CONSISTENCY, r"^evse-data-(not-compatible|without-remote-mode)$"),
    (CONSISTENCY, r"-(yes|no)-with-\d+$|-result-beside-status$|-code-101$"),
    (SESSIONS, r"-(ended|closed|unknown)-session$|-without-effect$|^refuses-running-session$"),
    (SESSIONS, r"-any-evse$|-occupied-evse$|^reserve(s-twice|d-for-nobody)$|^reservation-ignored$"),
    (SESSIONS, r"-(own|other)-medium$|-crash-(repeated|after-record)$|-starts-none$|-list-not-honoured$"),
    (EFFECTS, r"-refused-after-end$|-second-type-refused$|^rejected-stop-|^stop-ends-"),
    (TOLERANCE, r"-local-times-compared$|-refuses-sub-provider$"),
    (TOLERANCE, r"-(days-late|of-sub-operator|kwh|of-days)-refused$"),
    (MEANING, r"^(starts|refuses|accepts|reserves)-|-accepts-anything$|-refuses-every-cdr$"),
    (FIELDS, r"-(missing|null|text|number|acknowledgement|status)$|-(unknown|long)-code$"),
    (FIELDS, r"-(bad|long|flat|without|null)-"),
    (FIELDS, r"^stop-identifications-|^authstart-stops-|^wrong-"),
    (SESSIONS, r"^forgets-other-session-|^one-partner-session-id$|-for-the-newest$"),
    (MEANING, r"-undeclared$"),
)


def is_served(role: Role, operation: str) -> bool:
    """Tell whether a target is called for an operation, and does not call."""
    part = BY_NAME[operation].parts.get("cpo" if role == "cpo" else "emp-online")
    return part is not None and part.direction == "hub-to-target"


def category(role: Role, fault: Fault) -> str:
    """Say what kind of fault it is; raises LookupError for one that no category names."""
    if not is_served(role, fault.operation):
        return next(kind for kind, operations in SENT.items() if fault.operation in operations)
    for kind, pattern in _NAMED:
        if re.search(pattern, fault.name):
            return kind
    raise LookupError(f"no category names the fault {fault.name}")


# Schemathesis


@dataclass(frozen=True)
class Said:
    """What schemathesis said of one target."""

    role: str
    name: str
    help: Help
    ended: bool
    new: list[str]
    """Check and operation of each failure that was not accepted before."""
    cases: int
    seconds: float


def read_report(report: Mapping[str, Any]) -> tuple[list[str], int]:
    """Take from a JSON report of schemathesis what is new, errors too, and the count of cases."""
    new = [
        f"{failure['type']} {operation}"
        for failure in report["failures"]
        for operation in failure["operations"]
    ]
    new += [error["title"] for error in report["errors"]]
    return new, int(report["test_cases"]["generated"])


def served(role: Role) -> list[str]:
    """Name the operations that a target serves."""
    return [one.name for one in OPERATIONS if is_served(role, one.name)]


class UnusableError(Exception):
    """What schemathesis said is no ground for a comparison."""


class Comparison:
    """The runs of schemathesis, with or without help, in one folder."""

    def __init__(self, documents: Path, folder: Path) -> None:
        self.documents = documents
        self.folder = folder

    def prepare(self, jobs: int) -> None:
        """Write the documents with help, and accept what schemathesis says of the faultless targets.

        Raises UnusableError when there is nothing to compare with.
        """

        def accept(role: Role, how: Help) -> None:
            for operations in (served(role), *([one] for one in served(role))):
                if not self.run(role, "", how, operations, accept=True).ended:
                    limit = LONGEST * len(operations)
                    raise UnusableError(f"a run against the faultless target took over {limit:g} s")

        for role in ROLES:
            write_with_help(role, self.documents, self.folder / "documents")
        with ThreadPoolExecutor(jobs) as pool:
            # What is accepted grows from run to run, in one file for each role and help: one thread each.
            list(pool.map(accept, *zip(*itertools.product(ROLES, get_args(Help)), strict=True)))

    def accepted(self, how: Help) -> int:
        """Count what schemathesis says of the faultless targets."""
        files = [self.folder / f"accepted-{how}-{role}.json" for role in ROLES]
        return sum(len(json.loads(file.read_text(encoding="utf-8"))["entries"]) for file in files)

    def run(
        self, role: Role, name: str, how: Help, operations: Sequence[str], *, accept: bool = False
    ) -> Said:
        """Run schemathesis against a target with one change; what has been run is read."""
        own = self.folder / "runs" / how / role / (name or "-".join(("faultless", *operations)))
        result = own / "result.json"
        if result.exists():
            return Said(**json.loads(result.read_text(encoding="utf-8")))
        own.mkdir(parents=True, exist_ok=True)
        # Keeps a configuration of whoever calls, and what an earlier run has learned, out of this one.
        (own / "schemathesis.toml").write_text("[cache]\nenabled = false\n", encoding="utf-8")
        began = time.monotonic()
        options = ("--fault", name) if name else ()
        with reference(
            role, f"http://127.0.0.1:{free_port()}", options=options, package="fixtures", cwd=_ROOT
        ) as target:
            ended = self._schemathesis(role, how, operations, target["base_url"], own, accept=accept)
        new: list[str] = []
        cases = 0
        if ended:
            if not (own / "report.json").exists():
                raise UnusableError(f"schemathesis gave no report: see {own / 'console.txt'}")
            report = json.loads((own / "report.json").read_text(encoding="utf-8"))
            if report["operations"]["selected"] != len(operations) or (accept and report["errors"]):
                raise UnusableError(f"schemathesis cannot use the document: see {own / 'console.txt'}")
            new, cases = read_report(report)
        said = Said(role, name, how, ended, new, cases, round(time.monotonic() - began, 1))
        if ended or name:
            result.write_text(json.dumps(asdict(said)), encoding="utf-8")
        return said

    def _schemathesis(
        self, role: Role, how: Help, operations: Sequence[str], url: str, own: Path, *, accept: bool
    ) -> bool:
        """Run schemathesis; tells whether it came to an end."""
        documents = self.documents if how == "plain" else self.folder / "documents"
        command = [sys.executable, "-m", "schemathesis.cli", "run"]
        command += [str((documents / DOCUMENT.format(role=role) / "openapi.yaml").resolve())]
        command += ["--url", f"{url}/api/oicp", "--seed", "1", "--workers", "1", "--no-color"]
        command += ["--include-operation-id-regex", f"^({'|'.join(operations)})(_|$)"]
        # "Please ensure a request run time of under 10 seconds", the documents say.
        command += ["--checks", "all", "--max-response-time", "10", "--request-timeout", "11"]
        command += ["--generation-database", "none", "--report-json-path", str(own.resolve() / "report.json")]
        command += ["--baseline", str(self.folder.resolve() / f"accepted-{how}-{role}.json")]
        command += ["--baseline-update", "--continue-on-failure"] if accept else ["--max-failures", "1"]
        environment = dict(os.environ) | {"PYTHONPATH": str(_ROOT)}
        if how == "helped":
            environment["SCHEMATHESIS_HOOKS"] = "tools.comparison_hooks"
        with (own / "console.txt").open("w", encoding="utf-8") as console:
            try:
                subprocess.run(  # noqa: S603 - our own command
                    command,
                    cwd=own,
                    env=environment,
                    check=False,
                    stdout=console,
                    stderr=console,
                    timeout=LONGEST * len(operations),
                )
            except subprocess.TimeoutExpired:
                return False
        return True


# Help

MISSPELLED = {"EMPPartnerSessionId": "EMPPartnerSessionID", "HubProviderId": "HubProviderID"}
TELL_OF_A_SESSION = ("eRoamingChargingNotification", "eRoamingChargeDetailRecord")


def write_with_help(role: Role, documents: Path, folder: Path) -> None:
    """Copy a document, with what the target knows in the places where OICP allows anything.

    Its EVSE, its partner and media that it accepts, also in the examples; null as good as absent. A refusal
    by HTTP 4xx looks as one by 200 does. Where schemathesis would else accuse the faultless target, documents
    are put right as the specification has it: two spellings, what is mandatory in five messages, the Type of
    each notification.
    """
    root = documents / DOCUMENT.format(role=role)
    media = ACCEPTS[3:] if role == "cpo" else ACCEPTS[:3]
    known: dict[str, Any] = {"EvseID": EVSE_IDS[0], "ProviderID": "DE-DCB", "Identification": media[0]}
    for file in sorted(root.rglob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        for wrong, right in MISSPELLED.items():
            text = text.replace(wrong, right)
        content = deserialize_yaml(text)
        if file.stem == "Identification":
            content = {"anyOf": [_exactly(medium) for medium in media]}
        elif file.parent.name == "schemas":
            _put_right(role, file.stem, content)
            _allow_null(content)
        elif "post" in content:
            content["post"]["responses"]["4XX"] = content["post"]["responses"]["200"]
        if isinstance(content.get("example"), dict) and file.parent.name == "schemas":
            given = content["example"]
            content["example"] = given | {key: value for key, value in known.items() if key in given}
        copy = folder / DOCUMENT.format(role=role) / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        # JSON is YAML.
        copy.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


def _put_right(role: Role, name: str, schema: dict[str, Any]) -> None:
    """Change one schema of a document in place."""
    if name == "EvseID" and role == "cpo":
        del schema["pattern"]
        schema["enum"] = [EVSE_IDS[0], EVSE_IDS[0].replace("*", "")]
    elif name == "ProviderID":
        schema["enum"] = ["DE-DCB"] if role == "cpo" else ["DE-DCB", "DE*DCB", "DEDCB"]
    elif name == "eRoamingAuthorizeRemoteReservationStart" and role == "cpo":
        # Hubject makes the SessionID before it asks the CPO.
        schema["required"].append("SessionID")
    elif name.startswith(TELL_OF_A_SESSION) and "Identification" in schema.get("properties", ()):
        # Whoever the customer is, an EMP must take it.
        card = "RFIDMifareFamilyIdentification"
        medium = {"type": "object", "required": [card], "properties": {card: {"$ref": f"./{card}.yaml"}}}
        schema["properties"]["Identification"] = medium
    if kind := re.fullmatch(r"eRoamingChargingNotification(Start|Progress|End|Error)", name):
        schema["properties"]["Type"] = {"type": "string", "enum": [kind[1]]}
        schema["required"].remove("OperatorID")
        if kind[1] == "Progress":
            figures = {"ChargingDuration": "integer", "ConsumedEnergyProgress": "number"}
            schema["anyOf"] = [
                {"required": [field], "properties": {field: {"type": of}}} for field, of in figures.items()
            ]


def _allow_null(schema: Any) -> None:
    """Let every optional property be null, everywhere in a schema."""
    if isinstance(schema, dict):
        for inner in schema.values():
            _allow_null(inner)
        properties = schema.get("properties")
        if isinstance(properties, dict):
            for name in properties.keys() - set(schema.get("required", ())):
                properties[name] = {"nullable": True, "allOf": [properties[name]]}


def _exactly(value: Any) -> dict[str, Any]:
    """Make a schema of one value, to which an object may add what it likes."""
    if not isinstance(value, dict):
        return {"type": "string", "enum": [value]}
    properties = {name: _exactly(inner) for name, inner in value.items()}
    return {"type": "object", "required": list(value), "properties": properties}


# What comes of it


@dataclass(frozen=True)
class Row:
    """One fault or variant: what schemathesis said, and what the suite did."""

    role: str
    name: str
    kind: str
    category: str
    plain: str
    """yes: caught, or a variant accused; no; or nothing where it was not run."""
    helped: str
    said_plain: str
    said_helped: str
    seconds_plain: float | str
    seconds_helped: float | str
    suite_caught: str
    suite_attributed: str


def read_matrix(file: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Read from the suite's matrix what it caught and attributed; raises ValueError without those columns."""
    with file.open(encoding="utf-8") as lines:
        table = csv.DictReader(lines, delimiter="\t")
        missing = {"role", "name", "caught", "attributed"} - set(table.fieldnames or ())
        if missing:
            raise ValueError(f"{file} lacks the columns {', '.join(sorted(missing))}")
        return {(row["role"], row["name"]): (row["caught"], row["attributed"]) for row in table}


def chosen(role: Role) -> list[tuple[Role, Fault, str]]:
    """All faults of a role with their category, and the variants of what it serves."""
    return [
        (role, one, category(role, one) if one.kind == "fault" else "variant")
        for one in every(role)
        if one.kind == "fault" or one.operation == ANY or is_served(role, one.operation)
    ]


def totals(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Count by category, then all faults within reach, all faults, and the variants.

    Where schemathesis was run on a sample, the suite is counted on the same sample.
    """
    names: list[tuple[str, tuple[str, ...]]] = [(kind, (kind,)) for kind in CATEGORIES]
    names += [("all within reach", REACHABLE), ("all faults", CATEGORIES), ("variants", ("variant",))]
    made = []
    for name, kinds in names:
        mine = [row for row in rows if row.category in kinds]
        counts: dict[str, Any] = {"category": name, "count": len(mine)}
        run = [row for row in mine if row.plain]
        counts["run"] = len(run)
        for column in ("plain", "helped", "suite_caught", "suite_attributed"):
            values = [getattr(row, column) for row in run or mine]
            counts[column] = values.count("yes") if any(values) else ""
        made.append(counts)
    return made


def markdown(counts: Iterable[Mapping[str, Any]], accepted: Mapping[Help, int]) -> str:
    """Write the totals as a table."""
    with_suite = any(one["suite_caught"] != "" for one in counts)
    head = ["", "number", "schemathesis, plain", "schemathesis, with help"]
    head += ["oicp-conformance", "at the right requirement"] if with_suite else []
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    for one in counts:
        columns = ["plain", "helped", *(["suite_caught", "suite_attributed"] if with_suite else [])]
        sampled = f" ({one['run']} run)" if 0 < one["run"] < one["count"] else ""
        name = "conformant variants accused" if one["category"] == "variants" else one["category"]
        lines.append(
            [name, f"{one['count']}{sampled}", *(str(one[c]) if one[c] != "" else "–" for c in columns)]
        )
    wrong = ["accusations of the faultless targets", "2", str(accepted["plain"]), str(accepted["helped"])]
    lines.append(wrong + ["–", "–"] * with_suite)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(
    one: tuple[Role, Fault, str],
    said: Mapping[Help, Said],
    matrix: Mapping[tuple[str, str], tuple[str, str]],
) -> Row:
    role, fault, kind = one

    def verdict(how: Help) -> str:
        return ("yes" if said[how].new else "no") if how in said else ""

    def reasons(how: Help) -> str:
        if how not in said:
            return ""
        return "; ".join(said[how].new) if said[how].ended else "did not end"

    return Row(
        role,
        fault.name,
        fault.kind,
        kind,
        verdict("plain"),
        verdict("helped"),
        reasons("plain"),
        reasons("helped"),
        said["plain"].seconds if "plain" in said else "",
        said["helped"].seconds if "helped" in said else "",
        *matrix.get((role, fault.name), ("", "")),
    )


def _write(file: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, lines[0].keys(), delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(lines)


Job = tuple[tuple[Role, Fault, str], Help]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=Path, required=True, metavar="DIR")
    parser.add_argument("--matrix", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, default=_ROOT / "reports" / "out" / "comparison", metavar="DIR")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, metavar="N", help="run only so many, drawn by lot")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    options = parser.parse_args(arguments)
    for role in ROLES:
        document = options.documents / DOCUMENT.format(role=role) / "openapi.yaml"
        if not document.is_file():
            parser.error(f"--documents: there is no {document}")
    if options.jobs < 1 or (options.sample is not None and options.sample < 1):
        parser.error("--jobs and --sample: at least 1")
    try:
        options.matrix = read_matrix(options.matrix) if options.matrix else {}
    except (OSError, ValueError) as error:
        parser.error(f"--matrix: {error}")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare."""
    options = _options(arguments)
    every_one = [one for role in ROLES for one in chosen(role)]
    todo = [one for one in every_one if one[2] in {*REACHABLE, "variant"}]
    if options.only:
        todo = [one for one in todo if one[1].name in options.only]
    random.Random(1).shuffle(todo)  # noqa: S311 - a run that is stopped has drawn a sample by lot
    todo = todo[: options.sample]
    began = time.monotonic()
    comparison = Comparison(options.documents, options.out)
    try:
        comparison.prepare(options.jobs)
    except UnusableError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    said: dict[tuple[str, str], dict[Help, Said]] = {}

    def run(job: Job) -> Said:
        (role, fault, kind), how = job
        whole = kind in WHOLE_ROLE or kind == "variant"
        return comparison.run(role, fault.name, how, served(role) if whole else [fault.operation])

    with ThreadPoolExecutor(options.jobs) as pool:
        jobs: list[tuple[tuple[Role, Fault, str], Help]] = [
            (one, how) for one in todo for how in get_args(Help)
        ]
        for one in pool.map(run, jobs):
            said.setdefault((one.role, one.name), {})[one.help] = one
            told = "new failures" if one.new else "nothing new" if one.ended else "did not end"
            sys.stdout.write(f"{told:<12} {one.seconds:>5} s  {one.role} {one.help:<6} {one.name}\n")
            sys.stdout.flush()
    rows = [_row(one, said.get((one[0], one[1].name), {}), options.matrix) for one in every_one]
    counts = totals(rows)
    table = markdown(counts, {how: comparison.accepted(how) for how in get_args(Help)})
    _write(options.out / "faults.tsv", [asdict(row) for row in rows])
    _write(options.out / "comparison.tsv", counts)
    (options.out / "comparison.md").write_text(table, encoding="utf-8")
    spent = [one.seconds for both in said.values() for one in both.values()]
    sys.stdout.write(f"\n{table}\n{len(spent)} runs of {sum(spent) / max(len(spent), 1):.1f} s each, ")
    sys.stdout.write(f"{(time.monotonic() - began) / 60:.1f} minutes now\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
