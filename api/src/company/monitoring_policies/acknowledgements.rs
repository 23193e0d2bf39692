//! Who has acknowledged a version of the policy and who has not, as a list and as a file.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, Query, given};
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Admin, Tenant};
use crate::http::sheet::{self, Book, Cell, Format};

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_policy_acknowledgements)
        .service(export_policy_acknowledgements);
}

/// An active person, and whether they acknowledged the version.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct PersonAcknowledgement {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
    /// The team's name.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    #[diesel(sql_type = Integer)]
    version: i32,
    /// To the second. Absent where they have not.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_at: Option<DateTime<Utc>>,
    /// `portal` or `agent`.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<String>,
    #[diesel(sql_type = Text)]
    #[serde(skip)]
    sort_value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AcknowledgementState {
    Acknowledged,
    Missing,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PolicyAcknowledgementsQuery {
    /// Of this version; default: the one in force.
    #[serde(default, deserialize_with = "given")]
    version: Option<i32>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    state: Option<AcknowledgementState>,
    /// People of this team.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PolicyAcknowledgementsExportQuery {
    /// Of this version; default: the one in force.
    #[serde(default, deserialize_with = "given")]
    version: Option<i32>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    state: Option<AcknowledgementState>,
    /// People of this team.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

/// The file's columns, named as in the API.
const SHEET: [&str; 7] = [
    "user_id",
    "name",
    "email",
    "team",
    "version",
    "acknowledged_at",
    "via",
];

impl PersonAcknowledgement {
    fn into_row(self) -> sheet::Row {
        vec![
            Cell::Text(self.user_id.to_string()),
            Cell::Text(self.name),
            Cell::Text(self.email),
            self.team.map_or(Cell::Empty, Cell::Text),
            Cell::Number(self.version.into()),
            self.acknowledged_at.map_or(Cell::Empty, Cell::Time),
            self.via.map_or(Cell::Empty, Cell::Text),
        ]
    }
}

/// List the active people by name, and whether they acknowledged a version of the monitoring policy.
///
/// Nobody while no version is published. 404 where there is no such version.
#[utoipa::path(params(PolicyAcknowledgementsQuery), responses((status = 200, body = Page<PersonAcknowledgement>)))]
#[get("/monitoring-policies/acknowledgements")]
async fn list_policy_acknowledgements(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<PolicyAcknowledgementsQuery>,
) -> Result<Json<Page<PersonAcknowledgement>>> {
    let query = query.0;
    let limit = limit_of(query.limit, 50)?;
    let filter = Filter {
        version: query.version,
        state: query.state,
        team: query.team_id,
    };
    let list = format!("acknowledgements {} {filter:?}", session.company.id);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let read = move |mut tx: Tx| match filter.of(&mut tx)? {
        Some(version) => filter.rows(&mut tx, version, after, limit + 1),
        None => Ok(Vec::new()),
    };
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &PersonAcknowledgement| (row.sort_value.clone(), row.user_id);
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Export who has acknowledged a version of the monitoring policy, as CSV or as a workbook.
///
/// Written to the audit log. In CSV an apostrophe stands before a text that a spreadsheet would read as a formula.
#[utoipa::path(
    params(PolicyAcknowledgementsExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/monitoring-policies/acknowledgements/export")]
async fn export_policy_acknowledgements(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<PolicyAcknowledgementsExportQuery>,
) -> Result<HttpResponse> {
    let query = query.0;
    let format = query.format;
    let filter = Filter {
        version: query.version,
        state: query.state,
        team: query.team_id,
    };
    let session = Arc::new(session);
    let pages = sheet::pages(move |after: Option<(String, Uuid)>| {
        let (session, state) = (session.clone(), state.clone());
        async move {
            let page = move |mut tx: Tx| {
                let is_first = after.is_none();
                let version = filter.of(&mut tx)?;
                let rows = match version {
                    Some(version) => filter.rows(&mut tx, version, after, sheet::PAGE)?,
                    None => Vec::new(),
                };
                if is_first {
                    let count = filter.count(&mut tx, version)?;
                    sheet::must_fit(count)?;
                    let detail = json!({ "format": format, "version": version, "rows": count });
                    audit::record(tx, "policy_acknowledgements.exported", detail)?;
                }
                Ok(rows)
            };
            let rows = state.db.tenant(&*session, page).await?;
            let last = rows.last().filter(|_| sheet::is_full(&rows));
            let next = last.map(|last| (last.sort_value.clone(), last.user_id));
            let rows = rows.into_iter().map(PersonAcknowledgement::into_row);
            Ok((rows.collect(), next))
        }
    });
    sheet::answer(format, "policy-acknowledgements", &SHEET, pages).await
}

#[derive(Debug, Clone, Copy)]
struct Filter {
    version: Option<i32>,
    state: Option<AcknowledgementState>,
    team: Option<Uuid>,
}

/// `$1` company, `$2` version.
const ASKED: &str = "FROM tenant.users u LEFT JOIN tenant.policy_acknowledgements a \
      ON a.company_id = $1 AND a.user_id = u.id AND a.version = $2 \
    LEFT JOIN tenant.teams t ON t.company_id = $1 AND t.id = u.team_id \
    WHERE u.company_id = $1 AND u.deactivated_at IS NULL AND ($3 IS NULL OR (a.version IS NOT NULL) = $3) \
    AND ($4 IS NULL OR u.team_id = $4)";
const NAME: &str = "lower(coalesce(nullif(u.name, ''), u.email))";

impl Filter {
    /// The version that is asked about; none where there is none at all.
    fn of(&self, tx: &mut Tx) -> Result<Option<i32>> {
        #[derive(QueryableByName)]
        struct Version {
            #[diesel(sql_type = Integer)]
            version: i32,
        }
        let found: Option<Version> = sql_query(
            "SELECT version FROM tenant.monitoring_policies WHERE company_id = $1 AND ($2 IS NULL OR version = $2) \
             ORDER BY version DESC LIMIT 1",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<Integer>, _>(self.version)
        .get_result(tx.conn)
        .optional()?;
        match (found, self.version) {
            (None, Some(_)) => Err(Error::NotFound),
            (found, _) => Ok(found.map(|found| found.version)),
        }
    }

    fn rows(
        &self,
        tx: &mut Tx,
        version: i32,
        after: Option<(String, Uuid)>,
        limit: i64,
    ) -> Result<Vec<PersonAcknowledgement>> {
        let (name, id) = after.unzip();
        Ok(sql_query(format!(
            "SELECT u.id AS user_id, u.name, u.email, t.name AS team, $2 AS version, a.acknowledged_at, a.via, {NAME} AS sort_value \
             {ASKED} AND ($5 IS NULL OR ({NAME}, u.id) > ($5, $6)) ORDER BY {NAME}, u.id LIMIT $7"
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Integer, _>(version)
        .bind::<Nullable<Bool>, _>(self.has())
        .bind::<Nullable<SqlUuid>, _>(self.team)
        .bind::<Nullable<Text>, _>(name)
        .bind::<Nullable<SqlUuid>, _>(id)
        .bind::<BigInt, _>(limit)
        .load(tx.conn)?)
    }

    fn count(&self, tx: &mut Tx, version: Option<i32>) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let Some(version) = version else { return Ok(0) };
        let counted: Counted = sql_query(format!("SELECT count(*) {ASKED}"))
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Integer, _>(version)
            .bind::<Nullable<Bool>, _>(self.has())
            .bind::<Nullable<SqlUuid>, _>(self.team)
            .get_result(tx.conn)?;
        Ok(counted.count)
    }

    fn has(&self) -> Option<bool> {
        self.state
            .map(|state| state == AcknowledgementState::Acknowledged)
    }
}
