//! A company's teams: who works with whom. A person is in one team or in none. Admins only.

mod leads;

use actix_web::{HttpResponse, delete, get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::settings::overrides;
use super::{alerts, audit, rules};
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::schema::tenant::{invitations, tasks, team_admins, team_leads, teams, users};
use crate::http::error::{Error, FieldError};
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query, given};
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Admin, TeamAdmin, Tenant};
use crate::http::text::{Line, like};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_teams)
        .service(create_team)
        .service(show_team)
        .service(rename_team)
        .service(delete_team)
        .service(add_team_members)
        .service(remove_team_member);
    leads::routes(api);
}

/// People who work together.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Team {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    /// Who is in it and not deactivated.
    #[diesel(sql_type = BigInt)]
    members: i64,
    /// Deactivated people whose records count for it.
    #[diesel(sql_type = BigInt)]
    deactivated_members: i64,
    /// Invitations into it that wait for an answer.
    #[diesel(sql_type = BigInt)]
    invited: i64,
    /// Who leads it, by name.
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = Vec<leads::TeamLead>)]
    leads: Value,
    #[diesel(sql_type = Text)]
    #[serde(skip)]
    sort_value: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TeamsQuery {
    /// A part of the name.
    #[param(inline)]
    q: Option<Line<120>>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTeam {
    name: Line<120>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewName {
    name: Line<120>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMembers {
    /// Whoever is in another team moves.
    #[schema(min_items = 1, max_items = 200)]
    employee_ids: Vec<Uuid>,
}

/// List the company's teams by name.
#[utoipa::path(params(TeamsQuery), responses((status = 200, body = Page<Team>)))]
#[get("/teams")]
async fn list_teams(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: Query<TeamsQuery>,
) -> Result<Json<Page<Team>>> {
    let query = query.0;
    let limit = limit_of(query.limit, 50)?;
    let list = format!("teams {} {:?}", session.company.id, query.q);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let read = move |tx: Tx| by_name(tx, &query, after, limit + 1);
    let rows = state.db.tenant(&session, read).await?;
    let position = |team: &Team| team.sort_value.clone();
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Create a team.
#[utoipa::path(request_body = NewTeam, responses((status = 201, body = Team)))]
#[post("/teams")]
async fn create_team(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewTeam>,
) -> Result<HttpResponse> {
    let (id, Line(name)) = (Uuid::now_v7(), body.0.name);
    let create = move |mut tx: Tx| {
        diesel::insert_into(teams::table)
            .values((teams::id.eq(id), teams::name.eq(&name)))
            .execute(tx.conn)?;
        let team = one(&mut tx, id)?;
        let detail = json!({ "team_id": id, "name": name });
        audit::record(tx, "team.created", detail)?;
        Ok(Made::new(format!("/api/teams/{id}"), team))
    };
    once.tenant(&state, &session, create).await
}

/// Show one team.
#[utoipa::path(params(("team_id" = Uuid, Path)), responses((status = 200, body = Team)))]
#[get("/teams/{team_id}")]
async fn show_team(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    team: Path<Uuid>,
) -> Result<Json<Team>> {
    let show = move |mut tx: Tx| one(&mut tx, team.0);
    state.db.tenant(&session, show).await.map(Json)
}

/// Rename a team.
#[utoipa::path(
    params(("team_id" = Uuid, Path)),
    request_body = NewName,
    responses((status = 200, body = Team))
)]
#[post("/teams/{team_id}/rename")]
async fn rename_team(
    session: Tenant<Admin>,
    state: Data<State>,
    team: Path<Uuid>,
    body: Json<NewName>,
) -> Result<Json<Team>> {
    let (id, Line(name)) = (team.0, body.0.name);
    let rename = move |mut tx: Tx| {
        let before = hold(&mut tx, id)?;
        if before != name {
            diesel::update(teams::table.find((tx.company, id)))
                .set(teams::name.eq(&name))
                .execute(tx.conn)?;
        }
        let team = one(&mut tx, id)?;
        if before != name {
            let detail = json!({ "team_id": id, "before": before, "after": name });
            audit::record(tx, "team.renamed", detail)?;
        }
        Ok(team)
    };
    state.db.tenant(&session, rename).await.map(Json)
}

/// Delete a team. Its people and tasks stay, in no team; what was recorded stays with them. Its productivity rules and its
/// settings go.
#[utoipa::path(
    params(("team_id" = Uuid, Path)),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/teams/{team_id}")]
async fn delete_team(
    session: Tenant<Admin>,
    state: Data<State>,
    team: Path<Uuid>,
) -> Result<HttpResponse> {
    let id = team.0;
    let delete = move |mut tx: Tx| {
        // Held first: whoever joins at the same time is seen below, or finds no team.
        let name = hold(&mut tx, id)?;
        let out = users::table.filter(users::company_id.eq(tx.company));
        let people = diesel::update(out.filter(users::team_id.eq(id)))
            .set(users::team_id.eq(None::<Uuid>))
            .returning(users::id)
            .get_results::<Uuid>(tx.conn)?;
        rules::forget_team(&mut tx, id, &people)?;
        overrides::forget_team(&mut tx, id)?;
        let asked = invitations::table.filter(invitations::company_id.eq(tx.company));
        diesel::update(asked.filter(invitations::team_id.eq(id)))
            .set(invitations::team_id.eq(None::<Uuid>))
            .execute(tx.conn)?;
        let work = tasks::table.filter(tasks::company_id.eq(tx.company));
        diesel::update(work.filter(tasks::team_id.eq(id)))
            .set((
                tasks::team_id.eq(None::<Uuid>),
                tasks::version.eq(tasks::version + 1),
            ))
            .execute(tx.conn)?;
        alerts::forget_team(&mut tx, id)?;
        let led = team_leads::table.filter(team_leads::company_id.eq(tx.company));
        diesel::delete(led.filter(team_leads::team_id.eq(id))).execute(tx.conn)?;
        let limits = team_admins::table.filter(team_admins::company_id.eq(tx.company));
        diesel::delete(limits.filter(team_admins::team_id.eq(id))).execute(tx.conn)?;
        diesel::delete(teams::table.find((tx.company, id))).execute(tx.conn)?;
        let detail = json!({ "team_id": id, "name": name, "members": people.len() });
        audit::record(tx, "team.deleted", detail)
    };
    state.db.tenant(&session, delete).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Put people into a team: all of them, or none where one is unknown.
#[utoipa::path(
    params(("team_id" = Uuid, Path)),
    request_body = NewMembers,
    responses((status = 200, body = Team))
)]
#[post("/teams/{team_id}/members")]
async fn add_team_members(
    session: Tenant<Admin>,
    state: Data<State>,
    team: Path<Uuid>,
    body: Json<NewMembers>,
) -> Result<Json<Team>> {
    let (id, people) = (team.0, body.0.employee_ids);
    if !(1..=200).contains(&people.len()) {
        return Err(Error::invalid(
            "/employee_ids",
            "employee_ids_count",
            "1 to 200 people are moved at a time",
        ));
    }
    let add = move |mut tx: Tx| {
        hold(&mut tx, id)?;
        must_be_there(&mut tx, &people)?;
        let moved = diesel::update(
            users::table
                .filter(users::company_id.eq(tx.company))
                .filter(users::id.eq_any(&people))
                .filter(users::team_id.is_distinct_from(id)),
        )
        .set(users::team_id.eq(id))
        .returning(users::id)
        .get_results::<Uuid>(tx.conn)?;
        rules::team_changed(&mut tx, &moved)?;
        if !moved.is_empty() {
            overrides::team_changed(&mut tx)?;
        }
        let team = one(&mut tx, id)?;
        for some in moved.chunks(IN_ENTRY) {
            let detail = json!({ "team_id": id, "user_ids": some });
            audit::record(tx.again(), "team.members_added", detail)?;
        }
        Ok(team)
    };
    state.db.tenant(&session, add).await.map(Json)
}

/// Take a person out of a team.
#[utoipa::path(
    params(("team_id" = Uuid, Path), ("employee_id" = Uuid, Path)),
    responses((status = 204, description = "Not in it any more"))
)]
#[delete("/teams/{team_id}/members/{employee_id}")]
async fn remove_team_member(
    session: Tenant<Admin>,
    state: Data<State>,
    ids: Path<(Uuid, Uuid)>,
) -> Result<HttpResponse> {
    let (team, person) = ids.0;
    let remove = move |mut tx: Tx| {
        let member = users::table.find((tx.company, person));
        let out = diesel::update(member.filter(users::team_id.eq(team)))
            .set(users::team_id.eq(None::<Uuid>))
            .execute(tx.conn)?;
        match out {
            0 => Err(Error::NotFound),
            _ => {
                rules::team_changed(&mut tx, &[person])?;
                overrides::team_changed(&mut tx)?;
                let detail = json!({ "team_id": team, "user_id": person });
                audit::record(tx, "team.member_removed", detail)
            }
        }
    };
    state.db.tenant(&session, remove).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// As many ids as an entry of the audit log has room for.
const IN_ENTRY: usize = 50;

/// Holds the team until the end of the transaction, and tells its name.
fn hold(tx: &mut Tx, id: Uuid) -> Result<String> {
    Ok(teams::table
        .find((tx.company, id))
        .select(teams::name)
        .for_update()
        .first(tx.conn)?)
}

/// Somebody of another company is as unknown as nobody.
fn must_be_there(tx: &mut Tx, people: &[Uuid]) -> Result<()> {
    let known: Vec<Uuid> = users::table
        .filter(users::company_id.eq(tx.company))
        .filter(users::id.eq_any(people))
        .order(users::id)
        .select(users::id)
        .for_no_key_update()
        .load(tx.conn)?;
    let unknown = people.iter().enumerate();
    let unknown = unknown.filter(|(_, id)| !known.contains(id));
    let errors: Vec<_> = unknown
        .map(|(at, _)| FieldError {
            pointer: format!("/employee_ids/{at}"),
            code: "employee_unknown".into(),
            detail: "There is no such person".into(),
        })
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(errors)),
    }
}

