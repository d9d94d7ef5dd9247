-- Purpose: write down what somebody does through the console.
-- Binds:   user_name, action, subject, detail.
-- Grain:   one row: its key.
insert into restock.console_action (user_name, action, subject, detail)
values (%(user_name)s, %(action)s, %(subject)s, %(detail)s)
returning console_action_id
