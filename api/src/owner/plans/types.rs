//! What goes over the wire about a plan.

use chrono::{DateTime, Months, Utc};
use diesel::sql_types::{BigInt, Text};
use diesel::{Queryable, QueryableByName, Selectable};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Result;
use crate::db::schema::platform::plans;
use crate::http::error::{Error, FieldError};
use crate::http::json::given;
use crate::http::precondition::Versioned;

/// Prices of one plan: a dozen currencies by the month and by the year. Their change fits into an audit entry.
const MOST_PRICES: usize = 24;
const MOST: i64 = 1_000_000;
const MOST_DAYS: i64 = 3660;
const MOST_MINOR: i64 = 1_000_000_000_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PlansQuery {
    /// Those that can be chosen, or those that cannot be any more; all of them when absent.
    #[param(inline)]
    status: Option<Status>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Archived,
}

impl PlansQuery {
    pub(super) fn archived(&self) -> Option<bool> {
        self.status.map(|status| status == Status::Archived)
    }
}

/// A plan's name, in capitals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 2, max_length = 32, pattern = "^[A-Z][A-Z0-9_]{1,31}$", example = "TEAM")]
pub(super) struct PlanName(pub String);

impl TryFrom<String> for PlanName {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_word = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
        match begins && (2..=32).contains(&text.len()) && text.bytes().all(is_word) {
            true => Ok(Self(text)),
            false => Err(
                "plan_name_invalid: A plan's name is 2 to 32 capitals, digits and underscores, a letter first",
            ),
        }
    }
}

/// ISO 4217.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 3, max_length = 3, pattern = "^[A-Z]{3}$", example = "EUR")]
pub(crate) struct Currency(pub String);

impl TryFrom<String> for Currency {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            true => Ok(Self(text)),
            false => Err("currency_invalid: A currency is three capitals of ISO 4217, such as EUR"),
        }
    }
}

/// How often is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Period {
    Month,
    Year,
}

impl Period {
    /// As a row names it.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "year" => Self::Year,
            _ => Self::Month,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The end of a period that begins then: the same day of the month, or the month's last one.
    pub(crate) fn after(self, start: DateTime<Utc>) -> DateTime<Utc> {
        let months = match self {
            Self::Month => Months::new(1),
            Self::Year => Months::new(12),
        };
        start.checked_add_months(months).unwrap_or(start)
    }
}

/// What a plan costs in one currency when it is paid for one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Price {
    pub currency: Currency,
    pub period: Period,
    /// For the whole period, in the currency's minor units.
    #[schema(minimum = 0, maximum = 1000000000000_i64)]
    pub price_minor: i64,
}

impl Price {
    /// Whether this is what is paid in that currency for that period.
    pub(super) fn is_for(&self, currency: &str, period: Period) -> bool {
        self.currency.0 == currency && self.period == period
    }
}

/// How much a company may use.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = plans)]
pub(crate) struct Limits {
    /// Seats: active people and pending invitations.
    pub max_employees: i32,
    /// In units of 1,000,000,000 bytes.
    pub max_storage_gb: i32,
    /// For how many days records may be kept.
    pub retention_days: i32,
    /// How many days back reports may reach.
    pub history_days: i32,
}

/// What a plan includes, besides amounts.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = plans)]
#[serde(deny_unknown_fields)]
pub(crate) struct Features {
    /// Agents take and send pictures. Those that are there stay.
    pub screenshots: bool,
    /// Other programs come with API tokens.
    pub api_access: bool,
    pub webhooks: bool,
    pub exports: bool,
}

/// A plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Plan {
    pub id: Uuid,
    /// FREE, PRO, ENTERPRISE, or one the owner added.
    pub name: String,
    #[serde(flatten)]
    pub limits: Limits,
    pub features: Features,
    pub prices: Vec<Price>,
    /// Since when nobody can choose it any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<DateTime<Utc>>,
    /// Counts the changes; the `ETag` is this number in quotes.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Versioned for Plan {
    fn version(&self) -> String {
        self.version.to_string()
    }
}

impl Plan {
    /// What is paid in that currency for that period.
    pub(crate) fn price(&self, currency: &str, period: Period) -> Option<&Price> {
        self.prices
            .iter()
            .find(|price| price.is_for(currency, period))
    }

    /// What an owner decides of it, for the audit log.
    pub(super) fn terms(&self) -> Result<Map<String, Value>> {
        let whole = serde_json::to_value(self).map_err(anyhow::Error::from)?;
        let Value::Object(mut terms) = whole else {
            return Ok(Map::new());
        };
        for not_decided in ["id", "version", "created_at", "updated_at"] {
            terms.remove(not_decided);
        }
        Ok(terms)
    }
}

/// What was different before, and after.
pub(crate) fn difference(
    mut before: Map<String, Value>,
    mut after: Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    let same: Vec<String> = before
        .iter()
        .filter(|(name, value)| after.get(*name) == Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        before.remove(&name);
        after.remove(&name);
    }
    (before, after)
}

