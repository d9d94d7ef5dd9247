"""Choices that look random and are the same on every machine and in every version of Python and pandas."""

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def stable_share(purpose: str, keys: Iterable[object]) -> npt.NDArray[np.float64]:
    """Give each key a number in [0, 1), evenly spread, that depends only on the purpose and the key's text."""
    digests = (hashlib.blake2b(f"{purpose}:{key}".encode(), digest_size=8).digest() for key in keys)
    # 53 bits are what a float holds exactly: with more, the highest values would round up to 1.
    return np.array([(int.from_bytes(digest, "big") >> 11) / 2**53 for digest in digests], dtype=np.float64)


def stable_choice(purpose: str, keys: Iterable[object], count: int) -> npt.NDArray[np.int64]:
    """Give each key one of the numbers 0 to count - 1, all equally likely."""
    return (stable_share(purpose, keys) * count).astype(np.int64)
