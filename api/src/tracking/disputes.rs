//! Disputes: somebody contests a slot of time that was recorded of them, or how an application or a site is labelled, and says
//! why. An admin answers. Both stay as they were said; only the state changes, once. An answer changes no number: what corrects
//! sessions and rules is elsewhere, and an admin who accepts goes there.

mod answers;
mod list;

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::stretches;
use crate::Result;
use crate::app::State;
use crate::company::rules::matching::Category;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query, given};
use crate::http::page::Page;
use crate::http::session::{Employee, TeamAdmin, Tenant, Viewer};
use crate::http::sheet::Book;
use crate::http::text::Line;
use crate::jobs::{disputes as news, queue};
use list::{DisputesExportQuery, DisputesQuery};

pub(crate) use answers::tell_admins;

/// Open ones of a person.
const MOST_OPEN: i64 = 50;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_disputes)
        .service(export_disputes)
        .service(open_dispute)
        .service(withdraw_dispute);
    answers::routes(api);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DisputeKind {
    /// Of time.
    Slot,
    /// Of an application or a site.
    Label,
}

impl DisputeKind {
    fn name(self) -> &'static str {
        match self {
            Self::Slot => "slot",
            Self::Label => "label",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DisputeState {
    Open,
    Accepted,
    Rejected,
    Withdrawn,
}

impl DisputeState {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What somebody contests, and the answer.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Dispute {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Text)]
    user_name: String,
    /// `slot` or `label`.
    #[diesel(sql_type = Text)]
    kind: String,
    /// Of a slot.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<DateTime<Utc>>,
    /// Of a slot.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// Of a label: the application that is labelled. Absent where it is a site.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<String>,
    /// Of a label: the site that is labelled. Absent where it is an application.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    /// As it was then: `productive`, `neutral`, `unproductive` or `unclassified`.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[diesel(sql_type = Text)]
    reason: String,
    /// `open`, `accepted`, `rejected` or `withdrawn`.
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_at: Option<DateTime<Utc>>,
    /// Absent while nobody answered.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<DateTime<Utc>>,
    /// The name at that time.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_by_name: Option<String>,
}

/// Of a `slot` its two times, of a `label` the application or the site and the label, and nothing else.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDispute {
    kind: DisputeKind,
    /// A whole minute.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    started_at: Option<DateTime<Utc>>,
    /// A whole minute, not in the future, at most 24 hours after the start.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    ended_at: Option<DateTime<Utc>>,
    /// As usage names it.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    app: Option<Line<200>>,
    /// As usage names it.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    host: Option<Line<200>>,
    /// Which label it has now.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    label: Option<Category>,
    /// Whoever answers reads it.
    reason: Line<500>,
}

impl NewDispute {
    /// What belongs to the kind is there, and nothing else is.
    fn check(&self) -> Result<()> {
        let times = [self.started_at, self.ended_at];
        let names = [&self.app, &self.host];
        let is_whole = match self.kind {
            DisputeKind::Slot => {
                times.iter().all(Option::is_some)
                    && names.iter().all(|name| name.is_none())
                    && self.label.is_none()
            }
            DisputeKind::Label => {
                times.iter().all(Option::is_none)
                    && names.iter().filter(|name| name.is_some()).count() == 1
                    && self.label.is_some()
            }
        };
        if !is_whole {
            return Err(Error::invalid(
                "/kind",
                "disputes_subject_invalid",
                "A slot has two times; a label is of an application or of a site",
            ));
        }
        let codes = stretches::Codes {
            minute: "disputes_minute",
            future: "disputes_future",
            length: "disputes_length_invalid",
        };
        match (self.started_at, self.ended_at) {
            (Some(from), Some(to)) => stretches::check(from, to, &codes),
            _ => Ok(()),
        }
    }
}

/// List what is contested, the latest first. EMPLOYEE: by oneself.
///
/// Whose an ADMIN is shown can read that, day by day.
#[utoipa::path(params(DisputesQuery), responses((status = 200, body = Page<Dispute>)))]
#[get("/disputes")]
async fn list_disputes(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<DisputesQuery>,
) -> Result<Json<Page<Dispute>>> {
    list::page(session, state, query.0).await.map(Json)
}

