"""The settings in force for a store, category and product: general ones, overridden level by level."""

import numpy as np
import pandas as pd

from restock.policy.settings import Settings


def settings_by_row(settings: Settings, rows: pd.DataFrame) -> tuple[np.ndarray, list[Settings]]:
    """Which settings are in force for each row. A product's go before its category's, those before its store's.

    Args:
        settings: Policy.
        rows: One row a product, request or item, with store_id, category (may be missing) and product_id.

    Returns:
        For each row the number of its settings, and those settings. Number 0 is the policy without overrides.
    """
    levels = settings.overrides.model_dump()
    if not levels:
        return np.zeros(len(rows), dtype=np.int64), [settings]
    # For each level, which override applies: 0 for none, else its number from 1.
    found = np.column_stack(
        [
            _find(_key(rows, level), list(levels[level])) if level in levels else np.zeros(len(rows), np.int64)
            for level in ("store", "category", "product")
        ]
    )
    # The general settings come first, whether a row has them or not.
    combinations, variant = np.unique(np.vstack([np.zeros((1, 3), np.int64), found]), axis=0, return_inverse=True)
    variants = [_merge(settings, levels, combination) for combination in combinations]
    return variant.reshape(-1)[1:], variants


def _key(rows: pd.DataFrame, level: str) -> pd.Series:
    if level == "product":
        return rows["store_id"] + "/" + rows["product_id"]
    return rows["store_id"] if level == "store" else rows["category"]


def _find(keys: pd.Series, overridden: list[str]) -> np.ndarray:
    return pd.Index(overridden).get_indexer(pd.Index(keys)).astype(np.int64) + 1


def _merge(settings: Settings, levels: dict[str, dict[str, dict[str, object]]], combination: np.ndarray) -> Settings:
    changes: dict[str, object] = {}
    for level, number in zip(("store", "category", "product"), combination, strict=True):
        if number:
            changes |= list(levels[level].values())[number - 1]
    return settings.model_copy(update=changes)
