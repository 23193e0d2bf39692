//! What is in force for a person or a team, and where each value comes from: a person's own wins over the team's, which wins
//! over the company's. Everything that asks for a person's settings asks here.

use actix_web::{get, web::Data};
use chrono::NaiveTime;
use diesel::sql_types::{
    Array, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Time, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::directory::Company;
use crate::http::json::Path;
use crate::http::precondition::{Tagged, Versioned};
use crate::http::session::{Employee, TeamAdmin, Tenant};
use crate::secrets::{hex, sha256};

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(show_employee_settings)
        .service(show_team_settings)
        .service(show_my_settings);
}

/// A column that a team or a person may have other than the company: its value, and each one's.
macro_rules! layers {
    ($($name:literal)*) => {
        concat!($(
            "coalesce(p.", $name, ", t.", $name, ", s.", $name, ") AS ", $name,
            ", p.", $name, " AS person_", $name, ", t.", $name, " AS team_", $name, ", s.", $name, " AS company_", $name, ", "
        ),*)
    };
}

/// Of company `$1` everybody's settings in force, a row for each `user_id`; or each team's, by `team_id`.
macro_rules! effective {
    (people) => {
        $crate::company::settings::effective::effective!(
            "SELECT id AS user_id, team_id FROM tenant.users WHERE company_id = $1"
        )
    };
    (teams) => {
        $crate::company::settings::effective::effective!(
            "SELECT NULL::uuid AS user_id, id AS team_id FROM tenant.teams WHERE company_id = $1"
        )
    };
    ($whose:literal) => {
        concat!(
            "(SELECT ",
            $crate::company::settings::effective::layers!(
                "screenshots_enabled" "screenshot_interval_seconds" "blur_screenshots" "idle_threshold_seconds"
                "tracking_days" "tracking_from" "tracking_to" "record_titles" "record_paths"
            ),
            "s.redaction_rules, cardinality(s.redaction_rules) AS redaction_rule_count, s.originals_shown, s.employees_may_delete_screenshots, s.usage_kept_from, s.version, s.overrides_version, \
             greatest(s.updated_at, s.overrides_changed_at) AS changed_at, x.user_id, x.team_id \
             FROM (", $whose, ") x JOIN tenant.company_settings s ON s.company_id = $1 \
             LEFT JOIN tenant.setting_overrides t ON t.company_id = $1 AND t.team_id = x.team_id \
             LEFT JOIN tenant.setting_overrides p ON p.company_id = $1 AND p.user_id = x.user_id)"
        )
    };
}
pub(crate) use {effective, layers};

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum SettingSource {
    /// The person's own.
    Person,
    /// The person's team.
    Team,
    /// The company's settings.
    Company,
    /// The plan leaves no choice.
    Plan,
}

/// The same for everybody in the company.
#[derive(Serialize, ToSchema)]
struct CompanySetting<T> {
    value: T,
    source: SettingSource,
}

/// One that a team or a person may have other than the company.
#[derive(Serialize, ToSchema)]
struct Setting<T> {
    /// In force.
    value: T,
    source: SettingSource,
    /// What was chosen for this person or team; absent where it follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<T>,
    /// What would be in force without it.
    inherited: T,
    inherited_from: SettingSource,
}

/// Days and hours on which is recorded.
#[derive(Debug, Serialize, ToSchema)]
struct TrackingHours {
    /// 1 is Monday, 7 Sunday.
    days: Vec<i16>,
    /// From this time of the company's clock on.
    #[schema(value_type = String, example = "09:00:00")]
    from: NaiveTime,
    /// Up to this time; before `from` it is one of the next day.
    #[schema(value_type = String, example = "17:30:00")]
    to: NaiveTime,
}

/// The team that a person follows.
#[derive(Serialize, ToSchema)]
struct FollowedTeam {
    id: Uuid,
    name: String,
}

