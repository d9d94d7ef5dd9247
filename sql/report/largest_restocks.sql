-- Purpose: the restocks of the period that most requests waited for.
-- Binds:   first_at, end_at, most (rows).
-- Grain:   one row a restock; is_held, was_asked, is_closed and missed_some as in restocks.sql.
with largest as (
    select
        episode_id,
        store_id,
        product_id,
        product_name,
        quantity,
        opened_at,
        closed_at,
        held_since,
        asked_count,
        sent_count,
        bought_count
    from mart.episode_outcome
    where opened_at >= %(first_at)s and opened_at < %(end_at)s and asked_count > 0
    order by asked_count desc, episode_id asc
    limit %(most)s
)

select
    e.store_id,
    e.product_id,
    e.product_name,
    e.quantity,
    e.opened_at,
    e.closed_at,
    e.asked_count,
    e.sent_count,
    e.bought_count,
    e.closed_at is null and e.held_since is not null as is_held,
    true as was_asked,
    e.closed_at is not null as is_closed,
    exists(
        select 1
        from mart.decision_fact as d
        where d.episode_id = e.episode_id and d.rule = 'sold_out'
    ) as missed_some
from largest as e
order by e.asked_count desc, e.episode_id asc
