//! What the OWNER cannot see, tried: every verb on every table of tenants and secrets as the owner's role, and every
//! field of the owner's answers against the list of what may be there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::Context;
use diesel::sql_types::Text;
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
};
use serde::Serialize;
use serde_json::Value;

use crate::http::openapi::openapi;

/// Kept by hand: a line per type of the document and field. A new one is let in when it names no person and is no
/// finer than a company's day.
const ALLOWED: &str = include_str!("../../owner/fields.txt");

const VERBS: [&str; 5] = [
    "SELECT * FROM {} LIMIT 1",
    "EXPLAIN SELECT 1 FROM {} FOR UPDATE",
    "EXPLAIN INSERT INTO {} DEFAULT VALUES",
    "EXPLAIN UPDATE {} SET {column} = {column}",
    "EXPLAIN DELETE FROM {}",
];

#[derive(Debug, Serialize)]
pub struct Blindness {
    pub tried: usize,
    /// Of these, with 42501.
    pub refused: usize,
    pub fields: usize,
    /// Of these, on the list.
    pub allowed: usize,
}

impl fmt::Display for Blindness {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self {
            tried,
            refused,
            fields,
            allowed,
        } = self;
        write!(
            f,
            "blindness: {refused} × 42501 of {tried} attempts as the owner's role; {allowed} of {fields} fields on the list"
        )
    }
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    first_column: String,
}

pub(super) fn try_everything(
    platform_url: &str,
    findings: &mut Vec<String>,
) -> anyhow::Result<Blindness> {
    let mut conn =
        PgConnection::establish(platform_url).context("connecting as the owner's role")?;
    conn.batch_execute(
        "SET default_transaction_read_only = on; SET statement_timeout = '5s'; SET lock_timeout = '1s'",
    )?;
    let tables: Vec<Table> = sql_query(
        "SELECT format('%I.%I', n.nspname, c.relname) AS name, \
           (SELECT quote_ident(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             ORDER BY a.attnum LIMIT 1) AS first_column \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname IN ('tenant', 'auth') AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1",
    )
    .load(&mut conn)?;
    let (mut tried, mut refused) = (0, 0);
    for Table { name, first_column } in &tables {
        for verb in VERBS {
            let attempt = verb.replace("{column}", first_column).replace("{}", name);
            tried += 1;
            match refusal(&mut conn, &attempt) {
                Ok(()) => refused += 1,
                Err(what) => findings.push(format!(
                    "the owner's role was not refused: {attempt}: {what}"
                )),
            }
        }
    }
    let seen: BTreeSet<String> = fields_of_owners().into_values().collect();
    let listed: BTreeSet<&str> = ALLOWED.lines().collect();
    let (known, unknown): (Vec<_>, Vec<_>) = seen
        .iter()
        .partition(|field| listed.contains(field.as_str()));
    let allowed = known.len();
    findings.extend(
        unknown.into_iter().map(|field| {
            format!("the owner's answers have a field that is not on the list: {field}")
        }),
    );
    Ok(Blindness {
        tried,
        refused,
        fields: seen.len(),
        allowed,
    })
}

/// Refused for want of a privilege, and for nothing else. The condition is asked for by name, as messages may be in
/// any language. EXPLAIN asks for the privilege and does not run, so even an attempt that succeeds changes nothing.
fn refusal(conn: &mut PgConnection, attempt: &str) -> Result<(), String> {
    let quoted = attempt.replace('\'', "''");
    conn.batch_execute(&format!(
        "DO $$ BEGIN EXECUTE '{quoted}'; RAISE EXCEPTION 'it was allowed'; \
         EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"
    ))
    .map_err(|error| error.to_string())
}

/// Of everything that an OWNER may ask: `operation field.of.the[].answer`, and the field as `Type.field`.
pub fn fields_of_owners() -> BTreeMap<String, String> {
    let document = serde_json::to_value(openapi()).unwrap_or_default();
    let mut walk = Walk {
        document: &document,
        fields: BTreeMap::new(),
    };
    let paths = document["paths"].as_object().into_iter().flatten();
    for (path, item) in paths {
        if !path.starts_with("/api/owner/") && path != "/api/me" {
            continue;
        }
        for operation in item.as_object().into_iter().flatten().map(|(_, of)| of) {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let answers = operation["responses"].as_object().into_iter().flatten();
            for (_, answer) in answers.filter(|(status, _)| status.starts_with('2')) {
                let schema = &answer["content"]["application/json"]["schema"];
                walk.visit(schema, &format!("{id} "), id, 0);
            }
        }
    }
    walk.fields
}

struct Walk<'a> {
    document: &'a Value,
    fields: BTreeMap<String, String>,
}

impl Walk<'_> {
    fn visit(&mut self, schema: &Value, at: &str, of: &str, depth: u8) {
        if depth > 12 {
            return;
        }
        if let Some(pointer) = schema["$ref"].as_str() {
            let document = self.document;
            if let Some(target) = document.pointer(pointer.trim_start_matches('#')) {
                let name = pointer.rsplit('/').next().unwrap_or_default();
                self.visit(target, at, name, depth + 1);
            }
            return;
        }
        for kind in ["allOf", "oneOf", "anyOf"] {
            let parts = schema[kind].as_array().into_iter().flatten();
            parts.for_each(|part| self.visit(part, at, of, depth + 1));
        }
        if let Some(items) = schema.get("items") {
            self.visit(items, &format!("{at}[]"), of, depth + 1);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let dot = if at.ends_with(' ') { "" } else { "." };
            let (at, of) = (format!("{at}{dot}{name}"), format!("{of}.{name}"));
            self.fields.insert(at.clone(), of.clone());
            self.visit(property, &at, &of, depth + 1);
        }
    }
}
