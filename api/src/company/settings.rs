//! What the company decided about recording, and what teams and people have other than it. The server keeps to a change at
//! once; each agent hears of it with the answer to its next call.

pub(crate) mod effective;
pub(crate) mod overrides;
mod retention;

use actix_web::{get, patch, web::Data};
use chrono::{DateTime, NaiveTime, Timelike, Utc};
use diesel::sql_types::{Array, Bool, Integer, SmallInt, Text, Time, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use regex::RegexBuilder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::audit;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, given};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Admin, Tenant};
use crate::http::text::Line;
use crate::tracking::upload::redaction::RULE_SIZE;

/// Seconds between two screenshots.
const INTERVALS: std::ops::RangeInclusive<i32> = 60..=86_400;
const IDLE_THRESHOLDS: std::ops::RangeInclusive<i32> = 30..=3_600;
const MOST_RULES: usize = 100;
const RETENTIONS: std::ops::RangeInclusive<i32> = 1..=3_660;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_settings).service(change_settings);
    effective::routes(api);
    overrides::routes(api);
    retention::routes(api);
}

/// What is recorded of everybody in the company.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct CompanySettings {
    #[diesel(sql_type = Bool)]
    screenshots_enabled: bool,
    /// On average: each falls on a random moment of its stretch.
    #[diesel(sql_type = Integer)]
    screenshot_interval_seconds: i32,
    /// On the device, before anything is stored.
    #[diesel(sql_type = Bool)]
    blur_screenshots: bool,
    /// Whether admins may open the original of a picture that was not blurred on the device, each time with a reason that the
    /// person reads. Else only the person sees it.
    #[diesel(sql_type = Bool)]
    originals_shown: bool,
    /// Whether people may delete pictures of themselves, each with a reason. Tracked and active time stay.
    #[diesel(sql_type = Bool)]
    employees_may_delete_screenshots: bool,
    /// Without input for so long a person counts as idle, back to the last input.
    #[diesel(sql_type = Integer)]
    idle_threshold_seconds: i32,
    /// Days on which is recorded: 1 is Monday, 7 Sunday.
    #[diesel(sql_type = Array<SmallInt>)]
    tracking_days: Vec<i16>,
    /// From this time of the company's clock on.
    #[diesel(sql_type = Time)]
    #[schema(value_type = String, example = "09:00:00")]
    tracking_from: NaiveTime,
    /// Up to this time; before `tracking_from` it is one of the next day.
    #[diesel(sql_type = Time)]
    #[schema(value_type = String, example = "17:30:00")]
    tracking_to: NaiveTime,
    /// Titles of windows and pages; without them only which application and which host.
    #[diesel(sql_type = Bool)]
    record_titles: bool,
    /// The path of a page besides its host.
    #[diesel(sql_type = Bool)]
    record_paths: bool,
    /// Regular expressions. Of a window neither title nor screenshot is kept where one of them is found in its title, its application
    /// or its site; of a page also no path.
    #[diesel(sql_type = Array<Text>)]
    redaction_rules: Vec<String>,
    /// For so many whole days before today screenshots are kept; each night deletes older ones.
    #[diesel(sql_type = Integer)]
    screenshot_retention_days: i32,
    /// The same of titles, pages and minutes. The sums of the days stay.
    #[diesel(sql_type = Integer)]
    usage_retention_days: i32,
    /// Whether employees may say what they did that no device saw. Admins always may, for anybody.
    #[diesel(sql_type = Bool)]
    manual_time_allowed: bool,
    /// Whether an admin must approve what an employee says before it counts.
    #[diesel(sql_type = Bool)]
    manual_time_approval: bool,
    /// What leads see of their teams: `people` and each one's records but no screenshots, or `team_sums`, of days on which at
    /// least five people besides the lead have time.
    #[diesel(sql_type = Text)]
    leads_see: String,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    /// Counts changes; `If-Match` names it.
    #[diesel(sql_type = Integer)]
    version: i32,
    /// Whether the company's plan includes screenshots at all.
    #[diesel(sql_type = Bool)]
    plan_has_screenshots: bool,
    /// The most days that the company's plan lets it keep records. What was chosen under a larger plan stays until it is
    /// changed.
    #[diesel(sql_type = Integer)]
    max_retention_days: i32,
}

impl Versioned for CompanySettings {
    fn version(&self) -> String {
        let Self {
            version,
            plan_has_screenshots,
            max_retention_days,
            ..
        } = self;
        format!("{version}-{plan_has_screenshots}-{max_retention_days}")
    }
}

