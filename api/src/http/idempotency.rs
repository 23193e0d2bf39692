//! `Idempotency-Key`: who sends a request again that creates or changes something, not knowing what became of it, gets
//! the first one's answer.
//! A handler takes `Once` and does its work through it; the answer is kept in the transaction of the effect, so that
//! there is never one without the other. A refused request leaves nothing behind and may be sent again.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use uuid::Uuid;

use super::error::Error;
use crate::app::State;
use crate::db::Tx;
use crate::http::session::{AtLeast, Owner, Tenant};
use crate::{Result, secrets, secrets::Secrets};

/// For this long an answer is kept.
pub(crate) const KEPT: Duration = Duration::hours(24);
pub(super) const HEADER: &str = "Idempotency-Key";
const REPLAYED: &str = "Idempotency-Replayed";

/// The request's key, if it has one.
pub struct Once(Option<Attempt>);

/// A request that may have been here before.
struct Attempt {
    req: HttpRequest,
    route: String,
    key: String,
}

/// Hash of the body as it came, noted by whoever read it.
struct BodyHash([u8; 32]);

/// Notes the body of a request that has a key.
pub(super) fn note_body(req: &HttpRequest, body: &[u8]) {
    if req.headers().contains_key(HEADER) {
        req.extensions_mut().insert(BodyHash(secrets::sha256(body)));
    }
}

impl FromRequest for Once {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(attempt(req).map(Self))
    }
}

fn attempt(req: &HttpRequest) -> Result<Option<Attempt>> {
    let mut values = req.headers().get_all(HEADER);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.to_str().ok().filter(|key| {
        (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    match (key, values.next()) {
        (Some(key), None) => Ok(Some(Attempt {
            route: format!(
                "{} {}",
                req.method(),
                req.match_pattern().unwrap_or_default()
            ),
            key: key.to_owned(),
            req: req.clone(),
        })),
        _ => Err(Error::Malformed(format!(
            "{HEADER} is sent once and has 1 to 255 visible characters."
        ))),
    }
}

/// What a request made: 201, where it is found, and the answer's body. Or what it changed: 200, and the body.
pub struct Made<T> {
    /// Nowhere, where nothing new was made.
    location: String,
    body: T,
    secret: &'static [&'static str],
}

impl<T: Serialize> Made<T> {
    pub fn new(location: impl Into<String>, body: T) -> Self {
        Self {
            location: location.into(),
            body,
            secret: &[],
        }
    }

    pub fn changed(body: T) -> Self {
        Self::new("", body)
    }

    /// Fields that are shown in the first answer only, and not kept.
    pub fn showing_once(self, secret: &'static [&'static str]) -> Self {
        Self { secret, ..self }
    }

    fn answer(&self) -> Result<Answer> {
        Ok(Answer {
            status: match self.location.is_empty() {
                true => i32::from(StatusCode::OK.as_u16()),
                false => i32::from(StatusCode::CREATED.as_u16()),
            },
            location: self.location.clone(),
            body: serde_json::to_string(&self.body).map_err(anyhow::Error::from)?,
        })
    }

    /// What may be answered again.
    fn kept(&self) -> Result<Answer> {
        let answer = self.answer()?;
        if self.secret.is_empty() {
            return Ok(answer);
        }
        let mut body = serde_json::to_value(&self.body).map_err(anyhow::Error::from)?;
        if let Some(fields) = body.as_object_mut() {
            fields.retain(|name, _| !self.secret.contains(&name.as_str()));
        }
        Ok(Answer {
            body: body.to_string(),
            ..answer
        })
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Integer)]
    status: i32,
    #[diesel(sql_type = Text)]
    location: String,
    #[diesel(sql_type = Text)]
    body: String,
}

impl Answer {
    fn respond(self, replayed: bool) -> HttpResponse {
        let status = u16::try_from(self.status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok());
        let mut response = HttpResponse::build(status.unwrap_or(StatusCode::CREATED));
        response.content_type(header::ContentType::json());
        if !self.location.is_empty() {
            response.insert_header((header::LOCATION, self.location));
        }
        if replayed {
            response.insert_header((REPLAYED, "true"));
        }
        response.body(self.body)
    }
}

