//! A person's own open sign-ins, portals and agents alike: where they are, and ending them.

use actix_web::{HttpRequest, HttpResponse, delete, get, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, PgConnection, QueryDsl, QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::schema::tenant::devices;
use crate::http::client_address;
use crate::http::error::Error;
use crate::http::json::{Json, Path};
use crate::http::session::SignedIn;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_my_sign_ins)
        .service(end_my_sign_in)
        .service(end_my_other_sign_ins);
}

/// The newest 200.
#[derive(Serialize, ToSchema)]
struct OpenSignIns {
    items: Vec<OpenSignIn>,
}

/// A browser or a desktop agent that may act as this person.
#[derive(Serialize, ToSchema)]
struct OpenSignIn {
    id: Uuid,
    /// `portal` or `agent`.
    kind: &'static str,
    /// The one that asks.
    current: bool,
    /// What the browser says it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    /// The agent's device.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_name: Option<String>,
    /// From where it signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
}

/// How many sign-ins were ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ended {
    pub ended: usize,
}

/// List where I am signed in.
#[utoipa::path(responses((status = 200, body = OpenSignIns)))]
#[get("/me/sign-ins")]
async fn list_my_sign_ins(session: SignedIn, state: Data<State>) -> Result<Json<OpenSignIns>> {
    let (user, current) = (session.user, session.sign_in);
    let rows = state.db.auth(move |conn| open(conn, user)).await?;
    let is_used: Vec<Uuid> = rows.iter().filter_map(|row| row.device_id).collect();
    let names = match session.split() {
        Ok(tenant) if !is_used.is_empty() => {
            state
                .db
                .tenant(&tenant, move |tx| device_names(tx, &is_used))
                .await?
        }
        _ => Vec::new(),
    };
    let items = rows
        .into_iter()
        .map(|row| row.shown(current, &names))
        .collect();
    Ok(Json(OpenSignIns { items }))
}

/// End one of my sign-ins.
#[utoipa::path(
    params(("sign_in_id" = Uuid, Path)),
    responses((status = 204, description = "Ended"))
)]
#[delete("/me/sign-ins/{sign_in_id}")]
async fn end_my_sign_in(
    session: SignedIn,
    state: Data<State>,
    sign_in: Path<Uuid>,
) -> Result<HttpResponse> {
    let (user, sign_in) = (session.user, sign_in.0);
    let end = move |conn: &mut PgConnection| {
        let ended = end_own(conn, user, sign_in)?;
        if ended {
            let detail = json!({ "sign_ins": 1, "sign_in_id": sign_in });
            audit::record(conn, user, "account.sign_ins_ended", detail)?;
        }
        Ok(ended)
    };
    if !state.db.auth(end).await? {
        return Err(Error::NotFound);
    }
    state.directory.end(sign_in);
    Ok(HttpResponse::NoContent().finish())
}

/// End all my sign-ins but this one, agents included.
#[utoipa::path(responses((status = 200, body = Ended)))]
#[delete("/me/sign-ins")]
async fn end_my_other_sign_ins(session: SignedIn, state: Data<State>) -> Result<Json<Ended>> {
    let (user, current) = (session.user, session.sign_in);
    let end = move |conn: &mut PgConnection| {
        let ended = end_others(conn, user, Some(current), "ended_by_person")?;
        if !ended.is_empty() {
            let detail = json!({ "sign_ins": ended.len() });
            audit::record(conn, user, "account.sign_ins_ended", detail)?;
        }
        Ok(ended)
    };
    let ended = state.db.auth(end).await?;
    for sign_in in &ended {
        state.directory.end(*sign_in);
    }
    Ok(Json(Ended { ended: ended.len() }))
}

/// From where a request that signs in came.
pub(crate) fn origin(req: &HttpRequest, state: &State) -> String {
    client_address::of(req, &state.config.trusted_proxies)
        .map(|address| address.to_string())
        .unwrap_or_default()
}

/// What attempts of a request are counted by.
pub(crate) fn place(req: &HttpRequest, state: &State) -> String {
    client_address::place(client_address::of(req, &state.config.trusted_proxies))
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    audience: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    device_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    user_agent: String,
    #[diesel(sql_type = Text)]
    address: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    last_used_at: DateTime<Utc>,
}

impl Row {
    fn shown(self, current: Uuid, names: &[(Uuid, String)]) -> OpenSignIn {
        let is_agent = self.audience == "agent";
        let said = |text: String| (!text.is_empty()).then_some(text);
        OpenSignIn {
            id: self.id,
            kind: if is_agent { "agent" } else { "portal" },
            current: self.id == current,
            user_agent: if is_agent {
                None
            } else {
                said(self.user_agent)
            },
            device_name: names
                .iter()
                .find(|(id, _)| Some(*id) == self.device_id)
                .map(|(_, name)| name.clone()),
            address: said(self.address),
            created_at: self.created_at,
            last_used_at: self.last_used_at,
        }
    }
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Bool)]
    done: bool,
}

#[derive(QueryableByName)]
pub(crate) struct Id {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
}

fn open(conn: &mut PgConnection, user: Uuid) -> Result<Vec<Row>> {
    Ok(sql_query("SELECT * FROM auth.open_sign_ins($1)")
        .bind::<SqlUuid, _>(user)
        .load(conn)?)
}

/// Those that are open, for the person's own file.
pub(crate) fn taken_along(conn: &mut PgConnection, user: Uuid) -> Result<Vec<Value>> {
    let rows = open(conn, user)?.into_iter();
    Ok(rows
        .map(|row| {
            json!({
                "id": row.id, "kind": if row.audience == "agent" { "agent" } else { "portal" }, "device_id": row.device_id,
                "user_agent": row.user_agent, "address": row.address, "created_at": row.created_at,
                "last_used_at": row.last_used_at,
            })
        })
        .collect())
}

fn device_names(tx: Tx, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
    Ok(devices::table
        .filter(devices::company_id.eq(tx.company))
        .filter(devices::user_id.eq(tx.user))
        .filter(devices::id.eq_any(ids))
        .select((devices::id, devices::name))
        .load(tx.conn)?)
}

fn end_own(conn: &mut PgConnection, user: Uuid, sign_in: Uuid) -> Result<bool> {
    let Done { done } = sql_query("SELECT auth.end_own_sign_in($1, $2) AS done")
        .bind::<SqlUuid, _>(user)
        .bind::<SqlUuid, _>(sign_in)
        .get_result(conn)?;
    Ok(done)
}

/// All of a person's but one. Whoever calls this tells the directory once it is committed.
pub(crate) fn end_others(
    conn: &mut PgConnection,
    user: Uuid,
    but: Option<Uuid>,
    reason: &str,
) -> Result<Vec<Uuid>> {
    let ended: Vec<Id> = sql_query("SELECT auth.end_sign_ins($1, $2, false, $3) AS id")
        .bind::<SqlUuid, _>(user)
        .bind::<Nullable<SqlUuid>, _>(but)
        .bind::<Text, _>(reason)
        .load(conn)?;
    Ok(ended.into_iter().map(|Id { id }| id).collect())
}
