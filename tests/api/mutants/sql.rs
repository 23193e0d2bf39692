//! Nets of the database, each cut on a copy: the lint must see it, or the rows must show it.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use tracker::db::lint;
use uuid::Uuid;

use super::Mutant;
use crate::matrix::world::World;

#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    relation: String,
    #[diesel(sql_type = Text)]
    cut: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Every way to cut every net, read from the catalogue: a new table brings its own.
const MUTANTS: &str = "WITH tables AS (SELECT c.oid, c.oid::regclass::text AS rel, c.relname AS name, c.relkind AS kind \
      FROM pg_class c WHERE c.relnamespace = 'tenant'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition), \
    policies AS (SELECT t.rel, y.polname AS name, y.polqual, y.polwithcheck, y.polrelid FROM tables t JOIN pg_policy y ON y.polrelid = t.oid), \
    keys AS (SELECT t.rel, k.conname AS name, k.confrelid::regclass::text AS target, a.attname AS own, f.attname AS other \
      FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' AND k.conparentid = 0 AND cardinality(k.conkey) = 2 \
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2] \
      JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[2]) \
    SELECT 'policy dropped' AS kind, rel AS relation, format('DROP POLICY %I ON %s', name, rel) AS cut FROM policies \
    UNION ALL SELECT 'policy shows everything', rel, format('ALTER POLICY %I ON %s USING (true)', name, rel) FROM policies \
      WHERE polqual IS NOT NULL AND pg_get_expr(polqual, polrelid) <> 'true' \
    UNION ALL SELECT 'policy takes everything', rel, format('ALTER POLICY %I ON %s WITH CHECK (true)', name, rel) FROM policies \
      WHERE polwithcheck IS NOT NULL AND pg_get_expr(polwithcheck, polrelid) <> 'true' \
    UNION ALL SELECT 'row security off', rel, format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', rel) FROM tables \
    UNION ALL SELECT 'row security not forced', rel, format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', rel) FROM tables \
    UNION ALL SELECT 'granted to the owner', rel, format('GRANT SELECT ON %s TO tracker_platform', rel) FROM tables \
    UNION ALL SELECT 'granted to the login', rel, format('GRANT SELECT ON %s TO tracker_web', rel) FROM tables \
    UNION ALL SELECT 'granted to the jobs', rel, format('GRANT SELECT ON %s TO tracker_jobs', rel) FROM tables t \
      WHERE NOT has_table_privilege('tracker_jobs', t.oid, 'SELECT') \
    UNION ALL SELECT 'truncate granted', rel, format('GRANT TRUNCATE ON %s TO tracker_admin', rel) FROM tables \
    UNION ALL SELECT 'view as its owner', rel, format('CREATE VIEW tenant.seen AS SELECT * FROM %s; GRANT SELECT ON tenant.seen TO tracker_admin', rel) FROM tables \
    UNION ALL SELECT 'copied into a materialized view', rel, format('CREATE MATERIALIZED VIEW tenant.seen AS SELECT * FROM %s', rel) FROM tables \
    UNION ALL SELECT 'company may be null', rel, format('%s; ALTER TABLE %s ALTER company_id DROP NOT NULL', \
        (SELECT coalesce(string_agg(format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', k.conrelid::regclass, k.conname), '; '), 'SELECT 1') \
         FROM pg_constraint k WHERE k.conrelid = t.oid AND k.contype = 'p'), rel) FROM tables t \
    UNION ALL SELECT 'foreign key without the company', rel, format('ALTER TABLE %s ADD CONSTRAINT narrow_target UNIQUE (%I); \
        ALTER TABLE %s DROP CONSTRAINT %I; ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %s (%I)', \
        target, other, rel, name, rel, name, own, target, other) FROM keys \
    UNION ALL SELECT 'partition granted', rel, format('GRANT SELECT ON %s TO tracker_admin', p.inhrelid::regclass) \
      FROM tables t JOIN pg_inherits p ON p.inhparent = t.oid WHERE t.kind = 'p' \
    UNION ALL SELECT 'partition without row security', rel, format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', p.inhrelid::regclass) \
      FROM tables t JOIN pg_inherits p ON p.inhparent = t.oid WHERE t.kind = 'p' \
    ORDER BY 1, 2, 3";

/// All of them, in an order that does not change.
pub fn mutants(world: &World) -> Vec<Mutant> {
    let all: Vec<Made> = sql_query(MUTANTS)
        .load(&mut world.app.copy.admin())
        .unwrap();
    let named = all.into_iter().map(
        |Made {
             kind,
             relation,
             cut,
         }| Mutant {
            name: format!("{kind}: {relation}: {cut}"),
            kind,
            relation,
            cut,
        },
    );
    named.collect()
}

