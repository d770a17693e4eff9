"""Judging a saved run again, by today's rules and without a target."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from oicp_conformance.journal.archive import ArchiveError
from oicp_conformance.judge.advice import advice
from oicp_conformance.judge.changes import compared
from oicp_conformance.judge.deviations import Deviation
from oicp_conformance.judge.frame import Frame, conclude, state
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.statement import Statement
from oicp_conformance.judge.verdicts import Judgement
from oicp_conformance.oicp.types import plain_id
from oicp_conformance.profile import Profile
from oicp_conformance.redaction import Redactor
from oicp_conformance.run import archive
from oicp_conformance.run.errata_page import errata_page

FILES = (archive.STATEMENT, "errata.md")
"""What a re-judging writes."""


@dataclass(frozen=True)
class Saved:
    """A saved run, as it is to be judged."""

    journal: Path
    record: Record
    frame: Frame


def read(journal: Path, *, profile: Profile | None, strict: bool, known: Sequence[Deviation] | None) -> Saved:
    """Read a saved run.

    A profile takes the place of the saved one, known deviations that of the saved ones (they are looked at as
    of today); `strict` makes the run strict if it was not.

    Raises:
        ArchiveError: the run cannot be read, or it is one of the other role.
    """
    record, frame = archive.read(journal)
    if profile is not None:
        if profile.target.role != record.role:
            raise ArchiveError(
                f"{journal}: this is a run of role {record.role}, and the profile is one of role "
                f"{profile.target.role}"
            )
        record = replace(record, profile=_with_customers_of(record.profile, profile))
    if known is not None:
        frame = replace(frame, known=tuple(known), today=date.today())
    return Saved(journal, record, replace(frame, strict=frame.strict or strict))


def rejudge(saved: Saved, folder: Path, baseline: Statement | None) -> tuple[Judgement, Statement]:
    """Judge a saved run, compare it with a baseline, and write its statement and its errata to a folder."""
    record, frame = saved.record, saved.frame
    # What was saved is redacted already: of a profile that is given, only its own secrets are left.
    redactor = Redactor.of_listed(record.profile)
    judgement = redactor.judgement(conclude(record, frame))
    said = archive.digest(saved.journal, record)
    result = state(judgement, frame, journal=said, advise=lambda row: advice(row, record.profile))
    if baseline is not None:
        result = compared(baseline, result)
    archive.write_statement(folder, result)
    (folder / "errata.md").write_text(errata_page(judgement.findings), encoding="utf-8")
    return judgement, result


def _with_customers_of(saved: Profile, given: Profile) -> Profile:
    """The given profile with the saved customers: their PINs, and those of the journal, are pseudonyms.

    A customer that only the given one has keeps its ids; of its PIN, nothing can be told.
    """
    known = [next(iter(one.values())) for one in saved.partner.accepts]
    ids = {plain_id(str(one["EvcoID"])) for one in known if "EvcoID" in one}
    more = [
        {kind: {name: field for name, field in value.items() if name not in {"PIN", "HashedPIN"}}}
        for one in given.partner.accepts
        for kind, value in one.items()
        if plain_id(str(value.get("EvcoID"))) not in ids
    ]
    accepts = [*saved.partner.accepts, *more]
    return given.model_copy(update={"partner": given.partner.model_copy(update={"accepts": accepts})})
