-- Purpose: write down that an alert was sent, or its end.
-- Binds:   alert_id, clock, send_after (when to remind), is_end.
update restock.alert
set
    sent_at = case when %(is_end)s then sent_at else %(clock)s end,
    sent_count = sent_count + case when %(is_end)s then 0 else 1 end,
    end_told_at = case when %(is_end)s then %(clock)s end,
    send_after = %(send_after)s,
    problem = null
where alert_id = %(alert_id)s
