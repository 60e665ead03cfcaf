"""Quantiles of values that count differently (pure)."""

from collections.abc import Iterable


def weighted_quantile(values: Iterable[tuple[float, float]], share: float) -> float:
    """The weighted quantile: the smallest value that so large a share of the weights does not exceed."""
    ordered = sorted(values)
    total, gone = sum(weight for _, weight in ordered), 0.0
    for value, weight in ordered:
        gone += weight
        if gone >= share * total:
            return value
    return ordered[-1][0]
