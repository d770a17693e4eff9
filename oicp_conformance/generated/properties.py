"""Trying a property on the target with many generated inputs, and making small what breaks it.

Nothing is asserted here: the rules of the judge say of what each input provoked whether something was broken.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import islice
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from oicp_conformance.actors.stage import Stage, Unobserved
from oicp_conformance.generated import provider
from oicp_conformance.generated.drafts import Draft
from oicp_conformance.hub.hub import TargetDown
from oicp_conformance.journal.answers import Answer, answer_of
from oicp_conformance.journal.exchange import Exchange
from oicp_conformance.journal.notes import Reduced
from oicp_conformance.judge.outcome import Outcome, Record
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.operations import BY_NAME

provider.install()

SECONDS = 5.0
"""How long a target is kept busy with a property at most; and how long counterexamples are made smaller, with
all that this takes."""
_CONTEXT = 20
"""So many exchanges of an operation that went well are enough to compare others with."""
_AHEAD = 50
"""So many drafts of a property are drawn before they are needed, at most."""
_DRY = 3
"""So many inputs in a row that show nothing of the target, and there is no use in more of them."""


class Counterexample(Exception):
    """What an input provoked broke a requirement; each kind is a class of its own, made small by itself."""


class _Enough(BaseException):  # of no kind that Hypothesis would go on after
    """The time is over, or the target is gone: there is no use in more inputs."""


@cache
def _kind(*of: object) -> type[Counterexample]:
    return type("Counterexample", (Counterexample,), {"of": of})


def _limits(examples: int, **more: Any) -> settings:
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        **more,
    )


Test = Callable[[Callable[[Draft], object]], None]
_SECOND = 2


def tests(
    freedoms: Sequence[str], drafts: st.SearchStrategy[Draft], *, name: str, examples: int
) -> Iterator[Test]:
    """A test for each example, the same ones for the same name; the freedoms take turns.

    The many examples of one test of Hypothesis would be much alike.
    """
    order = Random(name).sample(freedoms, len(freedoms))  # noqa: S311 - to be repeated
    for number in range(examples):
        yield partial(_test, drafts, f"{name} {number}", order[number % len(order)])


def _test(drafts: st.SearchStrategy[Draft], name: str, freedom: str, act: Callable[[Draft], object]) -> None:
    """Act on one draft, and make it smaller if it is a counterexample."""
    drawn = _drawn(drafts, name)
    if drawn is None:
        return
    try:
        act(replace(drawn, freedom=freedom))
    except Counterexample as error:
        broken = error
    else:
        return
    tried = 0

    def again(draft: Draft) -> None:
        nonlocal tried
        tried += 1
        if tried == _SECOND and draft == drawn:
            raise broken
        if tried >= _SECOND:
            act(replace(draft, freedom=freedom))

    _draw(drafts, name, again)


def property_name(seed: int, test: str) -> str:
    """The name of a property in a run of a seed: what is drawn for it depends on this."""
    return f"{seed} {test}"


def ahead(
    drafts: Callable[[], st.SearchStrategy[Draft]], *, name: str, examples: int
) -> Iterator[Callable[[], object]]:
    """What draws the drafts of a property: done before they are needed, it saves its test the time."""
    for number in range(min(examples, _AHEAD)):
        yield lambda number=number: _drawn(drafts(), f"{name} {number}")  # type: ignore[misc]


@lru_cache(maxsize=1000)
def _drawn(drafts: st.SearchStrategy[Draft], name: str) -> Draft | None:
    """The draft of a name. The first one is always the simplest there is, which the scenarios have."""
    drawn: list[Draft] = []
    _draw(drafts, name, drawn.append)
    return drawn[_SECOND - 1] if len(drawn) >= _SECOND else None


def _draw(drafts: st.SearchStrategy[Draft], name: str, act: Callable[[Draft], object]) -> None:
    @seed(name)
    @_limits(_SECOND)
    @given(draft=drafts)
    def holds(draft: Draft) -> None:
        act(draft)

    holds()


@dataclass(eq=False)
class Way:
    """What is made of one input."""

    since: int
    """The last exchange before it."""
    notes: int
    """How many notes the journal had before it."""
    steps: int = 0
    showed: int = 0
    """In how many of its steps all was to be seen that they are about."""
    broke: bool = False


class Property:
    """One property, tried on the target within a time."""

    def __init__(
        self,
        hub: Stage,
        *,
        name: str,
        seed: int,
        examples: int,
        is_known: Callable[[Outcome], bool],
        judged: bool = True,
    ) -> None:
        """Take a property; unless inputs are `judged` one by one, nothing is made small."""
        self.examples = examples
        self._judged = judged
        self.tried = 0
        self._hub = hub
        self._name = property_name(seed, name)
        self._is_known = is_known
        self._seconds = max(SECONDS, examples / 2)
        self._left = self._seconds
        self._until: float | None = None
        """When the time is over in which a counterexample is made smaller, if one is."""
        self._dry = 0
        self._reason = ""
        self._down: TargetDown | None = None
        self._ways: list[Way] = []
        self._broke: dict[type[Counterexample], list[Way]] = {}
        self._made_smaller: set[type[Counterexample]] = set()
        """What is being made smaller now; what was made so before is not begun with again."""

    # --- the two ways to generate

    def hold(
        self,
        freedoms: Sequence[str],
        drafts: st.SearchStrategy[Draft],
        act: Callable[[Draft], object],
    ) -> None:
        """Do something with each of many drafts of a request.

        Raises:
            Unobserved: not one of them could be tried.
            TargetDown: the target does not answer any more.
        """
        for test in tests(freedoms, drafts, name=self._name, examples=self.examples):
            if self.is_over:
                break
            self._run(lambda test=test: test(lambda draft: self._attempt(lambda: act(draft))))  # type: ignore[misc]
        self._finish()

    def sequences(self, machine: type[RuleBasedStateMachine], steps: int) -> None:
        """Go many ways through a state machine, which tells when one begins, of each step, and of its end.

        Raises:
            Unobserved: on none of them was anything to be seen.
            TargetDown: the target does not answer any more.
        """
        made, limits = seed(self._name)(machine), _limits(self.examples, stateful_step_count=steps)
        self._run(lambda: run_state_machine_as_test(made, settings=limits))
        self._finish()

    def _run(self, hypothesis: Callable[[], object]) -> None:
        self._made_smaller.clear()
        try:
            hypothesis()
        except _Enough:
            pass
        # A target that does not do the same twice looks flaky.
        except (Counterexample, Flaky, BaseExceptionGroup) as error:
            if (others := _others(error)) is not None:
                raise others from None
        # Whatever else breaks is to be found, too.
        self._until = None

    def _finish(self) -> None:
        self._tell()
        if self._down is not None:
            raise self._down
        if not self.tried:
            raise Unobserved(self._reason or f"nothing could be tried within {self._seconds:g} s")

    # --- one input

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be sent to the target."""
        is_late = self._left <= 0 if self._until is None else time.monotonic() >= self._until
        return self._down is not None or self._dry >= _DRY or is_late

    def _attempt(self, act: Callable[[], object]) -> None:
        way = self.begin()
        self.step(way, act)
        self.end(way)

    def begin(self) -> Way:
        """Begin with what is made of one input: a request, or a sequence of steps."""
        if self.is_over:
            raise _Enough
        way = Way(self._hub.last, len(self._hub.journal.notes))
        self._ways.append(way)
        return way

    def step(self, way: Way, act: Callable[[], object]) -> None:
        """Do one step, and ask the rules what became of it.

        Raises:
            Counterexample: something was broken on the way.
        """
        if self.is_over:
            return
        way.steps += 1
        began = time.monotonic()
        try:
            act()
        except Unobserved as reason:
            self._reason = str(reason)
        except TargetDown as down:
            self._down = down
            return
        else:
            way.showed += 1
        finally:
            if self._until is None:
                self._left -= time.monotonic() - began
        if not self._judged:
            return
        if findings := [one for one in self._findings(way) if not self._is_known(one)]:
            self._break(way, findings)

    def _break(self, way: Way, findings: list[Outcome]) -> None:
        kind = _kind(*min((one.requirement, one.operation) for one in findings))
        ways = self._broke.setdefault(kind, [])
        if ways and kind not in self._made_smaller:
            # It stays the last that is the smallest.
            ways.insert(0, way)
            return
        if self._until is None:
            self._until = time.monotonic() + self._seconds
        ways.append(way)
        self._made_smaller.add(kind)
        way.broke = True
        raise kind(findings[0].message)

    def end(self, way: Way) -> None:
        """Count what was tried."""
        if way.showed:
            self.tried, self._dry = self.tried + 1, 0
        elif way.steps:
            self._dry += 1

    def _findings(self, way: Way) -> list[Outcome]:
        """What was broken on a way, judged by what belongs to it: all would have to be judged each time."""
        journal, since = self._hub.journal, way.since
        closed = [one for one in journal.closed() if not (one.operation and BY_NAME[one.operation].is_push)]
        new = [one for one in closed if one.number > since]
        named = (part.get("SessionID") for one in new for part in (one.request, one.answer))
        sessions = [session for one in named if (session := self._hub.sessions.get(one))]
        wanted = {one.number for session in sessions for one in session.exchanges}
        operations = {one.operation for one in new if not one.by_target}
        # What the target says yes to, a refusal is compared with.
        context = (one for one in closed if not one.by_target and one.operation in operations)
        wanted |= {one.number for one in islice(filter(_is_taken, context), _CONTEXT)}
        exchanges = tuple(one for one in closed if one.number > since or one.number in wanted)
        record = Record(self._hub.profile, exchanges, tuple(journal.notes[way.notes :]))
        return [one for one in outcomes(record) if one.is_finding and (one.exchange or 0) > since]

    def _tell(self) -> None:
        """Note which exchanges show in the smallest way what others show, too."""
        ends = [*(way.since for way in self._ways), self._hub.last]
        numbers = {
            id(way): range(way.since + 1, end + 1) for way, end in zip(self._ways, ends[1:], strict=True)
        }
        for *larger, smallest in self._broke.values():
            others = sorted({number for way in larger for number in numbers[id(way)]})
            self._hub.journal.note(Reduced(self._hub.test, tuple(numbers[id(smallest)]), tuple(others)))

    @property
    def summary(self) -> str:
        """What was tried, in a sentence."""
        tried = f"{self.tried} inputs were tried"
        return (
            tried
            if self.tried >= self.examples
            else f"{tried} of {self.examples}: the time was over, or a precondition was missing"
        )


def _is_taken(exchange: Exchange) -> bool:
    return answer_of(exchange) is Answer.POSITIVE


def _others(error: BaseException) -> BaseException | None:
    """The errors that are the suite's own: no counterexample, nothing flaky, and not the end of the time."""
    if isinstance(error, BaseExceptionGroup):
        known = Counterexample | Flaky | _Enough | BaseExceptionGroup
        return error.subgroup(lambda one: not isinstance(one, known))
    return None
