-- Purpose: remove what links no longer need: confirmations that expired, with the requests that were never confirmed,
--          and visits of yesterday.
-- Binds:   clock.
-- Grain:   one row: unconfirmed_count, requests that were never confirmed.
with expired as (
    select confirmation_key
    from restock.confirmation
    where expires_at < %(clock)s
    for update skip locked
),

unconfirmed as (
    select count(*) as unconfirmed_count
    from restock.unconfirmed_request as u
    inner join expired as e on u.confirmation_key = e.confirmation_key
),

removed as (
    delete from restock.confirmation as c
    using expired as e
    where c.confirmation_key = e.confirmation_key
),

forgotten as (
    delete from restock.link_visit
    where visited_at < %(clock)s - interval '1 day'
)

select unconfirmed_count
from unconfirmed
