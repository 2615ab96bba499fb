"""The bases of every value that crosses a room: frozen, validated, and nothing unknown in it."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler

AtLeastOne = Annotated[int, Field(ge=1)]
"""Of a pattern's input: 0 or less is refused before anybody is asked."""

if TYPE_CHECKING:
    Model = BaseModel  # a type checker takes a class with another metaclass for no model
else:

    class OwnWords(type(BaseModel)):
        """What `help()` tells of a value is what it says itself, not the 400 lines pydantic says of every model."""

        def __dir__(cls) -> list[str]:
            own = {name for kind in cls.__mro__ if kind.__module__.startswith("orchestra.") for name in vars(kind)}
            return sorted(name for name in own - {*vars(BaseModel)} if not name.startswith("_"))

    class Model(BaseModel, metaclass=OwnWords):
        """What every value is made of."""

        def __str__(self) -> str:
            """What `print` shows is what a prompt shows: a line, where the value has one, and never all its fields."""
            return repr(self)


class Value(Model):
    """A frozen pydantic model. Data moves forward; nothing writes back into it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Described(Value):
    """What a worker is asked to fill in: a field's docstring tells it, in the schema, what belongs there.

    The docstrings are read when the schema is asked for. Pydantic's `use_attribute_docstrings` reads the source of
    every class when it is made, which took a third of all that loading orchestra takes.
    """

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The schema, with what is told of each field."""
        schema = handler(core)
        fields = handler.resolve_ref_schema(schema)["properties"]
        for kind in cls.__mro__[: cls.__mro__.index(Described)]:
            for name, told in _told(kind):
                fields[name].setdefault("description", told)
        return schema


def _told(kind: type) -> Iterator[tuple[str, str]]:
    """The fields a class has a docstring for."""
    source = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(source, ast.ClassDef)
    for field, after in pairwise(source.body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(told))):
                yield name, inspect.cleandoc(told)
