-- Purpose: the open requests that some episodes could answer, with what rules 3 to 8 need to know of each.
-- Binds:   clock, episode_ids, store_ids, product_ids (arrays, in step), longest_cooldown_hours.
-- Grain:   one row a request and episode.
with asked as (
    select
        episode_id,
        store_id,
        product_id
    from unnest(%(episode_ids)s::bigint[], %(store_ids)s::text[], %(product_ids)s::text[]) as k (
        episode_id, store_id, product_id
    )
)

select
    k.episode_id,
    o.request_key,
    r.request_id,
    o.user_id,
    o.store_id,
    o.product_id,
    p.category,
    o.channel,
    restock.address_for(o.channel, r.contact, c.email, c.phone, c.webhook_url) as contact,
    coalesce(r.timezone, c.timezone) as timezone,
    r.requested_at,
    r.quantity as units,
    coalesce(c.tier, 0) as tier,
    coalesce(not c.consent, false) or exists (
        select 1
        from restock.suppression as s
        where
            s.channel = o.channel
            and s.contact_hash = restock.hash_contact_with(
                keys.inner_key,
                keys.outer_key,
                restock.address_for(o.channel, r.contact, c.email, c.phone, c.webhook_url)
            )
    )
    or exists (
        select 1
        from restock.store_suppression as s
        where
            s.channel = o.channel
            and s.store_id = o.store_id
            and s.contact_hash = restock.hash_contact_with(
                keys.inner_key,
                keys.outer_key,
                restock.address_for(o.channel, r.contact, c.email, c.phone, c.webhook_url)
            )
    ) as suppressed,
    exists(
        select 1
        from restock.purchase as b
        where
            b.user_id = o.user_id
            and b.store_id = o.store_id
            and b.product_id = o.product_id
            and b.ordered_at > r.requested_at
    ) as purchased,
    (
        select max(case when n.status = 'sent' then n.status_at else %(clock)s::timestamptz end)
        from restock.notification as n
        inner join restock.decision as told on n.notification_key = told.notification_key
        inner join restock.request as told_request on told.request_key = told_request.request_key
        where
            n.user_id = o.user_id
            and n.local_day >= (%(clock)s - make_interval(hours => %(longest_cooldown_hours)s + 48))::date
            and (
                n.status = 'sent'
                or exists (
                    select 1
                    from restock.outbox as leased
                    where leased.notification_key = n.notification_key and leased.lease_until is not null
                )
            )
            and told.dropped_at is null
            and told_request.product_id = o.product_id
    ) as last_told_at,
    mod(('x' || substr(md5(o.user_id || '/' || k.episode_id::text), 1, 8))::bit(32)::bigint, 10000) / 100.0
        as holdout_draw
from asked as k
inner join restock.open_request as o on k.store_id = o.store_id and k.product_id = o.product_id
inner join restock.request as r on o.request_key = r.request_key
left join restock.customer as c on o.user_id = c.user_id
left join restock.product as p on o.store_id = p.store_id and o.product_id = p.product_id
cross join restock.erasure_key as keys
where
    not exists (
        select 1
        from restock.decision as d
        where
            d.episode_id = k.episode_id
            and d.request_key = o.request_key
            and d.rule not in ('no_address', 'no_channel', 'cooldown')
    )
