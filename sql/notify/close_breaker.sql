-- Purpose: the provider of a channel took a message again.
-- Binds:   channel.
delete from restock.breaker
where channel = %(channel)s
