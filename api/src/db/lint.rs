//! Reads the catalogue and finds what would not refuse. Each rule is one query that returns the objects that break
//! it; with nothing broken it returns no row. Runs as tracker_jobs, at start and by `tracker verify`.

use std::{collections::BTreeSet, fmt};

use anyhow::Context;
use diesel::sql_types::{Array, BigInt, Text};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
};
use serde::Serialize;

use super::placement::PLACEMENT;

/// What was checked and what was found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// PostgreSQL's, as a number.
    pub version: i64,
    pub tables: i64,
    pub partitions: i64,
    pub policies: i64,
    pub functions: i64,
    pub roles: i64,
    pub foreign_keys: i64,
    /// Of tenants' tables and their partitions.
    pub indexes: i64,
    /// Of these, the ones that begin with the company.
    pub indexes_by_company: i64,
    pub rules: usize,
    /// Lines of who may do what, compared one by one.
    pub access: usize,
    #[serde(skip)]
    pub findings: Vec<String>,
}

impl Report {
    pub fn summary(&self) -> String {
        let Self {
            version,
            tables,
            partitions,
            policies,
            functions,
            roles,
            foreign_keys,
            indexes,
            indexes_by_company,
            rules,
            access,
            findings: _,
        } = self;
        format!(
            "catalogue: {tables} tables, {partitions} partitions, {policies} policies, {functions} functions, {roles} roles, \
             {foreign_keys} foreign keys, {indexes_by_company} of {indexes} indexes of tenants begin with the company; \
             {access} grants and constraints by {rules} rules; PostgreSQL {}.{}",
            version / 10_000,
            version % 10_000
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "{}", self.summary())?;
        writeln!(f, "found: {}", self.findings.len())?;
        self.findings
            .iter()
            .try_for_each(|finding| writeln!(f, "  {finding}"))
    }
}

/// References that are no foreign keys, for the price they would have on every insert or because one alone would not
/// say that both sides are the same person's: child, its columns, parent, its columns.
pub(super) const UNDECLARED: [(&str, &str, &str, &str); 6] = [
    (
        "tenant.application_usage",
        "company_id, user_id, session_id",
        "tenant.work_sessions",
        "company_id, user_id, id",
    ),
    (
        "tenant.website_usage",
        "company_id, user_id, session_id",
        "tenant.work_sessions",
        "company_id, user_id, id",
    ),
    (
        "tenant.activity_log",
        "company_id, user_id, session_id",
        "tenant.work_sessions",
        "company_id, user_id, id",
    ),
    (
        "tenant.work_sessions",
        "company_id, user_id, device_id",
        "tenant.devices",
        "company_id, user_id, id",
    ),
    (
        "tenant.screenshots",
        "company_id, user_id, session_id",
        "tenant.work_sessions",
        "company_id, user_id, id",
    ),
    (
        "tenant.ingest_batches",
        "company_id, user_id, device_id",
        "tenant.devices",
        "company_id, user_id, id",
    ),
];

/// The first minor version of each major that applies row security without a known gap: CVE-2025-8713 (statistics
/// show rows that a policy hides), CVE-2024-10976 and CVE-2023-2455 (a policy of another role is applied).
const FLOORS: [(i64, i64); 3] = [(15, 14), (16, 10), (17, 6)];

fn too_old(version: i64) -> Option<String> {
    let (major, minor) = (version / 10_000, version % 10_000);
    if major < FLOORS[0].0 {
        return Some(format!(
            "PostgreSQL {major} is older than {}, the first that is supported",
            FLOORS[0].0
        ));
    }
    let floor = FLOORS
        .iter()
        .find(|(of, least)| *of == major && minor < *least);
    floor.map(|(_, least)| {
        format!("PostgreSQL {major}.{minor} has known gaps in row security: update to {major}.{least} or later")
    })
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    what: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What every rule may use: `tables` with their place, `ours` = the roles of clients.
const PRELUDE: &str = "WITH placed AS (SELECT * FROM unnest($1::text[], $2::text[]) AS x(rel, place)), \
    tables AS (SELECT c.oid, n.nspname || '.' || c.relname AS rel, c.relispartition AS part, c.relkind AS kind, \
      c.relrowsecurity AS rls, c.relforcerowsecurity AS forced, c.relowner AS owner, c.relacl AS acl, p.place, \
      (SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped \
        AND a.attname = CASE WHEN c.relname = 'companies' THEN 'id' ELSE 'company_id' END) AS company, \
      (SELECT a.attnotnull FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped \
        AND a.attname = CASE WHEN c.relname = 'companies' THEN 'id' ELSE 'company_id' END) AS required \
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
      LEFT JOIN placed p ON p.rel = n.nspname || '.' || c.relname \
      WHERE n.nspname IN ('platform', 'tenant', 'auth') AND c.relkind IN ('r', 'p')), \
    ours AS (SELECT oid, rolname FROM pg_roles WHERE rolname LIKE 'tracker\\_%')";

