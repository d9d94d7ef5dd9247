-- Purpose: whether alerts that stand could not be sent, and why.
-- Grain:   one row: count, problem (the latest).
select
    count(*) as unsent_count,
    (array_agg(problem order by alert_id desc))[1] as problem
from restock.alert
where ended_at is null and problem is not null
