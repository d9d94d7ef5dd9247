"""Restock: who is told that a product is back, when, on which channel, and why."""
