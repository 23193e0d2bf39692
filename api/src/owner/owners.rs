//! Who runs the service: owners invite each other and deactivate each other. The first one comes from the terminal.

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::account::invitations;
use crate::account::two_factor::{StepUp, confirm};
use crate::app::State;
use crate::config::Config;
use crate::db::Db;
use crate::db::schema::platform::owners;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path};
use crate::http::session::Owner;
use crate::http::text::{Code, Email, Line, Password};
use crate::jobs::{mail, queue};

/// An invitation to run the service holds for a day.
pub(crate) const LIFETIME: Duration = Duration::hours(24);

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_owners)
        .service(invite_owner)
        .service(repeat_owner_invitation)
        .service(deactivate_owner)
        .service(reactivate_owner);
}

/// Somebody who runs the service.
#[derive(Serialize, QueryableByName, ToSchema)]
struct OwnerAccount {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// `active`, `deactivated`, `invited`, or `lapsed` when the invitation ran out.
    #[diesel(sql_type = Text)]
    status: String,
    /// Without it an owner can do nothing but set it up.
    #[diesel(sql_type = Bool)]
    has_two_factor: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    invited_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

/// Everybody who runs the service.
#[derive(Serialize, ToSchema)]
struct OwnerAccounts {
    items: Vec<OwnerAccount>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOwner {
    email: Email,
    name: Line<120>,
    /// The inviting owner's own.
    password: Password,
    /// Where the inviting owner has two-factor on.
    code: Option<Code>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OwnerChange {
    reason: Line<500>,
    /// The acting owner's own.
    password: Password,
    /// Where the acting owner has two-factor on.
    code: Option<Code>,
}

/// An owner who is asked to join, and the link, which is shown this once.
#[derive(Serialize, ToSchema)]
struct InvitedOwner {
    owner: OwnerAccount,
    /// Absent from a replayed answer.
    #[schema(required = false)]
    invitation_url: String,
}

/// List everybody who runs the service, by name.
#[utoipa::path(responses((status = 200, body = OwnerAccounts)))]
#[get("/owner/owners")]
async fn list_owners(owner: Owner, state: Data<State>) -> Result<Json<OwnerAccounts>> {
    let read = |conn: &mut PgConnection| {
        Ok(OwnerAccounts {
            items: all(conn, None)?,
        })
    };
    state.db.platform(&owner, read).await.map(Json)
}

/// Invite somebody to run the service. Asks for the password and a code; the link is shown once, and mailed.
#[utoipa::path(request_body = NewOwner, responses((status = 201, body = InvitedOwner)))]
#[post("/owner/owners")]
async fn invite_owner(
    owner: Owner,
    state: Data<State>,
    once: Once,
    body: Json<NewOwner>,
) -> Result<HttpResponse> {
    let NewOwner {
        email: Email(email),
        name: Line(name),
        password,
        code,
    } = body.0;
    confirm(&state, owner.user, password, code).await?;
    let (id, user) = (Uuid::now_v7(), owner.user);
    let (token, token_hash) = invitations::new_token(None)?;
    let invitation_url = invitations::url(&state, &token);
    let invite = move |conn: &mut PgConnection| {
        insert(conn, id, &email, &name, &token_hash)?;
        queue::enqueue(conn, &[mail::owner(id)])?;
        let detail = json!({ "owner_id": id, "email": email });
        audit::record(conn, user, "owner.invited", Uuid::nil(), detail)?;
        let invited = InvitedOwner {
            owner: one(conn, id)?,
            invitation_url,
        };
        Ok(Made::new(format!("/api/owner/owners/{id}"), invited).showing_once(&["invitation_url"]))
    };
    once.platform(&state, &owner, invite).await
}

/// Make a new link for somebody who has not joined; the ones before it end.
#[utoipa::path(
    params(("owner_id" = Uuid, Path)),
    request_body = StepUp,
    responses((status = 200, body = InvitedOwner))
)]
#[post("/owner/owners/{owner_id}/repeat-invitation")]
async fn repeat_owner_invitation(
    owner: Owner,
    state: Data<State>,
    id: Path<Uuid>,
    body: Json<StepUp>,
) -> Result<Json<InvitedOwner>> {
    confirm(&state, owner.user, body.0.password, body.0.code).await?;
    let (id, user) = (id.0, owner.user);
    let (token, token_hash) = invitations::new_token(None)?;
    let invitation_url = invitations::url(&state, &token);
    let repeat = move |conn: &mut PgConnection| {
        let known = lock(conn, id)?;
        if ["active", "deactivated"].contains(&known.status.as_str()) {
            return Err(Error::Conflict(
                "owner_joined",
                "This owner has joined already.".into(),
            ));
        }
        withdraw_links(conn, id)?;
        issue_link(conn, id, &known.email, &token_hash)?;
        queue::enqueue(conn, &[mail::owner(id)])?;
        let detail = json!({ "owner_id": id, "email": known.email });
        audit::record(conn, user, "owner.invited", Uuid::nil(), detail)?;
        Ok(InvitedOwner {
            owner: one(conn, id)?,
            invitation_url,
        })
    };
    state.db.platform(&owner, repeat).await.map(Json)
}

/// Deactivate an owner: every sign-in ends at once; an invitation is taken back. Nobody deactivates themselves.
#[utoipa::path(
    params(("owner_id" = Uuid, Path)),
    request_body = OwnerChange,
    responses((status = 200, body = OwnerAccount))
)]
#[post("/owner/owners/{owner_id}/deactivate")]
async fn deactivate_owner(
    owner: Owner,
    state: Data<State>,
    id: Path<Uuid>,
    body: Json<OwnerChange>,
) -> Result<Json<OwnerAccount>> {
    set_active(&owner, &state, id.0, body.0, false).await
}