/// Export what is contested as a file, as CSV or as a workbook: all that the filter lets through, in the list's order.
///
/// Written to the audit log, and noted for those who contested. In CSV an apostrophe stands before a text that a spreadsheet
/// would read as a formula.
#[utoipa::path(
    params(DisputesExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/disputes/export")]
async fn export_disputes(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: Query<DisputesExportQuery>,
) -> Result<HttpResponse> {
    list::export(session, state, query.0).await
}

/// Contest what was recorded of oneself: a slot of time, or how an application or a site is labelled.
///
/// Admins are told, and one of them answers. At most 50 are open at once (`disputes_too_many`).
#[utoipa::path(request_body = NewDispute, responses((status = 201, body = Dispute)))]
#[post("/disputes")]
async fn open_dispute(
    session: Tenant<Employee>,
    state: Data<State>,
    once: Once,
    body: Json<NewDispute>,
) -> Result<HttpResponse> {
    let new = body.0;
    new.check()?;
    let open = move |mut tx: Tx| {
        let (id, user) = (Uuid::now_v7(), tx.user);
        stretches::hold(&mut tx, "disputes", user)?;
        if open_ones(&mut tx)? >= MOST_OPEN {
            return Err(Error::Conflict(
                "disputes_too_many",
                "Fifty are open already. Wait for answers, or withdraw some.".into(),
            ));
        }
        insert(&mut tx, id, &new)?;
        queue::enqueue(tx.conn, &[news::job(tx.company, id)])?;
        Ok(Made::new("/api/disputes", one(&mut tx, id)?))
    };
    once.tenant(&state, &session, open).await
}

/// Take back what one contested, while nobody has answered.
#[utoipa::path(params(("dispute_id" = Uuid, Path)), responses((status = 200, body = Dispute)))]
#[post("/disputes/{dispute_id}/withdraw")]
async fn withdraw_dispute(
    session: Tenant<Employee>,
    state: Data<State>,
    id: Path<Uuid>,
) -> Result<Json<Dispute>> {
    let id = id.0;
    let withdraw = move |mut tx: Tx| {
        if one(&mut tx, id)?.user_id != tx.user {
            return Err(Error::NotFound);
        }
        let withdrawn = sql_query(
            "UPDATE tenant.disputes SET state = 'withdrawn', withdrawn_at = $4 \
             WHERE company_id = $1 AND id = $2 AND user_id = $3 AND state = 'open'",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
        match withdrawn {
            0 => Err(closed()),
            _ => one(&mut tx, id),
        }
    };
    state.db.tenant(&session, withdraw).await.map(Json)
}

fn closed() -> Error {
    Error::Conflict(
        "disputes_closed",
        "It was answered or withdrawn meanwhile.".into(),
    )
}

fn open_ones(tx: &mut Tx) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let counted: Counted = sql_query(
        "SELECT count(*) FROM tenant.disputes WHERE company_id = $1 AND user_id = $2 AND state = 'open'",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .get_result(tx.conn)?;
    Ok(counted.count)
}

fn insert(tx: &mut Tx, id: Uuid, new: &NewDispute) -> Result<()> {
    let name = |name: &Option<Line<200>>| name.as_ref().map(|Line(name)| name.clone());
    sql_query(
        "INSERT INTO tenant.disputes (company_id, id, user_id, kind, started_at, ended_at, app, host, label, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(new.kind.name())
    .bind::<Nullable<Timestamptz>, _>(new.started_at)
    .bind::<Nullable<Timestamptz>, _>(new.ended_at)
    .bind::<Nullable<Text>, _>(name(&new.app))
    .bind::<Nullable<Text>, _>(name(&new.host))
    .bind::<Nullable<Text>, _>(new.label.map(Category::name))
    .bind::<Text, _>(&new.reason.0)
    .execute(tx.conn)?;
    Ok(())
}

/// The columns of `Dispute`, of the rows `w` that `which` says, in the list's order. `$1` company.
fn entries(which: &str) -> String {
    format!(
        "SELECT w.id, w.user_id, u.name AS user_name, w.kind, w.started_at, w.ended_at, w.app, w.host, w.label, w.reason, w.state, \
           w.created_at, w.withdrawn_at, w.answer, w.answered_at, w.answered_by_name \
         FROM tenant.disputes w JOIN tenant.users u ON u.company_id = $1 AND u.id = w.user_id \
         WHERE w.company_id = $1 AND {which}"
    )
}

fn one(tx: &mut Tx, id: Uuid) -> Result<Dispute> {
    let found = sql_query(entries("w.id = $2"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn);
    found.optional()?.ok_or(Error::NotFound)
}
