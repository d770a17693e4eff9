"""What all tables of a profile have in common."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of the profile: unknown keys and values of another type are errors; it does not change.

    The text below a key is what the documentation and the JSON Schema say about it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
