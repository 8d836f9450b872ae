-- Which database this is: what was restored from a dump, promoted, or recovered to an earlier point is another
-- one, and nothing may be taken up there before somebody has looked after what was paid for since
-- (`designer-bff restored`). Only parts that both sides could read are compared: a service that hides one of
-- them is known by the others.

create table database_identity (
  singleton boolean primary key default true check (singleton),
  parts jsonb not null,
  noted_at timestamptz not null default clock_timestamp()
);

-- The cluster, its timeline, the database in it, and the table, which every restored dump makes anew.
create function database_parts() returns jsonb language plpgsql stable as $$
declare
  parts jsonb := jsonb_build_object(
    'database', (select oid from pg_database where datname = current_database()),
    'table', 'database_identity'::regclass::oid);
begin
  begin
    parts := parts || jsonb_build_object('cluster', (select system_identifier::text from pg_control_system()));
  exception when insufficient_privilege or undefined_function or feature_not_supported then
  end;
  begin
    parts := parts || jsonb_build_object('timeline', left(pg_walfile_name(pg_current_wal_lsn()), 8));
  exception when insufficient_privilege or undefined_function or feature_not_supported
    or object_not_in_prerequisite_state then
  end;
  return parts;
end
$$;

-- Every claim asks, so that the usual answer has to come first.
create function database_is_known() returns boolean language plpgsql stable as $$
declare
  noted jsonb := (select parts from database_identity);
  found jsonb := database_parts();
begin
  return noted is null or found @> noted or not exists (
    select from jsonb_each(noted) as before join jsonb_each(found) as now using (key)
     where before.value <> now.value);
end
$$;