/// What is in force for a person or a team, and where each value comes from.
#[derive(Serialize, ToSchema)]
pub(super) struct EffectiveSettings {
    /// Whose team it is, where it is a person in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<FollowedTeam>,
    screenshots_enabled: Setting<bool>,
    /// Seconds, on average.
    screenshot_interval_seconds: Setting<i32>,
    /// On the device. What comes in unblurred all the same is blurred before it is stored.
    blur_screenshots: Setting<bool>,
    /// Seconds without input.
    idle_threshold_seconds: Setting<i32>,
    tracking_hours: Setting<TrackingHours>,
    record_titles: Setting<bool>,
    record_paths: Setting<bool>,
    /// Whether admins may open originals, with a reason.
    originals_shown: CompanySetting<bool>,
    /// How many patterns take words out of titles.
    redaction_rules: CompanySetting<i32>,
    employees_may_delete_screenshots: CompanySetting<bool>,
    time_zone: CompanySetting<String>,
    /// Of all this together; `If-Match` names it.
    version: String,
}

impl Versioned for EffectiveSettings {
    fn version(&self) -> String {
        self.version.clone()
    }
}

/// Whose settings are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Person(Uuid),
    Team(Uuid),
}

impl Whose {
    /// The team's id and the person's: one of them.
    pub fn ids(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Person(id) => (None, Some(id)),
            Self::Team(id) => (Some(id), None),
        }
    }
}

/// What a team or a person has of its own. None: as what it follows has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, QueryableByName)]
pub(super) struct Own {
    #[diesel(sql_type = Nullable<Bool>)]
    pub screenshots_enabled: Option<bool>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub screenshot_interval_seconds: Option<i32>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub blur_screenshots: Option<bool>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub idle_threshold_seconds: Option<i32>,
    #[diesel(sql_type = Nullable<Array<SmallInt>>)]
    pub tracking_days: Option<Vec<i16>>,
    #[diesel(sql_type = Nullable<Time>)]
    pub tracking_from: Option<NaiveTime>,
    #[diesel(sql_type = Nullable<Time>)]
    pub tracking_to: Option<NaiveTime>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub record_titles: Option<bool>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub record_paths: Option<bool>,
}

