//! Links that make an account: of a company's first admin, of an invited person, of the first owner. Single use;
//! the path holds the token, so it is never logged and never sent on as a referrer.

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use diesel::sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{
    ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, QueryableByName, RunQueryDsl,
    sql_query,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit as own_audit;
use super::password::refuse_common;
use crate::app::State;
use crate::company::audit;
use crate::db::schema::tenant::{
    company_settings, company_time_zones, company_usage, invitations, teams, users,
};
use crate::db::{Scope, Tx};
use crate::http::error::Error;
use crate::http::json::{Json, Path, created};
use crate::http::text::{Line, NewPassword};
use crate::http::token::Role;
use crate::{Result, directory::Company, passwords, secrets};

/// ASVS 6.4.1: an invitation holds for three days.
pub(crate) const LIFETIME: Duration = Duration::hours(72);

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_invitation).service(accept_invitation);
}

/// What a link invites to.
#[derive(Serialize, ToSchema)]
struct Invitation {
    /// Absent for the link of an OWNER.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    email: String,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    expires_at: DateTime<Utc>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    name: Line<120>,
    password: NewPassword,
}

/// The account that was made: sign in with its e-mail and the password chosen.
#[derive(Serialize, ToSchema)]
struct Accepted {
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<Uuid>,
}

/// Show what a link invites to.
#[utoipa::path(params(("token" = String, Path, max_length = 200)), responses((status = 200, body = Invitation)))]
#[get("/invitations/{token}")]
async fn show_invitation(state: Data<State>, token: Path<String>) -> Result<Json<Invitation>> {
    let link = peek(&state, &token.0).await?;
    let company = link.company(&state)?;
    let role = Role::parse(&link.role)?;
    let Link {
        email,
        name,
        expires_at,
        ..
    } = link;
    Ok(Json(Invitation {
        company_name: company.map(|c| c.name.clone()),
        email,
        role,
        name,
        expires_at,
    }))
}

/// Accept an invitation: choose name and password.
#[utoipa::path(
    params(("token" = String, Path, max_length = 200)),
    request_body = Acceptance,
    responses((status = 201, body = Accepted))
)]
#[post("/invitations/{token}/accept")]
async fn accept_invitation(
    state: Data<State>,
    token: Path<String>,
    body: Json<Acceptance>,
) -> Result<HttpResponse> {
    let Acceptance {
        name: Line(name),
        password,
    } = body.0;
    let link = peek(&state, &token.0).await?;
    let company = link.company(&state)?;
    if let Some(inactive) = company
        .as_ref()
        .and_then(|company| company.inactive(state.directory.grace_days))
    {
        return Err(Error::CompanyInactive(inactive));
    }
    let company_name = company.as_ref().map_or("", |company| &company.name);
    refuse_common("/password", &password, &[company_name, &link.email, &name])?;
    let password_hash = passwords::hash(password.0).await?;
    let token_hash = hash(&token.0);
    match company {
        None => {
            state
                .db
                .auth(move |conn| accept_owner(conn, &token_hash, &name, &password_hash))
                .await?
        }
        Some(company) => {
            let join = move |tx: Tx| accept(tx, &token_hash, &name, &password_hash, &company);
            state
                .db
                .tenant(
                    Scope::accepted_link(link.company_id.unwrap_or_default()),
                    join,
                )
                .await?;
        }
    }
    Ok(created(
        "/api/me",
        Accepted {
            email: link.email,
            company_id: link.company_id,
        },
    ))
}

/// A new token for a link, and what is kept of it. It carries its company, so that its row may live with it.
pub(crate) fn new_token(company: Option<Uuid>) -> Result<(String, [u8; 32])> {
    let token = format!(
        "{}-{}",
        company.unwrap_or_default().simple(),
        secrets::hex(&secrets::random::<32>()?)
    );
    let hash = hash(&token);
    Ok((token, hash))
}

/// The page of the SPA that a token opens.
pub(crate) fn url(state: &State, token: &str) -> String {
    format!("{}/invite/{token}", state.config.public_url())
}

pub(super) fn hash(token: &str) -> [u8; 32] {
    secrets::sha256(token.as_bytes())
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    company_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
}

impl Link {
    fn company(&self, state: &State) -> Result<Option<std::sync::Arc<Company>>> {
        let Some(id) = self.company_id else {
            return Ok(None);
        };
        state
            .directory
            .company(id)
            .map(Some)
            .ok_or(Error::LinkInvalid)
    }
}

