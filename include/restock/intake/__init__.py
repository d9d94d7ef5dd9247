"""The intake service: requests, stock and suppressions over HTTP, into the inbox that restock_ingest loads.

A process of its own, apart from Airflow: `python -m restock.intake`. docs/intake.md describes what it offers.
"""
