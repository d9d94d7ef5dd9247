"""The trace of a decision: every rule that touched the candidate, as one text (see restock.decision.trace)."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from restock.schedule.codes import NEVER, Bools, Ints, combine

# Seconds and their fractions are left out where they are 0.
_ROUND = r"(:00)?\.000000$"

# A piece of the traces: rows with the same number have the same text, and the text of some rows.
Piece = tuple[Ints, Callable[[Ints], pa.Array]]


def stamps(micros: Ints) -> pa.Array:
    """Instants as text, ISO 8601 in UTC; the distinct ones are written once. NEVER is the empty text."""
    number, distinct = pd.factorize(micros)
    text = pc.replace_substring_regex(pa.array(np.datetime_as_string(distinct.view("datetime64[us]"))), _ROUND, "")
    text = pc.if_else(pa.array(distinct == NEVER), "", pc.binary_join_element_wise(text, "Z", ""))
    return text.take(pa.array(number))


def write_steps(code: str, left_at: Ints) -> pa.Array:
    """Steps of one rule that moved every row: `code>time`."""
    return pc.binary_join_element_wise(f"{code}>", stamps(left_at), "")


def step(code: str, left_at: Ints, touched: Bools | None = None, *, before: str = " ") -> Piece:
    """The step of one rule: ` code>time`, where the rule did not move the row (NEVER) ` code`, and elsewhere nothing.

    Args:
        code: Of the rule.
        left_at: When each row left the rule.
        touched: Which rows it touched; those that it moved unless given.
        before: What stands before it.
    """
    touched = left_at != NEVER if touched is None else touched

    def write(rows: Ints) -> pa.Array:
        moved, inside = pa.array(left_at[rows] != NEVER), pa.array(touched[rows])
        return pc.if_else(inside, pc.if_else(moved, write_steps(before + code, left_at[rows]), before + code), "")

    return combine(pd.factorize(left_at)[0], touched.astype(np.int64)), write


def text(values: pd.Series) -> Piece:
    """Texts as they are; nothing where null."""
    return pd.factorize(values)[0], lambda rows: pc.fill_null(pa.array(values.iloc[rows], pa.string()), "")


def word(code: str, count: int) -> Piece:
    """One code on all of so many rows."""
    return np.zeros(count, np.int64), lambda rows: pa.array([code]).take(pa.array(np.zeros(len(rows), np.int64)))


def join(*pieces: Piece) -> pd.Series:
    """The traces of all rows: the pieces one behind the other. Few are distinct, and only those are written."""
    number = pd.factorize(combine(*(pd.factorize(numbers)[0] for numbers, _ in pieces)))[0]
    rows = np.flatnonzero(~pd.Series(number).duplicated())
    texts = pc.binary_join_element_wise(*(write(rows) for _, write in pieces), "")
    return pd.Series(texts.take(pa.array(number)).to_pandas())