/// What the company's plan says of its settings.
#[derive(Clone, Copy)]
struct Plan {
    has_screenshots: bool,
    max_retention_days: i32,
}

impl Plan {
    fn of(session: &Tenant<Admin>) -> Self {
        Self {
            has_screenshots: session.company.screenshots,
            max_retention_days: session.company.retention_days,
        }
    }
}

/// A time that a clock on the wall shows. The parser of times takes half seconds and the 60th as well, which the database
/// would give back as another time.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$", example = "09:00:00")]
struct TimeOfDay(NaiveTime);

impl TryFrom<String> for TimeOfDay {
    type Error = &'static str;
    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let time = NaiveTime::parse_from_str(&text, "%H:%M:%S").ok();
        time.filter(|time| time.nanosecond() == 0 && text.len() == "17:30:00".len())
            .map(Self)
            .ok_or("time_invalid: A time of the day looks like 17:30:00")
    }
}

/// What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CompanySettingsChanges {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    screenshots_enabled: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 60, maximum = 86400)]
    screenshot_interval_seconds: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    blur_screenshots: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    originals_shown: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    employees_may_delete_screenshots: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 30, maximum = 3600)]
    idle_threshold_seconds: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_items = 1, max_items = 7)]
    tracking_days: Option<Vec<i16>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    tracking_from: Option<TimeOfDay>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    tracking_to: Option<TimeOfDay>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    record_titles: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    record_paths: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_items = 100)]
    redaction_rules: Option<Vec<Line<200>>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 3660)]
    screenshot_retention_days: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 3660)]
    usage_retention_days: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    manual_time_allowed: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    manual_time_approval: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    leads_see: Option<LeadsSee>,
}

/// What leads see of their teams.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LeadsSee {
    People,
    TeamSums,
}

impl LeadsSee {
    fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::TeamSums => "team_sums",
        }
    }
}

/// Show what is recorded in the company.
#[utoipa::path(responses((status = 200, body = CompanySettings)))]
#[get("/settings")]
async fn show_settings(
    session: Tenant<Admin>,
    state: Data<State>,
) -> Result<Tagged<CompanySettings>> {
    let plan = Plan::of(&session);
    let show = move |mut tx: Tx| {
        seen(&mut tx)?;
        load(&mut tx, plan)
    };
    state.db.tenant(&session, show).await.map(Tagged)
}

/// Notes for the first steps that an admin has looked at them: once, and then never again.
fn seen(tx: &mut Tx) -> Result<()> {
    sql_query(
        "UPDATE tenant.company_settings SET seen_at = now() WHERE company_id = $1 AND seen_at IS NULL",
    )
    .bind::<SqlUuid, _>(tx.company)
    .execute(tx.conn)?;
    Ok(())
}

