-- Purpose: keep the withdrawals of a requests file, so that they also end what is asked for before them and arrives
--          after them.
-- Binds:   feed_file_id.
-- Needs:   withdrawal.
-- Grain:   one row of counts.
with kept as (
    insert into restock.cancellation (
        request_id, user_id, store_id, product_id, channel, cancelled_at, feed_file_id
    )
    select
        request_id,
        user_id,
        store_id,
        product_id,
        channel,
        cancelled_at,
        %(feed_file_id)s
    from withdrawal
    order by store_id, product_id, user_id
    on conflict do nothing
    returning 1
),

counted as (
    select
        (
            select count(*)
            from withdrawal
        ) as read_count,
        (
            select count(*)
            from kept
        ) as loaded_count
)

select
    loaded_count as loaded,
    read_count - loaded_count as duplicate
from counted
