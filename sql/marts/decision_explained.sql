-- Purpose: mart.decision_explained, what became of each request in each restock, and where it stands now, in a
--          sentence that can be read out to the shopper. restock.decision_explained is the same for those who may see
--          addresses and who look for one request by its id.
-- Grain:   one row a request id and restock in which it was decided about or in which it stands; without a restock
--          where the request waits, or ended, while its product was not there.
create or replace view restock.decision_explained as
with named_request as (
    select
        request_id,
        request_key,
        surface,
        requested_at,
        null as joined_id
    from restock.request
    union all
    select
        j.request_id,
        j.request_key,
        j.surface,
        j.requested_at,
        r.request_id as joined_id
    from restock.joined_request as j
    inner join restock.request as r on j.request_key = r.request_key
),

policy_in_force as (
    select settings
    from restock.policy
    order by policy_id desc
    limit 1
),

inventory_gate as (
    select
        gate,
        since,
        debug_value
    from restock.holding_gate
    where feed = 'inventory'
    order by since
    limit 1
),

fact as (
    select
        q.request_id,
        q.joined_id,
        q.surface,
        q.requested_at,
        r.user_id,
        r.store_id,
        r.product_id,
        r.channel,
        t.episode_id,
        t.stands_here,
        e.opened_at,
        coalesce(e.released_hold_since, e.opened_at) as back_at,
        e.closed_at,
        e.quantity,
        e.notify_per_unit,
        e.held_since,
        e.held_reason,
        e.released_at,
        e.released_hold_reason,
        d.request_key is not null as decided,
        d.outcome,
        d.rule,
        d.policy_id,
        d.dropped_at,
        coalesce(d.position, k.position) as position,
        coalesce(d.wave, k.wave) as wave,
        coalesce(
            d.trace,
            -- Decisions from before traces were kept.
            case
                when d.position is null and k.position is null then d.rule
                else
                    concat(
                        'queue',
                        case
                            when coalesce(d.wave, k.wave) > 0
                                then
                                    to_char(
                                        coalesce(d.due_at, k.due_at) at time zone 'UTC',
                                        '" waves>"YYYY-MM-DD"T"HH24:MI"Z"'
                                    )
                        end,
                        case
                            when d.outcome = 'capped' then ' max_delay'
                            when d.rule in ('quiet_hours', 'daily_cap')
                                then
                                    ' ' || d.rule
                                    || to_char(d.scheduled_at at time zone 'UTC', '">"YYYY-MM-DD"T"HH24:MI"Z"')
                        end
                    )
            end
        ) as trace,
        n.status as message_status,
        n.status_at,
        n.due_at,
        n.attempt_count,
        o.status as ended,
        o.closed_at as ended_at,
        v.quantity as stock,
        h.gate,
        h.since as gate_since,
        h.debug_value as gate_found,
        coalesce(
            d.seen_timezone, n.timezone, r.timezone, c.timezone, p.settings ->> 'default_timezone', 'UTC'
        ) as zone,
        coalesce(e.opened_at, q.requested_at) as near,
        coalesce(p.settings ->> 'paused' = 'true', false) as paused,
        coalesce(
            p.settings #>> array['overrides', 'product', r.store_id || '/' || r.product_id, 'min_quantity'],
            p.settings #>> array['overrides', 'category', g.category, 'min_quantity'],
            p.settings #>> array['overrides', 'store', r.store_id, 'min_quantity'],
            p.settings ->> 'min_quantity',
            '1'
        )::bigint as min_quantity,
        (
            select count(*)
            from restock.decision as other
            where
                other.notification_key = d.notification_key
                and other.dropped_at is null
                and (other.episode_id, other.request_key) <> (d.episode_id, d.request_key)
        ) as others,
        (
            select a.provider_code
            from restock.delivery_attempt as a
            where
                a.notification_key = d.notification_key
                and a.attempt_number = n.attempt_count
                and not restock.is_address(a.provider_code)
        ) as provider_code,
        (
            select max(x.closed_at)
            from restock.episode as x
            where x.store_id = r.store_id and x.product_id = r.product_id and x.closed_at > r.requested_at
        ) as sold_out_at
    from named_request as q
    inner join restock.request as r on q.request_key = r.request_key
    left join restock.request_outcome as o on r.request_key = o.request_key
    left join restock.customer as c on r.user_id = c.user_id
    left join restock.product as g on r.store_id = g.store_id and r.product_id = g.product_id
    left join restock.availability as v on r.store_id = v.store_id and r.product_id = v.product_id
    left join policy_in_force as p on true
    left join inventory_gate as h on true
    -- The restocks in which it was decided about, and the one, or none, in which it stands, or stood when it ended.
    -- Lateral, so that the question about one request reads the rows of one request.
    inner join lateral ( -- noqa: ST05, LT02
        select
            x.episode_id,
            x.stands_here
        from (
            select
                a.episode_id,
                (o.status is null and a.closed_at is null)
                or (a.opened_at <= o.closed_at and coalesce(a.closed_at > o.closed_at, true)) as stands_here
            from restock.episode as a
            where a.store_id = r.store_id and a.product_id = r.product_id
        ) as x
        where
            exists (
                select 1
                from restock.decision as b
                where b.episode_id = x.episode_id and b.request_key = r.request_key
            )
            or (x.stands_here and o.status is distinct from 'notified')
        union all
        select
            null as episode_id,
            true as stands_here
        where
            o.status is distinct from 'notified'
            and not exists (
                select 1
                from restock.episode as a
                where
                    a.store_id = r.store_id
                    and a.product_id = r.product_id
                    and (
                        (o.status is null and a.closed_at is null)
                        or (a.opened_at <= o.closed_at and coalesce(a.closed_at > o.closed_at, true))
                    )
            )
            -- Its message fell out for the reason for which it ended: that is said there.
            and not exists (
                select 1
                from restock.episode as a
                inner join restock.decision as b on a.episode_id = b.episode_id and r.request_key = b.request_key
                where
                    a.store_id = r.store_id
                    and a.product_id = r.product_id
                    and b.dropped_at is not null
                    and b.rule = o.status
            )
    ) as t on true
    left join restock.episode as e on t.episode_id = e.episode_id
    left join restock.decision as d on t.episode_id = d.episode_id and r.request_key = d.request_key
    left join restock.notification as n on d.notification_key = n.notification_key
    left join restock.candidate as k
        on t.episode_id = k.episode_id and r.request_key = k.request_key and hashtext(r.user_id) & 63 = k.bucket
)

