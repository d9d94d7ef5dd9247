-- Purpose: what was sent, with its clicks and purchases, worked out once for the summaries that follow. Nobody waits
--          before asking: opened_at and snapshot_at are the moment of the request where that came later.
-- Grain:   one row a request that a sent message answers.
create temporary table sent_now on commit drop as
select
    s.episode_id,
    s.request_key,
    s.user_id,
    s.channel,
    s.wave,
    s.policy_id,
    s.decided_at,
    s.due_at,
    s.sent_at,
    greatest(s.opened_at, r.requested_at) as opened_at,
    -- Greatest passes over nulls, and a snapshot that is not known must stay so.
    case when s.snapshot_at is not null then greatest(s.snapshot_at, r.requested_at) end as snapshot_at,
    s.click_count > 0 as has_clicked,
    s.order_count > 0 as has_bought,
    s.unit_count
from restock.sent_item as s
inner join restock.request as r on s.request_key = r.request_key
