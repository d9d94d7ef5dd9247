-- Purpose: write the decision of each candidate of a shard and take the candidates out.
-- Binds:   clock, policy_id, first_bucket, last_bucket.
-- Needs:   planned_item (episode_id, request_key, outcome, rule, position, wave, due_at, scheduled_at,
--          notification_key of an earlier message, opening_episode_id and opening_request_key of a new one),
--          written_message (write_notifications.sql).
with decided as (
    insert into restock.decision (
        episode_id,
        request_key,
        outcome,
        rule,
        position,
        wave,
        due_at,
        scheduled_at,
        notification_key,
        policy_id,
        decided_at
    )
    select
        i.episode_id,
        i.request_key,
        i.outcome,
        i.rule,
        i.position,
        i.wave,
        i.due_at,
        i.scheduled_at,
        coalesce(i.notification_key, w.notification_key),
        %(policy_id)s,
        %(clock)s
    from planned_item as i
    left join written_message as w
        on i.opening_episode_id = w.opening_episode_id and i.opening_request_key = w.opening_request_key
    order by i.episode_id, i.request_key
    -- Only what was passed over for want of an address, a channel or a cooldown can be decided again.
    on conflict (episode_id, request_key) do update
        set
            outcome = excluded.outcome,
            rule = excluded.rule,
            position = excluded.position,
            wave = excluded.wave,
            due_at = excluded.due_at,
            scheduled_at = excluded.scheduled_at,
            notification_key = excluded.notification_key,
            policy_id = excluded.policy_id,
            decided_at = excluded.decided_at
        where decision.rule in ('no_address', 'no_channel', 'cooldown')
    returning episode_id, request_key
)

delete from restock.candidate as k
using decided as d
where
    k.bucket between %(first_bucket)s and %(last_bucket)s
    and k.episode_id = d.episode_id
    and k.request_key = d.request_key