select
    f.request_id,
    f.joined_id,
    f.user_id,
    f.store_id,
    f.product_id,
    f.episode_id,
    f.opened_at,
    f.outcome,
    f.rule,
    f.policy_id,
    concat(
        -- asked
        case when f.joined_id is null then 'asked on ' else 'asked again on ' end,
        restock.say_day(f.requested_at, f.zone, coalesce(f.back_at, f.requested_at)),
        case
            when (f.requested_at at time zone f.zone)::date = (f.back_at at time zone f.zone)::date
                then to_char(f.requested_at at time zone f.zone, ' HH24:MI')
        end,
        case f.surface
            when 'app' then ' in the app'
            when 'web' then ' on the website'
            when 'mobile_web' then ' on the mobile website'
            when 'cart' then ' from the cart'
        end,
        ', answered together with request ' || f.joined_id,
        -- back
        case when f.back_at < f.requested_at then '; back since ' else '; back on ' end
        || restock.say_day(f.back_at, f.zone, f.back_at) || to_char(f.back_at at time zone f.zone, ' HH24:MI')
        || ' with ' || f.quantity || case when f.quantity = 1 then ' unit' else ' units' end,
        '; held until ' || restock.say_time(f.released_at, f.zone, f.back_at) || ', because ' || f.released_hold_reason,
        -- decided
        case
            when f.decided or f.position is not null
                then restock.say_trace(
                    f.trace,
                    f.opened_at,
                    f.position,
                    f.wave,
                    coalesce(f.notify_per_unit > 0, f.wave > 0),
                    f.channel,
                    f.zone
                )
        end,
        -- how far that has come
        case
            when f.dropped_at is not null
                then restock.say_drop(f.rule, f.ended, f.ended_at, f.dropped_at, f.closed_at, f.zone, f.near)
            when f.message_status is not null
                then restock.say_message(
                    f.message_status,
                    f.status_at,
                    f.due_at,
                    f.attempt_count,
                    f.others,
                    f.provider_code,
                    f.closed_at,
                    f.zone,
                    f.near
                )
            when f.decided and f.closed_at is not null
                then '; not told this time, and sold out ' || restock.say_time(f.closed_at, f.zone, f.near)
            when f.decided and f.ended is null then '; still waits'
        end,
        -- how it ended without a message, or why it stands where it does
        case
            when not f.stands_here or f.ended = 'notified' or (f.dropped_at is not null and f.rule = f.ended) then ''
            when f.ended is not null then '; ' || restock.say_ending(f.ended, f.ended_at, f.zone, f.near)
            when f.decided then ''
            when f.held_since is not null
                then '; held since ' || restock.say_time(f.held_since, f.zone, f.near) || ', because ' || f.held_reason
            when f.position is not null then '; its message is written by the next run'
            when f.episode_id is not null and f.paused
                then '; nothing is planned and sent while restock_paused is true'
            when f.episode_id is not null then '; its turn comes with the next run'
            else
                concat(
                    case
                        when f.sold_out_at is null then '; not back since'
                        else
                            concat(
                                '; sold out since ',
                                restock.say_day(f.sold_out_at, f.zone, f.near),
                                to_char(f.sold_out_at at time zone f.zone, ' HH24:MI')
                            )
                    end,
                    case
                        when f.stock > 0
                            then
                                concat(
                                    '; now ',
                                    f.stock,
                                    case when f.stock = 1 then ' unit is there' else ' units are there' end,
                                    case
                                        when f.stock < f.min_quantity
                                            then concat(', and it takes ', f.min_quantity, ' to count as back')
                                        when f.gate is not null
                                            then
                                                concat(
                                                    ', but the gate ',
                                                    f.gate,
                                                    ' has let no product open since ',
                                                    restock.say_day(f.gate_since, f.zone, f.near),
                                                    to_char(f.gate_since at time zone f.zone, ' HH24:MI: '),
                                                    f.gate_found
                                                )
                                        when f.paused
                                            then ', but nothing is planned and sent while restock_paused is true'
                                        else ', and its turn comes with the next run'
                                    end
                                )
                    end,
                    '; still waits'
                )
        end,
        case when coalesce(position('quiet_hours' in f.trace), 0) = 0 then '; all times in ' || f.zone end
    ) as explanation
