-- Purpose: the restocks of the period, summed up by how they stand.
-- Binds:   first_at, end_at.
-- Grain:   one row a combination of is_held, was_asked (somebody waited), is_closed and missed_some (somebody was not
--          told, or dropped out of a message, because the product was sold out first).
with missed as (
    select episode_id
    from mart.decision_fact
    where rule = 'sold_out' and opened_at >= %(first_at)s and opened_at < %(end_at)s
    group by episode_id
),

standing as (
    select
        e.closed_at is null and e.held_since is not null as is_held,
        e.asked_count > 0 as was_asked,
        e.closed_at is not null as is_closed,
        m.episode_id is not null as missed_some,
        e.asked_count,
        e.sent_count,
        e.bought_count
    from mart.episode_outcome as e
    left join missed as m on e.episode_id = m.episode_id
    where e.opened_at >= %(first_at)s and e.opened_at < %(end_at)s
)

select
    is_held,
    was_asked,
    is_closed,
    missed_some,
    count(*) as restock_count,
    sum(asked_count)::bigint as asked_count,
    sum(sent_count)::bigint as sent_count,
    sum(bought_count)::bigint as bought_count
from standing
group by is_held, was_asked, is_closed, missed_some