/// A plan in the list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanInUse {
    #[serde(flatten)]
    pub plan: Plan,
    /// Companies that have it, cancelled ones aside.
    pub companies: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPlan {
    pub name: PlanName,
    #[schema(minimum = 1, maximum = 1000000)]
    pub max_employees: i32,
    /// In units of 1,000,000,000 bytes.
    #[schema(minimum = 1, maximum = 1000000)]
    pub max_storage_gb: i32,
    #[schema(minimum = 1, maximum = 3660)]
    pub retention_days: i32,
    #[schema(minimum = 1, maximum = 3660)]
    pub history_days: i32,
    pub features: Features,
    /// One a currency and period; each currency has one by the month.
    #[schema(min_items = 1, max_items = 24)]
    pub prices: Vec<Price>,
}

impl NewPlan {
    pub(super) fn check(&self) -> Result<()> {
        let mut wrong = Vec::new();
        limit_faults(
            &mut wrong,
            Some(self.max_employees),
            Some(self.max_storage_gb),
            Some(self.retention_days),
            Some(self.history_days),
        );
        check_prices(&mut wrong, &self.prices);
        all_right(wrong)
    }
}

/// What shall be different; what is absent stays. `prices` replaces all of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanChanges {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub name: Option<PlanName>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 1000000)]
    pub max_employees: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 1000000)]
    pub max_storage_gb: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 3660)]
    pub retention_days: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 3660)]
    pub history_days: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub features: Option<FeatureChanges>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_items = 1, max_items = 24)]
    pub prices: Option<Vec<Price>>,
    /// True: nobody can choose it any more. False: it can be chosen again.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub archived: Option<bool>,
}

/// The features that shall be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeatureChanges {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub screenshots: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub api_access: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub webhooks: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub exports: Option<bool>,
}

impl PlanChanges {
    pub(super) fn check(&self) -> Result<()> {
        let mut wrong = Vec::new();
        limit_faults(
            &mut wrong,
            self.max_employees,
            self.max_storage_gb,
            self.retention_days,
            self.history_days,
        );
        if let Some(prices) = &self.prices {
            check_prices(&mut wrong, prices);
        }
        all_right(wrong)
    }
}

fn all_right(wrong: Vec<FieldError>) -> Result<()> {
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(wrong)),
    }
}

/// The same of limits that are no plan's.
pub(crate) fn check_limits(
    max_employees: Option<i32>,
    max_storage_gb: Option<i32>,
    retention_days: Option<i32>,
    history_days: Option<i32>,
) -> Result<()> {
    let mut wrong = Vec::new();
    limit_faults(
        &mut wrong,
        max_employees,
        max_storage_gb,
        retention_days,
        history_days,
    );
    all_right(wrong)
}

fn limit_faults(
    wrong: &mut Vec<FieldError>,
    max_employees: Option<i32>,
    max_storage_gb: Option<i32>,
    retention_days: Option<i32>,
    history_days: Option<i32>,
) {
    for (name, value, most) in [
        ("max_employees", max_employees, MOST),
        ("max_storage_gb", max_storage_gb, MOST),
        ("retention_days", retention_days, MOST_DAYS),
        ("history_days", history_days, MOST_DAYS),
    ] {
        if value.is_some_and(|value| !(1..=most).contains(&i64::from(value))) {
            wrong.push(FieldError {
                pointer: format!("/{name}"),
                code: "limit_out_of_range".into(),
                detail: format!("A whole number from 1 to {most} is wanted"),
            });
        }
    }
}

fn check_prices(wrong: &mut Vec<FieldError>, prices: &[Price]) {
    let mut says = |at: &str, code: &str, detail: String| {
        wrong.push(FieldError {
            pointer: format!("/prices{at}"),
            code: code.into(),
            detail,
        });
    };
    if !(1..=MOST_PRICES).contains(&prices.len()) {
        let detail = format!("A plan has 1 to {MOST_PRICES} prices");
        return says("", "prices_out_of_range", detail);
    }
    for (at, price) in prices.iter().enumerate() {
        let Price {
            currency: Currency(currency),
            period,
            price_minor,
        } = price;
        if !(0..=MOST_MINOR).contains(price_minor) {
            let detail = format!("A whole number from 0 to {MOST_MINOR} is wanted");
            says(&format!("/{at}/price_minor"), "price_out_of_range", detail);
        }
        if prices
            .iter()
            .take(at)
            .any(|other| other.is_for(currency, *period))
        {
            let detail = format!("There is a price in {currency} for that period already");
            says(&format!("/{at}"), "price_twice", detail);
        }
        if !prices
            .iter()
            .any(|other| other.is_for(currency, Period::Month))
        {
            let detail = format!("{currency} needs a price by the month as well");
            says(&format!("/{at}"), "price_by_month_missing", detail);
        }
    }
}

/// A price as its row has it.
#[derive(QueryableByName)]
pub(super) struct PriceRow {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub plan_id: Uuid,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = BigInt)]
    price_minor: i64,
}

impl From<PriceRow> for Price {
    fn from(row: PriceRow) -> Self {
        Self {
            currency: Currency(row.currency),
            period: Period::of(&row.period),
            price_minor: row.price_minor,
        }
    }
}
