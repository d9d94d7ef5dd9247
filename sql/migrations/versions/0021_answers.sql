-- Purpose: when a request was answered is when the answer to its message came, which stands beside it. Written twice,
--          the times were most of what the server parsed of a note.
-- Run by:  Alembic (0021_answers.py), inside one transaction. No row is read or written.
alter table restock.acceptance drop column answered_at;
