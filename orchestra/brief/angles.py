"""From where researchers look where nobody names angles."""

ANGLES = (
    "what the primary sources say: the standard, the paper, the documentation, the data themselves",
    "what those report who did it in practice: experience, measurements, failures, and what they would do differently",
    "what speaks against the obvious answer: critics, counter-examples, limits, what changed recently",
)
