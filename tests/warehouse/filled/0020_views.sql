-- Purpose: mart.attribution, the clicks and purchases that each message is credited with, product by product; and
--          restock.sent_item behind it, the same with keys, which the summaries read.
-- Grain:   one row a request that a sent message answers, which is one product in one message.
create or replace view restock.sent_item as
with sent as (
    select
        d.episode_id,
        d.request_key,
        d.notification_key,
        e.store_id,
        e.product_id,
        n.user_id,
        n.channel,
        d.wave,
        d.policy_id,
        d.decided_at,
        n.due_at,
        n.status_at as sent_at,
        e.opened_at,
        e.snapshot_at
    from restock.decision as d
    inner join restock.episode as e on d.episode_id = e.episode_id
    inner join restock.notification as n on d.notification_key = n.notification_key
    where d.dropped_at is null and n.status = 'sent'
),

click as (
    select
        notification_key,
        store_id,
        product_id,
        count(*) as click_count,
        min(clicked_at) as first_clicked_at
    from restock.click
    group by notification_key, store_id, product_id
),

-- Of all messages that were followed by a purchase in time the last one is credited with it, and no other.
credited as (
    select distinct on (p.user_id, p.store_id, p.product_id, p.order_id)
        p.user_id,
        p.store_id,
        p.product_id,
        s.episode_id,
        s.request_key,
        p.ordered_at,
        p.quantity,
        p.amount
    from restock.purchase as p
    inner join sent as s
        on
            p.user_id = s.user_id
            and p.store_id = s.store_id
            and p.product_id = s.product_id
            and p.ordered_at > s.sent_at
            and p.ordered_at <= s.sent_at + interval '72 hours'
    order by
        p.user_id asc,
        p.store_id asc,
        p.product_id asc,
        p.order_id asc,
        s.sent_at desc,
        s.notification_key desc,
        s.request_key desc
),

bought as (
    select
        user_id,
        store_id,
        product_id,
        episode_id,
        request_key,
        count(*) as order_count,
        min(ordered_at) as first_ordered_at,
        sum(quantity) as unit_count,
        sum(amount) as amount
    from credited
    group by user_id, store_id, product_id, episode_id, request_key
)

select
    s.episode_id,
    s.request_key,
    s.notification_key,
    s.store_id,
    s.product_id,
    s.user_id,
    s.channel,
    s.wave,
    s.policy_id,
    s.decided_at,
    s.due_at,
    s.sent_at,
    s.opened_at,
    s.snapshot_at,
    coalesce(c.click_count, 0) as click_count,
    c.first_clicked_at,
    coalesce(b.order_count, 0) as order_count,
    b.first_ordered_at,
    coalesce(b.unit_count, 0) as unit_count,
    b.amount
from sent as s
left join click as c
    on s.notification_key = c.notification_key and s.store_id = c.store_id and s.product_id = c.product_id
left join bought as b
    on
        s.user_id = b.user_id
        and s.store_id = b.store_id
        and s.product_id = b.product_id
        and s.episode_id = b.episode_id
        and s.request_key = b.request_key;
comment on view restock.sent_item is
'One request that one sent message answers, with the clicks on its product in that message and the purchases that the'
' message is credited with: those of that product in that store by that shopper within 72 hours after it, unless a'
' later message about the product came before the purchase. A purchase is credited once.';
comment on column restock.sent_item.episode_id is 'Restock.';
comment on column restock.sent_item.request_key is 'Request.';
comment on column restock.sent_item.notification_key is 'Message.';
comment on column restock.sent_item.store_id is 'Store.';
comment on column restock.sent_item.product_id is 'Product.';
comment on column restock.sent_item.user_id is 'Shopper.';
comment on column restock.sent_item.channel is 'Channel of the message.';
comment on column restock.sent_item.wave is 'Wave, from 0.';
comment on column restock.sent_item.policy_id is 'Policy under which it was decided.';
comment on column restock.sent_item.decided_at is 'When it was decided.';
comment on column restock.sent_item.due_at is 'When the message was due.';
comment on column restock.sent_item.sent_at is 'When the provider accepted the message.';
comment on column restock.sent_item.opened_at is 'When the pipeline saw the product available.';
comment on column restock.sent_item.snapshot_at is 'When the stock was counted that showed it available.';
comment on column restock.sent_item.click_count is 'Clicks on the product in the message.';
comment on column restock.sent_item.first_clicked_at is 'The first of them.';
comment on column restock.sent_item.order_count is 'Orders credited to it.';
comment on column restock.sent_item.first_ordered_at is 'The first of them.';
comment on column restock.sent_item.unit_count is 'Units in them.';
comment on column restock.sent_item.amount is 'What was paid for these; null where no order says it.';

create or replace view mart.attribution as
select
    n.notification_id,
    restock.hide_address(r.request_id, z.salt) as request_id,
    s.episode_id,
    s.store_id,
    s.product_id,
    restock.hide_address(s.user_id, z.salt) as user_id,
    s.channel,
    r.surface,
    s.wave,
    s.policy_id,
    s.sent_at,
    s.click_count,
    s.first_clicked_at,
    s.order_count,
    s.first_ordered_at,
    s.unit_count,
    s.amount
