"""The measured figures of a statement, in words: for all reports the same."""

from collections.abc import Iterator

from oicp_conformance.judge.statement import FiguresPart, SpreadPart, Statement


def measured(statement: Statement) -> Iterator[tuple[str, str]]:
    """Each operation that has figures, with its figures in words."""
    for one in statement.operations:
        if one.figures is not None:
            yield one.operation, in_words(one.figures)


def in_words(figures: FiguresPart) -> str:
    """The figures of an operation on one line."""
    told = [f"{figures.calls} call{'s' if figures.calls > 1 else ''}"]
    told += [f"{figures.calls_per_minute:g} a minute, at most {figures.busiest_minute} in one"]
    told += [f"{name} {_spread(spread)}" for name, spread in times(figures)]
    return "; ".join(told)


def times(figures: FiguresPart) -> Iterator[tuple[str, SpreadPart]]:
    """The times of an operation that were measured, each with its name."""
    for name, spread in (
        ("responses", figures.answers),
        ("stimulus to call", figures.stimulus_to_call),
        ("end of charge to CDR", figures.end_to_record),
    ):
        if spread is not None:
            yield name, spread


def _spread(spread: SpreadPart) -> str:
    return f"{spread.median:.3f} s median, {spread.p95:.3f} s p95 (of {spread.count})"
