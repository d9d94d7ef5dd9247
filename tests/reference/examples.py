"""How many cases hypothesis tries: always the same few, or RESTOCK_EXAMPLES times as many and ever new ones."""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("RESTOCK_EXAMPLES", "1"))


def examples(count: int) -> settings:
    return settings(
        max_examples=count * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
