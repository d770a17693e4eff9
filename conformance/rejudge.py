"""Judging a saved run again, by today's rules and without a target."""

from dataclasses import replace
from pathlib import Path

from conformance import archive
from conformance.judge.frame import conclude, state
from conformance.judge.verdicts import Judgement
from conformance.oicp.types import plain_id
from conformance.profile import Profile
from conformance.redaction import Redactor
from reports.advice import advice
from reports.results import errata

FILES = (archive.STATEMENT, "errata.md")
"""What a re-judging writes."""


def rejudge(journal: Path, folder: Path, *, profile: Profile | None, strict: bool) -> Judgement:
    """Judge a saved run, and write its statement and its errata to a folder.

    A profile takes the place of the saved one; `strict` makes the run strict if it was not.

    Raises:
        ArchiveError: the run cannot be read, or it is one of the other role.
    """
    record, frame = archive.read(journal)
    if profile is not None:
        if profile.target.role != record.role:
            raise archive.ArchiveError(
                f"{journal}: this is a run of role {record.role}, and the profile is one of role "
                f"{profile.target.role}"
            )
        record = replace(record, profile=_with_customers_of(record.profile, profile))
    frame = replace(frame, strict=frame.strict or strict)
    # What was saved is redacted already: of a profile that is given, only its own secrets are left.
    redactor = Redactor.of_listed(record.profile)
    judgement = redactor.judgement(conclude(record, frame))
    said = archive.digest(journal, record)
    result = state(judgement, frame, journal=said, advise=lambda row: advice(row, record.profile))
    archive.write_statement(folder, result)
    (folder / "errata.md").write_text(errata(judgement.findings), encoding="utf-8")
    return judgement


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