/// The columns of `Team`. `$1` company.
const TEAMS: &str = "SELECT t.id, t.name, t.created_at, \
      (SELECT count(*) FROM tenant.users u WHERE u.company_id = $1 AND u.team_id = t.id AND u.deactivated_at IS NULL) AS members, \
      (SELECT count(*) FROM tenant.users u WHERE u.company_id = $1 AND u.team_id = t.id AND u.deactivated_at IS NOT NULL) \
        AS deactivated_members, \
      (SELECT count(*) FROM tenant.invitations i WHERE i.company_id = $1 AND i.team_id = t.id AND i.accepted_at IS NULL \
        AND i.revoked_at IS NULL AND i.expires_at > now()) AS invited, \
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'name', u.name) ORDER BY lower(u.name), u.id), '[]') \
        FROM tenant.team_leads l JOIN tenant.users u ON u.company_id = $1 AND u.id = l.user_id \
        WHERE l.company_id = $1 AND l.team_id = t.id) AS leads, \
      lower(t.name) AS sort_value \
    FROM tenant.teams t WHERE t.company_id = $1";

fn by_name(tx: Tx, query: &TeamsQuery, after: Option<String>, limit: i64) -> Result<Vec<Team>> {
    Ok(sql_query(format!(
        "{TEAMS} AND ($2 IS NULL OR lower(t.name) LIKE $2) AND ($3 IS NULL OR lower(t.name) > $3) ORDER BY lower(t.name) LIMIT $4"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<Text>, _>(query.q.as_ref().map(|q| like(&q.0)))
    .bind::<Nullable<Text>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}

fn one(tx: &mut Tx, id: Uuid) -> Result<Team> {
    Ok(sql_query(format!("{TEAMS} AND t.id = $2"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?)
}
