import importlib
import json
import re

import asyncpg

# Twenty users with six hundred runs each: enough that reading a whole table never pays.
FILL = """
insert into users (id, name)
  select md5('u' || n)::uuid, 'User ' || n from generate_series(1, 20) n;
insert into workspaces (id, name, owner_id)
  select md5('w' || n)::uuid, 'Space ' || n, md5('u' || n)::uuid from generate_series(1, 20) n;
insert into generations (id, workspace_id, user_id, mode, status, settings, prompt, created_at,
                         completed_at, pipeline_data)
  select md5('g' || n)::uuid, md5('w' || n % 20 + 1)::uuid, md5('u' || n % 20 + 1)::uuid,
         'FROM_PROMPT', case n % 10 when 0 then 'PENDING' else 'COMPLETED' end, '{}',
         'a gown in ' || md5((n % 500)::text), now() - n * interval '1 minute',
         now() - n * interval '1 minute', '{"route": {"model": "sketch"}}'
    from generate_series(1, 12000) n;
update generations set parent_id = md5('g' || 7)::uuid where random() < 0.005;
insert into generation_stages (generation_id, name, status, started_at, finished_at)
  select id, name, 'COMPLETED', created_at, created_at + interval '1 second'
    from generations, unnest(array['ANALYSIS', 'ENHANCEMENT', 'ROUTING', 'DELIVERY']) name;
insert into generation_slots (generation_id, index, seed)
  select id, n, n from generations, generate_series(0, 1) n;
insert into generation_assets (id, generation_id, workspace_id, kind, object_key, cdn_url,
                               content_type, byte_size, width, height)
  select gen_random_uuid(), id, workspace_id, 'GENERATED', id::text, '', 'image/png', 1, 1, 1
    from generations;
insert into generation_feedback (id, generation_id, workspace_id, user_id, kind, comment)
  select gen_random_uuid(), id, workspace_id, user_id, 'COMMENT', 'x' from generations;
insert into generation_events (workspace_id, workspace_seq, generation_id, seq, kind, payload)
  select workspace_id, row_number() over (partition by workspace_id), id, n, 'x', '{}'
    from generations, generate_series(1, 3) n;
insert into event_heads (workspace_id, seq) select id, 1 from workspaces;
insert into generation_audit (generation_id, workspace_id, user_id, mode, status, created_at)
  select id, workspace_id, user_id, mode, status, created_at from generations;
insert into charges (id, workspace_id, user_id, generation_id, slot, attempt, model, state, amount)
  select gen_random_uuid(), workspace_id, user_id, id, 0, 1, 'm', 'SETTLED', 1 from generations;
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, status)
  select 0, 'generation', convert_to(id::text, 'UTF8'), id || ':1', 'queued'
    from generations where status = 'PENDING';
analyze;
"""

EXPECTED = {
    "generations.BY_IDS": {"generations_pkey"},
    "generations.NEWEST": {"generations_newest"},
    "generations.OLDEST": {"generations_newest"},
    "generations.FOUND": {"generations_words"},
    "generations.COUNT": {"generations_newest"},
    "generations.CHILDREN": {"generations_children"},
    "generations.CHILDREN_COUNTS": {"generations_children"},
    "generations.STAGES": {"generations_pkey", "generation_stages_pkey"},
    "generations.SLOTS": {"generations_pkey", "generation_slots_pkey"},
    "generations.CHARGES": {"charges_generation"},
    "estimates.PLACES": {"generations_pkey", "pgqueuer_unique_dedupe_key"},
    "estimates.NEXT": {"generations_pkey", "pgqueuer_ep_prio_id_idx"},
    "estimates.BEGUN": {"generations_processing", "generation_stages_pkey"},
    "estimates.ENDED": {"generations_ended", "generation_stages_pkey"},
    "assets.BY_IDS": {"generation_assets_pkey"},
    "assets.OF_GENERATIONS": {"generation_assets_oldest"},
    "assets.COUNTS": {"generation_assets_oldest"},
    "feedback.BY_IDS": {"generation_feedback_pkey"},
    "feedback.OF_GENERATIONS": {"generation_feedback_oldest"},
    "feedback.COUNTS": {"generation_feedback_oldest"},
    "signals.RECENT": {"generation_feedback_recent", "generations_pkey"},
    "usage.DAILY": {"generation_audit_days", "charges_days"},
    "usage.DURATIONS": {"generations_newest"},
    "paces.PACES": {"charges_days"},
    "budgets.SPENT": {"charges_days"},
    "drafts.AWAITED": {"generation_slots_draft"},
    "transitions.BEGIN": {"generation_stages_pkey"},
    "transitions.END": {"generation_stages_pkey"},
    "transitions.SETTLE": {"generation_stages_pkey"},
    "standing.STANDING": {"generations_ended", "charges_paces", "charges_unsettled"},
    "log.EXTENT": {"generation_events_pkey"},
    "log.STANDING": {"generations_pkey", "generation_events_seq"},
    "log.LATEST": {"generation_events_seq"},
    "log.READ": {"generation_events_pkey"},
    "log.READ_GENERATION": {"generation_events_seq"},
}


# A head for each workspace, a queue that is counted through, and a handful of providers.
SMALL = {"event_heads", "pgqueuer", "provider_breakers"}


async def plan(connection: asyncpg.Connection, statement: str) -> str:
    """Return the plan for any arguments, as JSON."""
    number = max((int(place) for place in re.findall(r"\$(\d+)", statement)), default=0)
    await connection.execute(f"prepare planned as {statement}")
    nulls = f"({', '.join(['null'] * number)})" if number else ""
    found: str = await connection.fetchval(f"explain (format json) execute planned {nulls}")
    await connection.execute("deallocate planned")
    return json.dumps(json.loads(found))


async def test_queries_of_the_api_use_the_indexes(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(FILL)
        await connection.execute("set plan_cache_mode = force_generic_plan")
        wrong: dict[str, str] = {}
        for name, indexes in EXPECTED.items():
            module, _, constant = name.partition(".")
            found = await plan(
                connection, getattr(importlib.import_module(f"storage.{module}"), constant)
            )
            used = set(re.findall(r'"Index Name": "(\w+)"', found))
            read = set(re.findall(r'"Node Type": "Seq Scan".*?"Relation Name": "(\w+)"', found))
            read -= SMALL
            if read or not used >= indexes:
                wrong[name] = f"reads all of {read}, lacks {indexes - used}"
        assert wrong == {}
    finally:
        await connection.close()


UNINDEXED = """
select c.conrelid::regclass || '.' || a.attname
  from pg_constraint c
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
 where c.contype = 'f' and c.confrelid = any(array['generations', 'generation_assets']::regclass[])
   and not exists (select from pg_index i
                    where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])
"""


async def test_deleting_a_generation_or_an_asset_reads_no_whole_table(pool: asyncpg.Pool) -> None:
    assert [row[0] for row in await pool.fetch(UNINDEXED)] == []
