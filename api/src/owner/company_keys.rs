//! A company's key: made with the company, shown again after the password, replaced with a grace for the old one.

use actix_web::{HttpResponse, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use super::companies::{self, CompanyDetail};
use crate::account::two_factor::{StepUp, confirm};
use crate::app::State;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path};
use crate::http::session::Owner;
use crate::http::text::{Code, Line, Password};
use crate::{Result, directory, secrets, secrets::Secrets};

/// Longest a replaced key may go on working.
const MAX_GRACE_DAYS: i64 = 30;

pub fn routes(api: &mut ServiceConfig) {
    api.service(rotate_company_key)
        .service(end_old_company_key)
        .service(reveal_company_key);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rotation {
    /// Days the old key goes on working; 0 ends it now.
    #[schema(minimum = 0, maximum = 30)]
    grace_days: i64,
    reason: Line<500>,
    password: Password,
    /// Where two-factor is on.
    code: Option<Code>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndOfOldKey {
    reason: Line<500>,
    password: Password,
    /// Where two-factor is on.
    code: Option<Code>,
}

/// A key that lets agents in: the present one, and those it replaced until their grace is over.
#[derive(Serialize, QueryableByName)]
struct Live {
    #[diesel(sql_type = Text)]
    prefix: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
}

impl Live {
    /// The newest first.
    fn of(conn: &mut PgConnection, company: Uuid) -> Result<Vec<Self>> {
        let query = sql_query(
            "SELECT prefix, expires_at FROM auth.company_keys_of($1) ORDER BY created_at DESC",
        );
        Ok(query.bind::<SqlUuid, _>(company).load(conn)?)
    }
}

#[derive(Serialize, ToSchema)]
struct Rotated {
    /// Absent from a replayed answer; it can be revealed.
    #[schema(required = false)]
    company_key: String,
    old_key_expires_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Revealed {
    pub company_key: String,
}

/// Make a new key; the old one works on for the days chosen.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = Rotation,
    responses((status = 200, body = Rotated))
)]
#[post("/owner/companies/{company_id}/rotate-key")]
async fn rotate_company_key(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<Rotation>,
) -> Result<HttpResponse> {
    let (company, user) = (company.0, owner.user);
    let Rotation {
        grace_days,
        reason: Line(reason),
        password,
        code,
    } = body.0;
    if !(0..=MAX_GRACE_DAYS).contains(&grace_days) {
        return Err(Error::invalid(
            "/grace_days",
            "grace_days_invalid",
            "A grace is 0 to 30 days",
        ));
    }
    if let Some(answer) = once.answered(&state, &owner).await? {
        return Ok(answer);
    }
    confirm(&state, user, password, code).await?;
    let old_key_expires_at = Utc::now() + Duration::days(grace_days);
    let key = NewKey::new(company, &state.secrets)?;
    let company_key = key.key.clone();
    let change = move |conn: &mut PgConnection| {
        companies::must_exist(conn, company)?;
        let before = Live::of(conn, company)?;
        let detail = json!({
            "before": { "prefix": before.first().map(|key| key.prefix.as_str()) },
            "after": { "prefix": key.prefix() },
            "grace_days": grace_days,
            "old_key_expires_at": old_key_expires_at,
            "reason": reason,
        });
        key.insert(conn, company, Some(old_key_expires_at))?;
        audit::record(conn, user, "company_key.rotated", company, detail)?;
        let rotated = Rotated {
            company_key,
            old_key_expires_at,
        };
        Ok(Made::changed(rotated).showing_once(&["company_key"]))
    };
    let answer = once.platform(&state, &owner, change).await?;
    state.directory.refresh(&state.db, company).await?;
    Ok(answer)
}

/// End the keys that were replaced, before their grace is over. Devices that still use one are refused at once, on every
/// instance, until they are set up with the present key.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = EndOfOldKey,
    responses((status = 200, body = CompanyDetail))
)]
#[post("/owner/companies/{company_id}/end-old-key")]
async fn end_old_company_key(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<EndOfOldKey>,
) -> Result<HttpResponse> {
    let (company, user) = (company.0, owner.user);
    let EndOfOldKey {
        reason: Line(reason),
        password,
        code,
    } = body.0;
    if let Some(answer) = once.answered(&state, &owner).await? {
        return Ok(answer);
    }
    confirm(&state, user, password, code).await?;
    let end = move |conn: &mut PgConnection| {
        companies::lock(conn, company)?;
        let mut old = Live::of(conn, company)?;
        old.retain(|key| key.expires_at.is_some());
        if old.is_empty() {
            return Err(Error::Conflict(
                "no_old_key",
                "No replaced key works any more.".into(),
            ));
        }
        sql_query("SELECT auth.end_old_company_keys($1)")
            .bind::<SqlUuid, _>(company)
            .execute(conn)?;
        let detail = json!({
            "before": { "old_keys": old },
            "after": { "old_keys": [] },
            "reason": reason,
        });
        audit::record(conn, user, "company_key.ended", company, detail)?;
        directory::tell(conn, "company", company)?;
        companies::detail(conn, company).map(Made::changed)
    };
    let answer = once.platform(&state, &owner, end).await?;
    state.directory.refresh(&state.db, company).await?;
    Ok(answer)
}

/// Show the key again.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = StepUp,
    responses((status = 200, body = Revealed))
)]
#[post("/owner/companies/{company_id}/reveal-key")]
async fn reveal_company_key(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    body: Json<StepUp>,
) -> Result<Json<Revealed>> {
    let (company, user) = (company.0, owner.user);
    confirm(&state, user, body.0.password, body.0.code).await?;
    let read = move |conn: &mut PgConnection| {
        audit::record(conn, user, "company_key.revealed", company, json!({}))?;
        sealed(
            sql_query("SELECT auth.sealed_company_key($1) AS sealed")
                .bind::<SqlUuid, _>(company)
                .get_result(conn)?,
        )
    };
    let sealed = state.db.platform(&owner, read).await?;
    Ok(Json(Revealed {
        company_key: state.secrets.unseal(company, &sealed)?,
    }))
}

#[derive(QueryableByName)]
pub(crate) struct Sealed {
    #[diesel(sql_type = Nullable<Binary>)]
    sealed: Option<Vec<u8>>,
}

pub(crate) fn sealed(row: Sealed) -> Result<Vec<u8>> {
    row.sealed.ok_or(Error::NotFound)
}

/// A key that was just made: the only moment at which it exists in the clear.
pub(crate) struct NewKey {
    pub key: String,
    sealed: Vec<u8>,
}

impl NewKey {
    pub fn new(company: Uuid, secrets: &Secrets) -> Result<Self> {
        let key = format!("company_{}", secrets::hex(&secrets::random::<16>()?));
        let sealed = secrets.seal(company, &key)?;
        Ok(Self { key, sealed })
    }

    /// Enough to recognise it, too little to use it.
    fn prefix(&self) -> &str {
        self.key.get(..14).unwrap_or_default()
    }

    /// Keys before it end at `old_until`.
    pub fn insert(
        &self,
        conn: &mut PgConnection,
        company: Uuid,
        old_until: Option<DateTime<Utc>>,
    ) -> Result<()> {
        sql_query("SELECT auth.add_company_key($1, $2, $3, $4, $5, $6)")
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(Uuid::now_v7())
            .bind::<Binary, _>(&secrets::sha256(self.key.as_bytes())[..])
            .bind::<Text, _>(self.prefix())
            .bind::<Binary, _>(&self.sealed)
            .bind::<Nullable<Timestamptz>, _>(old_until)
            .execute(conn)?;
        Ok(())
    }
}
