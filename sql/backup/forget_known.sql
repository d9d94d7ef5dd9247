-- Purpose: take off the list what the backup knows as sent: whom that message told stands in the backup, and it took
--          nothing more since. So a log may go back further than the backup.
-- Needs:   listed_message.
delete from listed_message as l
using restock.notification as n
where n.notification_id = l.message_id and n.status = 'sent'
