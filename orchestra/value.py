"""The base of every value that crosses a room: frozen, validated, and nothing unknown in it."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen pydantic model. Data moves forward; nothing writes back into it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
