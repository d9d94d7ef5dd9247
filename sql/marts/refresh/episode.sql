-- Purpose: the summary behind mart.episode_outcome.
-- Grain:   one row an episode in which something was decided.
insert into restock.mart_episode (
    episode_id,
    asked_count,
    asked_units,
    told_count,
    held_back_count,
    sent_count,
    clicked_count,
    bought_count,
    bought_units
)
with decided as (
    select
        d.episode_id,
        count(*) as asked_count,
        sum(r.quantity) as asked_units,
        count(*) filter (where d.outcome in ('told', 'delayed', 'merged')) as told_count,
        count(*) filter (where d.outcome in ('capped', 'skipped', 'held')) as held_back_count
    from restock.decision as d
    inner join restock.request as r on d.request_key = r.request_key
    group by d.episode_id
),

sent as (
    select
        episode_id,
        count(*) as sent_count,
        count(*) filter (where has_clicked or has_bought) as clicked_count,
        count(*) filter (where has_bought) as bought_count,
        sum(unit_count) as bought_units
    from sent_now
    group by episode_id
)

select
    d.episode_id,
    d.asked_count,
    d.asked_units,
    d.told_count,
    d.held_back_count,
    coalesce(s.sent_count, 0) as sent_count,
    coalesce(s.clicked_count, 0) as clicked_count,
    coalesce(s.bought_count, 0) as bought_count,
    coalesce(s.bought_units, 0) as bought_units
from decided as d
left join sent as s on d.episode_id = s.episode_id
