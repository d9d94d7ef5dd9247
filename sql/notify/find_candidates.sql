-- Purpose: the open requests of the taken products that an open, unheld episode could answer and that have no place
--          in its queue yet, with what rules 3 to 6 need to know of each.
-- Binds:   clock, cooldown_hours.
-- Grain:   one row a request and episode.
-- Needs:   taken_product (take_plan_queue.sql).
select
    o.request_key,
    r.request_id,
    o.store_id,
    o.product_id,
    o.channel,
    restock.address_for(o.channel, r.contact, c.email, c.phone, c.webhook_url) is not null as has_address,
    r.requested_at,
    coalesce(c.tier, 0) as tier,
    e.episode_id,
    e.opened_at,
    e.quantity,
    e.last_position,
    coalesce(not c.consent, false) or exists (
        select 1
        from restock.suppression as s
        where
            s.channel = o.channel
            and s.contact = lower(
                restock.address_for(o.channel, r.contact, c.email, c.phone, c.webhook_url)
            )
    ) as suppressed,
    exists(
        select 1
        from restock.purchase as p
        where
            p.user_id = o.user_id
            and p.store_id = o.store_id
            and p.product_id = o.product_id
            and p.ordered_at > r.requested_at
    ) as purchased,
    (
        select max(n.status_at)
        from restock.notification as n
        inner join restock.decision as told on n.notification_key = told.notification_key
        inner join restock.request as told_request on told.request_key = told_request.request_key
        where
            n.user_id = o.user_id
            and n.local_day >= (%(clock)s - make_interval(hours => %(cooldown_hours)s + 48))::date
            and n.status in ('claimed', 'sent')
            and told.dropped_at is null
            and told_request.product_id = o.product_id
    ) as last_told_at,
    -- md5, because PostgreSQL's own hash functions may change from one version to the next
    mod(('x' || substr(md5(o.user_id || '/' || e.episode_id::text), 1, 8))::bit(32)::bigint, 10000) / 100.0
        as holdout_draw,
    hashtext(o.user_id) & 63 as bucket
from taken_product as t
inner join restock.episode as e
    on
        t.store_id = e.store_id
        and t.product_id = e.product_id
        and e.closed_at is null
        and e.held_since is null
inner join restock.open_request as o on t.store_id = o.store_id and t.product_id = o.product_id
inner join restock.request as r on o.request_key = r.request_key
left join restock.customer as c on o.user_id = c.user_id
where
    not exists (
        select 1
        from restock.decision as d
        where
            d.episode_id = e.episode_id
            and d.request_key = o.request_key
            -- what was passed over for these may have changed since
            and d.rule not in ('no_address', 'no_channel', 'cooldown')
    )
    and not exists (
        select 1
        from restock.candidate as k
        where k.bucket = hashtext(o.user_id) & 63 and k.episode_id = e.episode_id and k.request_key = o.request_key
    )
