"""Watching over the pipeline: alerts, health, metrics. Nothing here needs Airflow, so that it works without it."""
