-- Purpose: whether a row of stock in the inbox still waits to be loaded. (One row, not all up to it: what commits late
--          would else keep whoever waits for the others from hearing of it.)
-- Binds:   inbox_id.
-- Grain:   one row.
select exists(
    select 1
    from restock.inbox_pending
    where feed = 'inventory' and inbox_id = %(inbox_id)s
) as still_waits