from restock.sent_item as s
inner join restock.notification as n on s.notification_key = n.notification_key
inner join restock.request as r on s.request_key = r.request_key
cross join restock.mart_salt as z;
comment on view mart.attribution is
'The clicks and purchases that each message is credited with. A purchase of the product in the store by the shopper'
' within 72 hours after the message counts for the last message about it before the purchase, and for no other, so sums'
' over this view count it once. Grain: one request that a sent message answers.';
comment on column mart.attribution.notification_id is 'Message.';
comment on column mart.attribution.request_id is 'Request that it answers.';
comment on column mart.attribution.episode_id is 'Restock.';
comment on column mart.attribution.store_id is 'Store.';
comment on column mart.attribution.product_id is 'Product.';
comment on column mart.attribution.user_id is 'Shopper.';
comment on column mart.attribution.channel is 'Channel of the message.';
comment on column mart.attribution.surface is 'Where it was asked: app, web, mobile_web, cart.';
comment on column mart.attribution.wave is 'Wave, from 0.';
comment on column mart.attribution.policy_id is 'Version of the settings that it was decided under.';
comment on column mart.attribution.sent_at is 'When the provider accepted the message.';
comment on column mart.attribution.click_count is 'Clicks on this product in this message, at any time.';
comment on column mart.attribution.first_clicked_at is 'The first of them.';
comment on column mart.attribution.order_count is 'Orders that it is credited with.';
comment on column mart.attribution.first_ordered_at is 'The first of them.';
comment on column mart.attribution.unit_count is 'Units of the product in them.';
comment on column mart.attribution.amount is 'What was paid for these; null where no order says it.';
-- Purpose: mart.day, the days: a dimension, so that days on which nothing happened can be shown as well.
-- Grain:   one row a day (UTC), from the first request to today.
create or replace view mart.day as
select
    d.moment::date as day,
    date_trunc('week', d.moment)::date as week_start,
    date_trunc('month', d.moment)::date as month_start,
    extract(isodow from d.moment)::integer as weekday,
    extract(isodow from d.moment) >= 6 as is_weekend
from generate_series(
    (
        select min(request_day)
        from restock.mart_funnel
    )::timestamp,
    (now() at time zone 'UTC')::date::timestamp,
    interval '1 day'
) as d (moment);
comment on view mart.day is 'The days (UTC) from the first request to today. Grain: one day.';
comment on column mart.day.day is 'Day.';
comment on column mart.day.week_start is 'Monday of its week.';
comment on column mart.day.month_start is 'First day of its month.';
comment on column mart.day.weekday is '1 for Monday to 7 for Sunday.';
comment on column mart.day.is_weekend is 'Saturday or Sunday.';
-- Purpose: mart.dead_message, the messages that were given up; the parameter replay_dead of restock_notify tries them
--          once more. What the provider said stands in restock.notification: it may name the address.
-- Grain:   one row a message.
create or replace view mart.dead_message as
select
    n.notification_id,
    n.channel,
    n.store_id,
    n.status_at as dead_since,
    n.attempt_count,
    a.outcome as last_outcome,
    restock.hide_address(a.provider_code, z.salt) as provider_code
from restock.notification as n
left join
    restock.delivery_attempt as a
    on n.notification_key = a.notification_key and n.attempt_count = a.attempt_number
cross join restock.mart_salt as z
where n.status = 'dead';
comment on view mart.dead_message is 'One message that was given up.';
comment on column mart.dead_message.notification_id is 'Message.';
comment on column mart.dead_message.channel is 'Channel.';
comment on column mart.dead_message.store_id is 'Store.';
comment on column mart.dead_message.dead_since is 'When it was given up.';
comment on column mart.dead_message.attempt_count is 'Attempts made.';
comment on column mart.dead_message.last_outcome is
'How the last attempt ended: permanent, retryable (the limit of tries was reached) or in_doubt (the provider may have'
' it).';
comment on column mart.dead_message.provider_code is 'Code of the provider''s last answer.';
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
-- Purpose: mart.decision_fact, what was decided for each request in each restock, and how that ended.
-- Grain:   one row a request and episode.
create or replace view mart.decision_fact as
select
    restock.hide_address(r.request_id, z.salt) as request_id,
    d.episode_id,
    r.store_id,
    r.product_id,
    p.name as product_name,
    p.category,
    p.brand,
    restock.hide_address(r.user_id, z.salt) as user_id,
    r.surface,
    r.channel,
    r.quantity,
    r.requested_at,
    e.opened_at,
    d.outcome,
    d.rule,
    d.position,
    d.wave,
    d.due_at,
    d.scheduled_at,
    d.decided_at,
    d.dropped_at,
    n.notification_id,
    n.status as notification_status,
    d.policy_id,
    coalesce(c.tier, 0) as tier,
    case when d.dropped_at is null and n.status = 'sent' then n.status_at end as accepted_at,
    coalesce(o.status, 'open') as request_status
