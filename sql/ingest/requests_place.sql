-- Purpose: find for each new request the open one that asks for the same thing already. Of several in the file the
--          earliest leads. An open request that was found is held until the end, so that nobody closes it while others
--          are joining it.
-- Needs:   arriving, in which everything withdrawn is marked; open requests that end with this file are closed.
-- Grain:   temporary table placed: one row a new request. place is 1 for the one that leads; standing_key is the open
--          request, if there is one.
create temporary table placed on commit drop as
with asked as (
    select distinct
        store_id,
        product_id,
        user_id,
        channel
    from arriving
    where fate = 'new'
),

standing as (
    select
        o.store_id,
        o.product_id,
        o.user_id,
        o.channel,
        o.request_key
    from restock.open_request as o
    inner join asked as a
        on
            o.store_id = a.store_id
            and o.product_id = a.product_id
            and o.user_id = a.user_id
            and o.channel = a.channel
    order by o.store_id, o.product_id, o.user_id, o.channel
    for key share of o
)

select
    a.request_id,
    a.user_id,
    a.store_id,
    a.product_id,
    a.channel,
    a.contact,
    a.surface,
    a.locale,
    a.timezone,
    a.quantity,
    a.requested_at,
    a.feed_file_id,
    a.line_number,
    s.request_key as standing_key,
    row_number() over same_thing as place,
    first_value(a.request_id) over same_thing as leader_id
from arriving as a
left join standing as s
    on
        a.store_id = s.store_id
        and a.product_id = s.product_id
        and a.user_id = s.user_id
        and a.channel = s.channel
where a.fate = 'new'
window same_thing as (
    partition by a.store_id, a.product_id, a.user_id, a.channel
    order by a.requested_at, a.request_id
)