async fn peek(state: &State, token: &str) -> Result<Link> {
    let hash = hash(token);
    let look = move |conn: &mut PgConnection| -> Result<Option<Link>> {
        let query = sql_query("SELECT * FROM auth.peek_token($1)").bind::<Binary, _>(&hash[..]);
        Ok(query.get_result(conn).optional()?)
    };
    state.db.auth(look).await?.ok_or(Error::LinkInvalid)
}

fn accept_owner(
    conn: &mut PgConnection,
    token_hash: &[u8],
    name: &str,
    password_hash: &str,
) -> Result<()> {
    #[derive(QueryableByName)]
    struct Joined {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        owner: Option<Uuid>,
    }
    let Joined { owner } = sql_query("SELECT auth.accept_owner_link($1, $2, $3) AS owner")
        .bind::<Binary, _>(token_hash)
        .bind::<Text, _>(name)
        .bind::<Text, _>(password_hash)
        .get_result(conn)?;
    let owner = owner.ok_or(Error::LinkInvalid)?;
    own_audit::record(conn, owner, "owner.joined", json!({}))
}

#[derive(QueryableByName)]
struct Used {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    invitation_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    role: String,
}

/// The link is used up, and the credential and the person are made, in one transaction or not at all.
pub(super) fn accept(
    tx: Tx,
    token_hash: &[u8],
    name: &str,
    password_hash: &str,
    company: &Company,
) -> Result<()> {
    let user = Uuid::now_v7();
    let used: Option<Used> =
        sql_query("SELECT invitation_id, email, role FROM auth.accept_invitation_link($1, $2, $3)")
            .bind::<Binary, _>(token_hash)
            .bind::<SqlUuid, _>(user)
            .bind::<Text, _>(password_hash)
            .get_result(tx.conn)
            .optional()?;
    let used = used.ok_or(Error::LinkInvalid)?;
    let team = match used.invitation_id {
        Some(invitation) => {
            let invitation = invitations::table.find((tx.company, invitation));
            let asked: Option<Uuid> = invitation.select(invitations::team_id).first(tx.conn)?;
            // Held before the invitation is, as whoever deletes a team does: then it is there, or there is none.
            let team = match asked {
                Some(team) => hold_team(tx.conn, tx.company, team)?,
                None => None,
            };
            diesel::update(invitation)
                .set(invitations::accepted_at.eq(Utc::now()))
                .execute(tx.conn)?;
            team
        }
        None => {
            settle_in(tx.conn, company)?;
            None
        }
    };
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user),
            users::email.eq(&used.email),
            users::name.eq(name),
            users::role.eq(&used.role),
            users::team_id.eq(team),
        ))
        .execute(tx.conn)?;
    let tx = Tx { user, ..tx };
    audit::record(
        tx,
        "employee.joined",
        json!({ "user_id": user, "role": used.role }),
    )
}

fn hold_team(conn: &mut PgConnection, company: Uuid, team: Uuid) -> Result<Option<Uuid>> {
    let held = teams::table.find((company, team)).select(teams::id);
    Ok(held.for_key_share().first(conn).optional()?)
}

/// How long a new company keeps its records, unless its plan says less.
const KEPT_DAYS: (i32, i32) = (90, 365);

/// The first admin finds a company with settings; the seat is taken whatever the plan allows.
fn settle_in(conn: &mut PgConnection, company: &Company) -> Result<()> {
    diesel::insert_into(company_settings::table)
        .values((
            company_settings::company_id.eq(company.id),
            company_settings::screenshot_retention_days.eq(KEPT_DAYS.0.min(company.retention_days)),
            company_settings::usage_retention_days.eq(KEPT_DAYS.1.min(company.retention_days)),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    diesel::insert_into(company_time_zones::table)
        .values((
            company_time_zones::company_id.eq(company.id),
            company_time_zones::valid_from.eq(NaiveDate::default()),
            company_time_zones::zone.eq(&company.time_zone),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    diesel::insert_into(company_usage::table)
        .values((
            company_usage::company_id.eq(company.id),
            company_usage::seats_used.eq(1),
        ))
        .on_conflict(company_usage::company_id)
        .do_update()
        .set(company_usage::seats_used.eq(company_usage::seats_used + 1))
        .execute(conn)?;
    Ok(())
}
