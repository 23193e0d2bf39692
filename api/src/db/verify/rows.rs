//! Rows: how many each company has in each table, whether one has no company, and whether one points at something
//! that is not there in its own company. Read in one snapshot as tracker_jobs, who may see keys and no content.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Context;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
};
use serde::Serialize;
use uuid::Uuid;

use crate::db::lint::UNDECLARED;
use crate::db::placement::{PLACEMENT, Place};

#[derive(Debug, Default, Serialize)]
pub struct Rows {
    pub tables: Vec<Table>,
    pub references: Vec<Reference>,
}

#[derive(Debug, Default, Serialize)]
pub struct Table {
    pub table: String,
    pub without_company: i64,
    pub companies: BTreeMap<Uuid, i64>,
}

/// A foreign key, or what is one without being declared.
#[derive(Debug, Serialize)]
pub struct Reference {
    pub name: String,
    pub orphans: i64,
}

impl Table {
    pub fn rows(&self) -> i64 {
        self.companies.values().sum::<i64>() + self.without_company
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let sum = |of: fn(&Table) -> i64| self.tables.iter().map(of).sum::<i64>();
        let companies = self.tables.iter().flat_map(|table| table.companies.keys());
        let orphans: i64 = self.references.iter().map(|of| of.orphans).sum();
        write!(
            f,
            "rows: {} in {} tables of {} companies, {} without a company\n\
             references: {} foreign keys and what is one undeclared, {orphans} orphans",
            sum(Table::rows),
            self.tables.len(),
            companies
                .collect::<std::collections::BTreeSet<_>>()
                .iter()
                .filter(|company| !company.is_nil())
                .count(),
            sum(|table| table.without_company),
            self.references.len()
        )
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    company_id: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    entries: i64,
}

#[derive(QueryableByName)]
struct Orphans {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    entries: i64,
}

#[derive(QueryableByName)]
struct Secret {
    #[diesel(sql_type = Text)]
    rel: String,
    #[diesel(embed)]
    count: Count,
}

pub(super) fn count(jobs_url: &str, findings: &mut Vec<String>) -> anyhow::Result<Rows> {
    let mut conn = PgConnection::establish(jobs_url).context("connecting to count rows")?;
    conn.batch_execute(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '30min'",
    )?;
    let rows = Rows {
        tables: tables(&mut conn)?,
        references: references(&mut conn)?,
    };
    for table in rows.tables.iter().filter(|table| table.without_company > 0) {
        // Owners, their links and what is throttled belong to no company.
        if !table.table.starts_with("auth.") {
            findings.push(format!(
                "{} has {} rows without a company",
                table.table, table.without_company
            ));
        }
    }
    for of in rows.references.iter().filter(|of| of.orphans > 0) {
        findings.push(format!(
            "{} points nowhere in its own company in {} rows",
            of.name, of.orphans
        ));
    }
    Ok(rows)
}

fn tables(conn: &mut PgConnection) -> anyhow::Result<Vec<Table>> {
    let mut tables = Vec::new();
    for &(rel, place) in PLACEMENT {
        if !matches!(place, Place::Tenant | Place::PlatformByCompany) {
            continue;
        }
        let company = if rel == "platform.companies" {
            "id"
        } else {
            "company_id"
        };
        let text =
            format!("SELECT {company} AS company_id, count(*) AS entries FROM {rel} GROUP BY 1");
        let counts: Vec<Count> = sql_query(text)
            .load(conn)
            .with_context(|| format!("counting the rows of {rel}"))?;
        tables.push(table(rel, counts));
    }
    let text = "SELECT rel, company_id, sum(entries)::bigint AS entries FROM auth.census() GROUP BY 1, 2 ORDER BY 1";
    let mut secrets: BTreeMap<String, Vec<Count>> = BTreeMap::new();
    for Secret { rel, count } in sql_query(text).load::<Secret>(conn)? {
        secrets.entry(rel).or_default().push(count);
    }
    tables.extend(secrets.into_iter().map(|(rel, counts)| table(&rel, counts)));
    Ok(tables)
}

fn table(rel: &str, counts: Vec<Count>) -> Table {
    let mut table = Table {
        table: rel.to_owned(),
        ..Table::default()
    };
    for count in counts {
        match count.company_id {
            Some(company) => drop(table.companies.insert(company, count.entries)),
            None => table.without_company = count.entries,
        }
    }
    table
}

/// Declared keys are looked at as well: one that was added under row security counts as valid without a look.
fn references(conn: &mut PgConnection) -> anyhow::Result<Vec<Reference>> {
    #[derive(QueryableByName)]
    struct Query {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let declared: Vec<Query> = sql_query(
        "SELECT format('SELECT %L AS name, count(*) AS entries FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)', \
           k.conrelid::regclass || ', ' || k.conname, k.conrelid::regclass, \
           string_agg(format('c.%I IS NOT NULL', a.attname), ' AND '), k.confrelid::regclass, \
           string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND ')) AS text \
         FROM pg_constraint k \
         CROSS JOIN LATERAL ROWS FROM (unnest(k.conkey), unnest(k.confkey)) AS u (own, other) \
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own \
         JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.other \
         WHERE k.contype = 'f' AND k.conparentid = 0 AND k.connamespace::regnamespace::text IN ('platform', 'tenant') \
         GROUP BY k.oid, k.conname, k.conrelid, k.confrelid ORDER BY k.conrelid::regclass::text, k.conname",
    )
    .load(conn)?;
    let undeclared = UNDECLARED.iter().map(|(child, own, parent, other)| {
        format!(
            "SELECT '{child} ({own}) in {parent}' AS name, count(*) AS entries FROM {child} c \
             WHERE NOT EXISTS (SELECT FROM {parent} p WHERE ({}) = ({}))",
            qualified("p", other),
            qualified("c", own)
        )
    });
    let people = "SELECT 'the person of ' || s.rel || ' in tenant.users' AS name, \
        count(*) FILTER (WHERE NOT EXISTS (SELECT FROM tenant.users u WHERE u.company_id = s.company_id AND u.id = s.user_id)) AS entries \
        FROM auth.census() s WHERE s.company_id IS NOT NULL AND s.user_id IS NOT NULL GROUP BY s.rel ORDER BY s.rel";
    let texts = declared
        .into_iter()
        .map(|query| query.text)
        .chain(undeclared)
        .chain([
            "SELECT foreign_key AS name, entries FROM auth.orphans()".to_owned(),
            people.to_owned(),
        ]);
    let mut references = Vec::new();
    for text in texts {
        let found: Vec<Orphans> = sql_query(&text)
            .load(conn)
            .with_context(|| format!("counting orphans: {text}"))?;
        references.extend(
            found
                .into_iter()
                .map(|Orphans { name, entries }| Reference {
                    name,
                    orphans: entries,
                }),
        );
    }
    Ok(references)
}

fn qualified(table: &str, columns: &str) -> String {
    let columns = columns
        .split(", ")
        .map(|column| format!("{table}.{column}"));
    columns.collect::<Vec<_>>().join(", ")
}
