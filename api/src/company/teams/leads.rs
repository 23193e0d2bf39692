//! Who leads a team. What a lead sees of it the company's settings say and the database's policies hold.

use actix_web::{get, put, web::Data};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{hold, must_be_there};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::db::schema::tenant::{team_leads, teams};
use crate::http::error::Error;
use crate::http::json::{Json, Path};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Admin, Tenant};

/// More than so many lead nothing together.
const MOST: usize = 50;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_team_leads).service(change_team_leads);
}

/// Somebody who leads a team.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct TeamLead {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
}

/// All leads of a team, by name.
#[derive(Debug, Serialize, ToSchema)]
struct TeamLeads {
    items: Vec<TeamLead>,
    /// `If-Match` names it, in quotes.
    version: String,
}

/// The same people have the same one, in whichever order they came.
fn version_of(items: &[TeamLead]) -> String {
    let all = items.iter().map(|lead| lead.id.as_u128());
    format!("{}-{:x}", items.len(), all.fold(0, u128::wrapping_add))
}

impl Versioned for TeamLeads {
    fn version(&self) -> String {
        self.version.clone()
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLeads {
    /// All who lead it from now on; nobody where it is empty. They need not be in it.
    #[schema(max_items = 50)]
    employee_ids: Vec<Uuid>,
}

/// List who leads a team.
#[utoipa::path(params(("team_id" = Uuid, Path)), responses((status = 200, body = TeamLeads)))]
#[get("/teams/{team_id}/leads")]
async fn list_team_leads(
    session: Tenant<Admin>,
    state: Data<State>,
    team: Path<Uuid>,
) -> Result<Tagged<TeamLeads>> {
    let list = move |mut tx: Tx| {
        let known = teams::table.find((tx.company, team.0)).select(teams::id);
        let _: Uuid = known.first(tx.conn)?;
        of_team(&mut tx, team.0)
    };
    state.db.tenant(&session, list).await.map(Tagged)
}

/// Say who leads a team, all of them at once.
///
/// Whoever leads it no more is shown nothing of it from then on, whatever they are signed in by.
#[utoipa::path(
    params(("team_id" = Uuid, Path)),
    request_body = NewLeads,
    responses((status = 200, body = TeamLeads))
)]
#[put("/teams/{team_id}/leads")]
async fn change_team_leads(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    team: Path<Uuid>,
    body: Json<NewLeads>,
) -> Result<Tagged<TeamLeads>> {
    let (id, people) = (team.0, body.0.employee_ids);
    if people.len() > MOST {
        return Err(Error::invalid(
            "/employee_ids",
            "leads_too_many",
            format!("At most {MOST} people lead a team"),
        ));
    }
    let change = move |mut tx: Tx| {
        hold(&mut tx, id)?;
        let before = of_team(&mut tx, id)?;
        seen.check(&before.version())?;
        must_be_there(&mut tx, &people)?;
        let was: Vec<Uuid> = before.items.iter().map(|lead| lead.id).collect();
        let gone: Vec<Uuid> = was
            .iter()
            .copied()
            .filter(|one| !people.contains(one))
            .collect();
        let mut come: Vec<Uuid> = people
            .into_iter()
            .filter(|one| !was.contains(one))
            .collect();
        come.sort_unstable();
        come.dedup();
        if gone.is_empty() && come.is_empty() {
            return Ok(before);
        }
        let of = team_leads::table.filter(team_leads::company_id.eq(tx.company));
        let of = of.filter(team_leads::team_id.eq(id));
        diesel::delete(of.filter(team_leads::user_id.eq_any(&gone))).execute(tx.conn)?;
        let rows: Vec<_> = come
            .iter()
            .map(|one| (team_leads::team_id.eq(id), team_leads::user_id.eq(one)))
            .collect();
        diesel::insert_into(team_leads::table)
            .values(rows)
            .execute(tx.conn)?;
        let after = of_team(&mut tx, id)?;
        let detail = json!({ "team_id": id, "added": come, "removed": gone });
        audit::record(tx, "team.leads_changed", detail)?;
        Ok(after)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

fn of_team(tx: &mut Tx, team: Uuid) -> Result<TeamLeads> {
    let items: Vec<TeamLead> = sql_query(
        "SELECT u.id, u.name FROM tenant.team_leads l JOIN tenant.users u ON u.company_id = $1 AND u.id = l.user_id \
         WHERE l.company_id = $1 AND l.team_id = $2 ORDER BY lower(u.name), u.id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(team)
    .load(tx.conn)?;
    let version = version_of(&items);
    Ok(TeamLeads { items, version })
}
