//! One change of a company: under lock, with its history and its audit entry, and with word to every instance.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::types;
use crate::app::State;
use crate::db::schema::platform::companies;
use crate::http::idempotency::{Made, Once};
use crate::http::session::Owner;
use crate::owner::audit;
use crate::owner::plans::{self, Period};
use crate::owner::subscriptions::{self, Price};
use crate::{Result, directory};

/// How a change goes into the history and the audit log.
pub(in crate::owner) struct Change {
    /// Of the history; none for what is not in force yet.
    pub event: Option<&'static str>,
    pub action: &'static str,
    pub reason: Option<String>,
    pub price: Price,
}

impl Change {
    /// One that leaves the price as it was agreed.
    pub fn new(event: &'static str, action: &'static str, reason: Option<String>) -> Self {
        Self {
            event: Some(event),
            action,
            reason,
            price: Price::Agreed,
        }
    }

    /// One that is not in force yet.
    pub fn to_come(action: &'static str, reason: Option<String>) -> Self {
        Self {
            event: None,
            action,
            reason,
            price: Price::Agreed,
        }
    }
}

/// What the audit entry says besides what was before and is after.
#[derive(Default)]
pub(in crate::owner) struct Done(pub Map<String, Value>);

/// How a company stands with its owner.
#[derive(Debug, Serialize, QueryableByName)]
pub(in crate::owner) struct Standing {
    #[diesel(sql_type = SqlUuid)]
    #[serde(skip)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = SqlUuid)]
    #[serde(skip)]
    pub plan_id: Uuid,
    #[diesel(sql_type = Text)]
    pub plan: String,
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub trial_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub cancelled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub planned_plan: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub planned_for: Option<DateTime<Utc>>,
}

impl Standing {
    pub fn period(&self) -> Period {
        Period::of(&self.period)
    }

    fn load(conn: &mut PgConnection, id: Uuid) -> Result<Self> {
        let query = sql_query(
            "SELECT c.id, c.status, c.plan_id, p.name AS plan, c.period, c.currency, c.trial_ends_at, c.expires_at, c.cancelled_at, \
               planned.name AS planned_plan, x.effective_at AS planned_for \
             FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id \
             LEFT JOIN platform.planned_plan_changes x ON x.company_id = c.id \
             LEFT JOIN platform.plans planned ON planned.id = x.plan_id WHERE c.id = $1",
        );
        Ok(query.bind::<SqlUuid, _>(id).get_result(conn)?)
    }

    fn said(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self).map_err(anyhow::Error::from)? {
            Value::Object(fields) => Ok(fields),
            _ => Ok(Map::new()),
        }
    }
}

/// Changes a company under lock, writes history and audit with it, and tells every instance.
pub(in crate::owner) async fn alter(
    owner: &Owner,
    state: &State,
    once: Once,
    id: Uuid,
    change: Change,
    work: impl FnOnce(&mut PgConnection, &Standing) -> Result<Done> + Send + 'static,
) -> Result<HttpResponse> {
    let user = owner.user;
    let alter = move |conn: &mut PgConnection| {
        super::lock(conn, id)?;
        let before = Standing::load(conn, id)?;
        let Done(mut detail) = work(conn, &before)?;
        diesel::update(companies::table.find(id))
            .set(companies::updated_at.eq(Utc::now()))
            .execute(conn)?;
        let after = Standing::load(conn, id)?;
        let (was, is) = plans::difference(before.said()?, after.said()?);
        detail.insert("before".into(), Value::Object(was));
        detail.insert("after".into(), Value::Object(is));
        let reason = change.reason.as_deref();
        detail.insert("reason".into(), json!(reason));
        if let Some(event) = change.event {
            subscriptions::append(conn, id, event, user, reason, change.price)?;
        }
        audit::record(conn, user, change.action, id, Value::Object(detail))?;
        directory::tell(conn, "company", id)?;
        types::detail(conn, id).map(Made::changed)
    };
    let answer = once.platform(state, owner, alter).await?;
    state.directory.refresh(&state.db, id).await?;
    Ok(answer)
}
