"""Put a team of codex workers on one question and get one answer worth reading."""

__version__ = "0.1.0"
