//! What a new company does first, told by what it has done and not by what somebody ticked. Each admin may put the list
//! away, and take it out again.

use actix_web::{get, post, web::Data};
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::json::Json;
use crate::http::session::{Admin, Tenant};

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StepName {
    /// An admin opened the settings, or changed them.
    SettingsSeen,
    /// Somebody was invited, or has come.
    FirstInvitation,
    /// An admin took the company's key, which agents are set up with.
    KeyRevealed,
    /// An agent has signed in.
    FirstAgent,
    /// Time was tracked.
    FirstDay,
    /// A list of usage was exported.
    FirstReport,
}

#[derive(Debug, Serialize, ToSchema)]
struct FirstStep {
    name: StepName,
    done: bool,
}

/// In the order in which they make sense.
#[derive(Debug, Serialize, ToSchema)]
struct FirstSteps {
    steps: Vec<FirstStep>,
    /// The admin who asks has put the list away.
    dismissed: bool,
}

/// Show which of the first steps the company has done.
#[utoipa::path(responses((status = 200, body = FirstSteps)))]
#[get("/overview/first-steps")]
pub(super) async fn show_first_steps(
    session: Tenant<Admin>,
    state: Data<State>,
) -> Result<Json<FirstSteps>> {
    let read = |mut tx: Tx| load(&mut tx);
    state.db.tenant(&session, read).await.map(Json)
}

/// Put the first steps away, for oneself.
#[utoipa::path(responses((status = 200, body = FirstSteps)))]
#[post("/overview/first-steps/dismiss")]
pub(super) async fn dismiss_first_steps(
    session: Tenant<Admin>,
    state: Data<State>,
) -> Result<Json<FirstSteps>> {
    set(&state, &session, true).await
}

/// Take the first steps out again.
#[utoipa::path(responses((status = 200, body = FirstSteps)))]
#[post("/overview/first-steps/restore")]
pub(super) async fn restore_first_steps(
    session: Tenant<Admin>,
    state: Data<State>,
) -> Result<Json<FirstSteps>> {
    set(&state, &session, false).await
}

async fn set(state: &State, session: &Tenant<Admin>, dismissed: bool) -> Result<Json<FirstSteps>> {
    let change = move |mut tx: Tx| {
        statement(
            "UPDATE tenant.users SET checklist_dismissed_at = CASE WHEN $3 THEN coalesce(checklist_dismissed_at, now()) END \
             WHERE company_id = $1 AND id = $2",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<Bool, _>(dismissed)
        .execute(tx.conn)?;
        load(&mut tx)
    };
    state.db.tenant(session, change).await.map(Json)
}

#[derive(QueryableByName)]
struct Facts {
    #[diesel(sql_type = Bool)]
    settings: bool,
    #[diesel(sql_type = Bool)]
    people: bool,
    #[diesel(sql_type = Bool)]
    key: bool,
    #[diesel(sql_type = Bool)]
    agent: bool,
    #[diesel(sql_type = Bool)]
    day: bool,
    #[diesel(sql_type = Bool)]
    report: bool,
    #[diesel(sql_type = Bool)]
    dismissed: bool,
}

fn load(tx: &mut Tx) -> Result<FirstSteps> {
    let facts: Facts = statement(
        "SELECT EXISTS (SELECT FROM tenant.company_settings s WHERE s.company_id = $1 AND (s.seen_at IS NOT NULL OR s.version > 1)) AS settings, \
           EXISTS (SELECT FROM tenant.invitations i WHERE i.company_id = $1) \
             OR (SELECT count(*) FROM (SELECT FROM tenant.users u WHERE u.company_id = $1 LIMIT 2) two) = 2 AS people, \
           EXISTS (SELECT FROM tenant.audit_entries a WHERE a.company_id = $1 AND a.action = 'company_key.revealed') AS key, \
           EXISTS (SELECT FROM tenant.devices d WHERE d.company_id = $1) AS agent, \
           EXISTS (SELECT FROM tenant.user_usage_daily o WHERE o.company_id = $1 AND o.tracked_seconds > 0) AS day, \
           EXISTS (SELECT FROM tenant.audit_entries a WHERE a.company_id = $1 AND a.action = 'usage.exported') AS report, \
           EXISTS (SELECT FROM tenant.users u WHERE u.company_id = $1 AND u.id = $2 AND u.checklist_dismissed_at IS NOT NULL) AS dismissed",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .get_result(tx.conn)?;
    let steps = [
        (StepName::SettingsSeen, facts.settings),
        (StepName::FirstInvitation, facts.people),
        (StepName::KeyRevealed, facts.key),
        (StepName::FirstAgent, facts.agent),
        (StepName::FirstDay, facts.day),
        (StepName::FirstReport, facts.report),
    ];
    Ok(FirstSteps {
        steps: steps.map(|(name, done)| FirstStep { name, done }).into(),
        dismissed: facts.dismissed,
    })
}
