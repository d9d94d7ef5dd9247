-- Purpose: rule 9, the last look: take items out of claimed messages whose product sold out or whose request ended,
--          and end the requests that a suppression or a purchase ends.
-- Binds:   clock, notification_keys.
-- Grain:   one row an item that fell out: rule.
with looked_at as (
    select
        d.episode_id,
        d.request_key,
        r.store_id,
        r.product_id,
        r.user_id,
        r.channel,
        case
            when o.status in ('cancelled', 'expired', 'purchased', 'suppressed') then o.status
            -- answered by another message
            when o.status = 'notified' then 'cooldown'
            when
                coalesce(not c.consent, false) or exists (
                    select 1
                    from restock.suppression as s
                    where
                        s.channel = r.channel
                        and s.contact = lower(
                            restock.address_for(r.channel, r.contact, c.email, c.phone, c.webhook_url)
                        )
                )
                or exists (
                    select 1
                    from restock.store_suppression as s
                    where
                        s.channel = r.channel
                        and s.store_id = r.store_id
                        and s.contact = lower(
                            restock.address_for(r.channel, r.contact, c.email, c.phone, c.webhook_url)
                        )
                )
                -- An erased address that came back; hashed only where any such is kept.
                or (
                    exists (
                        select 1
                        from restock.suppressed_hash
                    )
                    and exists (
                        select 1
                        from
                            restock.suppressed_before(
                                r.channel,
                                restock.address_for(r.channel, r.contact, c.email, c.phone, c.webhook_url)
                            ) as h
                        where h.store_id is null or h.store_id = r.store_id
                    )
                ) then 'suppressed'
            when
                exists (
                    select 1
                    from restock.purchase as p
                    where
                        p.user_id = r.user_id
                        and p.store_id = r.store_id
                        and p.product_id = r.product_id
                        and p.ordered_at > r.requested_at
                ) then 'purchased'
            when e.closed_at is not null then 'sold_out'
            when restock.address_for(r.channel, r.contact, c.email, c.phone, c.webhook_url) is null then 'no_address'
        end as rule,
        o.status is null as is_open
    from restock.decision as d
    inner join restock.episode as e on d.episode_id = e.episode_id
    inner join restock.request as r on d.request_key = r.request_key
    left join restock.customer as c on r.user_id = c.user_id
    left join restock.request_outcome as o on d.request_key = o.request_key
    where d.notification_key = any(%(notification_keys)s) and d.dropped_at is null
),

ended as (
    insert into restock.request_outcome (request_key, status, reason, closed_at)
    select distinct
        request_key,
        rule,
        rule,
        %(clock)s
    from looked_at
    where is_open and rule in ('suppressed', 'purchased')
    on conflict (request_key) do nothing
),

no_longer_open as (
    delete from restock.open_request as o
    using looked_at as l
    where
        l.is_open
        and l.rule in ('suppressed', 'purchased')
        and o.store_id = l.store_id
        and o.product_id = l.product_id
        and o.user_id = l.user_id
        and o.channel = l.channel
        and o.request_key = l.request_key
)

update restock.decision
set
    outcome = 'skipped',
    rule = l.rule,
    dropped_at = %(clock)s
from looked_at as l
where
    l.rule is not null
    and decision.episode_id = l.episode_id
    and decision.request_key = l.request_key
returning decision.rule
