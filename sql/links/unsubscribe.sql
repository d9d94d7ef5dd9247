-- Purpose: stop messages like one message.
-- Binds:   notification_id, scope (product, store or everything).
-- Grain:   one row: done, false where there is no such message.
select restock.unsubscribe(%(notification_id)s, %(scope)s) as done
