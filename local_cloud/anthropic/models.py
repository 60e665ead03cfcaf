"""The models as Anthropic's pages "Models overview", "Pricing", "Prompt caching" and "Vision" have them (pure).

Not the house's price list: what the two say must agree, and only a second writing can tell that they do not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """What a model costs and can do: dollars per million tokens, and what the cache costs of these."""

    input_usd: float
    output_usd: float
    read_share: float = 0.1
    long_prompt: tuple[int, float] | None = None  # above so many tokens everything costs so many times as much
    least_cached_tokens: int = 512
    has_effort: bool = True
    characters_per_token: float = 2.5  # "1M tokens is roughly 2.5M Unicode characters" since 4.7
    image_edge: int = 2576
    image_tokens: int = 4784
    is_retired: bool = False


MODELS = {
    "claude-haiku-5-5": Model(0.10, 0.50, long_prompt=(100_000, 5.0)),
    "claude-sonnet-5-5": Model(2.0, 10.0, read_share=0.05),
    "claude-opus-5-5": Model(4.0, 20.0, read_share=0.05),
    "claude-haiku-4-5": Model(
        1.0, 5.0, least_cached_tokens=4096, has_effort=False, characters_per_token=3.4,
        image_edge=1568, image_tokens=1568,
    ),
    "claude-sonnet-4-20250514": Model(3.0, 15.0, least_cached_tokens=1024, has_effort=False, is_retired=True),
}  # fmt: skip
WRITE_SHARES = {"5m": 1.25, "1h": 2.0}
BATCH_SHARE = 0.5


@dataclass(frozen=True)
class Usage:
    """Tokens of one message, as its `usage` says them. A token is in exactly one of the kinds."""

    fresh: int
    output: int
    written_5m: int = 0
    written_1h: int = 0
    read: int = 0

    def as_json(self, tier: str) -> dict[str, object]:
        """`usage` of a message."""
        return {
            "input_tokens": self.fresh,
            "output_tokens": self.output,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m,
                "ephemeral_1h_input_tokens": self.written_1h,
            },
            "service_tier": tier,
        }

    def usd(self, model: Model, is_batch: bool) -> float:
        """What the account is billed."""
        prompt = self.fresh + self.written_5m + self.written_1h + self.read
        written = self.written_5m * WRITE_SHARES["5m"] + self.written_1h * WRITE_SHARES["1h"]
        inputs = (self.fresh + written + self.read * model.read_share) * model.input_usd
        times = model.long_prompt[1] if model.long_prompt and prompt > model.long_prompt[0] else 1.0
        return (inputs + self.output * model.output_usd) * times * (BATCH_SHARE if is_batch else 1.0) / 1e6
