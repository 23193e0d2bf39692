//! What the owner's system page shows of what the owner's role cannot see: sizes, months, versions, findings. Counts only.

use diesel::sql_types::Jsonb;
use diesel::{PgConnection, RunQueryDsl, sql_query};
use serde_json::Value;

use crate::Result;
use crate::db::lint;

pub(super) const KIND: &str = "system_status";

/// Findings that are told; where there are more, the first ones say enough.
const TOLD: usize = 20;

/// Writes the one row. A version is what a device says of itself: what does not read like one is counted as `other`, so
/// that no other text gets here.
pub fn publish(conn: &mut PgConnection) -> Result<()> {
    let found = lint::check(conn)?.findings;
    let findings: Vec<Value> = found.into_iter().take(TOLD).map(Value::from).collect();
    sql_query(
        "INSERT INTO platform.system_status AS s (database_bytes, partitions, agents, findings) \
         SELECT pg_database_size(current_database()), \
           (SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.\"table\"), '[]') FROM (SELECT p.relname AS \"table\", \
               min(substring(c.relname FROM '_([0-9]{4}_[0-9]{2})$')) AS first_month, \
               max(substring(c.relname FROM '_([0-9]{4}_[0-9]{2})$')) AS last_month, \
               coalesce(bool_or(pg_relation_size(c.oid) > 0) FILTER (WHERE c.relname LIKE '%\\_default'), false) AS has_stray_rows \
             FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid \
             JOIN pg_namespace n ON n.oid = p.relnamespace \
             WHERE n.nspname = 'tenant' AND p.relkind = 'p' AND c.relkind = 'r' GROUP BY p.relname) t), \
           (SELECT coalesce(jsonb_agg(to_jsonb(v) ORDER BY v.devices DESC, v.version), '[]') FROM (SELECT \
               CASE WHEN agent_version ~ '^[0-9]{1,4}([.][0-9]{1,4}){1,3}$' THEN agent_version ELSE 'other' END AS version, \
               count(*) AS devices FROM tenant.devices \
             WHERE revoked_at IS NULL AND last_seen_at > now() - interval '30 days' \
             GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50) v), \
           $1 \
         ON CONFLICT (id) DO UPDATE SET database_bytes = excluded.database_bytes, partitions = excluded.partitions, \
           agents = excluded.agents, findings = excluded.findings, counted_at = now()",
    )
    .bind::<Jsonb, _>(Value::from(findings))
    .execute(conn)?;
    Ok(())
}