/// The tables they are about.
pub fn relations(world: &World) -> BTreeSet<String> {
    mutants(world)
        .into_iter()
        .map(|mutant| mutant.relation)
        .collect()
}

/// Whether the rows are apart while nothing is cut.
pub fn is_whole(world: &World, relation: &str) -> bool {
    let mut conn = world.app.copy.admin();
    conn.batch_execute("BEGIN").unwrap();
    rows_are_apart(
        &mut conn,
        relation,
        world.company('a').id,
        world.company('b').id,
    )
}

/// What noticed that the net was cut.
#[derive(Debug, Default)]
pub struct Noticed {
    pub by_lint: bool,
    pub by_rows: bool,
}

/// Cuts inside a transaction that is never committed.
pub fn noticed(world: &World, mutant: &Mutant) -> Noticed {
    let mut conn = world.app.copy.admin();
    conn.batch_execute("BEGIN").unwrap();
    conn.batch_execute(&mutant.cut)
        .unwrap_or_else(|error| panic!("{}: {error}", mutant.name));
    let by_rows = !rows_are_apart(
        &mut conn,
        &mutant.relation,
        world.company('a').id,
        world.company('b').id,
    );
    // As the server does it, with the rights of the jobs.
    conn.batch_execute("SET LOCAL SESSION AUTHORIZATION tracker_jobs")
        .unwrap();
    let by_lint = lint::check(&mut conn).is_ok_and(|report| !report.findings.is_empty());
    Noticed { by_lint, by_rows }
}

/// Whether a role sees, changes and removes exactly its company's rows of the table, and nothing without a company.
fn rows_are_apart(conn: &mut PgConnection, table: &str, own: Uuid, other: Uuid) -> bool {
    // Who was removed is seen by none of them.
    let hidden = match table {
        "tenant.users" => " AND removed_at IS NULL",
        _ => "",
    };
    let all = count(
        conn,
        &format!("SELECT count(*) AS n FROM {table} WHERE company_id = '{own}'{hidden}"),
    );
    let mut apart = true;
    for role in [
        "tracker_admin",
        "tracker_employee",
        "tracker_lead",
        "tracker_team_admin",
        "tracker_agent",
    ] {
        let may = |conn: &mut PgConnection, verb| {
            count(
                conn,
                &format!(
                    "SELECT has_any_column_privilege('{role}', '{table}', '{verb}')::int::bigint AS n"
                ),
            ) == 1
        };
        if !may(conn, "SELECT") {
            continue;
        }
        let column = count(
            conn,
            &format!(
                "SELECT has_column_privilege('{role}', '{table}', 'company_id', 'SELECT')::int::bigint AS n"
            ),
        ) == 1;
        // Of a person nobody is: whoever sees own rows only sees none.
        let begin = |company: &str| {
            format!(
                "SAVEPOINT role; SET LOCAL ROLE {role}; SET LOCAL app.company_id = '{company}'; SET LOCAL app.user_id = '{}'",
                Uuid::nil()
            )
        };
        let own = own.to_string();
        conn.batch_execute(&begin(&own)).unwrap();
        if column {
            apart &= count(
                conn,
                &format!("SELECT count(*) AS n FROM {table} WHERE company_id = '{other}'"),
            ) == 0;
        }
        let seen = count(conn, &format!("SELECT count(*) AS n FROM {table}"));
        apart &= seen <= all && (role != "tracker_admin" || seen == all);
        for statement in [
            format!("UPDATE {table} SET company_id = company_id WHERE company_id = '{other}'"),
            format!("DELETE FROM {table} WHERE company_id = '{other}'"),
        ] {
            conn.batch_execute("SAVEPOINT verb").unwrap();
            apart &= sql_query(&statement).execute(conn).unwrap_or(0) == 0;
            conn.batch_execute("ROLLBACK TO verb").unwrap();
        }
        conn.batch_execute("ROLLBACK TO role").unwrap();
        conn.batch_execute(&begin("")).unwrap();
        apart &= count(conn, &format!("SELECT count(*) AS n FROM {table}")) == 0;
        conn.batch_execute("ROLLBACK TO role").unwrap();
    }
    // Forced: the table's own owner sees nothing either.
    conn.batch_execute("SAVEPOINT owner; SET LOCAL ROLE tracker_ddl")
        .unwrap();
    apart &= count(conn, &format!("SELECT count(*) AS n FROM {table}")) == 0;
    conn.batch_execute("ROLLBACK TO owner").unwrap();
    apart
}

fn count(conn: &mut PgConnection, query: &str) -> i64 {
    let Count { n } = sql_query(query).get_result(conn).unwrap();
    n
}
