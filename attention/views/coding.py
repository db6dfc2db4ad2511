"""Weights as short text for a canvas: square-root coded bytes, and masks as spans or bits."""

import base64
import math

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from attention.errors import ShapeError

EXACT_TO = 96  # longest side coded in 16 bits, where three decimals on hover are then right
SLACK = 1e-3  # rounding a softmax in half precision may leave this much outside [0, 1]


def encode(weights: Float[Tensor, "query_pos key_pos"]) -> dict:
    """`{rows, cols, bits, data}`: code = round((2^bits - 1) sqrt(weight)), row after row, base64.

    16 bits (little-endian) up to EXACT_TO tokens, 8 bits above: then a weight is off by at most 0.004.
    Values up to SLACK outside [0, 1] are clipped.
    Raises: ShapeError: no cells. ValueError: NaN, or a value further outside [0, 1].
    """
    if weights.numel() == 0:
        raise ShapeError("shape", name="weights", got=tuple(weights.shape), expected="at least one query and one key")
    bits = 16 if max(weights.shape) <= EXACT_TO else 8
    roots = torch.sqrt(checked(weights)).numpy()
    codes = np.rint((2**bits - 1) * roots).astype("<u2" if bits == 16 else "u1")
    return {"rows": weights.shape[0], "cols": weights.shape[1], "bits": bits, "data": _text(codes)}


def decode(coded: dict) -> Float[Tensor, "query_pos key_pos"]:
    """The weights behind `encode`'s answer, as the browser reads them."""
    codes = np.frombuffer(base64.b64decode(coded["data"]), dtype="<u2" if coded["bits"] == 16 else "u1")
    roots = torch.from_numpy(codes.astype(np.float64) / (2 ** coded["bits"] - 1))
    return (roots**2).reshape(coded["rows"], coded["cols"]).float()


def encode_mask(allowed: Bool[Tensor, "query_pos key_pos"]) -> dict | None:
    """None when every pair is allowed; else `{causal}`, `{spans}` or `{bits}`, the first that says it.

    causal: true, each query may look at itself and what came before.
    spans: start and end (half-open) of each row as uint16, base64: 3 KB for a sliding window over 512 tokens.
    bits: row after row, first pair in the highest bit, base64.
    """
    if bool(allowed.all()):
        return None
    rows = allowed.cpu().numpy()
    if np.array_equal(np.tri(*rows.shape, dtype=bool), rows):
        return {"causal": True}
    start = rows.argmax(axis=1)
    count = rows.sum(axis=1)
    columns = np.arange(rows.shape[1])
    stretch = (columns >= start[:, None]) & (columns < (start + count)[:, None])
    if np.array_equal(stretch, rows):
        return {"spans": _text(np.stack([start, start + count], axis=1).astype("<u2"))}
    return {"bits": _text(np.packbits(rows))}


def decode_mask(coded: dict | None, rows: int, cols: int) -> Bool[Tensor, "query_pos key_pos"]:
    """The mask behind `encode_mask`'s answer."""
    if coded is None:
        return torch.ones(rows, cols, dtype=torch.bool)
    if "causal" in coded:
        return torch.ones(rows, cols, dtype=torch.bool).tril()
    if "bits" in coded:
        bits = np.unpackbits(np.frombuffer(base64.b64decode(coded["bits"]), dtype="u1"), count=rows * cols)
        return torch.from_numpy(bits.astype(bool).reshape(rows, cols))
    spans = torch.from_numpy(np.frombuffer(base64.b64decode(coded["spans"]), dtype="<u2").astype(np.int64))
    start, end = spans.reshape(rows, 2).unbind(1)
    columns = torch.arange(cols)
    return (columns >= start[:, None]) & (columns < end[:, None])


def checked(weights: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The weights on the CPU in double precision, clipped to [0, 1]; NaN and real outliers are refused."""
    check_range(weights)
    return weights.detach().to("cpu", torch.float64).clamp(0, 1)


def check_range(weights: Float[Tensor, "*shape"]) -> None:
    """Raises: ValueError for NaN or a value further than SLACK outside [0, 1]."""
    low, high = (end.item() for end in torch.aminmax(weights.detach()))  # NaN spreads into both
    if math.isnan(low) or math.isnan(high):
        raise ValueError("weights contain NaN; expected numbers from 0 to 1: give fully masked rows as zeros.")
    if low < -SLACK or high > 1 + SLACK:
        raise ValueError(f"weights run from {low:.3g} to {high:.3g}; expected 0 to 1: normalize the rows first.")


NO_NUMBER = 255
"""Stands for NaN among percents."""


def percents(values: Float[Tensor, "*shape"]) -> UInt8[Tensor, "*shape"]:
    """Numbers from 0 to 1 in whole percents, as they are written: 0 to 100; NO_NUMBER for NaN."""
    codes = (100 * values.detach().cpu().double()).round().clamp(0, 100)
    return codes.nan_to_num(nan=NO_NUMBER).to(torch.uint8)


def text_of_bytes(codes: Tensor) -> str:
    """A uint8 tensor, flattened, as base64."""
    return _text(codes.cpu().contiguous().numpy())


def _text(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
