-- Purpose: what pages show of one message.
-- Binds:   notification_id.
-- Grain:   one row an item: locale, item_number, product_name, url, dropped.
select
    locale,
    item_number,
    product_name,
    url,
    dropped
from restock.show_message(%(notification_id)s)