const RULES: &[(&str, &str)] = &[
    (
        "is not on the placement list",
        "SELECT rel FROM tables WHERE place IS NULL AND NOT part",
    ),
    (
        "is on the placement list and not there",
        "SELECT p.rel FROM placed p WHERE NOT EXISTS (SELECT FROM tables t WHERE t.rel = p.rel)",
    ),
    (
        "does not force row security",
        "SELECT rel FROM tables WHERE (place = 'Tenant' OR part) AND NOT (rls AND forced)",
    ),
    (
        "has row security off",
        "SELECT rel FROM tables WHERE place IN ('PlatformByCompany', 'Auth') AND NOT rls",
    ),
    (
        "has no company, or one that may be null",
        "SELECT rel FROM tables WHERE (place IN ('Tenant', 'PlatformByCompany') OR part) AND required IS NOT TRUE",
    ),
    (
        "is not owned by tracker_ddl",
        "SELECT rel FROM tables WHERE owner <> (SELECT oid FROM ours WHERE rolname = 'tracker_ddl')",
    ),
    (
        "has no policy for tracker_admin that compares the company",
        "SELECT rel FROM tables t WHERE place = 'Tenant' AND NOT EXISTS (SELECT FROM pg_policy y JOIN ours r ON r.oid = ANY (y.polroles) \
         WHERE y.polrelid = t.oid AND r.rolname = 'tracker_admin' AND pg_get_expr(y.polqual, t.oid) LIKE '%company_id = tenant.current_company()%' \
         AND pg_get_expr(y.polwithcheck, t.oid) LIKE '%company_id = tenant.current_company()%')",
    ),
    (
        "has a policy that does not compare the company",
        "SELECT t.rel || ', policy ' || y.polname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         JOIN ours r ON r.oid = ANY (y.polroles) WHERE r.rolname IN ('tracker_admin', 'tracker_employee', 'tracker_lead', 'tracker_team_admin', 'tracker_agent', 'tracker_web', 'tracker_eraser', \
         'tracker_ddl') \
         AND t.rel <> 'platform.companies' AND (coalesce(pg_get_expr(y.polqual, t.oid), 'company_id = tenant.current_company()') NOT LIKE '%company_id = tenant.current_company()%' \
         OR coalesce(pg_get_expr(y.polwithcheck, t.oid), 'company_id = tenant.current_company()') NOT LIKE '%company_id = tenant.current_company()%')",
    ),
    (
        "lets its rows be erased otherwise than by company and in time",
        "SELECT t.rel || ', policy ' || y.polname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         JOIN ours r ON r.oid = ANY (y.polroles) AND r.rolname = 'tracker_eraser' WHERE t.rel <> 'platform.erasures' \
         AND y.polcmd IN ('*', 'd') AND pg_get_expr(y.polqual, t.oid) !~ ('^\\(\\((company_)?id = tenant.current_company\\(\\)\\) AND\\s+(CASE\\s+WHEN )?' \
         || '\\( SELECT platform.erasure_is_due\\(\\) AS erasure_is_due\\)(\\)$|\\s+THEN true\\s+ELSE .*\\( SELECT tenant.person_to_erase\\(\\) AS person_to_erase\\))')",
    ),
    (
        "cannot be erased with its company",
        "SELECT t.rel FROM tables t JOIN ours r ON r.rolname = 'tracker_eraser' WHERE t.place = 'Tenant' \
         AND NOT (has_table_privilege(r.oid, t.oid, 'DELETE') AND has_column_privilege(r.oid, t.oid, t.company, 'SELECT') \
         AND EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = t.oid AND r.oid = ANY (y.polroles)))",
    ),
    (
        "has a policy with OR in it",
        "SELECT t.rel || ', policy ' || y.polname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         WHERE concat(pg_get_expr(y.polqual, t.oid), pg_get_expr(y.polwithcheck, t.oid)) ~* '\\mor\\M'",
    ),
    (
        "has a policy for everybody",
        "SELECT t.rel || ', policy ' || y.polname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid WHERE 0 = ANY (y.polroles)",
    ),
    (
        "shows all rows to a role that may not see them",
        "SELECT t.rel || ', policy ' || y.polname || ' for ' || r.rolname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         JOIN pg_roles r ON r.oid = ANY (y.polroles) WHERE 'true' IN (pg_get_expr(y.polqual, t.oid), pg_get_expr(y.polwithcheck, t.oid)) \
         AND NOT (r.rolname = 'tracker_jobs' AND y.polcmd = 'r') \
         AND NOT (r.rolname IN ('tracker_platform', 'tracker_jobs') AND t.rel LIKE 'platform.%')",
    ),
    (
        "has two policies for one role and command",
        "SELECT DISTINCT t.rel || ' for ' || r.rolname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         JOIN pg_policy z ON z.polrelid = t.oid AND z.oid > y.oid AND (z.polcmd = y.polcmd OR '*' IN (z.polcmd, y.polcmd)) \
         JOIN ours r ON r.oid = ANY (y.polroles) AND r.oid = ANY (z.polroles)",
    ),
    (
        "lets an employee see more than own rows",
        "SELECT t.rel || ', policy ' || y.polname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         JOIN ours r ON r.oid = ANY (y.polroles) AND r.rolname IN ('tracker_employee', 'tracker_agent') \
         WHERE t.rel NOT IN ('tenant.company_settings', 'tenant.company_branding', 'tenant.company_time_zones', 'tenant.teams', 'tenant.company_usage', 'tenant.monitoring_policies', 'platform.jobs') \
         AND concat(pg_get_expr(y.polqual, t.oid), pg_get_expr(y.polwithcheck, t.oid)) NOT LIKE '%= tenant.current_user_id()%'",
    ),
    (
        "lets a lead see more than those they lead",
        "SELECT t.rel || ', policy ' || y.polname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         JOIN ours r ON r.oid = ANY (y.polroles) AND r.rolname = 'tracker_lead' \
         WHERE t.rel NOT IN ('tenant.company_settings', 'tenant.company_time_zones', 'tenant.teams', 'tenant.access_entries', 'tenant.audit_unsealed') \
         AND concat(pg_get_expr(y.polqual, t.oid), pg_get_expr(y.polwithcheck, t.oid)) NOT LIKE '%SELECT tenant.led_people()%'",
    ),
    (
        "lets a lead write more than that they looked",
        "SELECT t.rel FROM tables t JOIN ours r ON r.rolname = 'tracker_lead' WHERE has_table_privilege(r.oid, t.oid, 'UPDATE, DELETE') \
         OR has_any_column_privilege(r.oid, t.oid, 'UPDATE') OR (has_any_column_privilege(r.oid, t.oid, 'INSERT') \
           AND t.rel NOT IN ('tenant.access_entries', 'tenant.audit_unsealed'))",
    ),
    (
        "lets a team admin see more than those they administer",
        "SELECT t.rel || ', policy ' || y.polname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         JOIN ours r ON r.oid = ANY (y.polroles) AND r.rolname = 'tracker_team_admin' \
         WHERE t.rel NOT IN ('tenant.company_settings', 'tenant.company_branding', 'tenant.company_time_zones', 'tenant.audit_entries', \
           'tenant.audit_unsealed', 'tenant.productivity_rules', 'platform.jobs') \
         AND concat(pg_get_expr(y.polqual, t.oid), pg_get_expr(y.polwithcheck, t.oid)) NOT LIKE '%SELECT tenant.administered_%'",
    ),
    (
        "lets a team admin change what is their own, or what nobody decides or sums",
        "SELECT t.rel || ', policy ' || y.polname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         JOIN ours r ON r.oid = ANY (y.polroles) AND r.rolname = 'tracker_team_admin' WHERE y.polcmd <> 'r' \
         AND t.rel NOT IN ('tenant.access_entries', 'tenant.audit_entries', 'tenant.audit_unsealed', 'tenant.notifications', 'platform.jobs') \
         AND (t.rel !~ '^tenant.(user_.*usage_(daily|monthly)|manual_times|disputes|work_sessions|work_session_changes|users)$' \
           OR concat(pg_get_expr(y.polqual, t.oid), pg_get_expr(y.polwithcheck, t.oid)) NOT LIKE '%id <> tenant.current_user_id()%')",
    ),
    (
        "lets a team admin write more than decisions, sums, and what they looked at and took",
        "SELECT t.rel FROM tables t JOIN ours r ON r.rolname = 'tracker_team_admin' WHERE t.rel !~ '^tenant.user_.*usage_(daily|monthly)$' \
         AND (has_table_privilege(r.oid, t.oid, 'UPDATE, DELETE') OR (has_any_column_privilege(r.oid, t.oid, 'INSERT') AND t.rel NOT IN \
           ('tenant.access_entries', 'tenant.audit_entries', 'tenant.audit_unsealed', 'tenant.notifications', 'tenant.work_session_changes', \
            'platform.jobs')) OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
           AND has_column_privilege(r.oid, t.oid, a.attnum, 'UPDATE') \
           AND t.rel || '.' || a.attname !~ '^tenant[.](manual_times[.](state|deci.*)|disputes[.](state|answer.*)|work_sessions[.](.*cluded_at|counted_.*|deleted_at)|users[.]created_at)$'))",
    ),
    (
        "lets its owner do more than read by a policy",
        "SELECT t.rel || ', policy ' || y.polname FROM tables t JOIN pg_policy y ON y.polrelid = t.oid \
         JOIN ours r ON r.oid = ANY (y.polroles) AND r.rolname = 'tracker_ddl' WHERE y.polcmd <> 'r'",
    ),
    (
        "has no index that begins with the company",
        "SELECT rel FROM tables t WHERE (place = 'Tenant' OR part) AND NOT EXISTS (SELECT FROM pg_index i \
         WHERE i.indrelid = t.oid AND i.indisvalid AND i.indkey[0] = t.company)",
    ),
    (
        "has an index that does not begin with the company",
        "SELECT t.rel || ', index ' || i.indexrelid::regclass FROM tables t JOIN pg_index i ON i.indrelid = t.oid \
         WHERE (place = 'Tenant' OR part) AND i.indkey[0] <> t.company",
    ),
    (
        "has a foreign key without the company",
        "SELECT t.rel || ', ' || k.conname FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' \
         WHERE t.place = 'Tenant' AND NOT t.company = ANY (k.conkey)",
    ),
    (
        "has no foreign key that carries the company",
        "SELECT rel FROM tables t WHERE place = 'Tenant' AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = t.oid \
         AND k.contype = 'f' AND k.convalidated AND t.company = ANY (k.conkey))",
    ),
    (
        "is referenced from outside its schema",
        "SELECT t.rel || ', by ' || k.conrelid::regclass FROM tables t JOIN pg_constraint k ON k.confrelid = t.oid AND k.contype = 'f' \
         JOIN tables f ON f.oid = k.conrelid WHERE t.rel LIKE 'tenant.%' AND f.rel NOT LIKE 'tenant.%'",
    ),
    (
        "has a foreign key that nulls or defaults",
        "SELECT t.rel || ', ' || k.conname FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' \
         WHERE 'n' IN (k.confdeltype, k.confupdtype) OR 'd' IN (k.confdeltype, k.confupdtype)",
    ),
    (
        "has a trigger",
        "SELECT t.rel || ', ' || g.tgname FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal",
    ),
    (
        "is a partition that somebody was granted",
        "SELECT t.rel || ' to ' || a.grantee::regrole FROM tables t CROSS JOIN LATERAL aclexplode(t.acl) a WHERE t.part AND a.grantee <> t.owner",
    ),
    (
        "is a partition with a policy",
        "SELECT t.rel FROM tables t JOIN pg_policy y ON y.polrelid = t.oid WHERE t.part",
    ),
    (
        "is granted in a dangerous way",
        "SELECT t.rel || ': ' || a.privilege_type || ' to ' || CASE a.grantee WHEN 0 THEN 'everybody' ELSE a.grantee::regrole::text END \
         FROM tables t CROSS JOIN LATERAL aclexplode(t.acl) a WHERE a.grantee <> t.owner \
         AND (a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER') OR a.grantee = 0 OR a.is_grantable)",
    ),
    (
        "holds secrets and is granted",
        "SELECT t.rel || ' to ' || a.grantee::regrole FROM tables t CROSS JOIN LATERAL aclexplode(t.acl) a \
         WHERE t.place = 'Auth' AND a.grantee <> t.owner",
    ),
    (
        "is open to a role that has no business there",
        "SELECT t.rel || ' to ' || r.rolname FROM tables t JOIN ours r ON r.rolname IN ('tracker_platform', 'tracker_auth', 'tracker_web') \
         WHERE (t.rel LIKE 'tenant.%' OR t.place = 'Auth' OR (r.rolname <> 'tracker_platform' AND t.rel LIKE 'platform.%')) \
         AND (has_table_privilege(r.oid, t.oid, 'SELECT') OR has_any_column_privilege(r.oid, t.oid, 'SELECT, INSERT, UPDATE'))",
    ),
    (
        "is a schema open to a role that has no business there",
        "SELECT n.nspname || ' to ' || r.rolname FROM pg_namespace n CROSS JOIN ours r WHERE has_schema_privilege(r.oid, n.oid, 'USAGE') \
         AND ((n.nspname = 'tenant' AND r.rolname IN ('tracker_platform', 'tracker_auth', 'tracker_web')) \
         OR (n.nspname = 'platform' AND r.rolname IN ('tracker_auth', 'tracker_web')) OR (n.nspname = 'auth' AND r.rolname = 'tracker_web'))",
    ),
    (
        "is missing a grant its role works with",
        "SELECT t.rel || ' to ' || w.role FROM tables t JOIN (VALUES ('tracker_admin', 'SELECT')) AS w(role, privilege) ON t.place = 'Tenant' \
         JOIN ours r ON r.rolname = w.role WHERE NOT has_table_privilege(r.oid, t.oid, w.privilege)",
    ),
    (
        "is content that the jobs may read",
        "SELECT t.rel || '.' || a.attname FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
         JOIN ours r ON r.rolname = 'tracker_jobs' WHERE t.place = 'Tenant' AND has_column_privilege(r.oid, t.oid, a.attname, 'SELECT') \
         AND a.attname IN ('email', 'name', 'app', 'title', 'host', 'path', 'description', 'viewer_name', 'actor', 'detail', 'redaction_rules')",
    ),
    (
        "cannot be counted, as tracker_jobs may not read the company or a foreign key",
        "SELECT DISTINCT t.rel || '.' || a.attname FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid \
         JOIN ours r ON r.rolname = 'tracker_jobs' WHERE t.place IN ('Tenant', 'PlatformByCompany') \
         AND (a.attnum = t.company OR EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' \
           AND (k.conrelid = t.oid AND a.attnum = ANY (k.conkey) OR k.confrelid = t.oid AND a.attnum = ANY (k.confkey)))) \
         AND NOT has_column_privilege(r.oid, t.oid, a.attnum, 'SELECT')",
    ),
    (
        "hides rows from being counted by tracker_jobs",
        "SELECT t.rel FROM tables t WHERE t.place IN ('Tenant', 'PlatformByCompany') AND NOT EXISTS (SELECT FROM pg_policy y \
         JOIN ours r ON r.oid = ANY (y.polroles) WHERE y.polrelid = t.oid AND r.rolname = 'tracker_jobs' \
         AND y.polcmd IN ('r', '*') AND pg_get_expr(y.polqual, t.oid) = 'true')",
    ),
    (
        "names something and is no foreign key: make it one, or list it in the lint as UNDECLARED or as naming nothing",
        "SELECT t.rel || '.' || a.attname FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE t.place = 'Tenant' AND a.atttypid = 'uuid'::regtype AND a.attname LIKE '%\\_id' AND a.attnum <> t.company \
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = t.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)) \
         AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS u WHERE u = t.rel || '.' || a.attname)",
    ),
    (
        "is a view that runs as its owner",
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname IN ('platform', 'tenant', 'auth') AND (c.relkind = 'm' \
         OR c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false))",
    ),
    (
        "is a function that runs as its owner without a fixed search path, or for everybody",
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
         WHERE n.nspname IN ('platform', 'tenant', 'auth') AND ((p.prosecdef AND NOT coalesce('search_path=\"\"' = ANY (p.proconfig), false)) \
         OR has_function_privilege('public', p.oid, 'EXECUTE'))",
    ),
    (
        "is a role with too much power",
        "SELECT r.rolname FROM pg_roles r JOIN ours o ON o.oid = r.oid WHERE r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb \
         OR r.rolreplication",
    ),
    (
        "is a membership that is not meant",
        "SELECT m.member::regrole || ' in ' || m.roleid::regrole FROM pg_auth_members m JOIN ours o ON o.oid = m.member \
         WHERE NOT (o.rolname = 'tracker_web' AND m.roleid::regrole::text IN ('tracker_admin', 'tracker_employee', 'tracker_lead', 'tracker_team_admin', 'tracker_agent')) \
         AND NOT (o.rolname = 'tracker_jobs' AND m.roleid::regrole::text = 'tracker_eraser')",
    ),
    (
        "inherits what it should have to ask for",
        "SELECT r.rolname FROM pg_roles r WHERE r.rolname IN ('tracker_web', 'tracker_jobs') AND r.rolinherit",
    ),
    (
        "is missing",
        "SELECT 'role ' || w.role FROM unnest(ARRAY['tracker_ddl', 'tracker_web', 'tracker_admin', 'tracker_employee', 'tracker_lead', 'tracker_team_admin', \
         'tracker_agent', 'tracker_platform', 'tracker_auth', 'tracker_jobs', 'tracker_eraser']) AS w(role) WHERE w.role NOT IN (SELECT rolname FROM ours)",
    ),
];

