-- Purpose: who changed a setting, from what to what.
-- Binds:   user_name, name (setting), detail (jsonb: from, to, back_to), done_at.
insert into restock.console_action (user_name, action, subject, detail, done_at)
values (%(user_name)s, 'change_settings', %(name)s, %(detail)s, %(done_at)s)