impl Once {
    /// Does the work in a company's transaction, unless this request has been answered.
    pub async fn tenant<T: Serialize + Send + 'static, R: AtLeast>(
        self,
        state: &State,
        session: &Tenant<R>,
        work: impl FnOnce(Tx) -> Result<Made<T>> + Send + 'static,
    ) -> Result<HttpResponse> {
        let Some(attempt) = &self.0 else {
            let made = state.db.tenant(session, work).await?;
            return Ok(made.answer()?.respond(false));
        };
        let actor = session.token.map_or(session.user, |token| token.id);
        let known = attempt.by(Whose::Tenant(session.company.id, actor), &state.secrets);
        let (answer, replayed) = state
            .db
            .tenant(session, move |tx| {
                let Tx {
                    conn,
                    company,
                    user,
                    role,
                    token,
                } = tx;
                known.once(conn, |conn| {
                    work(Tx {
                        conn,
                        company,
                        user,
                        role,
                        token,
                    })
                })
            })
            .await?;
        Ok(answer.respond(replayed))
    }

    /// The same on the owner's side.
    pub async fn platform<T: Serialize + Send + 'static>(
        self,
        state: &State,
        owner: &Owner,
        work: impl FnOnce(&mut PgConnection) -> Result<Made<T>> + Send + 'static,
    ) -> Result<HttpResponse> {
        let Some(attempt) = &self.0 else {
            let made = state.db.platform(owner, work).await?;
            return Ok(made.answer()?.respond(false));
        };
        let known = attempt.by(Whose::Owner(owner.user), &state.secrets);
        let (answer, replayed) = state
            .db
            .platform(owner, move |conn| known.once(conn, work))
            .await?;
        Ok(answer.respond(replayed))
    }
}

impl Once {
    /// The answer of an owner's request that has been here. For work that asks for more than the request before it begins:
    /// a second factor is good once, and who sends it again has done nothing else.
    pub async fn answered(&self, state: &State, owner: &Owner) -> Result<Option<HttpResponse>> {
        let Some(attempt) = &self.0 else {
            return Ok(None);
        };
        let known = attempt.by(Whose::Owner(owner.user), &state.secrets);
        let look = move |conn: &mut PgConnection| known.answered(conn, Utc::now());
        let answer = state.db.platform(owner, look).await?;
        Ok(answer.map(|answer| answer.respond(true)))
    }
}

/// Whose key it is: another person, token or company may use the same one.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Tenant(Uuid, Uuid),
    Owner(Uuid),
}

/// An attempt that can be compared with an earlier one.
struct Known {
    whose: Whose,
    route: String,
    key: String,
    request_mac: [u8; 32],
}

impl Attempt {
    fn by(&self, whose: Whose, secrets: &Secrets) -> Known {
        let hash = self
            .req
            .extensions()
            .get::<BodyHash>()
            .map_or_else(|| secrets::sha256(b""), |BodyHash(hash)| *hash);
        let request = format!("{}\n{}", self.req.uri(), secrets::hex(&hash));
        Known {
            whose,
            request_mac: secrets.request_mac(request.as_bytes()),
            route: self.route.clone(),
            key: self.key.clone(),
        }
    }
}

#[derive(QueryableByName)]
struct Free {
    #[diesel(sql_type = Bool)]
    free: bool,
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Binary)]
    request_mac: Vec<u8>,
    #[diesel(embed)]
    answer: Answer,
}

impl Known {
    fn once<T: Serialize>(
        &self,
        conn: &mut PgConnection,
        work: impl FnOnce(&mut PgConnection) -> Result<Made<T>>,
    ) -> Result<(Answer, bool)> {
        let now = Utc::now();
        self.claim(conn)?;
        // A statement of its own: begun before the claim it would not see what the holder before had written.
        if let Some(answer) = self.answered(conn, now)? {
            return Ok((answer, true));
        }
        let made = work(conn)?;
        self.keep(conn, &made.kept()?, now)?;
        Ok((made.answer()?, false))
    }

