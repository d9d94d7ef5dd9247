"""How the work spread over the workers."""

from collections import Counter

from restock.local.airflow_api import AirflowApi
from restock.local.distributed.stack import WORKER


def count_tasks(api: AirflowApi) -> Counter[str]:
    """How many tasks each worker ran to their end, by its name."""
    return Counter(host for host in api.task_hosts() if host.startswith(WORKER))


def describe_spread(api: AirflowApi) -> str:
    """Those numbers as text."""
    counts = count_tasks(api)
    return "\n" + "\n".join(f"{name:<20}{count:,} tasks" for name, count in sorted(counts.items()))
