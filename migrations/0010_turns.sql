-- Whose run is next, and when: a user's waiting runs have a turn each, one after the other, and in a turn one
-- run of each user starts (storage/jobs.py). A worker says how many runs it takes at a time, so that a wait can
-- be told; what runs took is read back from the newest that ended. What is not kept for ever
-- (storage/retention.py) is found without reading all.

create table queue_turns (
  user_id uuid primary key,
  last integer not null,
  submitted double precision not null default 0, -- runs, of which those of five minutes ago count a third
  submitted_at timestamptz not null default clock_timestamp(),
  since timestamptz not null default clock_timestamp()
);
create index queue_turns_last on queue_turns (last);
insert into queue_turns (user_id, last)
  select user_id, count(*) from generations where status in ('PENDING', 'PROCESSING') group by user_id;

create table workers (
  id uuid primary key,
  slots integer not null check (slots > 0),
  seen_at timestamptz not null default clock_timestamp()
);

create index generations_ended on generations (completed_at) where completed_at is not null;
create index idempotency_keys_created on idempotency_keys (created_at);
create index generation_stages_outputs on generation_stages (finished_at) where output is not null;
create index charges_paces on charges (provider, updated_at) where state = 'SETTLED' and sent_at is not null;
