-- Purpose: the alerts of which somebody has to be told now: new ones, those that still stand, and those that ended
--          after they had been sent.
-- Binds:   clock.
-- Grain:   one row an alert, the oldest first.
select
    alert_id,
    name,
    subject,
    detail,
    since,
    raised_at,
    sent_count,
    ended_at,
    problem
from restock.alert
where
    send_after <= %(clock)s
    and (ended_at is null or (sent_at is not null and end_told_at is null))
order by alert_id
