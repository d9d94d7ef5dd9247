-- Purpose: keys for new messages, so that messages and the decisions that name them can be copied in as they are.
-- Binds:   message_count.
-- Grain:   one row: an array of the keys, ascending. As rows they would take longer to read than to make.
select array(
    select nextval(s.sequence_name)
    from (select pg_get_serial_sequence('restock.notification', 'notification_key')::regclass as sequence_name) as s
    cross join generate_series(1, %(message_count)s)
) as notification_keys
