-- Purpose: the id of a message still follows from the item that opened it, but is written with the message. As a
--          generated column PostgreSQL read its expression anew for each message whose status changed, although the id
--          stayed. The check message_id_follows_from_its_opening looks every day.
-- Run by:  Alembic (0020_message_id.py), inside one transaction. No row is read or written.
alter table restock.notification alter column notification_id drop expression;

create function restock.message_id(opening_episode_id bigint, opening_request_key bigint)
returns uuid
language sql immutable strict parallel safe
return md5('restock/' || opening_episode_id::text || '/' || opening_request_key::text)::uuid;
comment on function restock.message_id is
'The id of the message that this item opens: planning again gives the same (restock.schedule.store makes it too).';
