"""A report of a period: one HTML file that shows, without network, what the marts say."""

from restock.report.figures import Period, read_figures
from restock.report.page import render

__all__ = ["Period", "read_figures", "render"]
