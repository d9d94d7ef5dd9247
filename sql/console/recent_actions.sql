-- Purpose: what people did through the console, the latest first.
-- Binds:   most (rows).
-- Grain:   one row an action.
select
    user_name,
    action,
    subject,
    detail,
    done_at
from restock.console_action
order by console_action_id desc
limit %(most)s
