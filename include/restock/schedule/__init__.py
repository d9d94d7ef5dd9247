"""The schedule: who is told what, and when. The rules are pure functions; `plan` reads, calls them and writes."""
