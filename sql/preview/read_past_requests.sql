-- Purpose: the requests that the episodes of a past stretch of time could have answered, as planning saw them where it
--          decided on them, else as they are known now. Left out is what was decided before.
-- Binds:   since, until.
-- Grain:   one row a request and episode.
with decided_before as (
    select
        d.episode_id,
        d.request_key
    from restock.decision as d
    where d.decided_at < %(since)s and d.rule not in ('no_address', 'no_channel', 'cooldown')
),

answered_before as (
    select d.request_key
    from restock.decision as d
    where d.decided_at < %(since)s and d.notification_key is not null and coalesce(d.dropped_at >= %(since)s, true)
)

select
    e.episode_id,
    r.request_key,
    r.request_id,
    r.user_id,
    r.store_id,
    r.product_id,
    coalesce(d.seen_category, p.category) as category,
    r.channel,
    d.seen_address,
    d.episode_id is not null as decided,
    d.trace,
    restock.address_for(r.channel, r.contact, c.email, c.phone, c.webhook_url) as contact,
    case
        when d.episode_id is not null then d.seen_timezone else coalesce(r.timezone, c.timezone)
    end as timezone,
    r.requested_at,
    r.quantity as units,
    case when d.episode_id is not null then coalesce(d.seen_tier, 0) else coalesce(c.tier, 0) end as tier,
    (
        select max(n.status_at)
        from restock.notification as n
        inner join restock.decision as told on n.notification_key = told.notification_key
        inner join restock.request as told_request on told.request_key = told_request.request_key
        where
            n.user_id = r.user_id
            and n.status_at < %(since)s
            and n.status = 'sent'
            and told.dropped_at is null
            and told_request.product_id = r.product_id
    ) as last_told_at,
    mod(('x' || substr(md5(r.user_id || '/' || e.episode_id::text), 1, 8))::bit(32)::bigint, 10000) / 100.0
        as holdout_draw,
    coalesce(substring(d.trace from '^@(\S+)')::timestamptz, d.ranked_at, d.decided_at, r.recorded_at) as look_at,
    case when o.status in ('cancelled', 'purchased', 'suppressed') then o.closed_at end as gone_at
from restock.episode as e
inner join restock.request as r on e.store_id = r.store_id and e.product_id = r.product_id
left join restock.product as p on e.store_id = p.store_id and e.product_id = p.product_id
left join restock.customer as c on r.user_id = c.user_id
left join restock.request_outcome as o on r.request_key = o.request_key
left join restock.decision as d on e.episode_id = d.episode_id and r.request_key = d.request_key
where
    e.opened_at < %(until)s
    and (e.closed_at is null or e.closed_at > %(since)s)
    and (o.status is null or o.status = 'expired' or o.closed_at >= %(since)s)
    and not exists (
        select 1
        from decided_before as b
        where b.episode_id = e.episode_id and b.request_key = r.request_key
    )
    and not exists (
        select 1
        from answered_before as b
        where b.request_key = r.request_key
    )
