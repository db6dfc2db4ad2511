"""A lab's figure as the browser gets it, and what its numbers are compared with."""

import json
import math
from typing import Any

import numpy as np

from attention.views.panels.frame import decode_values

SENTENCES = (
    "The animal didn't cross the street because it was too tired.",
    "لم يعبر الحيوان الشارع لأنه كان متعبا جدا.",
    "猫は疲れすぎていたので道を渡りませんでした。",
)


def by_id(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure's panels by id, after a trip through JSON, which has no NaN."""
    return {panel["id"]: panel for panel in json.loads(json.dumps(figure, allow_nan=False))["panels"]}


def matrix(panel: dict[str, Any]) -> np.ndarray:
    """The values of a panel of cells."""
    return decode_values(panel["values"]).double().numpy()


def texts(panel: dict[str, Any]) -> dict[str, str]:
    """What a panel of numbers shows, by name."""
    return {item["name"]: item["text"].replace("−", "-") for item in panel["items"]}


def softmax_of(scores: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    powers = np.exp((scores - scores.max(axis=-1, keepdims=True)) / temperature)
    return powers / powers.sum(axis=-1, keepdims=True)


def entropy_of(weights: np.ndarray) -> float:
    return -sum(one * math.log(one) for one in weights.tolist() if one > 0)


def thresholded(scores: np.ndarray, power: float) -> np.ndarray:
    """Weights max(0, x - t)^power with the one t that makes them sum to 1, by bisection: no sorting, no formula of ours."""
    scores = scores if power == 1 else scores / 2
    low, high = scores.max() - 1, scores.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (np.clip(scores - middle, 0, None) ** power).sum() > 1 else (low, middle)
    return np.clip(scores - low, 0, None) ** power


def expected_of(kind: str, scores: np.ndarray, temperature: float, k: int) -> np.ndarray:
    """One row's weights by numpy alone."""
    if kind == "softmax":
        return softmax_of(scores, temperature)
    if kind == "top_k":
        kept = scores >= np.sort(scores)[-min(k, len(scores))]
        return softmax_of(np.where(kept, scores, -np.inf), temperature)
    return thresholded(scores / temperature, 1 if kind == "sparsemax" else 2)
