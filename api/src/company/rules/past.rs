//! What was recorded before a rule changed is sorted anew, person by person and the newest days first, as far as the raw
//! records are kept. Older days keep the categories they have.

use actix_web::{get, web::Data};
use chrono::{Days, NaiveDate};
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::json::Json;
use crate::http::session::{Admin, Tenant};
use crate::jobs::{queue, reclassify};
use crate::tracking::days::Calendar;
use crate::tracking::kept::Kept;
use crate::tracking::user_days;

/// Days of one person in one transaction.
const AT_ONCE: i64 = 31;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(show_reclassification);
}

/// How far the past follows the rules.
#[derive(Debug, Serialize, ToSchema)]
struct Reclassification {
    /// People whose time the last change of rules or teams sorts anew.
    people: i32,
    /// How many of them are still to come.
    waiting: i64,
    /// Days from this one on follow the rules: raw records of earlier days are gone, and these keep the categories they had.
    /// Absent where nothing was deleted yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_day: Option<NaiveDate>,
}

/// Show how far the past follows the rules.
#[utoipa::path(responses((status = 200, body = Reclassification)))]
#[get("/rules/reclassification")]
async fn show_reclassification(
    session: Tenant<Admin>,
    state: Data<State>,
) -> Result<Json<Reclassification>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        people: i32,
        #[diesel(sql_type = BigInt)]
        waiting: i64,
    }
    let show = move |tx: Tx| {
        let Row { people, waiting } = sql_query(
            "SELECT s.reclassified_people AS people, (SELECT count(*) FROM tenant.reclassifications WHERE company_id = $1) AS waiting \
             FROM tenant.company_settings s WHERE s.company_id = $1",
        )
        .bind::<SqlUuid, _>(tx.company)
        .get_result(tx.conn)?;
        let kept = Kept::load(tx.conn, tx.company)?;
        Ok(Reclassification {
            people,
            waiting,
            first_day: kept.usage_kept_from.map(|from| from + Days::new(1)),
        })
    };
    state.db.tenant(&session, show).await.map(Json)
}

/// Asks for the past of these people to be sorted anew, or of all who have one. Who is being sorted at this moment begins
/// again: the row is locked, so that whoever is at it either sees the new rules or leaves the row to the next.
pub(super) fn reclassify(tx: &mut Tx, people: Option<&[Uuid]>) -> Result<()> {
    super::hold(tx)?;
    let asked = sql_query(
        "INSERT INTO tenant.reclassifications (company_id, user_id) SELECT $1, u.id FROM tenant.users u \
         WHERE u.company_id = $1 AND ($2 IS NULL OR u.id = ANY ($2)) \
           AND EXISTS (SELECT FROM tenant.user_usage_daily d WHERE d.company_id = $1 AND d.user_id = u.id) ORDER BY u.id \
         ON CONFLICT (company_id, user_id) DO UPDATE SET before_day = NULL",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<Array<SqlUuid>>, _>(people)
    .execute(tx.conn)?;
    if asked == 0 {
        return Ok(());
    }
    sql_query(
        "UPDATE tenant.company_settings SET reclassified_people = \
           (SELECT count(*) FROM tenant.reclassifications WHERE company_id = $1) WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .execute(tx.conn)?;
    queue::enqueue(tx.conn, &[reclassify::job(tx.company)])
}

/// Somebody whose past is still to be sorted.
pub(crate) fn next(conn: &mut PgConnection, company: Uuid) -> Result<Option<Uuid>> {
    #[derive(QueryableByName)]
    struct Next {
        #[diesel(sql_type = SqlUuid)]
        user_id: Uuid,
    }
    let next: Option<Next> = statement(
        "SELECT user_id FROM tenant.reclassifications WHERE company_id = $1 ORDER BY before_day DESC NULLS FIRST, user_id LIMIT 1",
    )
    .bind::<SqlUuid, _>(company)
    .get_result(conn)
    .optional()?;
    Ok(next.map(|next| next.user_id))
}

/// Sorts the newest days of a person that are left. The person is held first, as by all who sum days.
pub(crate) fn sort(tx: Tx, user: Uuid) -> Result<()> {
    #[derive(QueryableByName)]
    struct Left {
        #[diesel(sql_type = Nullable<Date>)]
        before_day: Option<NaiveDate>,
    }
    #[derive(QueryableByName)]
    struct Of {
        #[diesel(sql_type = Date)]
        day: NaiveDate,
    }
    let (conn, company) = (tx.conn, tx.company);
    user_days::wait_for(conn, company, user)?;
    let left: Option<Left> = statement(
        "SELECT before_day FROM tenant.reclassifications WHERE company_id = $1 AND user_id = $2 FOR UPDATE",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .get_result(conn)
    .optional()?;
    let Some(Left { before_day }) = left else {
        return Ok(());
    };
    let kept = Kept::load(conn, company)?;
    let days: Vec<Of> = statement(
        "SELECT day FROM tenant.user_usage_daily WHERE company_id = $1 AND user_id = $2 \
           AND ($3 IS NULL OR day < $3) AND ($4 IS NULL OR day > $4) ORDER BY day DESC LIMIT $5",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .bind::<Nullable<Date>, _>(before_day)
    .bind::<Nullable<Date>, _>(kept.usage_kept_from)
    .bind::<BigInt, _>(AT_ONCE)
    .load(conn)?;
    let days: Vec<NaiveDate> = days.into_iter().rev().map(|of| of.day).collect();
    let calendar = Calendar::load(conn, company)?;
    user_days::reclassify(conn, company, user, &calendar, &days)?;
    let more = usize::try_from(AT_ONCE).is_ok_and(|most| days.len() >= most);
    match days.first().filter(|_| more) {
        Some(first) => {
            let text = "UPDATE tenant.reclassifications SET before_day = $3 WHERE company_id = $1 AND user_id = $2";
            let go_on = statement(text).bind::<SqlUuid, _>(company);
            let go_on = go_on.bind::<SqlUuid, _>(user);
            go_on.bind::<Date, _>(first).execute(conn)?
        }
        None => {
            let text =
                "DELETE FROM tenant.reclassifications WHERE company_id = $1 AND user_id = $2";
            let done = statement(text).bind::<SqlUuid, _>(company);
            done.bind::<SqlUuid, _>(user).execute(conn)?
        }
    };
    Ok(())
}
