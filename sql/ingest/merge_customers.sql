-- Purpose: merge a customers file: the last row of a shopper counts. A column that the file does not have leaves the
--          value as it is; an empty value in a column that it has clears it, save that tier and consent stay known.
--          Noted is where it is now another question whether, where or when the shopper can be reached. (New rows are
--          inserted plainly because on conflict costs half as much again, and the lock on the feed keeps others from
--          inserting the same.)
-- Binds:   feed_file_id, columns (those that the file has).
-- Needs:   incoming, reached_anew.
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
        k.user_id is null as is_new,
        k.locale as known_locale,
        k.tier as known_tier,
        k.email as known_email,
        k.phone as known_phone,
        k.webhook_url as known_webhook_url,
        k.timezone as known_timezone,
        k.preferred_channel as known_preferred_channel,
        k.consent as known_consent
    from last_row as l
    left join restock.customer as k on l.user_id = k.user_id
),

-- What changes, and what of it changes where, when or whether the shopper can be reached.
compared as materialized (
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
        is_new,
        (
            email is distinct from known_email
            or phone is distinct from known_phone
            or webhook_url is distinct from known_webhook_url
            or timezone is distinct from known_timezone
            or preferred_channel is distinct from known_preferred_channel
            or consent is distinct from known_consent
        ) as is_reached_anew,
        (locale is distinct from known_locale or tier is distinct from known_tier) as is_changed
    from wanted
),

inserted as (
    insert into restock.customer (
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
    from compared
    where is_new
    order by user_id
),

updated as (
    update restock.customer as k
    set
        email = c.email,
        phone = c.phone,
        webhook_url = c.webhook_url,
        locale = c.locale,
        timezone = c.timezone,
        preferred_channel = c.preferred_channel,
        tier = c.tier,
        consent = c.consent,
        feed_file_id = %(feed_file_id)s,
        updated_at = now()
    from compared as c
    where not c.is_new and (c.is_reached_anew or c.is_changed) and c.user_id = k.user_id
),

noted as (
    insert into reached_anew (user_id)
    select user_id
    from compared
    where is_reached_anew
),

counted as (
    select
        (
            select count(*)
            from incoming
        ) as read_count,
        count(*) as distinct_count,
        count(*) filter (where is_reached_anew or is_changed) as loaded_count
    from compared
)

select
    loaded_count as loaded,
    read_count - distinct_count as duplicate,
    distinct_count - loaded_count as unchanged
from counted
