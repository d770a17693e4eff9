"""Print the finding that README shows: `python -m tools.finding`."""

import re
import sys

from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.reporting import excerpt, results
from selftest.unit.journals import a_cpo


def finding() -> str:
    """Return what the suite reports of a CPO that sends Wh, without the address of the clause."""
    cpo = a_cpo()
    cdr = cpo.cdr(cpo.remote_start(), ConsumedEnergy=4000.0)
    (found, *_) = (one for one in outcomes(cpo.record) if one.is_finding and one.exchange == cdr.number)
    told = re.sub(r" \(https://\S+\)", "", results.finding(found, cpo.record))
    lines = excerpt.marked(cdr.request.json, found.pointer or "").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(excerpt.MARK))
    return "\n".join([told, "", *lines[at - 2 : at + 6]])


if __name__ == "__main__":
    sys.stdout.write(f"{finding()}\n")
