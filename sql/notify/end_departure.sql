-- Purpose: a sender has nothing on its way any more.
-- Binds:   leased_by.
delete from restock.departure
where leased_by = %(leased_by)s
