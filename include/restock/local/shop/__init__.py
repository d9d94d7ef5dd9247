"""A small shop over the warehouse's products, for trying out: what is sold out can be asked for, and made to come back.

It is for the stack's own warehouse only: its button books invented deliveries in.
"""
