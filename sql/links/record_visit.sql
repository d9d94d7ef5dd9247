-- Purpose: count a visit through a link as a click, unless no person made it.
-- Binds:   notification_id, link (number of the item; 0 for the link that stops messages).
select restock.record_visit(%(notification_id)s, %(link)s)
