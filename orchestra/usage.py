"""What a worker used."""

from orchestra.value import Value


class Usage(Value):
    """Tokens a worker or a run used, as codex counts them. Two of them can be added.

    Cumulative over a thread.

    Example:
        >>> orchestra.Usage(input_tokens=1000, output_tokens=20) + orchestra.Usage(input_tokens=500)
        <Usage: 1,520 tokens, 1,500 in (0 cached), 20 out>
    """

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_output_tokens: int = 0

    def __repr__(self) -> str:
        read = f"{self.input_tokens:,} in ({self.cached_input_tokens:,} cached)"
        return f"<Usage: {self.total:,} tokens, {read}, {self.output_tokens:,} out>"

    @property
    def total(self) -> int:
        """What a budget counts: everything read and everything written."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})
