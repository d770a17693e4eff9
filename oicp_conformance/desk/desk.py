"""The desk: one target, or the reference CPO and EMP, each with a hub before it."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from oicp_conformance.desk.acts import Impossible
from oicp_conformance.desk.feed import Feed
from oicp_conformance.desk.side import Side
from oicp_conformance.oicp.types import Role
from oicp_conformance.run.run import Run


class Desk:
    """All that runs until it is stopped."""

    def __init__(self, runs: Sequence[Run], on_reset: Callable[[], object] = lambda: None) -> None:
        """`on_reset` is called before the desk forgets; `after_reset`, which may be set, afterwards."""
        self.feed = Feed()
        self.sides: Mapping[Role, Side] = {run.profile.target.role: Side(run, self.feed) for run in runs}
        self._on_reset = on_reset
        self.after_reset: Callable[[], object] = lambda: None

    def start(self) -> None:
        """Begin to listen; raises `HubError` when an address cannot be had."""
        for side in self.sides.values():
            side.start()

    def stop(self) -> None:
        """Stop everything; may be called twice."""
        for side in self.sides.values():
            side.stop()
        self.feed.close()

    def reset(self) -> None:
        """Forget everything but where the targets are."""
        self._on_reset()
        for side in self.sides.values():
            side.reset()
        self.after_reset()
        self.feed.tell("reset", {})

    def side(self, role: Role | None = None) -> Side:
        """Return the side of a role, or the only one.

        Raises:
            Impossible: there is none, or there are two.
        """
        if role is None:
            if len(self.sides) > 1:
                raise Impossible("role: name the target, cpo or emp", HTTPStatus.BAD_REQUEST)
            return next(iter(self.sides.values()))
        if role not in self.sides:
            raise Impossible(f"this is for a hub whose target is {'a CPO' if role == 'cpo' else 'an EMP'}")
        return self.sides[role]
