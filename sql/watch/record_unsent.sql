-- Purpose: write down why an alert could not be sent, and when to try again.
-- Binds:   alert_id, problem, send_after.
update restock.alert
set problem = %(problem)s, send_after = %(send_after)s
where alert_id = %(alert_id)s
