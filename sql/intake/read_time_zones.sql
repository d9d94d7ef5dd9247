-- Purpose: the time zones that PostgreSQL knows.
-- Grain:   one row a time zone.
select name
from pg_timezone_names
