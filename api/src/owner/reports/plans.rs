//! How companies are distributed over plans.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::history::History;
use super::months::{Month, Range};
use super::overview::StatusCounts;
use crate::Result;
use crate::db::schema::platform::plans;

/// Companies by plan and status, at the end of the last month or now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlansReport {
    pub to: Month,
    pub as_of: DateTime<Utc>,
    /// Those that any company has, the most used first.
    pub plans: Vec<PlanShare>,
}

/// Who has a plan.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanShare {
    pub plan_id: Uuid,
    pub plan: String,
    /// Cancelled and expired ones aside.
    pub companies: i64,
    #[serde(flatten)]
    pub counts: StatusCounts,
}

/// What the histories say, before the plans' names are looked up.
pub(super) struct Folded {
    range: Range,
    counts: HashMap<Uuid, StatusCounts>,
}

pub(super) fn fold(history: &History, range: Range) -> Folded {
    let mut counts: HashMap<Uuid, StatusCounts> = HashMap::new();
    history.each(range.to, range.end(), |company| {
        if let Some(terms) = company.at_end_of(range.to) {
            counts.entry(terms.plan).or_default().add(terms.status);
        }
    });
    Folded { range, counts }
}

impl Folded {
    pub(super) fn report(self, conn: &mut PgConnection) -> Result<PlansReport> {
        let names = names(conn)?;
        let mut plans: Vec<PlanShare> = self
            .counts
            .into_iter()
            .map(|(plan_id, counts)| PlanShare {
                plan_id,
                plan: names.get(&plan_id).cloned().unwrap_or_default(),
                companies: counts.total() - counts.cancelled - counts.expired,
                counts,
            })
            .collect();
        plans.sort_by(|a, b| (-a.companies, &a.plan).cmp(&(-b.companies, &b.plan)));
        Ok(PlansReport {
            to: self.range.to,
            as_of: self.range.now,
            plans,
        })
    }
}

/// Plans' names, archived ones' as well.
pub(super) fn names(conn: &mut PgConnection) -> Result<HashMap<Uuid, String>> {
    let all: Vec<(Uuid, String)> = plans::table.select((plans::id, plans::name)).load(conn)?;
    Ok(all.into_iter().collect())
}
