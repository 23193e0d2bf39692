//! What goes over the wire about a company, and the one company read whole.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Result;
use crate::http::error::Error;
use crate::http::json::given;
use crate::http::sheet::{self, Cell};
use crate::http::text::{Email, Line, TimeZone};
use crate::jobs::erasures::CHANGE_OF_MIND;
use crate::mail::MailWay;
use crate::owner::plan_changes::PlannedChange;
use crate::owner::plans::{Currency, Period};

use super::opening::{self, Opening, TRIAL_DAYS};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCompany {
    pub name: Line<120>,
    /// Gets the invitation to be the company's first admin.
    pub admin_email: Email,
    #[schema(example = "PRO")]
    pub plan: Line<32>,
    pub time_zone: TimeZone,
    /// One that the plan has a price in; USD when absent.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub currency: Option<Currency>,
    /// By the month when absent.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub period: Option<Period>,
    /// Short name for addresses and files; proposed from the name when absent.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub slug: Option<Slug>,
    /// Days on trial.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 366, default = 14)]
    pub trial_days: Option<i32>,
}

impl NewCompany {
    pub fn opening(self, id: Uuid) -> Result<Opening> {
        let trial_days = opening::must_be_trial(self.trial_days.unwrap_or(TRIAL_DAYS))?;
        Ok(Opening {
            id,
            name: self.name.0,
            slug: self.slug.map(|Slug(slug)| slug),
            admin_email: self.admin_email.0,
            plan: self.plan.0,
            currency: self.currency.map_or_else(|| "USD".into(), |one| one.0),
            period: self.period.unwrap_or(Period::Month),
            time_zone: self.time_zone.0,
            trial_days,
        })
    }
}

/// Lower-case letters and digits with single hyphens between them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 60, pattern = "^[a-z0-9](-?[a-z0-9])*$", example = "acme")]
pub(super) struct Slug(pub String);

impl TryFrom<String> for Slug {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match opening::slug(&text) == text {
            true => Ok(Self(text)),
            false => Err(
                "slug_invalid: A slug is 1 to 60 lower-case letters, digits and single hyphens between them",
            ),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SlugQuery {
    /// A company's name, or a slug.
    #[param(inline)]
    pub of: Line<120>,
}

/// A slug, and whether a company can have it.
#[derive(Serialize, ToSchema)]
pub(super) struct ProposedSlug {
    pub slug: String,
    pub is_free: bool,
    /// The slug, or with the first number that makes it free.
    pub free_slug: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SuspendCompany {
    pub reason: Line<500>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    pub reason: Option<Line<500>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExtendTrial {
    pub until: DateTime<Utc>,
}

/// A company in the owner's list: counts only.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct Company {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    slug: String,
    /// TRIAL, ACTIVE, SUSPENDED, EXPIRED or CANCELLED.
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    plan: String,
    /// Seats in use: active people and pending invitations.
    #[diesel(sql_type = Integer)]
    employees_active: i32,
    #[diesel(sql_type = Integer)]
    max_employees: i32,
    #[diesel(sql_type = BigInt)]
    active_minutes_30d: i64,
    #[diesel(sql_type = BigInt)]
    sessions_30d: i64,
    #[diesel(sql_type = BigInt)]
    screenshots_30d: i64,
    #[diesel(sql_type = BigInt)]
    storage_bytes: i64,
    #[diesel(sql_type = BigInt)]
    max_storage_bytes: i64,
    /// The last good call of an agent; absent when there was none.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sync_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    #[serde(skip)]
    pub as_of: DateTime<Utc>,
    /// The value the list is sorted by, as text, for its cursor.
    #[diesel(sql_type = Text)]
    #[serde(skip)]
    pub sort_value: String,
}

/// What the list's file has in each row: the fields' own names, times in UTC.
pub(super) const SHEET: [&str; 14] = [
    "id",
    "name",
    "slug",
    "status",
    "plan",
    "employees_active",
    "max_employees",
    "active_minutes_30d",
    "sessions_30d",
    "screenshots_30d",
    "storage_bytes",
    "max_storage_bytes",
    "last_sync_at",
    "created_at",
];

impl Company {
    pub fn into_row(self) -> sheet::Row {
        vec![
            Cell::Text(self.id.to_string()),
            Cell::Text(self.name),
            Cell::Text(self.slug),
            Cell::Text(self.status),
            Cell::Text(self.plan),
            Cell::Number(self.employees_active.into()),
            Cell::Number(self.max_employees.into()),
            Cell::Number(self.active_minutes_30d),
            Cell::Number(self.sessions_30d),
            Cell::Number(self.screenshots_30d),
            Cell::Number(self.storage_bytes),
            Cell::Number(self.max_storage_bytes),
            self.last_sync_at.map_or(Cell::Empty, Cell::Time),
            Cell::Time(self.created_at),
        ]
    }
}

/// A page of companies.
#[derive(Serialize, ToSchema)]
pub(super) struct CompanyPage {
    pub items: Vec<Company>,
    pub next_cursor: Option<String>,
    /// When the oldest numbers of the page were counted.
    pub as_of: DateTime<Utc>,
}

/// A company whole.
#[derive(Serialize, ToSchema)]
pub(in crate::owner) struct CompanyDetail {
    #[serde(flatten)]
    company: Company,
    time_zone: String,
    /// As typed when the company was created.
    admin_email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    trial_ends_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<DateTime<Utc>>,
    /// Until then nothing of a cancelled company is erased: its owner may change their mind.
    #[serde(skip_serializing_if = "Option::is_none")]
    revocable_until: Option<DateTime<Utc>>,
    /// When the numbers were counted.
    as_of: DateTime<Utc>,
    subscription: CurrentSubscription,
    /// The plan that the company gets at the end of its period, if another was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_change: Option<PlannedChange>,
    key: KeyInUse,
}

/// What the company pays now.
#[derive(Serialize, QueryableByName, ToSchema)]
struct CurrentSubscription {
    #[diesel(sql_type = Text)]
    plan: String,
    /// For a period, in the currency's minor units: as agreed, whatever the plan costs by now.
    #[diesel(sql_type = BigInt)]
    price_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    /// `month` or `year`.
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
}

/// The key agents use, and those it replaced while one still works.
#[derive(Serialize, ToSchema)]
struct KeyInUse {
    /// The key's beginning.
    prefix: String,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
    devices: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_key_expires_at: Option<DateTime<Utc>>,
    /// Devices that still use an old key.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_key_devices: Option<i32>,
}

/// The answer to a creation: the only time key and link are shown together.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedCompany {
    pub company: CompanyDetail,
    /// Absent from a replayed answer, like the link; it can be revealed.
    #[schema(required = false)]
    pub company_key: String,
    #[schema(required = false)]
    pub invitation_url: String,
    /// What becomes of the mail with the invitation.
    pub mail: MailWay,
}

/// The columns of `Company`, from `c` (companies), `p` (plans), `x` (overrides) and `o` (overview).
pub(super) const COLUMNS: &str = "c.id, c.name, c.slug, c.status, p.name AS plan, o.employees_active, \
    coalesce(x.max_employees, p.max_employees) AS max_employees, \
    o.active_seconds_30d / 60 AS active_minutes_30d, o.sessions_30d, o.screenshots_30d, o.storage_bytes, \
    coalesce(x.max_storage_gb, p.max_storage_gb)::bigint * 1000000000 AS max_storage_bytes, o.last_sync_at, c.created_at, o.updated_at AS as_of";

pub(super) const TABLES: &str = "platform.companies c JOIN platform.plans p ON p.id = c.plan_id \
    JOIN platform.company_overview o ON o.company_id = c.id LEFT JOIN platform.company_overrides x ON x.company_id = c.id";

#[derive(QueryableByName)]
struct More {
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Text)]
    admin_email: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    trial_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    suspended_reason: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    cancelled_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    prefix: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_used_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    devices: i32,
}

