-- Purpose: the decisions of a stretch of time with what planning saw of each, to make them again.
-- Binds:   since, until.
-- Grain:   one row a request and episode.
with deciding as (
    select
        d.*,
        coalesce(d.ranked_at, d.decided_at) as rank_clock
    from restock.decision as d
    where
        (d.decided_at >= %(since)s and d.decided_at < %(until)s)
        or (d.ranked_at >= %(since)s and d.ranked_at < %(until)s)
),

ranked as (
    select
        d.episode_id,
        coalesce(d.ranked_at, d.decided_at) as clock,
        max(d.position) as last_position
    from restock.decision as d
    where
        d.episode_id in (
            select episode_id
            from deciding
        )
    group by d.episode_id, coalesce(d.ranked_at, d.decided_at)
),

-- Places follow on behind those of all earlier runs.
placed_before as (
    select
        episode_id,
        clock,
        coalesce(
            max(last_position) over (
                partition by episode_id order by clock rows between unbounded preceding and 1 preceding
            ),
            0
        ) as last_position
    from ranked
)

select
    d.episode_id,
    d.request_key,
    r.request_id,
    r.user_id,
    r.store_id,
    r.product_id,
    d.seen_category as category,
    r.channel,
    r.contact is not null as own_contact,
    d.seen_address::text as contact,
    d.seen_timezone as timezone,
    r.requested_at,
    coalesce(d.seen_tier, 0) as tier,
    d.seen_told_at as last_told_at,
    mod(('x' || substr(md5(r.user_id || '/' || d.episode_id::text), 1, 8))::bit(32)::bigint, 10000) / 100.0
        as holdout_draw,
    e.opened_at,
    e.quantity,
    e.notify_per_unit::float8 as notify_per_unit,
    p.last_position,
    d.rank_clock,
    d.decided_at,
    d.policy_id,
    -- The run that gave the place may have broken off, and another planned it, perhaps under the next policy.
    case
        when d.ranked_at is null then d.policy_id
        else
            coalesce(
                (
                    select max(v.policy_id)
                    from restock.policy as v
                    where v.valid_from <= d.ranked_at
                ),
                d.policy_id
            )
    end as rank_policy_id,
    d.seen_messages,
    d.dropped_at is not null as dropped,
    d.outcome,
    d.rule,
    d.trace,
    d.position,
    d.wave,
    d.due_at,
    d.scheduled_at,
    d.notification_key,
    n.opening_episode_id,
    n.opening_request_key
from deciding as d
inner join restock.episode as e on d.episode_id = e.episode_id
inner join restock.request as r on d.request_key = r.request_key
inner join placed_before as p on d.episode_id = p.episode_id and d.rank_clock = p.clock
left join restock.notification as n on d.notification_key = n.notification_key
where d.trace is not null
