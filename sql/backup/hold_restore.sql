-- Purpose: let two settle one after the other. Senders and planning only read, and go on doing so.
lock table restock.restore in share row exclusive mode
