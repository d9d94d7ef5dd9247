-- Purpose: take items out of claimed messages that the last look found sold out or their request ended, and end the
--          requests that a suppression or a purchase ends.
-- Binds:   clock, episode_ids, request_keys, rules (arrays, in step).
with fallen_out as (
    select
        f.episode_id,
        f.request_key,
        f.rule,
        r.store_id,
        r.product_id,
        r.user_id,
        r.channel
    from
        unnest(%(episode_ids)s::bigint[], %(request_keys)s::bigint[], %(rules)s::text[])
            as f (
                episode_id, request_key, rule
            )
    inner join restock.request as r on f.request_key = r.request_key
),

ended as (
    insert into restock.request_outcome (request_key, status, reason, closed_at)
    select distinct
        request_key,
        rule,
        rule,
        %(clock)s::timestamptz
    from fallen_out
    where rule in ('suppressed', 'purchased')
    order by request_key
    -- What had ended before stays as it was.
    on conflict (request_key) do nothing
),

no_longer_open as (
    delete from restock.open_request as o
    using fallen_out as f
    where
        f.rule in ('suppressed', 'purchased')
        and o.store_id = f.store_id
        and o.product_id = f.product_id
        and o.user_id = f.user_id
        and o.channel = f.channel
        and o.request_key = f.request_key
)

update restock.decision
set
    outcome = 'skipped',
    rule = f.rule,
    dropped_at = %(clock)s
from fallen_out as f
where decision.episode_id = f.episode_id and decision.request_key = f.request_key
