-- Purpose: let the requests that ask for what another one asks join it, and count.
-- Binds:   feed_file_id.
-- Needs:   arriving, in which what joins is marked; the requests that lead are written.
-- Grain:   one row of counts.
with joined as (
    insert into restock.joined_request (
        request_id,
        request_key,
        contact,
        surface,
        locale,
        timezone,
        quantity,
        requested_at,
        feed_file_id
    )
    select
        request_id,
        joins_key,
        contact,
        surface,
        locale,
        timezone,
        quantity,
        requested_at,
        coalesce(feed_file_id, %(feed_file_id)s)
    from arriving
    where joins_key is not null
)

select
    count(*) filter (where joins_key is null) as loaded,
    count(joins_key) as duplicate
from arriving
where withdrawn_at is null and line_number is not null
