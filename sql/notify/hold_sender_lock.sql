-- Purpose: show that a sender lives: the lock goes when its connection does. Of a machine that vanished without a word
--          the server learns within half a minute.
-- Binds:   key.
select
    set_config('tcp_keepalives_idle', '10', false),
    set_config('tcp_keepalives_interval', '5', false),
    set_config('tcp_keepalives_count', '3', false),
    pg_advisory_lock(%(key)s)
