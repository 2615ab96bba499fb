"""The bases of every value that crosses a room: frozen, validated, and nothing unknown in it."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen pydantic model. Data moves forward; nothing writes back into it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Described(Value):
    """What a worker is asked to fill in: a field's docstring tells it, in the schema, what belongs there."""

    # Only here: pydantic reads the source file of every class for it, half of what starting orchestra would take.
    model_config = ConfigDict(use_attribute_docstrings=True)
