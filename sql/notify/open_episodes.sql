-- Purpose: rules 1 and 2: open an episode for each product and store that has enough units and no open episode, held
--          where too many come back at once or the stock was counted too long ago, and put the products of those that
--          are not held into the plan queue. While a gate of the inventory feed holds, none opens.
-- Binds:   clock, settings (jsonb, every setting), policy_id.
-- Grain:   one row: how many opened, and of them held.
with judged as materialized (
    select
        store_id,
        product_id,
        quantity,
        snapshot_at,
        notify_per_unit,
        wave_evidence,
        gate,
        held_reason
    from restock.products_back(%(settings)s, %(clock)s)
),

standing as (
    insert into restock.gate as standing (gate, feed, scope, severity, clears, debug_value, since, checked_at)
    select
        gate,
        'inventory',
        'episodes',
        'fail',
        'by hand',
        case gate
            when 'restock_share' then min(held_reason)
            else
                format(
                    '%%s products came back by a stock count older than restock_max_snapshot_age_hours allows', count(*)
                )
        end,
        %(clock)s,
        %(clock)s
    from judged
    where gate is not null
    group by gate
    on conflict (gate, feed) where released_at is null do update
        set
            debug_value = excluded.debug_value,
            checked_at = greatest(standing.checked_at, excluded.checked_at)
    returning gate_id, gate
),

opened as (
    insert into restock.episode (
        store_id,
        product_id,
        quantity,
        snapshot_at,
        opened_at,
        held_since,
        held_reason,
        gate_id,
        notify_per_unit,
        wave_evidence,
        policy_id
    )
    select
        j.store_id,
        j.product_id,
        j.quantity,
        j.snapshot_at,
        %(clock)s,
        case when j.gate is not null then %(clock)s::timestamptz end,
        j.held_reason,
        s.gate_id,
        j.notify_per_unit,
        j.wave_evidence,
        %(policy_id)s
    from judged as j
    left join standing as s on j.gate = s.gate
    order by j.store_id, j.product_id
    on conflict (store_id, product_id) where closed_at is null do nothing
    returning store_id, product_id, held_since
),

queued as (
    insert into restock.plan_queue (store_id, product_id, plan_after)
    select
        store_id,
        product_id,
        %(clock)s
    from opened
    where held_since is null
    order by store_id, product_id
    on conflict (store_id, product_id) do update
        set plan_after = least(plan_queue.plan_after, excluded.plan_after)
)

select
    count(*) as opened_count,
    count(held_since) as held_count
from opened
