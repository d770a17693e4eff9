"""The pulls of the EMP under test, and what Hubject has for them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from oicp_conformance.actors.stage import Stage
from oicp_conformance.hub import script
from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.hub.pulls import meanwhile
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.judge.requirements.expected_calls import CALLED
from oicp_conformance.judge.requirements.paging import LAST_PAGE
from oicp_conformance.oicp.operations import BY_NAME

_LARGE_PAGE = 100
"""Records of a page from which on it takes too long to make several pages full."""
OTHER_OPERATORS = ("FR*LYN", "+49*810")
"""Whose EVSEs Hubject publishes as well."""
_PAGES = 5
"""How many times `stimuli.wait` a target may take from one page to the next."""


class Pulls:
    """An EMP asks Hubject for data, page by page where there are pages."""

    def __init__(self, hub: Stage) -> None:
        self._hub = hub
        self._counterpart = hub.profile.counterpart
        self._published: list[dict[str, Any]] = []
        self._ended_early: set[str] = set()
        """Of what pulls, as they are counted, the last page did not come."""

    def read(
        self,
        operation: str,
        requirement: str = LAST_PAGE.id,
        parameters: Mapping[str, Any] | None = None,
    ) -> list[Exchange]:
        """The EMP pulls: all pages, where there are pages, up to the last one that came.

        Raises:
            Unobserved: nothing was pulled, or not the last page.
        """
        since = self._hub.last
        first = self.ask(operation, parameters)
        if BY_NAME[operation].is_paged:
            # Who reads the only page may still not read a second one: each is counted by itself.
            key = f"{'only' if _is_last_page(first) else 'last'} page of {operation}"
            self._hub.await_operation(
                operation,
                _is_last_page,
                requirement=requirement,
                since=since,
                after=first,
                key=key,
                passed=self._while_pages_come(operation, since, key),
            )
        elif requirement != LAST_PAGE.id:
            self._hub.await_operation(
                operation, _is_answered, requirement=requirement, since=since, after=first
            )
        pulled = (one for one in self._hub.journal.closed() if one.number > since)
        return [one for one in pulled if one.by_target and one.operation == operation]

    def _while_pages_come(self, operation: str, since: int, key: str) -> float:
        """Wait for the last page as long as further ones come: an EMP may take its time between them.

        That is more than `stimuli.wait`, until the last page did not come in that time once. Returns how many
        seconds passed without a page; 0 if the last one came.
        """
        patience = self._hub.patience(operation, key)
        seconds = patience if key in self._ended_early else _PAGES * patience
        read = since

        def is_news(one: Exchange) -> bool:
            return one.number > read or _is_last_page(one)

        while page := self._hub.wait_for(operation, is_news, seconds, since=since):
            read = page.number
            if _is_last_page(page):
                return 0.0
        self._ended_early.add(key)
        return seconds

    def ask(self, operation: str, parameters: Mapping[str, Any] | None = None) -> Exchange:
        """The EMP pulls, and what becomes of it is not waited for: the first request is enough."""
        return self._hub.await_operation(
            operation,
            lambda _: True,
            requirement=CALLED.id,
            since=self._hub.last,
            stimulus=parameters or {},
        )

    def answered(self, operation: str, since: int) -> None:
        """Give the EMP the time to pull all pages, also what Hubject did not answer with data at first."""
        self._hub.wait_for(operation, _is_last_page, self._hub.profile.stimuli.wait, since=since)

    def some_evses(self, count: int) -> list[str]:
        """EvseIDs of the operator on the other side; most of them have never been heard of."""
        made = (self._hub.faker.evse_id(self._counterpart.operator_id) for _ in range(count))
        return [*self._counterpart.evse_ids, *made][:count]

    def period(self) -> dict[str, str]:
        """The days of which the EMP settles the charges."""
        now = self._hub.hubject.store.now
        begin, end = now - timedelta(days=1), now + timedelta(hours=1)
        return {"From": begin.isoformat(timespec="seconds"), "To": end.isoformat(timespec="seconds")}

    def publish_more_than(self, exchanges: list[Exchange], pages: int = 1) -> None:
        """Have Hubject publish so many EVSEs that they do not fit on the page that the EMP asks for.

        They fill so many pages and a bit; of large pages, one is enough.
        """
        size = max((one.answer.get("size") or 0 for one in exchanges), default=0)
        wanted = size * (pages if size <= _LARGE_PAGE else 1)
        operators = (self._counterpart.operator_id, *OTHER_OPERATORS)
        if len(self._published) <= wanted:
            self._published = catalogue(self._hub.faker, wanted + 1, operators)
        # An EMP may pull only what has changed since its last call: something of each is another every time.
        for one in self._published:
            one["MaxCapacity"] = (one.get("MaxCapacity") or 0) + 1
        self._hub.hubject.store.let_time_pass()
        self._hub.hubject.store.publish(self._published)

    def insert_while_reading(self) -> script.Script:
        """Return a script that answers a page, and has EVSEs published before the next is asked for."""
        made = catalogue(self._hub.faker, 3, (self._counterpart.operator_id,))
        return meanwhile(lambda: self._hub.hubject.store.publish(made))


def _is_answered(one: Exchange) -> bool:
    return one.status == 200


def _is_last_page(one: Exchange) -> bool:
    return one.status == 200 and one.answer.get("last") is True