from restock.decision as d
inner join restock.request as r on d.request_key = r.request_key
inner join restock.episode as e on d.episode_id = e.episode_id
left join restock.product as p on r.store_id = p.store_id and r.product_id = p.product_id
left join restock.customer as c on r.user_id = c.user_id
left join restock.notification as n on d.notification_key = n.notification_key
left join restock.request_outcome as o on d.request_key = o.request_key
cross join restock.mart_salt as z;
comment on view mart.decision_fact is
'What was decided for each request in each restock, by which rule, and how that ended. Grain: one request and episode.';
comment on column mart.decision_fact.request_id is 'Id given by the surface.';
comment on column mart.decision_fact.episode_id is 'Restock: one stretch of availability of the product in the store.';
comment on column mart.decision_fact.store_id is 'Store.';
comment on column mart.decision_fact.product_id is 'Product.';
comment on column mart.decision_fact.product_name is 'Name of the product; null where the catalogue does not have it.';
comment on column mart.decision_fact.category is 'Category of the product.';
comment on column mart.decision_fact.brand is 'Brand of the product.';
comment on column mart.decision_fact.user_id is 'Shopper.';
comment on column mart.decision_fact.surface is 'Where it was asked: app, web, mobile_web, cart.';
comment on column mart.decision_fact.channel is 'Channel to be told on.';
comment on column mart.decision_fact.quantity is 'Units wanted.';
comment on column mart.decision_fact.requested_at is 'When the shopper asked.';
comment on column mart.decision_fact.opened_at is 'When the pipeline saw the product available.';
comment on column mart.decision_fact.outcome is
'told (own message at its due time), delayed (later), merged (in a message with others), capped, skipped, held.';
comment on column mart.decision_fact.rule is 'The rule that had the last word.';
comment on column mart.decision_fact.position is 'Place in the queue of the restock, from 1; null where it got none.';
comment on column mart.decision_fact.wave is 'Wave, from 0; null where it got no place.';
comment on column mart.decision_fact.due_at is 'When the wave was due.';
comment on column mart.decision_fact.scheduled_at is 'When the item was due after quiet hours and the daily cap.';
comment on column mart.decision_fact.decided_at is 'When it was decided.';
comment on column mart.decision_fact.dropped_at is
'When the last look before sending took it out of its message; null where it did not.';
comment on column mart.decision_fact.notification_id is 'The message that it stands in, or fell out of.';
comment on column mart.decision_fact.notification_status is 'Status of that message.';
comment on column mart.decision_fact.policy_id is 'Version of the settings that it was decided under.';
comment on column mart.decision_fact.tier is 'Tier of the shopper now; 0 where it is not known.';
comment on column mart.decision_fact.accepted_at is 'When the provider accepted the message with this item in it.';
comment on column mart.decision_fact.request_status is
'How the request ended: notified, cancelled, expired, purchased, suppressed; open where it did not yet.';
-- Purpose: mart.delivery_health, how delivery goes, channel by channel and hour by hour.
-- Grain:   one row a channel and hour in which something happened; the hour of now has a row for each channel.
create or replace view mart.delivery_health as
with this_hour as (
    select
        channel,
        date_trunc('hour', now(), 'UTC') as hour
    from (
        select name as channel
        from restock.channel
        union
        select channel
        from restock.mart_delivery
    ) as known
),

place as (
    select
        channel,
        hour
    from restock.mart_delivery
    union
    select
        channel,
        hour
    from this_hour
),

policy_in_force as (
    select settings
    from restock.policy
    order by policy_id desc
    limit 1
),

waiting as (
    select
        t.channel,
        t.hour,
        d.due_count,
        d.oldest_due_at
    from this_hour as t
    cross join lateral (
        select
            count(*) as due_count,
            min(o.due_at) as oldest_due_at
        from restock.outbox as o
        where o.channel = t.channel and o.due_at <= now()
    ) as d
)

select
    p.channel,
    p.hour,
    coalesce(m.sent_count, 0) as sent_count,
    coalesce(m.attempt_count, 0) as attempt_count,
    coalesce(m.retryable_count, 0) as retryable_count,
    coalesce(m.permanent_count, 0) as permanent_count,
    coalesce(m.in_doubt_count, 0) as in_doubt_count,
    coalesce(m.dead_count, 0) as dead_count,
    coalesce(m.suppression_count, 0) as suppression_count,
    coalesce(m.busiest_minute_count, 0) as busiest_minute_count,
    (f.settings -> 'rate_per_minute' ->> p.channel)::integer as rate_per_minute,
    round(
        coalesce(m.busiest_minute_count, 0) / (f.settings -> 'rate_per_minute' ->> p.channel)::numeric, 3
    ) as busiest_minute_share,
    w.due_count,
    w.oldest_due_at
from place as p
left join restock.mart_delivery as m on p.channel = m.channel and p.hour = m.hour
left join waiting as w on p.channel = w.channel and p.hour = w.hour
left join policy_in_force as f on true;
comment on view mart.delivery_health is
'How delivery goes. sent, retryable, permanent and in doubt add up to the attempts. Grain: one channel and hour (UTC)'
' in which something happened; the hour of now has a row for each channel. Of mart.refreshed; what is due is of now.';
comment on column mart.delivery_health.channel is 'Channel.';
comment on column mart.delivery_health.hour is 'Start of the hour.';
comment on column mart.delivery_health.sent_count is 'Messages that the provider accepted in the hour.';
comment on column mart.delivery_health.attempt_count is 'Attempts that ended in the hour.';
comment on column mart.delivery_health.retryable_count is 'Attempts that failed and are made again.';
comment on column mart.delivery_health.permanent_count is 'Attempts that the provider refused for good.';
comment on column mart.delivery_health.in_doubt_count is
'Attempts after which nobody knows whether the provider has the message.';
comment on column mart.delivery_health.dead_count is 'Messages given up in the hour.';
comment on column mart.delivery_health.suppression_count is
'Addresses that were suppressed in the hour: unsubscribed, bounced, complained; one that must not be written to about'
' the products of some stores counts once for each of them.';
comment on column mart.delivery_health.busiest_minute_count is 'Messages accepted in the busiest minute of the hour.';
comment on column mart.delivery_health.rate_per_minute is
'The most messages a minute that the settings allow now; null for no limit.';
comment on column mart.delivery_health.busiest_minute_share is
'The busiest minute as a share of that; null for no limit. Above 1 the limit was higher then.';
comment on column mart.delivery_health.due_count is
'Messages that are due now and have not left; null in hours that are past.';
comment on column mart.delivery_health.oldest_due_at is
'Since when the oldest of them is due; null where none is, and in hours that are past.';
-- Purpose: mart.episode_outcome, what each restock did for the shoppers who waited for it.
-- Grain:   one row an episode.
create or replace view mart.episode_outcome as
select
    e.episode_id,
    e.store_id,
    e.product_id,
    p.name as product_name,
    p.category,
    p.brand,
    e.quantity,
    e.opened_at,
    e.closed_at,
    e.held_since,
    e.held_reason,
    e.policy_id,
    coalesce(d.asked_count, 0) as asked_count,
    coalesce(d.asked_units, 0) as asked_units,
    coalesce(d.told_count, 0) as told_count,
    coalesce(d.sent_count, 0) as sent_count,
    coalesce(d.held_back_count, 0) as held_back_count,
    coalesce(d.clicked_count, 0) as clicked_count,
    coalesce(d.bought_count, 0) as bought_count,
    coalesce(d.bought_units, 0) as bought_units,
    e.snapshot_at
