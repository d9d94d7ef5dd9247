-- Purpose: all that happened to one request, in order.
-- Binds:   request_key.
-- Grain:   one row an event: when, what kind, and what there is to say about it.
with wanted as materialized (
    select
        r.request_key,
        r.user_id,
        r.store_id,
        r.product_id,
        r.channel,
        r.surface,
        r.quantity,
        r.requested_at,
        o.status as ended,
        o.closed_at as ended_at
    from restock.request as r
    left join restock.request_outcome as o on r.request_key = o.request_key
    where r.request_key = %(request_key)s
),

-- The restocks in which it waited.
restock as materialized (
    select e.*
    from wanted as r
    inner join restock.episode as e on r.store_id = e.store_id and r.product_id = e.product_id
    where
        coalesce(e.closed_at > r.requested_at, true)
        and e.opened_at <= coalesce(r.ended_at, 'infinity')
),

decided as materialized (
    select
        d.*,
        e.opened_at
    from restock as e
    inner join restock.decision as d on e.episode_id = d.episode_id and d.request_key = %(request_key)s
),

event (at, kind, number, detail) as (
    select
        requested_at,
        'asked',
        1,
        jsonb_build_object('surface', surface, 'quantity', quantity, 'channel', channel)
    from wanted
    union all
    select
        j.requested_at,
        'asked_again',
        2,
        jsonb_build_object('surface', j.surface, 'request_id', j.request_id)
    from restock.joined_request as j
    where j.request_key = %(request_key)s
    union all
    select
        opened_at,
        'back',
        3,
        jsonb_build_object('quantity', quantity)
    from restock
    union all
    select
        held_since,
        'held',
        4,
        jsonb_build_object('reason', held_reason)
    from restock
    where held_since is not null
    union all
    select
        released_at,
        'released',
        4,
        jsonb_build_object('reason', released_hold_reason)
    from restock
    where released_at is not null
    union all
    select
        decided_at,
        'decided',
        5,
        jsonb_build_object(
            'outcome', outcome,
            'rule', rule,
            'position', position,
            'wave', wave,
            'policy_id', policy_id,
            'steps', (
                select jsonb_agg(jsonb_build_object('rule', t.rule, 'until', t.left_at) order by t.step)
                from restock.read_trace(decided.trace, decided.opened_at) as t
                where t.look_at is null
            )
        )
    from decided
    union all
    select
        n.created_at,
        'scheduled',
        6,
        jsonb_build_object('until', n.due_at)
    from decided as d
    inner join restock.notification as n on d.notification_key = n.notification_key
    union all
    select
        a.finished_at,
        case a.outcome when 'accepted' then 'sent' else 'attempt' end,
        7,
        jsonb_build_object(
            'outcome', a.outcome,
            -- As in the sentences.
            'code', case when not restock.is_address(a.provider_code) then a.provider_code end,
            'channel', n.channel
        )
    from decided as d
    inner join restock.notification as n on d.notification_key = n.notification_key
    inner join restock.delivery_attempt as a on n.notification_key = a.notification_key
    where coalesce(a.started_at < d.dropped_at, true)
    union all
    select
        dropped_at,
        'dropped',
        8,
        jsonb_build_object('rule', rule)
    from decided
    where dropped_at is not null
    union all
    select
        c.clicked_at,
        'clicked',
        9,
        '{}'
    from decided as d
    inner join wanted as r on d.request_key = r.request_key
    inner join restock.click as c on d.notification_key = c.notification_key
    where c.store_id = r.store_id and c.product_id = r.product_id
    union all
    select
        p.ordered_at,
        'bought',
        10,
        jsonb_build_object('quantity', p.quantity)
    from wanted as r
    inner join restock.purchase as p
        on r.user_id = p.user_id and r.store_id = p.store_id and r.product_id = p.product_id
    where p.ordered_at >= r.requested_at
    union all
    select
        closed_at,
        'gone',
        11,
        '{}'
    from restock
    where closed_at is not null
    union all
    select
        ended_at,
        'ended',
        12,
        jsonb_build_object('status', ended)
    from wanted
    where ended <> 'notified'
)

select
    at,
    kind,
    detail
from event
order by at, number
