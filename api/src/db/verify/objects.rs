//! Stored objects against the rows that name them, company by company. A row is written before its objects and is
//! ready after them, so objects are listed first, and what seems to be missing is asked for once more.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use anyhow::Context;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
};
use serde::Serialize;
use uuid::Uuid;

use super::tell;
use crate::objects::Objects;

#[derive(Debug, Default, Serialize)]
pub struct Inventory {
    /// Files in the store.
    pub objects: usize,
    /// Rows that name two of them each.
    pub rows: usize,
    /// Of these rows the ones whose upload is not complete.
    pub pending: usize,
    pub without_row: usize,
    pub without_object: usize,
}

impl fmt::Display for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "objects: {} stored, {} without a row; {} rows ({} pending), {} objects missing",
            self.objects, self.without_row, self.rows, self.pending, self.without_object
        )
    }
}

#[derive(QueryableByName)]
struct Company {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Bool)]
    is_ready: bool,
    #[diesel(sql_type = Text)]
    object_key: String,
    #[diesel(sql_type = Text)]
    thumbnail_key: String,
}

pub(super) async fn compare(
    jobs_url: &str,
    store: &Objects,
    findings: &mut Vec<String>,
) -> anyhow::Result<Inventory> {
    let mut inventory = Inventory::default();
    let (mut alone, mut missing, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
    let mut prefixes: BTreeSet<String> = BTreeSet::new();
    let top = store.level("").await.context("listing objects")?;
    alone.extend(top.objects);
    for folder in top.folders {
        match folder.as_str() {
            "c" => prefixes.extend(store.level("c").await?.folders),
            _ => alone.extend(store.below(&folder).await?),
        }
    }
    inventory.objects += alone.len();
    let mut conn = PgConnection::establish(jobs_url).context("connecting to read object keys")?;
    // Each statement sees what is committed when it begins: objects of this moment need rows of the next.
    conn.batch_execute("SET default_transaction_read_only = on; SET statement_timeout = '30min'")?;
    let companies: Vec<Company> = sql_query("SELECT id FROM platform.companies").load(&mut conn)?;
    prefixes.extend(companies.iter().map(|company| prefix(company.id)));
    for prefix in prefixes {
        let objects = store.below(&prefix).await?;
        inventory.objects += objects.len();
        let company = prefix
            .strip_prefix("c/")
            .and_then(|id| id.parse::<Uuid>().ok());
        let rows = match company {
            Some(company) => rows(&mut conn, company)?,
            None => Vec::new(),
        };
        inventory.rows += rows.len();
        inventory.pending += rows.iter().filter(|row| !row.is_ready).count();
        let named: HashSet<&str> = rows.iter().flat_map(Row::keys).collect();
        let stored: HashSet<&str> = objects.iter().map(String::as_str).collect();
        let unnamed = objects.iter().filter(|key| !named.contains(key.as_str()));
        alone.extend(unnamed.cloned());
        for key in rows.iter().filter(|row| row.is_ready).flat_map(Row::keys) {
            if !stored.contains(key) && store.get(key).await?.is_none() {
                missing.push(key.to_owned());
            }
        }
        let outside = named
            .iter()
            .filter(|key| !key.starts_with(&format!("{prefix}/")));
        elsewhere.extend(outside.map(|key| (*key).to_owned()));
    }
    (inventory.without_row, inventory.without_object) = (alone.len(), missing.len());
    tell(findings, "is an object without a row", &alone);
    tell(findings, "is named by a row and not stored", &missing);
    tell(findings, "is named by a row of another company", &elsewhere);
    Ok(inventory)
}

fn prefix(company: Uuid) -> String {
    format!("c/{company}")
}

impl Row {
    fn keys(&self) -> [&str; 2] {
        [&self.object_key, &self.thumbnail_key]
    }
}

fn rows(conn: &mut PgConnection, company: Uuid) -> anyhow::Result<Vec<Row>> {
    Ok(sql_query(
        "SELECT state = 'ready' AS is_ready, object_key, thumbnail_key FROM tenant.screenshots \
         WHERE company_id = $1 AND state <> 'deleted'",
    )
    .bind::<SqlUuid, _>(company)
    .load(conn)?)
}