from restock.episode as e
left join restock.product as p on e.store_id = p.store_id and e.product_id = p.product_id
left join restock.mart_episode as d on e.episode_id = d.episode_id;
comment on view mart.episode_outcome is
'What each restock did for the shoppers who waited for it. Grain: one stretch of availability of a product in a store.'
' The counts are of mart.refreshed.';
comment on column mart.episode_outcome.episode_id is 'Restock.';
comment on column mart.episode_outcome.store_id is 'Store.';
comment on column mart.episode_outcome.product_id is 'Product.';
comment on column mart.episode_outcome.product_name is
'Name of the product; null where the catalogue does not have it.';
comment on column mart.episode_outcome.category is 'Category of the product.';
comment on column mart.episode_outcome.brand is 'Brand of the product.';
comment on column mart.episode_outcome.quantity is 'Units at the opening.';
comment on column mart.episode_outcome.opened_at is 'When the pipeline saw the product available.';
comment on column mart.episode_outcome.closed_at is 'When the pipeline saw it sold out; null while it is available.';
comment on column mart.episode_outcome.held_since is 'Since when a gate holds the restock back; null where none does.';
comment on column mart.episode_outcome.held_reason is 'Which gate holds it back, in words.';
comment on column mart.episode_outcome.policy_id is 'Version of the settings in force at the opening.';
comment on column mart.episode_outcome.asked_count is 'Requests that a decision was made for in this restock.';
comment on column mart.episode_outcome.asked_units is 'Units that they want.';
comment on column mart.episode_outcome.told_count is 'Requests among them that stand in a message, sent or not yet.';
comment on column mart.episode_outcome.sent_count is 'Requests among them whose message was sent.';
comment on column mart.episode_outcome.held_back_count is
'Requests among them that were not told in this restock: capped, skipped or held.';
comment on column mart.episode_outcome.clicked_count is
'Requests of sent_count whose shopper opened the product from the message, or bought it without a click that was seen.';
comment on column mart.episode_outcome.bought_count is
'Requests of sent_count with a purchase that the message is credited with (mart.attribution).';
comment on column mart.episode_outcome.bought_units is 'Units of those purchases.';
comment on column mart.episode_outcome.snapshot_at is
'When the stock was counted that showed it available; null where that was not kept.';
-- Purpose: mart.feed_run, what each run of restock_ingest made of each feed: the ledger, run by run.
-- Grain:   one row a run, feed and origin.
create or replace view mart.feed_run as
with waiting as (
    select
        feed_file_id,
        count(*) as row_count
    from restock.rejected_row
    where replayed_at is null
    group by feed_file_id
)

select
    f.run_id,
    f.feed,
    f.origin,
    min(f.recorded_at) as first_recorded_at,
    max(f.recorded_at) as last_recorded_at,
    count(*) as file_count,
    count(*) filter (where f.status = 'failed') as failed_file_count,
    count(*) filter (where f.status = 'duplicate') as duplicate_file_count,
    sum(f.byte_size) as byte_count,
    sum(f.read_count) as read_count,
    sum(f.loaded_count) as loaded_count,
    sum(f.rejected_count) as rejected_count,
    sum(f.duplicate_count) as duplicate_count,
    sum(f.stale_count) as stale_count,
    sum(f.unchanged_count) as unchanged_count,
    coalesce(sum(w.row_count), 0) as waiting_reject_count