/// Everything that was granted, allowed or required when this version was built; a test writes it from the catalogue.
const ACCESS: &str = include_str!("access.txt");

/// On 16 and later inheritance is a property of each membership.
const MEMBERSHIPS_16: (&str, &str) = (
    "is a membership that inherits",
    "SELECT m.member::regrole || ' in ' || m.roleid::regrole FROM pg_auth_members m JOIN ours o ON o.oid = m.member \
     WHERE o.rolname IN ('tracker_web', 'tracker_jobs') AND m.inherit_option",
);

/// Columns that name what lives elsewhere or nowhere: whoever acted may be a job, a picture that somebody looked at may be
/// gone, what was sealed may be of two tables or gone, a key is a secret, a batch is itself.
const NAMES_NOTHING: [&str; 7] = [
    "tenant.access_entries.item_id",
    "tenant.audit_entries.actor_id",
    "tenant.audit_seals.entry_id",
    "tenant.audit_unsealed.entry_id",
    "tenant.devices.key_id",
    "tenant.idempotency_keys.actor_id",
    "tenant.ingest_batches.batch_id",
];

/// The columns that need no foreign key.
fn unbound() -> Vec<String> {
    let listed = UNDECLARED.iter().flat_map(|(child, own, ..)| {
        own.split(", ")
            .map(move |column| format!("{child}.{column}"))
    });
    listed.chain(NAMES_NOTHING.map(str::to_owned)).collect()
}

