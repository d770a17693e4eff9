"""Judging a saved run again, by today's rules and without a target."""

from dataclasses import replace
from pathlib import Path

from conformance import archive
from conformance.judge.frame import conclude
from conformance.judge.verdicts import Judgement
from conformance.profile import Profile
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
        record = replace(record, profile=profile)
    judgement, statement = conclude(record, replace(frame, strict=frame.strict or strict))
    archive.write_statement(folder, statement)
    (folder / "errata.md").write_text(errata(judgement.findings), encoding="utf-8")
    return judgement
