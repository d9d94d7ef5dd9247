-- Purpose: what the page of a confirmation shows.
-- Binds:   confirmation_id.
-- Grain:   one row a product, or one with none: locale, status, product_name.
select
    locale,
    status,
    product_name
from restock.show_confirmation(%(confirmation_id)s)