/// Runs every rule in one read-only transaction.
pub fn lint(jobs_url: &str) -> anyhow::Result<Report> {
    let mut conn =
        PgConnection::establish(jobs_url).context("connecting to check the catalogue")?;
    conn.batch_execute("BEGIN READ ONLY; SET LOCAL statement_timeout = '60s'")?;
    check(&mut conn)
}

/// The same inside the caller's transaction: for a change that was not committed.
pub fn check(conn: &mut PgConnection) -> anyhow::Result<Report> {
    let (names, places): (Vec<&str>, Vec<String>) = PLACEMENT
        .iter()
        .map(|(rel, place)| (*rel, format!("{place:?}")))
        .unzip();
    let unbound = unbound();
    let version = count(
        conn,
        "SELECT current_setting('server_version_num')::bigint AS n",
    )?;
    let rules = RULES
        .iter()
        .chain((version >= 160_000).then_some(&MEMBERSHIPS_16));
    let mut report = Report {
        version,
        ..Report::default()
    };
    report.findings.extend(too_old(version));
    for (complaint, rule) in rules {
        let found: Vec<Found> = sql_query(format!(
            "{PRELUDE} SELECT x.what::text AS what FROM ({rule}) AS x(what) ORDER BY 1"
        ))
        .bind::<Array<Text>, _>(&names)
        .bind::<Array<Text>, _>(&places)
        .bind::<Array<Text>, _>(&unbound)
        .load(conn)
        .with_context(|| format!("the rule \"{complaint}\""))?;
        report.rules += 1;
        report.findings.extend(
            found
                .into_iter()
                .map(|Found { what }| format!("{what} {complaint}")),
        );
    }
    let access: BTreeSet<String> = access(conn)?.into_iter().collect();
    let meant: BTreeSet<String> = ACCESS.lines().map(str::to_owned).collect();
    report.rules += 1;
    report.findings.extend(
        meant
            .difference(&access)
            .map(|line| format!("missing: {line}")),
    );
    // An operator may add an index; that it begins with the company is a rule of its own.
    let surplus = access.difference(&meant);
    report.findings.extend(
        surplus
            .filter(|line| !line.starts_with("index "))
            .map(|line| format!("not meant: {line}")),
    );
    report.access = access.len();
    for parent in ["application_usage", "website_usage", "activity_log"] {
        let rows = strays(conn, parent)?;
        if rows > 0 {
            report.findings.push(format!(
                "tenant.{parent}_default holds {rows} rows that belong to no month"
            ));
        }
    }
    let ours = "n.nspname IN ('platform', 'tenant', 'auth')";
    let classes = format!(
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {ours} AND c.relkind IN ('r', 'p')"
    );
    report.tables = count(
        conn,
        &format!("SELECT count(*) AS n {classes} AND NOT c.relispartition"),
    )?;
    report.partitions = count(
        conn,
        &format!("SELECT count(*) AS n {classes} AND c.relispartition"),
    )?;
    report.policies = count(conn, "SELECT count(*) AS n FROM pg_policy")?;
    report.functions = count(
        conn,
        &format!(
            "SELECT count(*) AS n FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {ours}"
        ),
    )?;
    report.roles = count(
        conn,
        "SELECT count(*) AS n FROM pg_roles WHERE rolname LIKE 'tracker\\_%'",
    )?;
    report.foreign_keys = count(
        conn,
        &format!(
            "SELECT count(*) AS n FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE {ours} \
             AND k.contype = 'f' AND k.conparentid = 0"
        ),
    )?;
    let indexes = "SELECT count(*) AS n FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
        WHERE c.relnamespace = 'tenant'::regnamespace";
    report.indexes = count(conn, indexes)?;
    report.indexes_by_company = count(
        conn,
        &format!(
            "{indexes} AND i.indkey[0] = (SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'company_id')"
        ),
    )?;
    Ok(report)
}

