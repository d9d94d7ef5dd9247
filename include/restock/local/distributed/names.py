"""The name that a process has where its container would have one of its own."""

import os


def container_name() -> str:
    """Airflow's `hostname_callable`: it stands in each task's record, so it says which worker ran it."""
    return os.environ["HOSTNAME"]
