-- Purpose:  each decision names an episode, a request, a policy and, where it is told, a message that exist.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat(
        'decisions such as that on request ', min(d.request_key), ' in episode ', min(d.episode_id),
        ' (', count(*), ' in all)'
    ) as debug_value
from restock.decision as d
left join restock.episode as e on d.episode_id = e.episode_id
left join restock.request as r on d.request_key = r.request_key
left join restock.policy as p on d.policy_id = p.policy_id
left join restock.notification as n on d.notification_key = n.notification_key
where
    e.episode_id is null
    or r.request_key is null
    or p.policy_id is null
    or (d.notification_key is not null and n.notification_key is null)
