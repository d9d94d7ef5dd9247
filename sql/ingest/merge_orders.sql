-- Purpose: merge an orders file: a product of an order is kept once.
-- Binds:   feed_file_id.
-- Needs:   incoming.
-- Grain:   one row of counts.
with first_row as (
    select distinct on (order_id, store_id, product_id)
        order_id,
        user_id,
        store_id,
        product_id,
        ordered_at,
        quantity,
        amount
    from incoming
    order by order_id, store_id, product_id, line_number
),

merged as (
    insert into restock.purchase (
        order_id, user_id, store_id, product_id, ordered_at, quantity, amount, feed_file_id
    )
    select
        order_id,
        user_id,
        store_id,
        product_id,
        ordered_at,
        quantity,
        amount,
        %(feed_file_id)s
    from first_row
    order by order_id, store_id, product_id
    on conflict (order_id, store_id, product_id) do nothing
    returning 1
),

counted as (
    select
        (
            select count(*)
            from incoming
        ) as read_count,
        (
            select count(*)
            from merged
        ) as loaded_count
)

select
    loaded_count as loaded,
    read_count - loaded_count as duplicate
from counted