from restock.feed_file as f
left join waiting as w on f.feed_file_id = w.feed_file_id
group by f.run_id, f.feed, f.origin;
comment on view mart.feed_run is
'What each run made of each feed: read is the sum of loaded, rejected, duplicate, stale and unchanged. Grain: one run,'
' feed and origin.';
comment on column mart.feed_run.run_id is 'DAG run of restock_ingest.';
comment on column mart.feed_run.feed is 'Feed.';
comment on column mart.feed_run.origin is 'file, source (a source database) or replay (rejected rows, loaded again).';
comment on column mart.feed_run.first_recorded_at is 'When the first of its files was begun.';
comment on column mart.feed_run.last_recorded_at is 'When the last of its files was begun.';
comment on column mart.feed_run.file_count is 'Files, extractions or replays.';
comment on column mart.feed_run.failed_file_count is 'Those that could not be read at all.';
comment on column mart.feed_run.duplicate_file_count is 'Those whose content was loaded before.';
comment on column mart.feed_run.byte_count is 'Their size in bytes.';
comment on column mart.feed_run.read_count is 'Rows read.';
comment on column mart.feed_run.loaded_count is 'Rows that changed the warehouse.';
comment on column mart.feed_run.rejected_count is 'Rows kept with a reason.';
comment on column mart.feed_run.duplicate_count is 'Rows known before, and requests that joined an open one.';
comment on column mart.feed_run.stale_count is 'Rows older than what is known.';
comment on column mart.feed_run.unchanged_count is 'Rows that say what is known already.';
comment on column mart.feed_run.waiting_reject_count is 'Of the rejected rows those that nobody replayed yet.';
-- Purpose: mart.funnel_daily, how far the requests of each day have come by now. A request counts at each step up to
--          the furthest that it reached, so no step can be larger than the one before.
-- Grain:   one row a day (UTC) and store.
create or replace view mart.funnel_daily as
select
    store_id,
    request_day,
    request_count,
    available_count,
    scheduled_count,
    sent_count,
    clicked_count,
    bought_count,
    bought_without_click_count
from restock.mart_funnel;
comment on view mart.funnel_daily is
'How far the requests of each day have come by now; a request counts at each step up to the furthest that it reached,'
' so each count is part of the one before. Grain: one day and store. Of mart.refreshed.';
comment on column mart.funnel_daily.store_id is 'Store.';
comment on column mart.funnel_daily.request_day is 'Day on which the shoppers asked, in UTC.';
comment on column mart.funnel_daily.request_count is 'Requests of that day.';
comment on column mart.funnel_daily.available_count is
'Those that a restock was decided for, or whose product is available now. One without a decision, as in a restock that'
' is held, counts only until the product sells out, so the count of a past day can shrink.';
comment on column mart.funnel_daily.scheduled_count is
'Those that were put into a message, also where the last look took them out again.';
comment on column mart.funnel_daily.sent_count is 'Those whose message was sent.';
comment on column mart.funnel_daily.clicked_count is
'Those whose shopper opened the product from the message, or bought it without a click that was seen.';
comment on column mart.funnel_daily.bought_count is
'Those with a purchase that the message is credited with (mart.attribution).';
comment on column mart.funnel_daily.bought_without_click_count is
'Those of them without a click; clicked_count less this is the number of requests with a click.';
-- Purpose: mart.notification_fact, what became of each message.
-- Grain:   one row a message.
create or replace view mart.notification_fact as
with item as (
    select
        notification_key,
        count(*) filter (where dropped_at is null) as item_count,
        count(*) filter (where dropped_at is not null) as dropped_item_count
    from restock.decision
    where notification_key is not null
    group by notification_key
),

attempt as (
    select
        notification_key,
        min(started_at) as first_attempt_at,
        min(finished_at) filter (where outcome = 'accepted') as accepted_at,
        count(*) filter (where outcome = 'in_doubt') as in_doubt_count
    from restock.delivery_attempt
    group by notification_key
)

select
    n.notification_id,
    restock.hide_address(n.user_id, z.salt) as user_id,
    n.channel,
    n.store_id,
    n.locale,
    n.timezone,
    n.local_day,
    n.status,
    n.status_at,
    n.created_at,
    n.first_due_at,
    n.due_at,
    a.first_attempt_at,
    a.accepted_at,
    n.attempt_count,
    n.policy_id,
    coalesce(a.in_doubt_count, 0) as in_doubt_count,
    coalesce(i.item_count, 0) as item_count,
    coalesce(i.dropped_item_count, 0) as dropped_item_count
from restock.notification as n
left join item as i on n.notification_key = i.notification_key
left join attempt as a on n.notification_key = a.notification_key
cross join restock.mart_salt as z;
comment on view mart.notification_fact is
'What became of each message. Grain: one message to one shopper on one channel.';
comment on column mart.notification_fact.notification_id is 'Id that went out as Message-ID and Idempotency-Key.';
comment on column mart.notification_fact.user_id is 'Shopper.';
comment on column mart.notification_fact.channel is 'Channel.';
comment on column mart.notification_fact.store_id is 'Store.';
comment on column mart.notification_fact.locale is 'Language of the message.';
comment on column mart.notification_fact.timezone is 'Wall clock that quiet hours and the day were read on.';
comment on column mart.notification_fact.local_day is 'Day of the message on that wall clock.';
comment on column mart.notification_fact.status is
'scheduled, sent, held, cancelled, failed (will be tried again) or dead; a sender may have what is scheduled or'
' failed.';
comment on column mart.notification_fact.status_at is 'Since when.';
comment on column mart.notification_fact.created_at is 'When it was scheduled.';
comment on column mart.notification_fact.first_due_at is 'Due time of its first item.';
comment on column mart.notification_fact.due_at is 'Due time of the message, which is that of its last item.';
comment on column mart.notification_fact.first_attempt_at is 'When it was first tried; null where it was not yet.';
comment on column mart.notification_fact.accepted_at is 'When the provider accepted it; null where it did not.';
comment on column mart.notification_fact.attempt_count is 'Attempts made.';
comment on column mart.notification_fact.policy_id is 'Version of the settings that it was scheduled under.';
comment on column mart.notification_fact.in_doubt_count is
'Attempts after which nobody knew whether the provider had the message.';
comment on column mart.notification_fact.item_count is 'Products that it tells of.';
comment on column mart.notification_fact.dropped_item_count is
'Products that the last look before sending took out of it.';
-- Purpose: mart.policy_effect, what the messages under each version of the settings brought about, measured against
--          those who were held out by lot.
-- Grain:   one row a policy.
create or replace view mart.policy_effect as
with measured as (
    select
        policy_id,
        decided_count,
        sent_count,
        pending_count,
        told_count,
        told_bought_count,
        told_bought_count / nullif(told_count, 0)::numeric as told_rate,
        held_out_count,
        held_out_bought_count,
        held_out_bought_count / nullif(held_out_count, 0)::numeric as held_out_rate,
        told_count >= 30 and held_out_count >= 30 as is_enough
    from restock.mart_effect
),

