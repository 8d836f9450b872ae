-- Each event updates the row of its generation. Where its page has room, the row stays on it and no
-- index is written: half of what PostgreSQL does for an event.
alter table generations set (fillfactor = 60);
