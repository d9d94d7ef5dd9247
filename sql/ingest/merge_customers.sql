-- Purpose: merge a customers file: the last row of a shopper counts. A column that the file does not have leaves the
--          value as it is; an empty value in a column that it has clears it, save that tier and consent stay known.
--          The products that the shopper waits for are queued for another look where it is now another question
--          whether, where or when the shopper can be reached.
-- Binds:   feed_file_id, columns (those that the file has), clock.
-- Needs:   incoming.
-- Grain:   one row of counts.
with last_row as (
    select distinct on (user_id)
        user_id,
        email,
        phone,
        webhook_url,
        locale,
        timezone,
        preferred_channel,
        tier,
        consent
    from incoming
    order by user_id asc, line_number desc
),

wanted as (
    select
        l.user_id,
        case when 'email' = any(%(columns)s) then l.email else k.email end as email,
        case when 'phone' = any(%(columns)s) then l.phone else k.phone end as phone,
        case when 'webhook_url' = any(%(columns)s) then l.webhook_url else k.webhook_url end as webhook_url,
        case when 'locale' = any(%(columns)s) then l.locale else k.locale end as locale,
        case when 'timezone' = any(%(columns)s) then l.timezone else k.timezone end as timezone,
        case
            when 'preferred_channel' = any(%(columns)s) then l.preferred_channel else k.preferred_channel
        end as preferred_channel,
        coalesce(l.tier, k.tier, 0) as tier,
        coalesce(l.consent, k.consent, true) as consent,
        k.user_id as known_user_id,
        k.email as known_email,
        k.phone as known_phone,
        k.webhook_url as known_webhook_url,
        k.timezone as known_timezone,
        k.preferred_channel as known_preferred_channel,
        k.consent as known_consent
    from last_row as l
    left join restock.customer as k on l.user_id = k.user_id
),

merged as (
    insert into restock.customer as known (
        user_id,
        email,
        phone,
        webhook_url,
        locale,
        timezone,
        preferred_channel,
        tier,
        consent,
        feed_file_id
    )
    select
        user_id,
        email,
        phone,
        webhook_url,
        locale,
        timezone,
        preferred_channel,
        tier,
        consent,
        %(feed_file_id)s
    from wanted
    order by user_id
    on conflict (user_id) do update
        set
            email = excluded.email,
            phone = excluded.phone,
            webhook_url = excluded.webhook_url,
            locale = excluded.locale,
            timezone = excluded.timezone,
            preferred_channel = excluded.preferred_channel,
            tier = excluded.tier,
            consent = excluded.consent,
            feed_file_id = excluded.feed_file_id,
            updated_at = now()
        where (
            known.email,
            known.phone,
            known.webhook_url,
            known.locale,
            known.timezone,
            known.preferred_channel,
            known.tier,
            known.consent
        ) is distinct from (
            excluded.email,
            excluded.phone,
            excluded.webhook_url,
            excluded.locale,
            excluded.timezone,
            excluded.preferred_channel,
            excluded.tier,
            excluded.consent
        )
    returning 1
),

queued as (
    insert into restock.plan_queue (store_id, product_id, plan_after)
    select distinct
        o.store_id,
        o.product_id,
        %(clock)s::timestamptz
    from wanted as w
    inner join restock.open_request as o on w.user_id = o.user_id
    where
        w.known_user_id is null
        or (w.email, w.phone, w.webhook_url, w.timezone, w.preferred_channel, w.consent)
        is distinct from (
            w.known_email,
            w.known_phone,
            w.known_webhook_url,
            w.known_timezone,
            w.known_preferred_channel,
            w.known_consent
        )
    order by o.store_id, o.product_id
    on conflict (store_id, product_id) do update
        set plan_after = least(plan_queue.plan_after, excluded.plan_after)
),

counted as (
    select
        (
            select count(*)
            from incoming
        ) as read_count,
        (
            select count(*)
            from last_row
        ) as distinct_count,
        (
            select count(*)
            from merged
        ) as loaded_count
)

select
    loaded_count as loaded,
    read_count - distinct_count as duplicate,
    distinct_count - loaded_count as unchanged
from counted