    /// What the same request was answered; another one may not come with its key.
    fn answered(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<Answer>> {
        match self.kept(conn, now - KEPT)? {
            Some(kept) if kept.request_mac == self.request_mac => Ok(Some(kept.answer)),
            Some(_) => Err(Error::Rule("idempotency_key_reused".into())),
            None => Ok(None),
        }
    }

    /// Held to the end of the transaction.
    fn claim(&self, conn: &mut PgConnection) -> Result<()> {
        let Self {
            whose, route, key, ..
        } = self;
        let hash = secrets::sha256(format!("idempotency {whose:?} {route} {key}").as_bytes());
        let mut number = [0; 8];
        number.copy_from_slice(&hash[..8]);
        let Free { free } = sql_query("SELECT pg_try_advisory_xact_lock($1) AS free")
            .bind::<BigInt, _>(i64::from_be_bytes(number))
            .get_result(conn)?;
        match free {
            true => Ok(()),
            false => Err(Error::Conflict(
                "idempotency_in_flight",
                "The same request is being worked on. Ask again in a moment.".into(),
            )),
        }
    }

    fn kept(&self, conn: &mut PgConnection, since: DateTime<Utc>) -> Result<Option<Kept>> {
        const COLUMNS: &str = "SELECT request_mac, status, location, body FROM";
        let found = match self.whose {
            Whose::Tenant(company, actor) => sql_query(format!(
                "{COLUMNS} tenant.idempotency_keys \
                 WHERE route = $1 AND key = $2 AND created_at > $3 AND company_id = $4 AND actor_id = $5"
            ))
            .bind::<Text, _>(&self.route)
            .bind::<Text, _>(&self.key)
            .bind::<Timestamptz, _>(since)
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(actor)
            .get_result(conn),
            Whose::Owner(owner) => sql_query(format!(
                "{COLUMNS} platform.idempotency_keys WHERE route = $1 AND key = $2 AND created_at > $3 AND owner_id = $4"
            ))
            .bind::<Text, _>(&self.route)
            .bind::<Text, _>(&self.key)
            .bind::<Timestamptz, _>(since)
            .bind::<SqlUuid, _>(owner)
            .get_result(conn),
        };
        Ok(found.optional()?)
    }

    /// What is in the way can only be older than what is kept.
    fn keep(&self, conn: &mut PgConnection, answer: &Answer, now: DateTime<Utc>) -> Result<()> {
        let (table, whose) = match self.whose {
            Whose::Tenant(..) => ("tenant.idempotency_keys", "company_id, actor_id"),
            Whose::Owner(_) => ("platform.idempotency_keys", "owner_id"),
        };
        let values = if matches!(self.whose, Whose::Tenant(..)) {
            "$8, $9"
        } else {
            "$8"
        };
        let insert = sql_query(format!(
            "INSERT INTO {table} (route, key, request_mac, status, location, body, created_at, {whose}) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, {values}) ON CONFLICT ({whose}, route, key) DO UPDATE SET \
             request_mac = excluded.request_mac, status = excluded.status, location = excluded.location, body = excluded.body, \
             created_at = excluded.created_at"
        ))
        .bind::<Text, _>(&self.route)
        .bind::<Text, _>(&self.key)
        .bind::<Binary, _>(&self.request_mac[..])
        .bind::<Integer, _>(answer.status)
        .bind::<Text, _>(&answer.location)
        .bind::<Text, _>(&answer.body)
        .bind::<Timestamptz, _>(now);
        match self.whose {
            Whose::Tenant(company, actor) => insert
                .bind::<SqlUuid, _>(company)
                .bind::<SqlUuid, _>(actor)
                .execute(conn)?,
            Whose::Owner(owner) => insert.bind::<SqlUuid, _>(owner).execute(conn)?,
        };
        Ok(())
    }
}
