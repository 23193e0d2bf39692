//! What somebody wants to be told of, where, and when the mail of the day comes.

use actix_web::{get, patch, web::Data};
use chrono::Utc;
use diesel::sql_types::{Array, Integer, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::NotificationKind;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, given};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Employee, Tenant};

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(show_notification_preferences)
        .service(change_notification_preferences);
}

/// Kinds that are new are told both ways until somebody says otherwise.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct NotificationPreferences {
    /// Kinds that are kept from the bell.
    #[diesel(sql_type = Array<Text>)]
    not_in_app: Vec<String>,
    /// Kinds that are kept from the mail.
    #[diesel(sql_type = Array<Text>)]
    not_by_mail: Vec<String>,
    /// When the mail of the day comes, if there is something: the hour of the company's clock.
    #[diesel(sql_type = SmallInt)]
    digest_hour: i16,
    /// `If-Match` names it, in quotes.
    #[diesel(sql_type = Integer)]
    version: i32,
}

impl Versioned for NotificationPreferences {
    fn version(&self) -> String {
        self.version.to_string()
    }
}

/// What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NotificationPreferencesPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_items = 20)]
    not_in_app: Option<Vec<NotificationKind>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_items = 20)]
    not_by_mail: Option<Vec<NotificationKind>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 0, maximum = 23)]
    digest_hour: Option<i16>,
}

/// Show what I want to be told of.
#[utoipa::path(responses((status = 200, body = NotificationPreferences)))]
#[get("/me/notification-preferences")]
async fn show_notification_preferences(
    session: Tenant<Employee>,
    state: Data<State>,
) -> Result<Tagged<NotificationPreferences>> {
    let show = |mut tx: Tx| one(&mut tx);
    state.db.tenant(&session, show).await.map(Tagged)
}

/// Change what I want to be told of. What was told before stays as it is.
#[utoipa::path(request_body = NotificationPreferencesPatch, responses((status = 200, body = NotificationPreferences)))]
#[patch("/me/notification-preferences")]
async fn change_notification_preferences(
    session: Tenant<Employee>,
    state: Data<State>,
    seen: IfMatch,
    body: Json<NotificationPreferencesPatch>,
) -> Result<Tagged<NotificationPreferences>> {
    let patch = body.0;
    if (patch.digest_hour).is_some_and(|hour| !(0..=23).contains(&hour)) {
        return Err(Error::invalid(
            "/digest_hour",
            "notification_preferences_digest_hour_invalid",
            "An hour is 0 to 23",
        ));
    }
    let change = move |mut tx: Tx| {
        hold(&mut tx)?;
        let before = one(&mut tx)?;
        seen.check(&before.version())?;
        let names = |kinds: Option<Vec<NotificationKind>>, before: Vec<String>| match kinds {
            Some(kinds) => {
                let mut names: Vec<String> =
                    kinds.into_iter().map(|kind| kind.name().into()).collect();
                names.sort_unstable();
                names.dedup();
                names
            }
            None => before,
        };
        // Who changes nothing has changed nothing.
        sql_query(
            "UPDATE tenant.notification_preferences SET not_in_app = $3, not_by_mail = $4, digest_hour = $5, \
               version = version + 1, updated_at = $6 WHERE company_id = $1 AND user_id = $2 \
               AND (not_in_app, not_by_mail, digest_hour) IS DISTINCT FROM ($3, $4, $5)",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<Array<Text>, _>(names(patch.not_in_app, before.not_in_app))
        .bind::<Array<Text>, _>(names(patch.not_by_mail, before.not_by_mail))
        .bind::<SmallInt, _>(patch.digest_hour.unwrap_or(before.digest_hour))
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
        one(&mut tx)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

/// The own row, or what holds without one.
fn one(tx: &mut Tx) -> Result<NotificationPreferences> {
    let found = sql_query(
        "SELECT not_in_app, not_by_mail, digest_hour, version FROM tenant.notification_preferences \
         WHERE company_id = $1 AND user_id = $2",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .get_result(tx.conn)
    .optional()?;
    Ok(found.unwrap_or(NotificationPreferences {
        not_in_app: Vec::new(),
        not_by_mail: Vec::new(),
        digest_hour: 8,
        version: 1,
    }))
}

/// Makes the row if it is not there, and holds it until the end of the transaction.
fn hold(tx: &mut Tx) -> Result<()> {
    sql_query(
        "INSERT INTO tenant.notification_preferences (company_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .execute(tx.conn)?;
    sql_query(
        "SELECT FROM tenant.notification_preferences WHERE company_id = $1 AND user_id = $2 FOR UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .execute(tx.conn)?;
    Ok(())
}
