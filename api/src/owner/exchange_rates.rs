//! What one currency is worth in another, as the owner says. Without a rate amounts of two currencies are never added.

use actix_web::{HttpResponse, delete, get, patch, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use super::plans::{self, Currency};
use crate::Result;
use crate::app::State;
use crate::db::schema::platform::exchange_rates;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::Owner;
use crate::tracking::days::Day;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_exchange_rates)
        .service(create_exchange_rate)
        .service(show_exchange_rate)
        .service(change_exchange_rate)
        .service(delete_exchange_rate);
}

/// Digits after the point that are kept.
const DIGITS: usize = 10;
const SCALE: i64 = 10_i64.pow(10);
const MOST: i64 = 1_000_000 * SCALE;

/// A rate: a decimal, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 18, pattern = r"^(0|[1-9]\d{0,6})(\.\d{1,10})?$", example = "1.0852")]
pub(crate) struct Rate(i64);

impl TryFrom<String> for Rate {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "rate_invalid: A rate is a decimal above 0 and up to 1000000, with at most 10 digits after the point";
        let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
        let is_number = |digits: &str, most| {
            (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
        };
        let is_short = whole == "0" || !whole.starts_with('0');
        if !is_number(whole, 7) || !is_number(part, DIGITS) || !is_short {
            return Err(WRONG);
        }
        let digits: i64 = format!("{whole}{part:0<DIGITS$}")
            .parse()
            .map_err(|_| WRONG)?;
        match (1..=MOST).contains(&digits) {
            true => Ok(Self(digits)),
            false => Err(WRONG),
        }
    }
}