compared as (
    select
        policy_id,
        told_rate - held_out_rate as lift,
        restock.difference_bound(told_rate, told_count, held_out_rate, held_out_count, -1) as lift_low,
        restock.difference_bound(told_rate, told_count, held_out_rate, held_out_count, 1) as lift_high
    from measured
    where is_enough
)

select
    p.policy_id,
    p.valid_from,
    lead(p.valid_from) over (order by p.policy_id) as valid_until,
    p.changed,
    (p.settings ->> 'holdout_percent')::numeric as holdout_percent,
    coalesce(m.decided_count, 0) as decided_count,
    coalesce(m.sent_count, 0) as sent_count,
    coalesce(m.pending_count, 0) as pending_count,
    coalesce(m.told_count, 0) as told_count,
    coalesce(m.told_bought_count, 0) as told_bought_count,
    round(m.told_rate, 4) as told_rate,
    coalesce(m.held_out_count, 0) as held_out_count,
    coalesce(m.held_out_bought_count, 0) as held_out_bought_count,
    round(m.held_out_rate, 4) as held_out_rate,
    round(c.lift, 4) as lift,
    round(c.lift_low, 4) as lift_low,
    round(c.lift_high, 4) as lift_high,
    p.settings ->> 'quiet_hours' as quiet_hours
from restock.policy as p
left join measured as m on p.policy_id = m.policy_id
left join compared as c on p.policy_id = c.policy_id;
comment on view mart.policy_effect is
'What the messages under each version of the settings brought about: the share of shoppers who bought the product'
' within seven days after the decision, of those who were to be told and of those held out by lot'
' (restock_holdout_percent). Both count as the lot made them, so who was told late or not after all stays with those to'
' be told. The interval of the lift is method 10 of Newcombe, Statistics in Medicine 17 (1998), 873-890; it takes'
' shoppers of different restocks as independent, and is a little narrow where the same few come again and again. Grain:'
' one version. Of mart.refreshed.';
comment on column mart.policy_effect.policy_id is 'Version of the settings.';
comment on column mart.policy_effect.valid_from is 'Since when it was in force.';
comment on column mart.policy_effect.valid_until is 'Until when; null for the one in force.';
comment on column mart.policy_effect.changed is 'Settings that differ from the version before.';
comment on column mart.policy_effect.holdout_percent is
'Share of shoppers held out in each restock, in per cent; overrides aside.';
comment on column mart.policy_effect.decided_count is 'Decisions, each about a request in a restock.';
comment on column mart.policy_effect.sent_count is 'Decisions whose message was sent.';
comment on column mart.policy_effect.pending_count is
'Shoppers of a restock, in either group, whose seven days are not over; they are not counted yet.';
comment on column mart.policy_effect.told_count is 'Shoppers of a restock who were to be told.';
comment on column mart.policy_effect.told_bought_count is 'Those of them who bought.';
comment on column mart.policy_effect.told_rate is 'Their share, 0 to 1.';
comment on column mart.policy_effect.held_out_count is 'Shoppers of a restock who were held out.';
comment on column mart.policy_effect.held_out_bought_count is 'Those of them who bought all the same.';
comment on column mart.policy_effect.held_out_rate is 'Their share, 0 to 1.';
comment on column mart.policy_effect.lift is
'told_rate less held_out_rate: what being told added. Null with fewer than 30 shoppers in either group.';
comment on column mart.policy_effect.lift_low is
'Lower end of its 95 per cent interval; above 0 the messages did sell. Null as lift is.';
comment on column mart.policy_effect.lift_high is 'Upper end of its 95 per cent interval. Null as lift is.';
comment on column mart.policy_effect.quiet_hours is
'When nobody is written to, on the shopper''s own clock; empty for never; overrides aside.';
-- Purpose: mart.product, the products: a dimension.
-- Grain:   one row a product and store of the catalogue.
create or replace view mart.product as
select
    p.store_id,
    p.product_id,
    p.name as product_name,
    p.category,
    p.brand,
    p.parent_id,
    p.price,
    p.currency,
    a.quantity as available_quantity,
    a.snapshot_at
