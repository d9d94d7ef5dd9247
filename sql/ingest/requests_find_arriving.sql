-- Purpose: settle the channel of each subscribe row, and whether its id is new (new), was there before for the same
--          thing (known), or belongs to something else (reused). Of one id in a file the earliest row counts.
-- Needs:   incoming.
-- Grain:   temporary table arriving: one row a subscribe row. line_number is null for requests that
--          requests_release_joined.sql adds; withdrawn_at is set by requests_mark_withdrawn.sql.
create temporary table arriving on commit drop as
with settled as (
    select
        i.line_number,
        i.request_id,
        i.user_id,
        i.store_id,
        i.product_id,
        coalesce(i.channel, c.preferred_channel, 'email') as channel,
        i.contact,
        i.surface,
        i.locale,
        i.timezone,
        i.quantity,
        i.requested_at,
        first_value(i.line_number) over same_id as first_line_number,
        first_value(row(i.user_id, i.store_id, i.product_id)) over same_id as first_asked
    from incoming as i
    left join restock.customer as c on i.user_id = c.user_id
    where i.action = 'subscribe'
    window same_id as (
        partition by i.request_id
        order by i.requested_at, i.line_number
    )
)

select
    s.line_number,
    s.request_id,
    s.user_id,
    s.store_id,
    s.product_id,
    s.channel,
    s.contact,
    s.surface,
    s.locale,
    s.timezone,
    s.quantity,
    s.requested_at,
    null::bigint as feed_file_id,
    null::timestamptz as withdrawn_at,
    case
        when coalesce(r.request_key, p.request_key) is null
            then case
                when s.line_number = s.first_line_number then 'new'
                when row(s.user_id, s.store_id, s.product_id) = s.first_asked then 'known'
                else 'reused'
            end
        when
            (s.user_id, s.store_id, s.product_id)
            = (
                coalesce(r.user_id, p.user_id),
                coalesce(r.store_id, p.store_id),
                coalesce(r.product_id, p.product_id)
            )
            then 'known'
        else 'reused'
    end as fate
from settled as s
left join restock.request as r on s.request_id = r.request_id
left join restock.joined_request as j on s.request_id = j.request_id
left join restock.request as p on j.request_key = p.request_key
