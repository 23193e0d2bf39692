//! `tracker verify`: everything that shows whether companies are kept apart, read without changing anything. The
//! catalogue is the lint's; here come the rows, the plans of hot statements, the stored objects, and, when asked, what
//! the owner's role is refused. Each database part is one read-only transaction with the least role that can see it.

mod blindness;
mod objects;
mod plans;
mod rows;

use std::fmt;

use serde_json::{Value, json};

pub use self::blindness::fields_of_owners;

use self::blindness::Blindness;
use self::objects::Inventory;
use self::plans::Plan;
use self::rows::Rows;
use super::{lint, roles::Login};
use crate::config::Config;
use crate::objects::Objects;
use crate::server::Database;

/// Of findings of one kind only so many are told one by one.
const TOLD: usize = 20;

/// What was looked at and what was found.
#[derive(Debug)]
pub struct Report {
    pub catalogue: lint::Report,
    pub rows: Rows,
    pub plans: Vec<Plan>,
    pub objects: Option<Inventory>,
    pub blindness: Option<Blindness>,
    pub findings: Vec<String>,
}

/// What is looked at besides the database's own catalogue, rows and plans.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// The store, which whoever migrates need not reach.
    pub objects: bool,
    /// What the owner's role is refused.
    pub blindness: bool,
}

pub async fn verify(
    database: &Database,
    config: &Config,
    wanted: Wanted,
) -> anyhow::Result<Report> {
    let url = |login: Login| database.url_of(login, config);
    let catalogue = lint::lint(&url(Login::Jobs)?)?;
    let mut findings = catalogue.findings.clone();
    let rows = rows::count(&url(Login::Jobs)?, &mut findings)?;
    let plans = plans::explain(&url(Login::Web)?, &mut findings)?;
    let objects = match wanted.objects {
        true => {
            let store = Objects::open(config)?;
            Some(objects::compare(&url(Login::Jobs)?, &store, &mut findings).await?)
        }
        false => None,
    };
    let blindness = match wanted.blindness {
        true => Some(blindness::try_everything(
            &url(Login::Platform)?,
            &mut findings,
        )?),
        false => None,
    };
    Ok(Report {
        catalogue,
        rows,
        plans,
        objects,
        blindness,
        findings,
    })
}

impl Report {
    /// Single questions that were asked.
    pub fn checked(&self) -> usize {
        let (objects, blindness) = (self.objects.as_ref(), self.blindness.as_ref());
        self.catalogue.rules
            + self.catalogue.access
            + self.rows.tables.len()
            + self.rows.references.len()
            + self.plans.len()
            + objects.map_or(0, |seen| seen.objects + seen.rows)
            + blindness.map_or(0, |seen| seen.tried + seen.fields)
    }

    pub fn json(&self) -> Value {
        json!({
            "checked": self.checked(),
            "findings": self.findings.len(),
            "found": self.findings,
            "catalogue": self.catalogue,
            "rows": self.rows,
            "plans": self.plans,
            "objects": self.objects,
            "blindness": self.blindness,
        })
    }

    /// Every table, reference and plan, a line each.
    pub fn details(&self) -> String {
        let mut lines = Vec::new();
        for table in &self.rows.tables {
            let without = table.without_company;
            lines.push(format!(
                "{}: {} rows, {without} without a company",
                table.table,
                table.rows()
            ));
            let companies = table.companies.iter();
            lines.extend(companies.map(|(company, rows)| format!("  {company}: {rows}")));
        }
        let references = self.rows.references.iter();
        lines.extend(references.map(|of| format!("{}: {} orphans", of.name, of.orphans)));
        lines.extend(self.plans.iter().map(|plan| {
            let by = plan.indexes.join(", ");
            format!("{}: {}\n  by {by}", plan.role, plan.statement)
        }));
        lines.join("\n")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "{}", self.catalogue.summary())?;
        writeln!(f, "{}", self.rows)?;
        let scans: usize = self.plans.iter().map(|plan| plan.indexes.len()).sum();
        writeln!(
            f,
            "plans: {} statements of requests, {scans} scans by an index that begins with the company",
            self.plans.len()
        )?;
        if let Some(objects) = &self.objects {
            writeln!(f, "{objects}")?;
        }
        if let Some(blindness) = &self.blindness {
            writeln!(f, "{blindness}")?;
        }
        writeln!(f, "checked: {}", self.checked())?;
        writeln!(f, "found: {}", self.findings.len())?;
        self.findings
            .iter()
            .try_for_each(|finding| writeln!(f, "  {finding}"))
    }
}

/// Adds the first of them by name and the rest by number.
fn tell(findings: &mut Vec<String>, kind: &str, names: &[String]) {
    let first = names.iter().take(TOLD);
    findings.extend(first.map(|name| format!("{name} {kind}")));
    if let Some(more) = names.len().checked_sub(TOLD).filter(|more| *more > 0) {
        findings.push(format!("and {more} more: {kind}"));
    }
}
