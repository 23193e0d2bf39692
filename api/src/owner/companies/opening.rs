//! How a company begins, whoever makes it: its row on trial, its first key, its history.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use serde_json::json;
use uuid::Uuid;

use crate::Result;
use crate::db::schema::platform::{companies, company_overview};
use crate::http::error::Error;
use crate::owner::company_keys::NewKey;
use crate::owner::plans::{self, Period};
use crate::owner::subscriptions::{self, Price};

/// Days a new company may try the product unless somebody says otherwise.
pub(crate) const TRIAL_DAYS: i32 = 14;

/// How long a trial may be made; else an error of the field `trial_days`.
pub(crate) fn must_be_trial(days: i32) -> Result<i32> {
    match (1..=366).contains(&days) {
        true => Ok(days),
        false => Err(Error::invalid(
            "/trial_days",
            "trial_days_invalid",
            "A trial lasts 1 to 366 days",
        )),
    }
}

/// What has to be known of a company before there is one.
pub(crate) struct Opening {
    pub id: Uuid,
    pub name: String,
    /// One that nobody has; proposed from the name when absent.
    pub slug: Option<String>,
    pub admin_email: String,
    pub plan: String,
    pub currency: String,
    pub period: Period,
    pub time_zone: String,
    pub trial_days: i32,
}

impl Opening {
    /// Makes it in the owner's name; the nil owner is the system. Gives what the audit entry says of it.
    pub fn make(
        self,
        conn: &mut PgConnection,
        key: NewKey,
        owner: Uuid,
    ) -> Result<serde_json::Value> {
        let plan = plans::choose(conn, &self.plan)?;
        plans::price(conn, &plan, (&self.currency, self.period))?;
        let slug = match self.slug {
            Some(slug) => slug,
            None => own_slug(conn, &self.name, self.id)?,
        };
        let trial_ends_at = Utc::now() + Duration::days(self.trial_days.into());
        diesel::insert_into(companies::table)
            .values((
                companies::id.eq(self.id),
                companies::name.eq(&self.name),
                companies::slug.eq(&slug),
                companies::status.eq("TRIAL"),
                companies::plan_id.eq(plan.id),
                companies::admin_email.eq(&self.admin_email),
                companies::time_zone.eq(&self.time_zone),
                companies::currency.eq(&self.currency),
                companies::period.eq(self.period.name()),
                companies::trial_ends_at.eq::<DateTime<Utc>>(trial_ends_at),
            ))
            .execute(conn)?;
        diesel::insert_into(company_overview::table)
            .values(company_overview::company_id.eq(self.id))
            .execute(conn)?;
        subscriptions::append(conn, self.id, "created", owner, None, Price::OfPlan)?;
        key.insert(conn, self.id, None)?;
        Ok(
            json!({ "after": { "name": self.name, "slug": slug, "plan": plan.name, "currency": self.currency,
            "period": self.period, "time_zone": self.time_zone, "trial_ends_at": trial_ends_at } }),
        )
    }
}

/// Whether a company has it already.
pub(super) fn is_taken(conn: &mut PgConnection, slug: &str) -> Result<bool> {
    let known = companies::table.filter(companies::slug.eq(slug));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(conn)?)
}

/// The slug itself, else with the first number that nobody has. Who finds a thousand of them taken thinks of another one.
pub(super) fn free_slug(conn: &mut PgConnection, slug: &str) -> Result<String> {
    #[derive(QueryableByName)]
    struct Free {
        #[diesel(sql_type = Text)]
        slug: String,
    }
    // Room for the number below the sixty letters that a slug has.
    let base: String = slug.chars().take(55).collect();
    let free: Option<Free> = sql_query(
        "SELECT slug FROM (SELECT CASE n WHEN 1 THEN $1 ELSE $2 || '-' || n END AS slug, n FROM generate_series(1, 1000) n) wanted \
         WHERE NOT EXISTS (SELECT FROM platform.companies c WHERE c.slug = wanted.slug) ORDER BY n LIMIT 1",
    )
    .bind::<Text, _>(slug)
    .bind::<Text, _>(base.trim_end_matches('-'))
    .get_result(conn)
    .optional()?;
    Ok(free.map_or_else(|| slug.to_owned(), |free| free.slug))
}

/// For whoever does not choose one.
fn own_slug(conn: &mut PgConnection, name: &str, id: Uuid) -> Result<String> {
    let slug = slug(name);
    if !is_taken(conn, &slug)? {
        return Ok(slug);
    }
    // The random end of the id: two companies of one name are told apart, and nothing is counted.
    let id = id.simple().to_string();
    Ok(format!("{slug}-{}", id.get(24..).unwrap_or(&id)))
}

/// Lower-case letters and digits with single hyphens: `Ada & Söhne GmbH` becomes `ada-s-hne-gmbh`.
pub(super) fn slug(name: &str) -> String {
    let words = name.to_lowercase();
    let words = words
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let slug: String = words
        .collect::<Vec<_>>()
        .join("-")
        .chars()
        .take(60)
        .collect();
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "company".into()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_slug_is_plain_and_never_empty() {
        assert_eq!(super::slug("Ada & Söhne  GmbH!"), "ada-s-hne-gmbh");
        assert_eq!(super::slug("株式会社"), "company");
        assert_eq!(super::slug(&"ab ".repeat(100)).len(), 59);
        assert_eq!(super::slug("already-a-slug-7"), "already-a-slug-7");
    }
}
