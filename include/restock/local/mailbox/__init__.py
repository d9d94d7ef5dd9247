"""A mail server for trying out: takes every mail over SMTP, delivers none, and shows them on a page."""
