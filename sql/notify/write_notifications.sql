-- Purpose: write the new messages of a shard and put them into the outbox.
-- Binds:   clock, policy_id.
-- Needs:   planned_message (opening_episode_id, opening_request_key, user_id, channel, store_id, locale, timezone,
--          local_day, first_due_at, due_at).
-- Grain:   temporary table written_message: one row a message.
create temporary table written_message on commit drop as
with written as (
    insert into restock.notification (
        opening_episode_id,
        opening_request_key,
        user_id,
        channel,
        store_id,
        locale,
        timezone,
        local_day,
        first_due_at,
        due_at,
        status_at,
        policy_id,
        created_at
    )
    select
        opening_episode_id,
        opening_request_key,
        user_id,
        channel,
        store_id,
        locale,
        timezone,
        local_day,
        first_due_at,
        due_at,
        %(clock)s,
        %(policy_id)s,
        %(clock)s
    from planned_message
    order by due_at, opening_episode_id, opening_request_key
    returning notification_key, opening_episode_id, opening_request_key, channel, due_at
),

queued as (
    insert into restock.outbox (notification_key, channel, due_at)
    select
        notification_key,
        channel,
        due_at
    from written
)

select
    notification_key,
    opening_episode_id,
    opening_request_key
from written
