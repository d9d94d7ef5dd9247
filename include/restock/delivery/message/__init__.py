"""What a message says: text and HTML from templates and message catalogues, made harmless and encoded."""

from restock.delivery.message.email import EmailWriter
from restock.delivery.message.rows import BatchRow, Letterhead, Product

__all__ = ["BatchRow", "EmailWriter", "Letterhead", "Product"]
