"""What Hypothesis draws depends on the seed, and not on the installation."""

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.internal.constants_ast import Constants


class Provider(HypothesisProvider):
    """Draws as Hypothesis does, but none of the constants that it finds in source code.

    Hypothesis reads all modules outside `site-packages` that are loaded at the time: those of an editable
    installation of the suite, or a driver of the user. With these constants, one seed would give other values
    on another machine, and other values when a module is loaded later.
    """

    _local_constants = Constants()


def install() -> None:
    """Have Hypothesis draw in this way."""
    AVAILABLE_PROVIDERS["hypothesis"] = Provider
