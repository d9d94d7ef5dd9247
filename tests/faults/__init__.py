"""Servers that break things on purpose, and keep account of what they took."""
