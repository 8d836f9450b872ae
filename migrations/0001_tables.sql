-- Who owns everything, what was asked, how far it got, what came out, and the log of it all.
--
-- A generation row is the truth about a run: its status, its attempt (counted for people) and its claim
-- (counted for workers: every takeover and every cancel raises it, and a worker writes only under its own).
-- Its stages are the checkpoints, its slots the images still to make or made.
-- Whatever changes appends to generation_events in the same transaction. `seq` has no gaps in a generation
-- because the generation row is locked first; `workspace_seq` has none in a workspace because the row in
-- event_heads is the last thing locked before the insert.
-- Ledger, audit, idempotency keys and events outlive a deleted generation and so refer to it by value only.

create table users (
  id uuid primary key,
  name text not null,
  created_at timestamptz not null default now()
);

create table workspaces (
  id uuid primary key,
  name text not null,
  owner_id uuid not null references users,
  personal boolean not null default true,
  created_at timestamptz not null default now()
);
create unique index workspaces_personal on workspaces (owner_id) where personal;

create table api_keys (
  id uuid primary key,
  workspace_id uuid not null references workspaces,
  user_id uuid not null references users,
  label text not null,
  hash bytea not null unique,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

create table personas (
  id uuid primary key,
  workspace_id uuid not null references workspaces,
  user_id uuid not null references users,
  name text not null,
  description text not null,
  attributes jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index personas_name on personas (workspace_id, lower(name));

create table generations (
  id uuid primary key,
  workspace_id uuid not null references workspaces,
  user_id uuid not null references users,
  parent_id uuid references generations on delete set null,
  mode text not null check (mode in ('FROM_IMAGE', 'FROM_SPEC', 'FROM_PROMPT')),
  status text not null default 'PENDING'
    check (status in ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'CANCELLED')),
  attempt integer not null default 1,
  claim integer not null default 0,
  takeovers integer not null default 0,
  leased_until timestamptz,
  prompt text,
  negative_prompt text,
  settings jsonb not null,
  source jsonb,
  given_spec jsonb,
  pipeline_data jsonb not null default '{}',
  error jsonb,
  cost numeric(14, 6) not null default 0,
  last_seq integer not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  completed_at timestamptz,
  words tsvector not null generated always as (
    to_tsvector('english'::regconfig, coalesce(prompt, ''))
    || to_tsvector('english'::regconfig, coalesce(pipeline_data #>> '{final_prompt,text}', ''))
    || jsonb_to_tsvector('english'::regconfig, coalesce(pipeline_data -> 'spec', given_spec, '{}'), '["string"]')
  ) stored
);
create index generations_newest on generations (workspace_id, created_at desc, id desc);
create index generations_children on generations (parent_id, created_at desc, id desc) where parent_id is not null;
create index generations_words on generations using gin (words);
create index generations_unfinished on generations (user_id, created_at) where status in ('PENDING', 'PROCESSING');

create table generation_stages (
  generation_id uuid not null references generations on delete cascade,
  name text not null,
  status text not null default 'PENDING'
    check (status in ('PENDING', 'RUNNING', 'COMPLETED', 'SKIPPED', 'FAILED', 'CANCELLED')),
  attempt integer not null default 1,
  started_at timestamptz,
  finished_at timestamptz,
  summary text,
  output jsonb,
  error jsonb,
  primary key (generation_id, name)
);
create index generation_stages_recent on generation_stages (finished_at) where finished_at is not null;

create table generation_assets (
  id uuid primary key,
  generation_id uuid not null references generations on delete cascade,
  workspace_id uuid not null references workspaces,
  kind text not null check (kind in ('SOURCE', 'GENERATED', 'ENHANCED')),
  object_key text not null,
  cdn_url text not null,
  content_type text not null,
  byte_size bigint not null check (byte_size > 0),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  provider text,
  model text,
  seed bigint,
  revised_prompt text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp()
);
create index generation_assets_oldest on generation_assets (generation_id, created_at, id);
create index generation_assets_object on generation_assets (workspace_id, object_key);

create table generation_slots (
  generation_id uuid not null references generations on delete cascade,
  index integer not null check (index >= 0),
  status text not null default 'PENDING'
    check (status in ('PENDING', 'RUNNING', 'COMPLETED', 'SKIPPED', 'FAILED', 'CANCELLED')),
  seed bigint not null,
  draft jsonb,
  asset_id uuid references generation_assets,
  cost numeric(14, 6) not null default 0,
  error jsonb,
  primary key (generation_id, index)
);

create table generation_feedback (
  id uuid primary key,
  generation_id uuid not null references generations on delete cascade,
  workspace_id uuid not null references workspaces,
  user_id uuid not null references users,
  asset_id uuid references generation_assets on delete cascade,
  preferred_over_id uuid references generation_assets on delete cascade,
  kind text not null check (kind in ('OUTLIER', 'HEART', 'RATING', 'COMMENT', 'PREFERRED')),
  rating smallint check (rating between 1 and 5),
  comment text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  check (kind <> 'RATING' or rating is not null),
  check (kind <> 'COMMENT' or comment is not null),
  check (kind <> 'PREFERRED' or (asset_id is not null and preferred_over_id is not null))
);
create index generation_feedback_oldest on generation_feedback (generation_id, created_at, id);
create index generation_feedback_recent on generation_feedback (workspace_id, updated_at desc);
create unique index generation_feedback_once on generation_feedback
  (user_id, generation_id, kind, coalesce(asset_id, '00000000-0000-0000-0000-000000000000'::uuid))
  where kind in ('HEART', 'RATING', 'OUTLIER');

create table event_heads (
  workspace_id uuid primary key references workspaces,
  seq bigint not null default 0
);

create table generation_events (
  workspace_id uuid not null,
  workspace_seq bigint not null,
  generation_id uuid not null,
  seq integer not null,
  kind text not null,
  payload jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (workspace_id, workspace_seq)
);
create unique index generation_events_seq on generation_events (generation_id, seq);

create table idempotency_keys (
  user_id uuid not null,
  mutation text not null,
  key text not null check (length(key) <= 200),
  request_hash bytea not null,
  result uuid,
  created_at timestamptz not null default now(),
  primary key (user_id, mutation, key)
);

-- One row a generation ever asked for; usage is counted here, so that deleting one changes no figure.
create table generation_audit (
  generation_id uuid primary key,
  workspace_id uuid not null,
  user_id uuid not null,
  mode text not null,
  status text not null,
  cost numeric(14, 6) not null default 0,
  created_at timestamptz not null,
  finished_at timestamptz,
  deleted_at timestamptz
);
create index generation_audit_days on generation_audit (workspace_id, created_at);

create table charges (
  id uuid primary key,
  workspace_id uuid not null,
  user_id uuid not null,
  generation_id uuid not null,
  slot integer not null,
  attempt integer not null,
  model text not null,
  state text not null check (state in ('RESERVED', 'SETTLED', 'RELEASED', 'UNKNOWN')),
  amount numeric(14, 6),
  created_at timestamptz not null default clock_timestamp()
);
create index charges_generation on charges (generation_id, created_at, id);
create index charges_days on charges (workspace_id, created_at);

-- Objects to remove once nothing of their workspace refers to them.
create table object_removals (
  workspace_id uuid not null,
  object_key text not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, object_key)
);

create view generation_summary as
  select g.id, g.workspace_id, g.user_id, g.mode, g.status, g.attempt, g.cost, g.prompt,
         g.created_at, g.updated_at, g.completed_at,
         (select count(*) from generation_assets a where a.generation_id = g.id and a.kind <> 'SOURCE') as asset_count,
         extract(epoch from g.completed_at - g.created_at)::double precision as duration_seconds
    from generations g;

create view user_generation_stats as
  select u.id as user_id, w.id as workspace_id,
         count(g.id) as generations,
         count(g.id) filter (where g.status = 'COMPLETED') as completed,
         count(g.id) filter (where g.status = 'FAILED') as failed,
         coalesce((select count(*) from generation_assets a join generations o on o.id = a.generation_id
                    where o.user_id = u.id and o.workspace_id = w.id and a.kind <> 'SOURCE'), 0) as assets,
         coalesce(sum(g.cost), 0) as total_cost,
         avg(extract(epoch from g.completed_at - g.created_at)) filter (where g.status = 'COMPLETED')
           ::double precision as average_duration_seconds,
         (select avg(f.rating)::double precision from generation_feedback f
           where f.user_id = u.id and f.workspace_id = w.id and f.kind = 'RATING') as average_rating,
         (select count(*) from generation_feedback f
           where f.user_id = u.id and f.workspace_id = w.id and f.kind = 'HEART') as hearts
    from users u
    join workspaces w on w.owner_id = u.id
    left join generations g on g.user_id = u.id and g.workspace_id = w.id
   group by u.id, w.id;
