-- Purpose: keys for new messages, so that messages and the decisions that name them can be copied in as they are.
-- Binds:   message_count.
-- Grain:   one row: an array of the keys, ascending. As rows they would take longer to read than to make. (The name of
--          the sequence stands in a query of its own, which is run once: in a join it was looked up for each key.)
select array(
    select
        nextval((
            select pg_get_serial_sequence('restock.notification', 'notification_key')::regclass
        ))
    from generate_series(1, %(message_count)s)
) as notification_keys
