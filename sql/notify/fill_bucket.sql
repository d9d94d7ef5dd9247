-- Purpose: fill up the bucket of a channel for the time that went by, and hold it until the transaction ends. By the
--          server's clock, the only one that all senders share.
-- Binds:   channel, capacity, per_second.
-- Grain:   one row: tokens.
insert into restock.rate_bucket (channel, tokens, filled_at)
values (%(channel)s, %(capacity)s, clock_timestamp())
on conflict (channel) do update
    set
        tokens = least(
            %(capacity)s,
            rate_bucket.tokens
            + %(per_second)s * greatest(0, extract(epoch from clock_timestamp() - rate_bucket.filled_at))
        ),
        filled_at = greatest(rate_bucket.filled_at, clock_timestamp())
returning tokens
