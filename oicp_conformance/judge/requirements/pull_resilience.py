"""Pulls go on: after nulls and unknown values, after a failure, but not without end."""

from collections.abc import Iterator

from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.outcome import Outcome, Record, once
from oicp_conformance.judge.pulled import is_spoilt, pulls
from oicp_conformance.judge.repeated import Endless
from oicp_conformance.judge.requirement import awaited, emp, requirement, rule, rule_in_order
from oicp_conformance.judge.source import Source
from oicp_conformance.oicp.operation_names import PAGED, PULLS
from oicp_conformance.profile import Profile

SURVIVES = awaited(
    "pull.survives",
    emp(
        "SHOULD",
        "The EMP tolerates nulls, empty pages and unknown enumeration values in Hubject's responses.",
        Source("RN", "OICPVersionsCrossFunctional", 161, "lower"),
        on=PULLS,
    ),
)

AFTER_FAILURE = requirement(
    "pull.after-failure",
    emp(
        "SHOULD",
        "The EMP does not request a failing page again without limit.",
        Source("AUP", "rate-limits", 140, "lower"),
        on=PAGED,
    ),
)

FAILED_PAGE = awaited(
    "pull.failed-page",
    emp(
        "SHOULD",
        "The EMP continues to pull after a single failed pull.",
        Source("EMP 01", "error_handling", 24, "explicit"),
        on=PULLS,
    ),
)


@rule(SURVIVES, FAILED_PAGE)
def survives(record: Record) -> Iterator[Outcome]:
    """After an answer that Hubject may give, the pulls go on."""
    for wait in record.waits:
        if wait.came is not None or wait.stimulus not in (None, "done"):
            continue
        of_test = [one for one in pulls(record, wait.operation) if one.test == wait.test]
        spoilt = [one for one in of_test if is_spoilt(one)]
        if not spoilt or any(one.started >= _ended(spoilt[-1]) for one in of_test):
            continue  # a further pull came: that the next one did not has another reason
        if _asks_when_it_likes(record, wait.operation):
            continue
        failed = spoilt[-1].status != 200 or spoilt[-1].answer.get("Result") is False
        requirement = FAILED_PAGE if failed else SURVIVES
        if wait.operation in PULLS:
            yield requirement.broken(
                spoilt[-1],
                f"the target stopped pulling after this response ({spoilt[-1].scripted}): {wait.detail}",
                expected="further pulls; a longer [stimuli] wait if it tries again later",
                found="none",
                erratum=None if failed else "C058",
            )


@once
def _asks_when_it_likes(record: Record, operation: str) -> bool:
    """Whether an EMP did not pull once when it was asked to, without any trouble, and pulled again later.

    It may keep for a while what it has got.
    """
    pulled = list(pulls(record, operation))
    spoilt = {one.test for one in pulled if is_spoilt(one)}
    return any(
        wait.test not in spoilt
        and any(one.number > (wait.after or 0) and one.test != wait.test for one in pulled)
        for wait in record.waits_for(operation)
        if (wait.stimulus, wait.came) == ("done", None)
    )


def _ended(exchange: Exchange) -> float:
    return exchange.finished or exchange.started


@rule_in_order(AFTER_FAILURE)
def after_failure(_: Profile) -> Endless:
    """What was refused is not asked for again and again."""
    return Endless(AFTER_FAILURE, PAGED)