/// Show what is in force for a person, and where each value comes from.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = EffectiveSettings)))]
#[get("/employees/{employee_id}/settings")]
async fn show_employee_settings(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<Tagged<EffectiveSettings>> {
    let (whose, company) = (Whose::Person(employee.0), session.company.clone());
    let show = move |mut tx: Tx| load(&mut tx, whose, &company);
    state.db.tenant(&session, show).await.map(Tagged)
}

/// Show what is in force for a team's people, as far as they have nothing of their own, and where each value comes from.
#[utoipa::path(params(("team_id" = Uuid, Path)), responses((status = 200, body = EffectiveSettings)))]
#[get("/teams/{team_id}/settings")]
async fn show_team_settings(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    team: Path<Uuid>,
) -> Result<Tagged<EffectiveSettings>> {
    let (whose, company) = (Whose::Team(team.0), session.company.clone());
    let show = move |mut tx: Tx| load(&mut tx, whose, &company);
    state.db.tenant(&session, show).await.map(Tagged)
}

/// Show what is in force for me, and where each value comes from.
#[utoipa::path(responses((status = 200, body = EffectiveSettings)))]
#[get("/me/settings")]
async fn show_my_settings(
    session: Tenant<Employee>,
    state: Data<State>,
) -> Result<Tagged<EffectiveSettings>> {
    let (whose, company) = (Whose::Person(session.user), session.company.clone());
    let show = move |mut tx: Tx| load(&mut tx, whose, &company);
    state.db.tenant(&session, show).await.map(Tagged)
}

#[derive(QueryableByName)]
struct Row {
    /// A row of `effective!`.
    #[diesel(sql_type = Jsonb)]
    said: Value,
    #[diesel(sql_type = Nullable<Text>)]
    team_name: Option<String>,
}

/// 404 where the company has nobody, or no team, of this id.
pub(super) fn load(tx: &mut Tx, whose: Whose, company: &Company) -> Result<EffectiveSettings> {
    let (text, id) = match whose {
        Whose::Person(id) => (
            concat!(
                "SELECT to_jsonb(e) AS said, n.name AS team_name FROM ",
                effective!(people),
                " e LEFT JOIN tenant.teams n ON n.company_id = $1 AND n.id = e.team_id WHERE e.user_id = $2"
            ),
            id,
        ),
        Whose::Team(id) => (
            concat!(
                "SELECT to_jsonb(e) AS said, NULL::text AS team_name FROM ",
                effective!(teams),
                " e WHERE e.team_id = $2"
            ),
            id,
        ),
    };
    let row: Row = statement(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?;
    Said {
        said: row.said,
        whose,
    }
    .settings(row.team_name, company)
}

/// A row of `effective!`, and whose it is.
struct Said {
    said: Value,
    whose: Whose,
}

impl Said {
    fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self.said.get(name).cloned().unwrap_or_default();
        Ok(serde_json::from_value(value).map_err(anyhow::Error::from)?)
    }

    fn of(&self, layer: SettingSource, name: &str) -> bool {
        let layer = match layer {
            SettingSource::Person => "person",
            _ => "team",
        };
        let value = self.said.get(format!("{layer}_{name}"));
        value.is_some_and(|value| !value.is_null())
    }

    /// `read` takes the value under a prefix; `name` is a column of it.
    fn setting<T>(&self, name: &str, read: impl Fn(&str) -> Result<T>) -> Result<Setting<T>> {
        use SettingSource::{Company, Person, Team};
        let has = |layer| self.of(layer, name);
        let below = match self.whose {
            Whose::Person(_) if has(Team) => (Team, "team_"),
            _ => (Company, "company_"),
        };
        let own = match self.whose {
            Whose::Person(_) => (Person, "person_"),
            Whose::Team(_) => (Team, "team_"),
        };
        let has_own = has(own.0);
        Ok(Setting {
            value: read("")?,
            source: if has_own { own.0 } else { below.0 },
            own: has_own.then(|| read(own.1)).transpose()?,
            inherited: read(below.1)?,
            inherited_from: below.0,
        })
    }

    fn plain<T: DeserializeOwned>(&self, name: &str) -> Result<Setting<T>> {
        self.setting(name, |layer| self.get(&format!("{layer}{name}")))
    }

    fn settings(&self, team: Option<String>, company: &Company) -> Result<EffectiveSettings> {
        let shared = SettingSource::Company;
        let mut screenshots_enabled = self.plain("screenshots_enabled")?;
        if !company.screenshots {
            let plan = SettingSource::Plan;
            (screenshots_enabled.value, screenshots_enabled.source) = (false, plan);
        }
        let mut settings = EffectiveSettings {
            team: match team {
                Some(name) => Some(FollowedTeam {
                    id: self.get("team_id")?,
                    name,
                }),
                None => None,
            },
            screenshots_enabled,
            screenshot_interval_seconds: self.plain("screenshot_interval_seconds")?,
            blur_screenshots: self.plain("blur_screenshots")?,
            idle_threshold_seconds: self.plain("idle_threshold_seconds")?,
            tracking_hours: self.setting("tracking_days", |layer| {
                Ok(TrackingHours {
                    days: self.get(&format!("{layer}tracking_days"))?,
                    from: self.get(&format!("{layer}tracking_from"))?,
                    to: self.get(&format!("{layer}tracking_to"))?,
                })
            })?,
            record_titles: self.plain("record_titles")?,
            record_paths: self.plain("record_paths")?,
            originals_shown: CompanySetting {
                value: self.get("originals_shown")?,
                source: shared,
            },
            redaction_rules: CompanySetting {
                value: self.get("redaction_rule_count")?,
                source: shared,
            },
            employees_may_delete_screenshots: CompanySetting {
                value: self.get("employees_may_delete_screenshots")?,
                source: shared,
            },
            time_zone: CompanySetting {
                value: company.time_zone.clone(),
                source: shared,
            },
            version: String::new(),
        };
        let said = serde_json::to_vec(&settings).map_err(anyhow::Error::from)?;
        settings.version = hex(&sha256(&said)).chars().take(16).collect();
        Ok(settings)
    }
}