impl From<Rate> for String {
    fn from(Rate(rate): Rate) -> Self {
        let text = format!("{}.{:0DIGITS$}", rate / SCALE, rate % SCALE);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// What one unit of a currency is worth in another, from a day on and until the next rate of the two.
#[derive(Debug, Serialize, ToSchema)]
struct ExchangeRate {
    id: Uuid,
    from_currency: Currency,
    to_currency: Currency,
    /// Units of `to_currency` for one unit of `from_currency`: a decimal in quotes, so that it stays exact.
    rate: Rate,
    /// The first day of UTC on which it holds.
    valid_from: NaiveDate,
    /// The e-mail of the owner who wrote it last.
    changed_by: String,
    /// Counts the changes; the `ETag` is this number in quotes.
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Versioned for ExchangeRate {
    fn version(&self) -> String {
        self.version.to_string()
    }
}

impl ExchangeRate {
    fn terms(&self) -> Map<String, Value> {
        let Self {
            rate, valid_from, ..
        } = self;
        let terms = json!({ "rate": rate, "valid_from": valid_from });
        terms.as_object().cloned().unwrap_or_default()
    }

    fn detail(&self) -> Value {
        json!({ "exchange_rate_id": self.id, "from_currency": self.from_currency, "to_currency": self.to_currency })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewExchangeRate {
    from_currency: Currency,
    to_currency: Currency,
    rate: Rate,
    valid_from: Day,
}

/// What shall be different; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExchangeRateChanges {
    #[serde(default, deserialize_with = "crate::http::json::given")]
    #[schema(nullable = false)]
    rate: Option<Rate>,
    #[serde(default, deserialize_with = "crate::http::json::given")]
    #[schema(nullable = false)]
    valid_from: Option<Day>,
}

/// List exchange rates, those that hold from the latest day on first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<ExchangeRate>)))]
#[get("/owner/exchange-rates")]
async fn list_exchange_rates(
    owner: Owner,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<ExchangeRate>>> {
    const LIST: &str = "exchange rates";
    let limit = query.0.limit()?;
    let after = query.0.position(&state.secrets, LIST)?;
    let rows = state
        .db
        .platform(&owner, move |conn| latest_first(conn, after, limit + 1))
        .await?;
    let page = Page::cut(rows, limit, &state.secrets, LIST, |rate: &ExchangeRate| {
        (rate.valid_from, rate.id)
    })?;
    Ok(Json(page))
}

/// Add an exchange rate.
#[utoipa::path(request_body = NewExchangeRate, responses((status = 201, body = ExchangeRate)))]
#[post("/owner/exchange-rates")]
async fn create_exchange_rate(
    owner: Owner,
    state: Data<State>,
    once: Once,
    body: Json<NewExchangeRate>,
) -> Result<HttpResponse> {
    let (id, user, new) = (Uuid::now_v7(), owner.user, body.0);
    let make = move |conn: &mut PgConnection| {
        insert(conn, id, user, &new)?;
        let rate = one(conn, id)?;
        let mut detail = rate.detail();
        detail["after"] = json!(rate.terms());
        audit::record(conn, user, "exchange_rate.created", Uuid::nil(), detail)?;
        Ok(Made::new(format!("/api/owner/exchange-rates/{id}"), rate))
    };
    once.platform(&state, &owner, make).await
}

/// Show an exchange rate. Its `ETag` is what a change asks for.
#[utoipa::path(params(("exchange_rate_id" = Uuid, Path)), responses((status = 200, body = ExchangeRate)))]
#[get("/owner/exchange-rates/{exchange_rate_id}")]
async fn show_exchange_rate(
    owner: Owner,
    state: Data<State>,
    rate: Path<Uuid>,
) -> Result<Tagged<ExchangeRate>> {
    state
        .db
        .platform(&owner, move |conn| one(conn, rate.0))
        .await
        .map(Tagged)
}

/// Correct an exchange rate. Reports of the days on which it holds change with it.
#[utoipa::path(
    params(("exchange_rate_id" = Uuid, Path)),
    request_body = ExchangeRateChanges,
    responses((status = 200, body = ExchangeRate))
)]
#[patch("/owner/exchange-rates/{exchange_rate_id}")]
async fn change_exchange_rate(
    owner: Owner,
    if_match: IfMatch,
    state: Data<State>,
    rate: Path<Uuid>,
    body: Json<ExchangeRateChanges>,
) -> Result<Tagged<ExchangeRate>> {
    let (id, user, changes) = (rate.0, owner.user, body.0);
    let change = move |conn: &mut PgConnection| {
        let before = locked(conn, id)?;
        if_match.check(&before.version())?;
        let wanted = (
            changes.rate.unwrap_or(before.rate),
            changes.valid_from.map_or(before.valid_from, |day| day.0),
        );
        if wanted == (before.rate, before.valid_from) {
            return Ok(before);
        }
        update(conn, id, user, wanted)?;
        let after = one(conn, id)?;
        let (was, is) = plans::difference(before.terms(), after.terms());
        let mut detail = after.detail();
        detail["before"] = json!(was);
        detail["after"] = json!(is);
        audit::record(conn, user, "exchange_rate.changed", Uuid::nil(), detail)?;
        Ok(after)
    };
    state.db.platform(&owner, change).await.map(Tagged)
}

/// Delete an exchange rate: the one before it holds on.
#[utoipa::path(
    params(("exchange_rate_id" = Uuid, Path)),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/owner/exchange-rates/{exchange_rate_id}")]
async fn delete_exchange_rate(
    owner: Owner,
    if_match: IfMatch,
    state: Data<State>,
    rate: Path<Uuid>,
) -> Result<HttpResponse> {
    let (id, user) = (rate.0, owner.user);
    let delete = move |conn: &mut PgConnection| {
        let before = locked(conn, id)?;
        if_match.check(&before.version())?;
        diesel::delete(exchange_rates::table.find(id)).execute(conn)?;
        let mut detail = before.detail();
        detail["before"] = json!(before.terms());
        audit::record(conn, user, "exchange_rate.deleted", Uuid::nil(), detail)
    };
    state.db.platform(&owner, delete).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = exchange_rates)]
struct Row {
    id: Uuid,
    from_currency: String,
    to_currency: String,
    rate_e10: i64,
    valid_from: NaiveDate,
    changed_by: String,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for ExchangeRate {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            from_currency: Currency(row.from_currency),
            to_currency: Currency(row.to_currency),
            rate: Rate(row.rate_e10),
            valid_from: row.valid_from,
            changed_by: row.changed_by,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn latest_first(
    conn: &mut PgConnection,
    after: Option<(NaiveDate, Uuid)>,
    limit: i64,
) -> Result<Vec<ExchangeRate>> {
    let mut wanted = exchange_rates::table
        .select(Row::as_select())
        .order((exchange_rates::valid_from.desc(), exchange_rates::id.desc()))
        .limit(limit)
        .into_boxed();
    if let Some((day, id)) = after {
        let on_that_day = exchange_rates::valid_from
            .eq(day)
            .and(exchange_rates::id.lt(id));
        wanted = wanted.filter(exchange_rates::valid_from.lt(day).or(on_that_day));
    }
    let rows: Vec<Row> = wanted.load(conn)?;
    Ok(rows.into_iter().map(ExchangeRate::from).collect())
}

fn one(conn: &mut PgConnection, id: Uuid) -> Result<ExchangeRate> {
    let found = exchange_rates::table.find(id).select(Row::as_select());
    Ok(found.first(conn)?.into())
}

/// The same, and nobody else changes it until the transaction ends.
fn locked(conn: &mut PgConnection, id: Uuid) -> Result<ExchangeRate> {
    let found = exchange_rates::table.find(id).select(Row::as_select());
    Ok(found.for_update().first(conn)?.into())
}

fn insert(conn: &mut PgConnection, id: Uuid, owner: Uuid, new: &NewExchangeRate) -> Result<()> {
    sql_query(
        "INSERT INTO platform.exchange_rates (id, from_currency, to_currency, rate_e10, valid_from, changed_by) \
         SELECT $1, $2, $3, $4, $5, email FROM platform.owners WHERE id = $6 RETURNING 1",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(&new.from_currency.0)
    .bind::<Text, _>(&new.to_currency.0)
    .bind::<BigInt, _>(new.rate.0)
    .bind::<Date, _>(new.valid_from.0)
    .bind::<SqlUuid, _>(owner)
    .execute(conn)?;
    Ok(())
}

fn update(
    conn: &mut PgConnection,
    id: Uuid,
    owner: Uuid,
    (rate, valid_from): (Rate, NaiveDate),
) -> Result<()> {
    sql_query(
        "UPDATE platform.exchange_rates SET rate_e10 = $2, valid_from = $3, version = version + 1, updated_at = $4, \
           changed_by = (SELECT email FROM platform.owners WHERE id = $5) WHERE id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<BigInt, _>(rate.0)
    .bind::<Date, _>(valid_from)
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<SqlUuid, _>(owner)
    .execute(conn)?;
    Ok(())
}

/// A rate by which a total was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RateUsed {
    pub from_currency: Currency,
    pub rate: Rate,
    /// Since when it holds.
    pub valid_from: NaiveDate,
}

/// The rates of one day into one currency.
pub(super) struct Converter {
    to: Currency,
    pub rates: Vec<RateUsed>,
    /// Currencies that have none.
    pub missing: Vec<Currency>,
}

impl Converter {
    /// A converted amount counts parts of this size.
    pub const UNIT: i128 = SCALE as i128 * 10_000;

    pub fn load(
        conn: &mut PgConnection,
        to: &Currency,
        day: NaiveDate,
        from: &[&Currency],
    ) -> Result<Self> {
        let wanted: Vec<&str> = from
            .iter()
            .map(|currency| currency.0.as_str())
            .filter(|name| *name != to.0)
            .collect();
        let rows: Vec<Row> = exchange_rates::table
            .distinct_on(exchange_rates::from_currency)
            .filter(exchange_rates::to_currency.eq(&to.0))
            .filter(exchange_rates::from_currency.eq_any(&wanted))
            .filter(exchange_rates::valid_from.le(day))
            .order((
                exchange_rates::from_currency,
                exchange_rates::valid_from.desc(),
            ))
            .select(Row::as_select())
            .load(conn)?;
        let rates: Vec<RateUsed> = rows
            .into_iter()
            .map(|row| RateUsed {
                from_currency: Currency(row.from_currency),
                rate: Rate(row.rate_e10),
                valid_from: row.valid_from,
            })
            .collect();
        let is_known = |name: &str| rates.iter().any(|used| used.from_currency.0 == name);
        let missing = wanted.into_iter().filter(|name| !is_known(name));
        let missing = missing.map(|name| Currency(name.to_owned())).collect();
        Ok(Self {
            to: to.clone(),
            rates,
            missing,
        })
    }

    /// An amount of minor units in minor units of the other currency, exactly: times `UNIT`.
    pub fn convert(&self, from: &Currency, amount: i128) -> Result<i128> {
        let used = self.rates.iter().find(|used| used.from_currency == *from);
        let rate = i128::from(used.map_or(SCALE, |used| used.rate.0));
        let digits = 4 + minor_digits(&self.to.0) - minor_digits(&from.0);
        let power = 10_i128.checked_pow(digits.unsigned_abs());
        let product = power.and_then(|power| amount.checked_mul(rate)?.checked_mul(power));
        product.ok_or_else(|| {
            let detail = "More is paid than can be told in that currency";
            Error::invalid("currency", "amount_out_of_range", detail)
        })
    }
}

/// Digits of a currency's minor unit (ISO 4217); a rate is one of major units.
pub(super) fn minor_digits(currency: &str) -> i32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Option<String> {
        Rate::try_from(text.to_owned()).ok().map(String::from)
    }

    #[test]
    fn a_rate_is_an_exact_decimal() {
        for (text, shown) in [
            ("1", "1"),
            ("1.0852", "1.0852"),
            ("0.0000000001", "0.0000000001"),
            ("1.10", "1.1"),
            ("100", "100"),
            ("1000000", "1000000"),
        ] {
            assert_eq!(rate(text).as_deref(), Some(shown), "{text}");
        }
        for bad in [
            "",
            "0",
            "0.0",
            "-1",
            "1.",
            ".5",
            "01",
            "1e3",
            "1,5",
            "1.00000000001",
            "1000000.1",
            " 1",
            "+1",
            "10000000",
            "1.-5",
        ] {
            assert_eq!(rate(bad), None, "{bad}");
        }
    }

    #[test]
    fn minor_units_of_either_currency_are_reckoned_with() {
        let converter = |to: &str, rate: &str| Converter {
            to: Currency(to.into()),
            rates: vec![RateUsed {
                from_currency: Currency("USD".into()),
                rate: Rate::try_from(rate.to_owned()).unwrap(),
                valid_from: NaiveDate::MIN,
            }],
            missing: Vec::new(),
        };
        let of = |to: &str, rate: &str, amount| {
            let exact = converter(to, rate).convert(&Currency("USD".into()), amount);
            exact.unwrap() as f64 / Converter::UNIT as f64
        };
        assert_eq!(of("EUR", "0.92", 10_000), 9_200.0);
        assert_eq!(of("JPY", "155.5", 10_000), 15_550.0, "a yen has no parts");
        assert_eq!(
            of("KWD", "0.307", 10_000),
            30_700.0,
            "a dinar has a thousand"
        );
        let none = converter("EUR", "0.92").convert(&Currency("EUR".into()), 7);
        assert_eq!(
            none.unwrap(),
            7 * Converter::UNIT,
            "to itself it is what it is"
        );
        assert!(
            converter("EUR", "1000000")
                .convert(&Currency("USD".into()), i128::MAX / 2)
                .is_err()
        );
    }
}