from fact as f;
comment on view restock.decision_explained is
'What became of each request in each restock, and where it stands, in a sentence to read out. Grain: one request id and'
' restock; episode_id is null where the request waits, or ended, while its product was not there.';
comment on column restock.decision_explained.request_id is 'Id given by the surface.';
comment on column restock.decision_explained.joined_id is 'The open request that it joined; null for most.';
comment on column restock.decision_explained.user_id is 'Shopper.';
comment on column restock.decision_explained.store_id is 'Store.';
comment on column restock.decision_explained.product_id is 'Product.';
comment on column restock.decision_explained.episode_id is
'Restock: one stretch of availability of the product in the store; null where none was open.';
comment on column restock.decision_explained.opened_at is 'When the product was seen to be back.';
comment on column restock.decision_explained.outcome is
'told, delayed, merged, capped, skipped or held; null where nothing has been decided.';
comment on column restock.decision_explained.rule is
'The rule that had the last word; null where nothing has been decided.';
comment on column restock.decision_explained.policy_id is 'Policy under which it was decided.';
comment on column restock.decision_explained.explanation is 'The sentence, in the time zone of the shopper.';

create or replace view mart.decision_explained as
-- Apart, so that the question about one request goes by the index of its id.
with shown as (
    select
        request_id as shown_id,
        *
    from restock.decision_explained
    where not restock.is_address(request_id)
    union all
    select
        restock.hide_address(x.request_id, z.salt) as shown_id,
        x.*
    from restock.decision_explained as x
    cross join restock.mart_salt as z
    where restock.is_address(x.request_id)
)

select
    s.shown_id as request_id,
    restock.hide_address(s.user_id, z.salt) as user_id,
    s.store_id,
    s.product_id,
    s.episode_id,
    s.opened_at,
    s.outcome,
    s.rule,
    s.policy_id,
    case
        when s.joined_id is null then s.explanation
        else replace(s.explanation, s.joined_id, restock.hide_address(s.joined_id, z.salt))
    end as explanation
from shown as s
cross join restock.mart_salt as z;
comment on view mart.decision_explained is
'What became of each request in each restock, and where it stands, in a sentence to read out. Ask about many requests'
' by an array of their ids: request_id = any(array(select request_id from mart.decision_fact where …)); a join, in'
' (select …) or a user_id works out the sentences of all requests, which takes minutes on a million. Grain: one request'
' id and restock; episode_id is null where the request waits, or ended, while its product was not there.';
comment on column mart.decision_explained.request_id is 'Id given by the surface.';
comment on column mart.decision_explained.user_id is 'Shopper.';
comment on column mart.decision_explained.store_id is 'Store.';
comment on column mart.decision_explained.product_id is 'Product.';
comment on column mart.decision_explained.episode_id is
'Restock: one stretch of availability of the product in the store; null where none was open.';
comment on column mart.decision_explained.opened_at is 'When the product was seen to be back.';
comment on column mart.decision_explained.outcome is
'told, delayed, merged, capped, skipped or held; null where nothing has been decided.';
comment on column mart.decision_explained.rule is
'The rule that had the last word; null where nothing has been decided.';
comment on column mart.decision_explained.policy_id is 'Policy under which it was decided.';
comment on column mart.decision_explained.explanation is 'The sentence, in the time zone of the shopper.';
