-- Purpose: add to what is written down of an action how it ended.
-- Binds:   console_action_id, detail.
update restock.console_action
set detail = detail || %(detail)s
where console_action_id = %(console_action_id)s
