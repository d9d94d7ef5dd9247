-- Purpose: a withdrawal in this file may end an open request and not one that joined it, or the other way round,
--          by their times. Those that joined then stand alone again and are placed anew, as if they arrived now.
-- Needs:   withdrawal, arriving.
with touched as (
    select
        j.request_id,
        j.requested_at,
        o.request_key,
        c.request_id as cancelled_id,
        c.cancelled_at,
        c.store_id = o.store_id
        and c.product_id = o.product_id
        and (c.channel is null or c.channel = o.channel) as is_named
    from withdrawal as c
    inner join restock.open_request as o on c.user_id = o.user_id
    inner join restock.joined_request as j on o.request_key = j.request_key
),

parted as (
    select t.request_id
    from touched as t
    inner join restock.request as r on t.request_key = r.request_key
    where
        (r.requested_at <= t.cancelled_at and (t.is_named or t.cancelled_id = r.request_id))
        <> (t.requested_at <= t.cancelled_at and (t.is_named or t.cancelled_id = t.request_id))
),

released as (
    delete from restock.joined_request as j
    using restock.request as r
    where
        j.request_key = r.request_key
        and j.request_id in (
            select request_id
            from parted
        )
    returning
        j.request_id,
        r.user_id,
        r.store_id,
        r.product_id,
        r.channel,
        restock.joined_contact(r, j.request_id) as contact,
        j.surface,
        j.locale,
        j.timezone,
        j.quantity,
        j.requested_at,
        j.feed_file_id,
        r.request_key as left_key
),

-- The addresses go with them.
forgotten as (
    update restock.request as r
    set joined_contacts = nullif(r.joined_contacts - l.request_ids, '{}')
    from (
        select
            left_key,
            array_agg(request_id) as request_ids
        from released
        group by left_key
    ) as l
    where r.request_key = l.left_key and r.joined_contacts is not null
)

insert into arriving (
    request_key,
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
    feed_file_id
)
select
    nextval('restock.request_request_key_seq'),
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
    feed_file_id
from released
