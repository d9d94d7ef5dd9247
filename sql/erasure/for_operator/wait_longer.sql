-- Purpose: give the statements of this transaction more time than calls of shoppers have.
-- Binds:   milliseconds.
select set_config('statement_timeout', %(milliseconds)s::text, true)
