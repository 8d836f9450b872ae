-- A run ends at its deadline, also where its workers die: whoever takes it over reads what is left of its time.
-- Runs under way are few among all, and looked through every second for those whose worker is lost.

alter table generations add column deadline_at timestamptz;

create index generations_processing on generations (id) where status = 'PROCESSING';
