"""Columns as whole numbers: what is compared often is numbered once, and several columns sort as one."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from restock.policy import Settings
from restock.policy.overrides import settings_by_row

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# What a missing time is as a number.
NEVER = np.iinfo(np.int64).min
_WIDEST = 2**62


def number_together(*columns: pd.Series) -> tuple[list[Ints], pd.Index]:
    """The distinct values of columns that hold the same kind of thing, and for each column their numbers (-1: null)."""
    values = columns[0] if len(columns) == 1 else pd.concat(columns, ignore_index=True)
    numbers, distinct = pd.factorize(values)
    return np.split(numbers.astype(np.int64), np.cumsum([len(column) for column in columns])[:-1]), pd.Index(distinct)


def combine(*codes: Ints) -> Ints:
    """One number for each row that sorts as the codes do one after the other, the first one first.

    Args:
        codes: At least -1 each; all of one length.
    """
    key, size = np.zeros(len(codes[0]), np.int64), 1
    for code in codes:
        width = int(code.max(initial=-1)) + 2
        if size * width >= _WIDEST:
            distinct, key = np.unique(key, return_inverse=True)
            size = len(distinct)
        key, size = key * width + (code + 1), size * width
    return key


def text_order(texts: pd.Series) -> Ints:
    """The place of each text among all, by code points."""
    place = np.empty(len(texts), np.int64)
    place[pc.sort_indices(pa.array(texts, pa.string()))] = np.arange(len(texts))
    return place


def words(numbers: Ints, vocabulary: Sequence[str]) -> pd.Series:
    """Texts of which few are distinct, by their numbers."""
    return pd.Series(pa.array(vocabulary, pa.string()).take(pa.array(numbers)).to_pandas())


def to_micros(times: pd.Series) -> Ints:
    """Instants as microseconds since 1970; NEVER where there is none."""
    return times.to_numpy(dtype="datetime64[us]").view(np.int64)


def to_instants(micros: Ints, index: pd.Index | None = None) -> pd.Series:
    """Microseconds since 1970 as UTC timestamps."""
    return pd.Series(pd.DatetimeIndex(micros.view("datetime64[us]"), tz="UTC"), index=index)


def starts_of(sorted_keys: Ints) -> Bools:
    """Where a new key starts."""
    starts = np.ones(len(sorted_keys), np.bool_)
    starts[1:] = sorted_keys[1:] != sorted_keys[:-1]
    return starts


class RowSettings:
    """The settings that are in force for each row, by the overrides for its store, category and product."""

    def __init__(self, settings: Settings, rows: pd.DataFrame) -> None:
        """Find them.

        Args:
            settings: Policy.
            rows: store_id, product_id and category.
        """
        self._variants, self._of_row = [settings], np.broadcast_to(np.int64(0), len(rows))
        if settings.overrides.model_dump():
            (stores,), _ = number_together(rows["store_id"])
            (products,), _ = number_together(rows["product_id"])
            _, first, product = np.unique(combine(stores, products), return_index=True, return_inverse=True)
            of_product, self._variants = settings_by_row(settings, rows.iloc[first])
            self._of_row = of_product[product]

    def each(self, value: Callable[[Settings], Any]) -> npt.NDArray[Any]:
        """What `value` says of the settings of each row; not to be written to."""
        values = np.array([value(variant) for variant in self._variants])
        # Without overrides one value stands for all rows.
        return np.broadcast_to(values[0], len(self._of_row)) if len(values) == 1 else values[self._of_row]

    def number(self, value: Callable[[Settings], Any]) -> tuple[Ints, list[Any]]:
        """The distinct things that `value` says of the settings, and for each row the number of its own."""
        values = [value(variant) for variant in self._variants]
        distinct = list(dict.fromkeys(values))
        return np.array([distinct.index(its) for its in values])[self._of_row], distinct
