-- Purpose: how long the steps from the snapshot to the provider's acceptance took, over the items that were accepted in
--          the period; each duration as the seconds within which 50, 95 and 99 in 100 items went through it.
-- Binds:   first_at, end_at, last_wave (from which on waves count as one).
-- Grain:   one row a wave, and one with wave null for all.
with item as (
    select
        least(d.wave, %(last_wave)s) as wave,
        extract(epoch from d.decided_at - e.snapshot_at) as to_decision,
        extract(epoch from d.accepted_at - d.decided_at) as to_acceptance,
        extract(epoch from d.accepted_at - e.snapshot_at) as whole,
        extract(epoch from d.accepted_at - n.due_at) as late
    from mart.decision_fact as d
    inner join mart.episode_outcome as e on d.episode_id = e.episode_id
    inner join mart.notification_fact as n on d.notification_id = n.notification_id
    where d.accepted_at >= %(first_at)s and d.accepted_at < %(end_at)s
)

select
    wave,
    count(*) as item_count,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by to_decision) as to_decision,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by to_acceptance) as to_acceptance,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by whole) as whole,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by late) as late
from item
group by grouping sets ((wave), ())
order by grouping(wave) desc, wave asc