/// Reactivate an owner, who signs in anew.
#[utoipa::path(
    params(("owner_id" = Uuid, Path)),
    request_body = OwnerChange,
    responses((status = 200, body = OwnerAccount))
)]
#[post("/owner/owners/{owner_id}/reactivate")]
async fn reactivate_owner(
    owner: Owner,
    state: Data<State>,
    id: Path<Uuid>,
    body: Json<OwnerChange>,
) -> Result<Json<OwnerAccount>> {
    set_active(&owner, &state, id.0, body.0, true).await
}

async fn set_active(
    owner: &Owner,
    state: &State,
    id: Uuid,
    OwnerChange {
        reason: Line(reason),
        password,
        code,
    }: OwnerChange,
    active: bool,
) -> Result<Json<OwnerAccount>> {
    if id == owner.user {
        return Err(Error::Conflict(
            "own_account",
            "Nobody does this to their own account.".into(),
        ));
    }
    confirm(state, owner.user, password, code).await?;
    let user = owner.user;
    let change = move |conn: &mut PgConnection| {
        let known = lock(conn, id)?;
        let is_meant = match known.status.as_str() {
            "active" | "invited" => !active,
            "deactivated" => active,
            _ => false,
        };
        if !is_meant {
            return Err(Error::Conflict(
                "owner_unchanged",
                format!("This owner is {}.", known.status),
            ));
        }
        withdraw_links(conn, id)?;
        let ended = match known.status.as_str() {
            "invited" => Vec::new(),
            _ => set_disabled(conn, user, id, !active)?,
        };
        let action = match active {
            true => "owner.reactivated",
            false => "owner.deactivated",
        };
        let detail = json!({ "owner_id": id, "email": known.email, "sign_ins": ended.len(), "reason": reason });
        audit::record(conn, user, action, Uuid::nil(), detail)?;
        Ok((one(conn, id)?, ended))
    };
    let (account, ended) = state.db.platform(owner, change).await?;
    for sign_in in ended {
        state.directory.end(sign_in);
    }
    Ok(Json(account))
}

/// From the terminal: makes an owner and the link with which the password is chosen.
pub fn create(db: &Db, config: &Config, email: &str, name: &str) -> Result<String> {
    let (id, (token, token_hash)) = (Uuid::now_v7(), invitations::new_token(None)?);
    db.platform_blocking(|conn| {
        insert(conn, id, email, name, &token_hash)?;
        let detail = json!({ "owner_id": id, "email": email });
        audit::record_for(conn, "terminal", "owner.invited", Uuid::nil(), detail)
    })?;
    Ok(format!("{}/invite/{token}", config.public_url()))
}

/// The same of a server that runs.
pub fn link(state: &State, email: &str, name: &str) -> Result<String> {
    create(&state.db, &state.config, email, name)
}

fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    email: &str,
    name: &str,
    token_hash: &[u8; 32],
) -> Result<()> {
    diesel::insert_into(owners::table)
        .values((
            owners::id.eq(id),
            owners::email.eq(email),
            owners::name.eq(name),
        ))
        .execute(conn)?;
    issue_link(conn, id, email, token_hash)
}

fn issue_link(conn: &mut PgConnection, id: Uuid, email: &str, token_hash: &[u8; 32]) -> Result<()> {
    sql_query("SELECT auth.issue_owner_link($1, $2, $3, $4)")
        .bind::<Binary, _>(&token_hash[..])
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(email)
        .bind::<Timestamptz, _>(Utc::now() + LIFETIME)
        .execute(conn)?;
    Ok(())
}

fn withdraw_links(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sql_query("SELECT auth.withdraw_owner_links($1)")
        .bind::<SqlUuid, _>(id)
        .execute(conn)?;
    Ok(())
}

fn set_disabled(
    conn: &mut PgConnection,
    actor: Uuid,
    id: Uuid,
    disabled: bool,
) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Done {
        #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
        ended: Option<Vec<Uuid>>,
    }
    let Done { ended } = sql_query("SELECT auth.set_owner_disabled($1, $2, $3) AS ended")
        .bind::<SqlUuid, _>(actor)
        .bind::<SqlUuid, _>(id)
        .bind::<Bool, _>(disabled)
        .get_result(conn)?;
    // The actor was deactivated in the meantime.
    ended.ok_or(Error::Unauthenticated)
}

fn all(conn: &mut PgConnection, only: Option<Uuid>) -> Result<Vec<OwnerAccount>> {
    Ok(sql_query(
        "SELECT o.id, o.email, o.name, o.created_at, a.has_two_factor, a.last_seen_at, a.invited_until, \
         CASE WHEN a.disabled_at IS NOT NULL THEN 'deactivated' WHEN a.has_joined THEN 'active' \
           WHEN a.invited_until IS NOT NULL THEN 'invited' ELSE 'lapsed' END AS status \
         FROM platform.owners o JOIN auth.owner_accounts() a ON a.owner_id = o.id \
         WHERE $1 IS NULL OR o.id = $1 ORDER BY lower(o.name), o.id",
    )
    .bind::<Nullable<SqlUuid>, _>(only)
    .load(conn)?)
}

fn one(conn: &mut PgConnection, id: Uuid) -> Result<OwnerAccount> {
    all(conn, Some(id))?.pop().ok_or(Error::NotFound)
}

/// Nobody else changes this owner before the transaction is over.
fn lock(conn: &mut PgConnection, id: Uuid) -> Result<OwnerAccount> {
    owners::table
        .find(id)
        .select(owners::id)
        .for_update()
        .first::<Uuid>(conn)?;
    one(conn, id)
}
