-- Purpose: gather the requests that are new, each with its key and the channel that it settles on. They are written
--          in this order: rows for one product then lie side by side in the table and in the index of what is open,
--          which fills the index in half the time and is how planning reads them. (The product leads because sorting
--          is quickest by what differs.)
-- Needs:   incoming, known.
-- Grain:   temporary table arriving: one row a new subscribe row. line_number is null for requests that
--          requests_release_joined.sql adds; withdrawn_at is set by requests_mark_withdrawn.sql, standing_key, the
--          open request for the same, by requests_find_standing.sql, and joins_key, the request that this one joins,
--          by requests_place.sql.
create temporary table arriving on commit drop as
with preferring as (
    select
        user_id,
        preferred_channel
    from restock.customer
    where
        user_id in (
            select user_id
            from incoming
            where action <> 'cancel' and channel is null
        )
),

subscribed as (
    select
        i.line_number,
        i.request_id,
        i.user_id,
        i.store_id,
        i.product_id,
        coalesce(i.channel, p.preferred_channel, 'email') as channel,
        i.contact,
        i.surface,
        i.locale,
        i.timezone,
        i.quantity,
        i.requested_at
    from incoming as i
    -- A row with a channel is not looked up.
    left join preferring as p on case when i.channel is null then i.user_id end = p.user_id
    where
        i.action <> 'cancel'
        and not exists (
            select 1
            from known as k
            where k.line_number = i.line_number
        )
    order by i.product_id, i.store_id, i.user_id
)

select
    nextval('restock.request_request_key_seq') as request_key,
    line_number,
    request_id,
    user_id,
    store_id,
    product_id,
    channel,
    contact,
    surface,
    locale,
    timezone,
    quantity,
    requested_at,
    null::bigint as feed_file_id,
    null::timestamptz as withdrawn_at,
    null::bigint as standing_key,
    null::bigint as joins_key
from subscribed