/// A row in a DEFAULT partition blocks its month's partition for ever. Nobody is granted the partition, so the rows
/// are counted through its parent, by the condition under which they land there.
fn strays(conn: &mut PgConnection, parent: &str) -> anyhow::Result<i64> {
    let size = format!("SELECT pg_relation_size('tenant.{parent}_default') AS n");
    if count(conn, &size)? == 0 {
        return Ok(0);
    }
    let condition: Found = sql_query(format!(
        "SELECT pg_get_partition_constraintdef('tenant.{parent}_default'::regclass) AS what"
    ))
    .get_result(conn)?;
    count(
        conn,
        &format!(
            "SELECT count(*) AS n FROM tenant.{parent} WHERE {}",
            condition.what
        ),
    )
}

/// Who may do what now, a line each.
pub fn access(conn: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    let lines: Vec<Found> = sql_query(include_str!("access.sql")).load(conn)?;
    Ok(lines.into_iter().map(|Found { what }| what).collect())
}

fn count(conn: &mut PgConnection, query: &str) -> anyhow::Result<i64> {
    let Count { n } = sql_query(query).get_result(conn)?;
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::too_old;

    #[test]
    fn versions_with_gaps_in_row_security_are_told() {
        for old in [140_020, 150_002, 150_013, 160_009, 170_005] {
            assert!(too_old(old).is_some(), "{old}");
        }
        for good in [150_014, 160_010, 170_006, 180_000, 190_000] {
            assert_eq!(too_old(good), None, "{good}");
        }
    }
}
