-- Purpose: the alerts that stood at the latest look, the oldest first.
-- Grain:   one row an alert: name, subject, detail, since.
select
    name,
    subject,
    detail,
    since
from restock.alert
where ended_at is null
order by alert_id
