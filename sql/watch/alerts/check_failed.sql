-- Purpose: a check of the warehouse does not hold.
-- Grain:   one row a check: subject, since, detail.
select
    c.name as subject,
    c.since,
    c.sentence as detail
from restock.check_result as c
where not c.is_valid and c.severity = 'fail'