from restock.product as p
left join restock.availability as a on p.store_id = a.store_id and p.product_id = a.product_id;
comment on view mart.product is
'The products, as last described and counted. Grain: one product of one store of the catalogue.';
comment on column mart.product.store_id is 'Store.';
comment on column mart.product.product_id is 'Product, or variant where products have variants.';
comment on column mart.product.product_name is 'Name that shoppers read.';
comment on column mart.product.category is 'Category.';
comment on column mart.product.brand is 'Brand.';
comment on column mart.product.parent_id is 'The product that it is a variant of.';
comment on column mart.product.price is 'Price in currency.';
comment on column mart.product.currency is 'ISO 4217 code.';
comment on column mart.product.available_quantity is
'Units that can be sold now; null where no snapshot named the product.';
comment on column mart.product.snapshot_at is 'When the stock was so.';
-- Purpose: mart.product_demand, what shoppers wait for, and what that is worth.
-- Grain:   one row a product and store that somebody waits for, or waited for until the request expired.
create or replace view mart.product_demand as
select
    d.store_id,
    d.product_id,
    p.name as product_name,
    p.category,
    p.brand,
    p.price,
    p.currency,
    d.waiting_requests,
    d.waiting_shoppers,
    d.waiting_units,
    d.oldest_requested_at,
    round((extract(epoch from now() - d.median_requested_at) / 86400)::numeric, 2) as median_wait_days,
    d.expired_requests,
    d.expired_units,
    round(d.waiting_units * p.price * d.conversion, 2) as revenue_at_stake,
    round(d.waiting_units * p.price * restock.wilson_bound(d.conversion, d.measured_messages + 40, -1), 2)
        as revenue_low,
    round(d.waiting_units * p.price * restock.wilson_bound(d.conversion, d.measured_messages + 40, 1), 2)
        as revenue_high,
    coalesce(a.quantity, 0) as available_quantity,
    a.snapshot_at,
    d.waiting_units * p.price as revenue_if_all_buy,
    d.conversion,
    d.measured_messages
from restock.mart_demand as d
left join restock.product as p on d.store_id = p.store_id and d.product_id = p.product_id
left join restock.availability as a on d.store_id = a.store_id and d.product_id = a.product_id;
comment on view mart.product_demand is
'What shoppers wait for, and what that is worth: waiting units x price x conversion. The conversion is the share of'
' messages that a purchase follows within 72 hours, as waves by evidence reckon it (the mean of a Beta posterior: the'
' product''s own messages, and with the weight of 40 messages its category, and with that of 40 more a general 0.05).'
' The range is the 95 per cent score interval (Wilson 1927) of that conversion, taken as measured on the messages of'
' the product and the 40. Grain: one product of one store that somebody waits for, or waited for until the request'
' expired. Of mart.refreshed; price and stock are of now.';
comment on column mart.product_demand.store_id is 'Store.';
comment on column mart.product_demand.product_id is 'Product.';
comment on column mart.product_demand.product_name is
'Name of the product; null where the catalogue does not have it.';
comment on column mart.product_demand.category is 'Category of the product.';
comment on column mart.product_demand.brand is 'Brand of the product.';
comment on column mart.product_demand.price is 'Price in currency.';
comment on column mart.product_demand.currency is 'ISO 4217 code.';
comment on column mart.product_demand.waiting_requests is 'Requests that wait for an answer.';
comment on column mart.product_demand.waiting_shoppers is 'Shoppers who made them.';
comment on column mart.product_demand.waiting_units is 'Units that they want.';
comment on column mart.product_demand.oldest_requested_at is 'When the oldest of them was made; null without any.';
comment on column mart.product_demand.median_wait_days is
'Half of them have waited for at least this many days; null without any.';
comment on column mart.product_demand.expired_requests is 'Requests that expired before they were answered, ever.';
comment on column mart.product_demand.expired_units is 'Units that those wanted.';
comment on column mart.product_demand.revenue_at_stake is
'What the waiting shoppers may be expected to buy for once they are told, in currency; null without a price.';
comment on column mart.product_demand.revenue_low is 'Lower end of its 95 per cent range.';
comment on column mart.product_demand.revenue_high is 'Upper end of its 95 per cent range.';
comment on column mart.product_demand.available_quantity is
'Units that can be sold now; 0 where no snapshot named the product.';
comment on column mart.product_demand.snapshot_at is
'When the stock was so; null where no snapshot named the product.';
comment on column mart.product_demand.revenue_if_all_buy is
'The most that it could be: every waiting unit at the price of now.';
comment on column mart.product_demand.conversion is 'Share of messages that lead to a purchase, as above.';
comment on column mart.product_demand.measured_messages is
'Messages about the product that it is measured on; with 0 it says what its category, or shops in general, do.';
-- Purpose: mart.refreshed, the moment that the summaries show. The other views are of now.
-- Grain:   one row; none before the first time.
create or replace view mart.refreshed as
select
    refreshed_at,
    seconds
from restock.mart_refresh;
comment on view mart.refreshed is
'The moment that funnel_daily, episode_outcome, restock_latency, product_demand, delivery_health and policy_effect'
' show. restock_notify brings them up to date after a run, and in an idle minute when something changed. Grain: one'
' row.';
comment on column mart.refreshed.refreshed_at is 'The moment.';
comment on column mart.refreshed.seconds is
'How long it took to write them. The next time is at the earliest twenty times as long after.';
-- Purpose: mart.restock_latency, how long it takes from the snapshot to the message, wave by wave.
-- Grain:   one row a wave and channel.
create or replace view mart.restock_latency as
select
    wave,
    channel,
    item_count,
    snapshot_count,
    snapshot_to_decision[1] as snapshot_to_decision_p50_seconds,
    snapshot_to_decision[2] as snapshot_to_decision_p95_seconds,
    snapshot_to_decision[3] as snapshot_to_decision_p99_seconds,
    snapshot_to_acceptance[1] as snapshot_to_acceptance_p50_seconds,
    snapshot_to_acceptance[2] as snapshot_to_acceptance_p95_seconds,
    snapshot_to_acceptance[3] as snapshot_to_acceptance_p99_seconds,
    opening_to_decision[1] as opening_to_decision_p50_seconds,
    opening_to_decision[2] as opening_to_decision_p95_seconds,
    opening_to_decision[3] as opening_to_decision_p99_seconds,
    decision_to_acceptance[1] as decision_to_acceptance_p50_seconds,
    decision_to_acceptance[2] as decision_to_acceptance_p95_seconds,
    decision_to_acceptance[3] as decision_to_acceptance_p99_seconds,
    opening_to_acceptance[1] as opening_to_acceptance_p50_seconds,
    opening_to_acceptance[2] as opening_to_acceptance_p95_seconds,
    opening_to_acceptance[3] as opening_to_acceptance_p99_seconds,
    due_to_acceptance[1] as due_to_acceptance_p50_seconds,
    due_to_acceptance[2] as due_to_acceptance_p95_seconds,
    due_to_acceptance[3] as due_to_acceptance_p99_seconds