pub(in crate::owner) fn detail(conn: &mut PgConnection, id: Uuid) -> Result<CompanyDetail> {
    let company: Company = sql_query(format!(
        "SELECT {COLUMNS}, '' AS sort_value FROM {TABLES} WHERE c.id = $1"
    ))
    .bind::<SqlUuid, _>(id)
    .get_result(conn)?;
    let more: More = sql_query(
        "SELECT time_zone, admin_email, trial_ends_at, expires_at, suspended_reason, cancelled_at FROM platform.companies WHERE id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(conn)?;
    let subscription = sql_query(
        "SELECT p.name AS plan, s.price_minor, s.currency, s.period, s.starts_at FROM platform.subscriptions s \
         JOIN platform.plans p ON p.id = s.plan_id WHERE s.company_id = $1 ORDER BY s.id DESC LIMIT 1",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(conn)?;
    let planned_change = PlannedChange::of(conn, id)?;
    let keys: Vec<Key> = sql_query(
        "SELECT k.prefix, k.created_at, k.expires_at, u.last_used_at, coalesce(u.devices, 0) AS devices \
         FROM auth.company_keys_of($1) k \
         LEFT JOIN platform.company_key_usage u ON u.company_id = $1 AND u.key_id = k.id ORDER BY k.created_at DESC",
    )
    .bind::<SqlUuid, _>(id)
    .load(conn)?;
    let mut keys = keys.into_iter();
    let now = keys.next().ok_or(Error::NotFound)?;
    // Replaced more than once within a grace, there are several of them.
    let old: Vec<Key> = keys.collect();
    let More {
        time_zone,
        admin_email,
        trial_ends_at,
        expires_at,
        suspended_reason,
        cancelled_at,
    } = more;
    let key = KeyInUse {
        prefix: now.prefix,
        created_at: now.created_at,
        last_used_at: now.last_used_at,
        devices: now.devices,
        old_key_expires_at: old.iter().filter_map(|old| old.expires_at).max(),
        old_key_devices: (!old.is_empty()).then(|| old.iter().map(|old| old.devices).sum()),
    };
    let as_of = company.as_of;
    Ok(CompanyDetail {
        company,
        time_zone,
        admin_email,
        trial_ends_at,
        expires_at,
        suspended_reason,
        cancelled_at,
        revocable_until: cancelled_at.map(|at| at + CHANGE_OF_MIND),
        as_of,
        subscription,
        planned_change,
        key,
    })
}
