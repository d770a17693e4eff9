"""One hostile behaviour, and what is expected of the suite."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from oicp_conformance.oicp.types import Role

if TYPE_CHECKING:
    from tools.hostile.scene import Scene

Direction = Literal["answer", "request", "connection"]
"""The target's answer to the hub; its request to the hub; connections without requests."""
Tls = Literal["", "target", "hub"]
"""Who speaks https."""
MEGABYTES = 1024
"""What a run may need of memory, whatever a target does."""


@dataclass(frozen=True)
class Expected:
    """What the suite makes of a behaviour; the requirements are all that have findings."""

    verdict: str
    fails: tuple[str, ...] = ()
    warns: tuple[str, ...] = ()
    says: str = ""
    """Words that a finding, the exchange or the limits of the run must have."""

    @property
    def blames(self) -> str:
        """Who is blamed."""
        return "target" if self.fails or self.warns else "nobody"


ORDINARY = "an ordinary request"
"""In place of a requirement: the one that the hub's request tries."""
FINE = Expected("partial")
"""Nothing is found: a part of a run, in which nothing was broken."""
Does = Callable[["Scene"], object]
"""What a peer does."""


@dataclass(frozen=True)
class Behaviour:
    """A behaviour of a peer."""

    name: str
    direction: Direction
    does: Does
    expected: Expected
    tls: Tls = ""
    seconds: float = 10.0
    """How long it may take, with judging and reports, on a machine that is not busy."""
    megabytes: int = 512
    """How much memory the suite and the peer, which share a process, may need."""
    roles: tuple[Role, ...] = ("cpo", "emp")
