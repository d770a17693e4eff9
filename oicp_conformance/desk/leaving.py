"""What a desk leaves behind when it ends: a statement of what was seen, and a journal to judge again."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from oicp_conformance.desk.desk import Desk
from oicp_conformance.journal.archive import JOURNAL, NOTES
from oicp_conformance.judge.statement import Statement
from oicp_conformance.reporting import page
from oicp_conformance.run import archive
from oicp_conformance.run.run import Run


def leave(desk: Desk, statement: Path | None, record: Path | None) -> list[Statement]:
    """Write the statements into the folder `statement`, and the journals as the file `record`.

    Beside the journal lie its notes and its frame. Of two targets each has a folder of its own, named by its
    role, in that folder or beside that file. All is written as a run writes it: redacted.

    Raises:
        OSError: something cannot be written.
    """
    if statement is None and record is None:
        return []
    made = []
    for role, side in desk.sides.items():
        own = role if len(desk.sides) > 1 else ""
        with TemporaryDirectory(prefix="oicp-hub-") as scratch:
            folder = statement / own if statement else Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            made.append(_written(side.run, folder, with_page=statement is not None))
            if record:
                _keep(folder, record.parent / own / record.name)
    return made


def _written(run: Run, folder: Path, *, with_page: bool) -> Statement:
    run.folder = folder
    statement = run.finish()
    if with_page:
        page.write(folder / archive.STATEMENT)
    if run.search():
        statement = run.statement or statement
    return statement


def _keep(folder: Path, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    for name, kept in (
        (JOURNAL, file),
        (NOTES, file.with_name(NOTES)),
        (archive.FRAME, file.with_name(archive.FRAME)),
    ):
        if (folder / name).resolve() != kept.resolve():
            shutil.copyfile(folder / name, kept)
