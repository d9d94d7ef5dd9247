-- Purpose: what was sent, with its clicks and purchases, worked out once for the summaries that follow.
-- Grain:   one row a request that a sent message answers.
create temporary table sent_now on commit drop as
select
    episode_id,
    request_key,
    user_id,
    channel,
    wave,
    policy_id,
    decided_at,
    due_at,
    sent_at,
    opened_at,
    snapshot_at,
    click_count > 0 as has_clicked,
    order_count > 0 as has_bought,
    unit_count
from restock.sent_item
