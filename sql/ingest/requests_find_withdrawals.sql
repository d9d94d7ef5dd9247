-- Purpose: pick the withdrawals of a requests file, so that the steps that need them do not read the whole file.
-- Needs:   incoming.
-- Grain:   temporary table withdrawal: one row a cancel row.
create temporary table withdrawal on commit drop as
select
    request_id,
    user_id,
    store_id,
    product_id,
    channel,
    requested_at as cancelled_at
from incoming
where action = 'cancel'