/// Change what is recorded in the company, from now on, and how long it is kept. What was recorded before stays as it is
/// until it is older than that.
#[utoipa::path(request_body = CompanySettingsChanges, responses((status = 200, body = CompanySettings)))]
#[patch("/settings")]
async fn change_settings(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    body: Json<CompanySettingsChanges>,
) -> Result<Tagged<CompanySettings>> {
    let plan = Plan::of(&session);
    let changes = body.0;
    changes.check()?;
    let change = move |mut tx: Tx| {
        sql_query("SELECT FROM tenant.company_settings WHERE company_id = $1 FOR UPDATE")
            .bind::<SqlUuid, _>(tx.company)
            .execute(tx.conn)?;
        let before = load(&mut tx, plan)?;
        seen.check(&before.version())?;
        changes.check_retention(&before)?;
        let was = before.said()?;
        let wanted = changes.applied(before);
        wanted.check_hours()?;
        let (was, is) = difference(was, wanted.said()?);
        if is.is_empty() {
            return Ok(wanted);
        }
        store(&mut tx, &wanted)?;
        let after = load(&mut tx, plan)?;
        let detail = json!({ "before": was, "after": is });
        audit::record(tx, "settings.changed", detail)?;
        Ok(after)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

fn check_interval(seconds: Option<i32>) -> Result<()> {
    match seconds.is_none_or(|seconds| INTERVALS.contains(&seconds)) {
        true => Ok(()),
        false => Err(Error::invalid(
            "/screenshot_interval_seconds",
            "screenshot_interval_invalid",
            "Between two screenshots are 60 to 86400 seconds",
        )),
    }
}

fn check_idle_threshold(seconds: Option<i32>) -> Result<()> {
    match seconds.is_none_or(|seconds| IDLE_THRESHOLDS.contains(&seconds)) {
        true => Ok(()),
        false => Err(Error::invalid(
            "/idle_threshold_seconds",
            "idle_threshold_invalid",
            "Idle begins after 30 to 3600 seconds",
        )),
    }
}

fn check_days(pointer: &str, days: Option<&[i16]>) -> Result<()> {
    let is_week = |days: &[i16]| {
        (1..=7).contains(&days.len()) && days.iter().all(|day| (1..=7).contains(day))
    };
    match days.is_none_or(is_week) {
        true => Ok(()),
        false => Err(Error::invalid(
            pointer,
            "tracking_days_invalid",
            "Days are 1 (Monday) to 7 (Sunday): at least one, at most seven",
        )),
    }
}

impl CompanySettingsChanges {
    fn check(&self) -> Result<()> {
        check_interval(self.screenshot_interval_seconds)?;
        check_idle_threshold(self.idle_threshold_seconds)?;
        check_days("/tracking_days", self.tracking_days.as_deref())?;
        self.check_rules()
    }

    fn check_rules(&self) -> Result<()> {
        let rules = self.redaction_rules.as_deref().unwrap_or_default();
        if rules.len() > MOST_RULES {
            return Err(Error::invalid(
                "/redaction_rules",
                "redaction_rules_too_many",
                format!("There are at most {MOST_RULES} rules"),
            ));
        }
        for (at, Line(rule)) in rules.iter().enumerate() {
            // As the server and the devices will read it.
            if RegexBuilder::new(rule)
                .size_limit(RULE_SIZE)
                .build()
                .is_err()
            {
                return Err(Error::invalid(
                    &format!("/redaction_rules/{at}"),
                    "redaction_rule_invalid",
                    "This is no regular expression, or one that is too large",
                ));
            }
        }
        Ok(())
    }

    /// Growth beyond the plan is refused; what was chosen under a larger one may stay.
    fn check_retention(&self, before: &CompanySettings) -> Result<()> {
        let most = before.max_retention_days;
        for (name, wanted, is) in [
            (
                "screenshot_retention_days",
                self.screenshot_retention_days,
                before.screenshot_retention_days,
            ),
            (
                "usage_retention_days",
                self.usage_retention_days,
                before.usage_retention_days,
            ),
        ] {
            let pointer = format!("/{name}");
            let wanted = wanted.unwrap_or(is);
            if !RETENTIONS.contains(&wanted) {
                let detail = "Records are kept for 1 to 3660 days";
                return Err(Error::invalid(&pointer, "retention_invalid", detail));
            }
            if wanted > most.max(is) {
                let detail = format!("The company's plan keeps records for at most {most} days");
                return Err(Error::invalid(&pointer, "retention_above_plan", detail));
            }
        }
        Ok(())
    }

    fn applied(self, to: CompanySettings) -> CompanySettings {
        let mut days = self.tracking_days.unwrap_or(to.tracking_days);
        days.sort_unstable();
        days.dedup();
        CompanySettings {
            screenshots_enabled: self.screenshots_enabled.unwrap_or(to.screenshots_enabled),
            screenshot_interval_seconds: self
                .screenshot_interval_seconds
                .unwrap_or(to.screenshot_interval_seconds),
            blur_screenshots: self.blur_screenshots.unwrap_or(to.blur_screenshots),
            originals_shown: self.originals_shown.unwrap_or(to.originals_shown),
            employees_may_delete_screenshots: self
                .employees_may_delete_screenshots
                .unwrap_or(to.employees_may_delete_screenshots),
            idle_threshold_seconds: self
                .idle_threshold_seconds
                .unwrap_or(to.idle_threshold_seconds),
            tracking_days: days,
            tracking_from: self.tracking_from.map_or(to.tracking_from, |time| time.0),
            tracking_to: self.tracking_to.map_or(to.tracking_to, |time| time.0),
            record_titles: self.record_titles.unwrap_or(to.record_titles),
            record_paths: self.record_paths.unwrap_or(to.record_paths),
            redaction_rules: self.redaction_rules.map_or(to.redaction_rules, |rules| {
                rules.into_iter().map(|Line(rule)| rule).collect()
            }),
            screenshot_retention_days: self
                .screenshot_retention_days
                .unwrap_or(to.screenshot_retention_days),
            usage_retention_days: self.usage_retention_days.unwrap_or(to.usage_retention_days),
            manual_time_allowed: self.manual_time_allowed.unwrap_or(to.manual_time_allowed),
            manual_time_approval: self.manual_time_approval.unwrap_or(to.manual_time_approval),
            leads_see: self
                .leads_see
                .map_or(to.leads_see, |what| what.name().to_owned()),
            ..to
        }
    }
}

impl CompanySettings {
    /// Asked of both together: one of them may be there already.
    fn check_hours(&self) -> Result<()> {
        if self.tracking_from != self.tracking_to {
            return Ok(());
        }
        Err(Error::invalid(
            "/tracking_to",
            "tracking_hours_empty",
            "Recording ends at another time than it begins",
        ))
    }

    /// What the audit entry may say of them: of the rules only how many there are, as they tell what is to be hidden.
    fn said(&self) -> Result<Map<String, Value>> {
        let Value::Object(mut said) = serde_json::to_value(self).map_err(anyhow::Error::from)?
        else {
            return Ok(Map::new());
        };
        for own in [
            "updated_at",
            "version",
            "plan_has_screenshots",
            "max_retention_days",
        ] {
            said.remove(own);
        }
        Ok(said)
    }
}

/// What is not the same before and after; the rules shortened to how many there are.
fn difference(
    was: Map<String, Value>,
    mut is: Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    let mut before = Map::new();
    is.retain(|name, value| was.get(name) != Some(value));
    for (name, value) in was {
        if is.contains_key(&name) {
            before.insert(name, value);
        }
    }
    for side in [&mut before, &mut is] {
        if let Some(Value::Array(rules)) = side.get("redaction_rules") {
            let count = rules.len();
            side.insert("redaction_rules".into(), json!(format!("{count} rules")));
        }
    }
    (before, is)
}

fn load(tx: &mut Tx, plan: Plan) -> Result<CompanySettings> {
    Ok(sql_query(
        "SELECT screenshots_enabled, screenshot_interval_seconds, blur_screenshots, originals_shown, idle_threshold_seconds, tracking_days, \
           tracking_from, tracking_to, record_titles, record_paths, redaction_rules, screenshot_retention_days, usage_retention_days, updated_at, \
           manual_time_allowed, manual_time_approval, employees_may_delete_screenshots, leads_see, version, $2 AS plan_has_screenshots, $3 AS max_retention_days \
         FROM tenant.company_settings WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Bool, _>(plan.has_screenshots)
    .bind::<Integer, _>(plan.max_retention_days)
    .get_result(tx.conn)?)
}

fn store(tx: &mut Tx, wanted: &CompanySettings) -> Result<()> {
    sql_query(
        "UPDATE tenant.company_settings SET screenshots_enabled = $2, screenshot_interval_seconds = $3, blur_screenshots = $4, \
           idle_threshold_seconds = $5, tracking_days = $6, tracking_from = $7, tracking_to = $8, record_titles = $9, record_paths = $10, \
           redaction_rules = $11, screenshot_retention_days = $12, usage_retention_days = $13, version = version + 1, \
           retention_shortened_at = CASE WHEN $12 < screenshot_retention_days OR $13 < usage_retention_days THEN $14 \
             ELSE retention_shortened_at END, \
           updated_at = $14, originals_shown = $15, manual_time_allowed = $16, manual_time_approval = $17, \
           employees_may_delete_screenshots = $18, leads_see = $19 WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Bool, _>(wanted.screenshots_enabled)
    .bind::<Integer, _>(wanted.screenshot_interval_seconds)
    .bind::<Bool, _>(wanted.blur_screenshots)
    .bind::<Integer, _>(wanted.idle_threshold_seconds)
    .bind::<Array<SmallInt>, _>(&wanted.tracking_days)
    .bind::<Time, _>(wanted.tracking_from)
    .bind::<Time, _>(wanted.tracking_to)
    .bind::<Bool, _>(wanted.record_titles)
    .bind::<Bool, _>(wanted.record_paths)
    .bind::<Array<Text>, _>(&wanted.redaction_rules)
    .bind::<Integer, _>(wanted.screenshot_retention_days)
    .bind::<Integer, _>(wanted.usage_retention_days)
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<Bool, _>(wanted.originals_shown)
    .bind::<Bool, _>(wanted.manual_time_allowed)
    .bind::<Bool, _>(wanted.manual_time_approval)
    .bind::<Bool, _>(wanted.employees_may_delete_screenshots)
    .bind::<Text, _>(&wanted.leads_see)
    .execute(tx.conn)?;
    Ok(())
}
