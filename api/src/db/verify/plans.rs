//! Plans of the statements that requests send: each reads a tenant's table by an index that begins with the company.
//! The list is what PostgreSQL's own log showed of a run over all rooms; a test writes it, so that no statement is
//! written down twice and none of an older version stays.

use anyhow::{Context, ensure};
use diesel::deserialize::{self, QueryableByName};
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::sql_types::Json;
use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, sql_query};
use serde::Serialize;
use serde_json::Value;

/// A line each, its parts divided by tabs: the role, the types of the values, the statement.
const STATEMENTS: &str = include_str!("../statements.txt");

#[derive(Debug, Serialize)]
pub struct Plan {
    pub role: &'static str,
    pub statement: &'static str,
    /// Of a tenant's tables, one per scan.
    pub indexes: Vec<String>,
}

struct Explained(Value);

impl QueryableByName<Pg> for Explained {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        NamedRow::get::<Json, Value>(row, "QUERY PLAN").map(Self)
    }
}

/// As the role that sends it, as one plan for all values, and without the way out that a small table offers: what is
/// then still read from end to end has no index that serves.
pub(super) fn explain(web_url: &str, findings: &mut Vec<String>) -> anyhow::Result<Vec<Plan>> {
    let mut conn = PgConnection::establish(web_url).context("connecting to explain statements")?;
    let mut plans = Vec::new();
    for line in STATEMENTS.lines() {
        let mut parts = line.splitn(3, '\t');
        let (Some(role), Some(types), Some(statement)) = (parts.next(), parts.next(), parts.next())
        else {
            anyhow::bail!("statements.txt has a line without its three parts: {line}");
        };
        ensure!(
            [
                "tracker_admin",
                "tracker_employee",
                "tracker_lead",
                "tracker_team_admin",
                "tracker_agent"
            ]
            .contains(&role),
            "statements.txt names the role {role}"
        );
        let (types, values) = match types.split(", ").count() {
            _ if types.is_empty() => (String::new(), String::new()),
            count => (
                format!("({types})"),
                format!("({})", vec!["NULL"; count].join(", ")),
            ),
        };
        let nil = uuid::Uuid::nil();
        conn.batch_execute(&format!(
            "BEGIN READ ONLY; SET LOCAL ROLE {role}; SET LOCAL app.company_id = '{nil}'; SET LOCAL app.user_id = '{nil}'; \
             SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; PREPARE hot{types} AS {statement}"
        ))
        .with_context(|| format!("preparing as {role}: {statement}"))?;
        let explained: Explained = sql_query(format!(
            "EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE hot{values}"
        ))
        .get_result(&mut conn)
        .with_context(|| format!("explaining as {role}: {statement}"))?;
        conn.batch_execute("DEALLOCATE hot; ROLLBACK")?;
        let (mut indexes, mut faults) = (Vec::new(), Vec::new());
        walk(&explained.0, &mut indexes, &mut faults);
        findings.extend(faults.into_iter().map(|fault| {
            format!("{fault} without an index that begins with the company, as {role}: {statement}")
        }));
        plans.push(Plan {
            role,
            statement,
            indexes,
        });
    }
    Ok(plans)
}

/// Collects the scans of tenants' tables. A bitmap's condition stands in the nodes below it.
fn walk(plan: &Value, indexes: &mut Vec<String>, faults: &mut Vec<String>) {
    match plan {
        Value::Array(parts) => parts.iter().for_each(|part| walk(part, indexes, faults)),
        Value::Object(node) => {
            let text = |key: &str| node.get(key).and_then(Value::as_str).unwrap_or_default();
            let table = text("Relation Name");
            let by_company = text("Index Cond").contains("company_id = ");
            match text("Node Type") {
                "Index Scan" | "Index Only Scan" if text("Schema") == "tenant" => {
                    match by_company {
                        true => indexes.push(text("Index Name").to_owned()),
                        false => faults.push(format!("tenant.{table} is read")),
                    }
                }
                "Bitmap Index Scan" => match by_company {
                    true => indexes.push(text("Index Name").to_owned()),
                    false => faults.push(format!("{} is read", text("Index Name"))),
                },
                "Bitmap Heap Scan" | "ModifyTable" => {}
                _ if text("Schema") == "tenant" && !table.is_empty() => {
                    faults.push(format!("tenant.{table} is read"));
                }
                _ => {}
            }
            let below = ["Plan", "Plans"].iter().filter_map(|key| node.get(*key));
            below.for_each(|below| walk(below, indexes, faults));
        }
        _ => {}
    }
}