from restock.mart_latency;
comment on view mart.restock_latency is
'How long it takes from the snapshot that showed a product available to the message, over the items that were sent and'
' are kept; quiet hours, waves and gates included. For a shopper who asked after the snapshot or the opening, it runs'
' from the request instead. Grain: one wave and channel. Of mart.refreshed.';
comment on column mart.restock_latency.wave is 'Wave, from 0; later waves are told later on purpose.';
comment on column mart.restock_latency.channel is 'Channel.';
comment on column mart.restock_latency.item_count is 'Items that the percentiles are over.';
comment on column mart.restock_latency.snapshot_count is
'Items whose snapshot is known, which those from the snapshot are over.';
comment on column mart.restock_latency.snapshot_to_decision_p50_seconds is
'Half of the items took at most this long from the snapshot to the decision.';
comment on column mart.restock_latency.snapshot_to_decision_p95_seconds is
'95 in 100 items took at most this long from the snapshot to the decision.';
comment on column mart.restock_latency.snapshot_to_decision_p99_seconds is
'99 in 100 items took at most this long from the snapshot to the decision.';
comment on column mart.restock_latency.snapshot_to_acceptance_p50_seconds is
'Half of the items took at most this long from the snapshot to the provider''s acceptance.';
comment on column mart.restock_latency.snapshot_to_acceptance_p95_seconds is
'95 in 100 items took at most this long from the snapshot to the provider''s acceptance.';
comment on column mart.restock_latency.snapshot_to_acceptance_p99_seconds is
'99 in 100 items took at most this long from the snapshot to the provider''s acceptance.';
comment on column mart.restock_latency.opening_to_decision_p50_seconds is
'Half of the items took at most this long from the opening of the restock to the decision.';
comment on column mart.restock_latency.opening_to_decision_p95_seconds is
'95 in 100 items took at most this long from the opening of the restock to the decision.';
comment on column mart.restock_latency.opening_to_decision_p99_seconds is
'99 in 100 items took at most this long from the opening of the restock to the decision.';
comment on column mart.restock_latency.decision_to_acceptance_p50_seconds is
'Half of the items took at most this long from the decision to the provider''s acceptance.';
comment on column mart.restock_latency.decision_to_acceptance_p95_seconds is
'95 in 100 items took at most this long from the decision to the provider''s acceptance.';
comment on column mart.restock_latency.decision_to_acceptance_p99_seconds is
'99 in 100 items took at most this long from the decision to the provider''s acceptance.';
comment on column mart.restock_latency.opening_to_acceptance_p50_seconds is
'Half of the items took at most this long from the opening of the restock to the provider''s acceptance.';
comment on column mart.restock_latency.opening_to_acceptance_p95_seconds is
'95 in 100 items took at most this long from the opening of the restock to the provider''s acceptance.';
comment on column mart.restock_latency.opening_to_acceptance_p99_seconds is
'99 in 100 items took at most this long from the opening of the restock to the provider''s acceptance.';
comment on column mart.restock_latency.due_to_acceptance_p50_seconds is
'Half of the items took at most this long from the due time of the message to the provider''s acceptance.';
comment on column mart.restock_latency.due_to_acceptance_p95_seconds is
'95 in 100 items took at most this long from the due time of the message to the provider''s acceptance.';
comment on column mart.restock_latency.due_to_acceptance_p99_seconds is
'99 in 100 items took at most this long from the due time of the message to the provider''s acceptance.';
-- Purpose: mart.shopper, the shoppers without their addresses: a dimension.
-- Grain:   one row a shopper of the customers feed or of a request.
create or replace view mart.shopper as
select
    restock.hide_address(s.user_id, z.salt) as user_id,
    c.user_id is not null as is_customer,
    coalesce(c.tier, 0) as tier,
    c.locale,
    c.timezone,
    c.preferred_channel,
    c.consent
from (
    select user_id
    from restock.customer
    union
    select user_id
    from restock.request
) as s
left join restock.customer as c on s.user_id = c.user_id
cross join restock.mart_salt as z;
comment on view mart.shopper is
'The shoppers, without their addresses. Grain: one shopper of the customers feed or of a request.';
comment on column mart.shopper.user_id is
'What the shop calls the shopper; a hash where that is an address, the same in every mart.';
comment on column mart.shopper.is_customer is 'Whether the customers feed has the shopper.';
comment on column mart.shopper.tier is 'Rank of the shopper; 0 where it is not known.';
comment on column mart.shopper.locale is 'BCP 47 language tag.';
comment on column mart.shopper.timezone is 'IANA time zone.';
comment on column mart.shopper.preferred_channel is 'Channel of requests that name none.';
comment on column mart.shopper.consent is 'False once consent to be written to was withdrawn; null for no customer.';
