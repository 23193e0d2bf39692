//! What is used most and has no rule: where to begin with a list, or to go on.

use actix_web::{get, web::Data};
use chrono::Days;
use diesel::sql_types::{BigInt, Date, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::matching::{Moment, RuleField, Rules};
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::json::Json;
use crate::http::session::{Admin, Tenant};
use crate::tracking::days::Calendar;

/// Days that are looked at, today included.
const DAYS: u64 = 7;
/// Names that are told.
const TOLD: usize = 12;
/// Names that are asked about: as many as rules may have been made for, and some.
const ASKED: i64 = 500;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_rule_candidates);
}

/// An application or a host without a rule.
#[derive(Debug, Serialize, ToSchema)]
struct RuleCandidate {
    field: RuleField,
    name: String,
    /// In front, of the last seven days.
    seconds: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct RuleCandidates {
    items: Vec<RuleCandidate>,
}

/// List the applications and hosts of the last seven days that no rule about applications or hosts fits, at most twelve, those
/// with most time first.
#[utoipa::path(responses((status = 200, body = RuleCandidates)))]
#[get("/rules/candidates")]
async fn list_rule_candidates(
    session: Tenant<Admin>,
    state: Data<State>,
) -> Result<Json<RuleCandidates>> {
    #[derive(QueryableByName)]
    struct Used {
        #[diesel(sql_type = Text)]
        field: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = BigInt)]
        seconds: i64,
    }
    let read = move |tx: Tx| {
        let today = Calendar::load(tx.conn, tx.company)?.today();
        let used: Vec<Used> = sql_query(
            "SELECT * FROM (SELECT 'app' AS field, app AS name, sum(seconds)::bigint AS seconds FROM tenant.user_app_usage_daily \
               WHERE company_id = $1 AND day BETWEEN $2 AND $3 GROUP BY app \
             UNION ALL SELECT 'host', host, sum(seconds)::bigint FROM tenant.user_host_usage_daily \
               WHERE company_id = $1 AND day BETWEEN $2 AND $3 GROUP BY host) used \
             ORDER BY seconds DESC, field, name LIMIT $4",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(today - Days::new(DAYS - 1))
        .bind::<Date, _>(today)
        .bind::<BigInt, _>(ASKED)
        .load(tx.conn)?;
        Ok((used, super::load(tx.conn, tx.company)?))
    };
    let (used, rules) = state.db.tenant(&session, read).await?;
    let rules = Rules::new(&rules);
    let mut items = Vec::new();
    for Used {
        field,
        name,
        seconds,
    } in used
    {
        let field: RuleField = super::word(field)?;
        let moment = match field {
            RuleField::Host => Moment {
                host: &name,
                ..Moment::default()
            },
            _ => Moment {
                app: &name,
                ..Moment::default()
            },
        };
        if items.len() < TOLD && !rules.has_one_for(moment) {
            items.push(RuleCandidate {
                field,
                name,
                seconds,
            });
        }
    }
    Ok(Json(RuleCandidates { items }))
}
