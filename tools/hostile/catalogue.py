"""All behaviours."""

from tools.hostile.answers import ANSWERS
from tools.hostile.asks import ASKS
from tools.hostile.secured import SECURED

ALL = (*ANSWERS, *ASKS, *SECURED)
"""The catalogue."""
