-- Purpose: let the requests that ask for what another one asks join it.
-- Binds:   feed_file_id.
-- Needs:   placed; the leading requests are open.
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
        p.request_id,
        coalesce(p.standing_key, r.request_key),
        p.contact,
        p.surface,
        p.locale,
        p.timezone,
        p.quantity,
        p.requested_at,
        coalesce(p.feed_file_id, %(feed_file_id)s)
    from placed as p
    left join restock.request as r on p.standing_key is null and p.leader_id = r.request_id
    where p.place > 1 or p.standing_key is not null
)

select count(*) as duplicate
from placed
where (place > 1 or standing_key is not null) and line_number is not null
