//! Where the time of a stretch of days went: by application, host, category, person or team, of the company or of a part of it.
//! As a file it has the same rows. An employee is told of the own time alone.

use std::sync::Arc;

use actix_web::{HttpResponse, web::Data};
use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::stretch::{EACH_DAY, MONTHS, all_of, of_day, part, people};
use super::{sums, whose};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::company::rules::matching::Category;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::given;
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Tenant, Viewer};
use crate::http::sheet::{self, Cell, Format};
use crate::http::text::{Line, like};
use crate::http::token::Role;
use crate::tracking::access_entries;
use crate::tracking::days::{Calendar, Day, range};

/// What one row stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum UsageBy {
    #[default]
    App,
    Host,
    Category,
    Person,
    Team,
}

/// Days of the company's zone, both included; default: the last 30. What is read of one person is noted, and the
/// person can read the note.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct BreakdownQuery {
    #[param(inline, required = false)]
    #[serde(default)]
    by: UsageBy,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// Only this person's. EMPLOYEE: only oneself.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// Only of people who are in this team now.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// Only of people who are in no team; not together with a team.
    #[param(required = false)]
    #[serde(default)]
    without_team: bool,
    /// Only of this application; not together with hosts or categories.
    #[param(inline)]
    app: Option<Line<200>>,
    /// Only of this host; not together with applications or categories.
    #[param(inline)]
    host: Option<Line<200>>,
    /// Only of this category; not together with applications or hosts.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    category: Option<Category>,
    /// A part of the rows' names. Total and days are of the whole all the same.
    #[param(inline)]
    q: Option<Line<120>>,
    /// A column, descending with `-` in front.
    #[param(pattern = "^-?(seconds|people|name)$", default = "-seconds")]
    sort: Option<String>,
    #[param(max_length = 3000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

/// What is listed, and in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct BreakdownExportQuery {
    #[param(inline, required = false)]
    #[serde(default)]
    by: UsageBy,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// Only this person's. EMPLOYEE: only oneself.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// Only of people who are in this team now.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// Only of people who are in no team; not together with a team.
    #[param(required = false)]
    #[serde(default)]
    without_team: bool,
    /// Only of this application; not together with hosts or categories.
    #[param(inline)]
    app: Option<Line<200>>,
    /// Only of this host; not together with applications or categories.
    #[param(inline)]
    host: Option<Line<200>>,
    /// Only of this category; not together with applications or hosts.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    category: Option<Category>,
    /// A part of the rows' names.
    #[param(inline)]
    q: Option<Line<120>>,
    /// A column, descending with `-` in front.
    #[param(pattern = "^-?(seconds|people|name)$", default = "-seconds")]
    sort: Option<String>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

/// An application, a host, a category, a person or a team, with its time.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct UsageEntry {
    /// The person's or the team's.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    /// Empty for those in no team.
    #[diesel(sql_type = Text)]
    name: String,
    /// In front, of applications and hosts; tracked otherwise.
    #[diesel(sql_type = BigInt)]
    seconds: i64,
    /// People with any of it.
    #[diesel(sql_type = BigInt)]
    people: i64,
    #[diesel(sql_type = Text)]
    #[serde(skip)]
    sort_value: String,
}

#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct SecondsOfDay {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// Where the time went. Applications and hosts of several devices at once may add up to more than was tracked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UsageBreakdown {
    items: Vec<UsageEntry>,
    /// Ask with it for the next page; null on the last one.
    next_cursor: Option<String>,
    /// Of all rows, on this page or not.
    total_seconds: i64,
    /// The same by day, oldest first; days without any are left out.
    days: Vec<SecondsOfDay>,
    from: NaiveDate,
    to: NaiveDate,
    time_zone: String,
}

/// The file's columns, named as in the API.
const SHEET: [&str; 4] = ["id", "name", "seconds", "people"];

/// Whose time, and of what.
#[derive(Debug)]
struct Filter {
    /// Whether the company's own sums may be read: an admin of teams has those of people alone.
    of_company: bool,
    by: UsageBy,
    user: Option<Uuid>,
    team: Team,
    app: Option<String>,
    host: Option<String>,
    category: Option<Category>,
    like: Option<String>,
    /// What is sorted by, and its type: the cursor's text is cast to it.
    order: (&'static str, &'static str),
    descending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Team {
    Any,
    None,
    One(Uuid),
}

type Days = (NaiveDate, NaiveDate);

impl Filter {
    fn new(
        session: &Tenant<Viewer>,
        by: UsageBy,
        (user, team, without_team): (Option<Uuid>, Option<Uuid>, bool),
        (app, host, category): (Option<Line<200>>, Option<Line<200>>, Option<Category>),
        q: Option<&Line<120>>,
        sort: Option<&str>,
    ) -> Result<Self> {
        let apart = |field, detail| Err(Error::invalid(field, "filters_apart", detail));
        let is_of_others = [
            (matches!(by, UsageBy::Person | UsageBy::Team), "by"),
            (team.is_some(), "team_id"),
            (without_team, "without_team"),
        ];
        if let Some((_, field)) = is_of_others.iter().find(|(asked, _)| *asked)
            && !session.administers()
        {
            let detail = "Of the own time there are neither people nor teams";
            return Err(Error::invalid(field, "filters_of_others", detail));
        }
        let team = match (team, without_team) {
            (Some(_), true) => return apart("without_team", "Nobody is in a team and in none"),
            (Some(team), false) => Team::One(team),
            (None, true) => Team::None,
            (None, false) => Team::Any,
        };
        // A second is counted once for its application, its host and its category: none is summed within another.
        let asked = [
            ("host", UsageBy::Host, host.is_some()),
            ("category", UsageBy::Category, category.is_some()),
            ("app", UsageBy::App, app.is_some()),
        ];
        let kinds = asked.iter().filter(|(_, of, given)| *given || by == *of);
        if kinds.count() > 1 {
            let given = asked.iter().find(|(.., given)| *given);
            let field = given.map_or("by", |(field, ..)| field);
            return apart(
                field,
                "Applications, hosts and categories are counted apart",
            );
        }
        let sort = sort.unwrap_or("-seconds");
        let name = sort.strip_prefix('-');
        let order = match name.unwrap_or(sort) {
            "seconds" => ("seconds", "bigint"),
            "people" => ("people", "bigint"),
            "name" => ("lower(name)", "text"),
            _ => {
                let detail = "There is no such column to sort by";
                return Err(Error::invalid("sort", "sort_invalid", detail));
            }
        };
        Ok(Self {
            of_company: session.role == Role::Admin,
            by,
            user: whose(session, user)?,
            team,
            app: app.map(|Line(app)| app),
            host: host.map(|Line(host)| host),
            category,
            like: q.map(|Line(q)| like(q)),
            order,
            descending: name.is_some(),
        })
    }

    /// What is summed: a table, its seconds, and what names them; nothing does where time is just tracked.
    fn source(&self) -> (&'static str, &'static str, Option<&'static str>) {
        match (self.by, &self.app, &self.host) {
            (UsageBy::App, ..) | (_, Some(_), _) => {
                ("user_app_usage_daily", "seconds", Some("app"))
            }
            (UsageBy::Host, ..) | (_, _, Some(_)) => {
                ("user_host_usage_daily", "seconds", Some("host"))
            }
            _ if self.by == UsageBy::Category || self.category.is_some() => {
                ("user_category_usage_daily", "seconds", Some("category"))
            }
            _ => ("user_usage_daily", "tracked_seconds", None),
        }
    }

    /// The days' sums that the filter lets through: `$1` company, `$2` and `$3` days, `$4` person, `$5` team, `$6` name.
    fn summed(&self) -> String {
        let (table, seconds, name) = self.source();
        let name = name.unwrap_or("NULL::text");
        let of_team = match self.team {
            Team::Any => " AND $5::uuid IS NULL",
            Team::None => {
                " AND $5::uuid IS NULL AND s.user_id IN (SELECT id FROM tenant.users WHERE company_id = $1 AND team_id IS NULL)"
            }
            Team::One(_) => {
                " AND s.user_id IN (SELECT id FROM tenant.users WHERE company_id = $1 AND team_id = $5)"
            }
        };
        format!(
            "SELECT s.user_id, s.day, {name} AS name, s.{seconds} AS seconds FROM tenant.{table} s \
             WHERE s.company_id = $1 AND s.day BETWEEN $2 AND $3 AND ($4 IS NULL OR s.user_id = $4) \
             AND ($6 IS NULL OR {name} = $6) AND s.{seconds} > 0{of_team}"
        )
    }

    /// Nobody in particular: the company's own days have the sums.
    fn is_of_all(&self) -> bool {
        self.of_company && self.user.is_none() && self.team == Team::Any && !self.is_of_categories()
    }

    /// They have no sums but those of people's days.
    fn is_of_categories(&self) -> bool {
        self.source().2 == Some("category")
    }

    /// The lists of people's months that end in what is summed: a table, a list of it, and what names it.
    fn months(&self) -> (&'static str, &'static str, &'static str) {
        match self.source().2 {
            Some("app") => ("user_app_usage_monthly", "seconds_until", "app"),
            Some(_) => ("user_host_usage_monthly", "seconds_until", "host"),
            None => ("user_usage_monthly", "tracked_until", "NULL::text"),
        }
    }

    /// The months in question of the people in question, as `s`.
    fn of_months(&self, table: &str, name: &str) -> String {
        let of_team = match self.team {
            Team::Any => "AND $5::uuid IS NULL",
            Team::None => "AND $5::uuid IS NULL AND m.team_id IS NULL",
            Team::One(_) => "AND m.team_id = $5",
        };
        // Of a team, each member's own rows are looked up: they are few of many.
        let members = match self.team {
            Team::Any => "",
            _ => "JOIN tenant.users m ON m.company_id = $1 AND m.id = s.user_id",
        };
        format!(
            "tenant.{table} s {members} WHERE s.company_id = $1 AND {MONTHS} AND ($4 IS NULL OR s.user_id = $4) \
             AND ($6 IS NULL OR {name} = $6) {of_team}"
        )
    }

    /// What each person has of each name. One person's days are few, and the person may read them.
    fn of_people(&self) -> String {
        if self.is_of_categories() || self.user.is_some() {
            let summed = self.summed();
            return format!(
                "SELECT user_id, name, sum(seconds)::bigint AS seconds FROM ({summed}) summed GROUP BY user_id, name"
            );
        }
        let (table, list, name) = self.months();
        let (part, months) = (part(list), self.of_months(table, name));
        format!(
            "SELECT * FROM (SELECT s.user_id, {name} AS name, sum({part})::bigint AS seconds FROM {months} GROUP BY 1, 2) p \
             WHERE p.seconds > 0"
        )
    }

    /// The company's days in question, as `s`.
    fn of_company(&self) -> String {
        let (table, name) = match self.source().2 {
            Some("app") => ("app_usage_daily", "s.app"),
            Some(_) => ("host_usage_daily", "s.host"),
            None => ("usage_daily", "NULL::text"),
        };
        format!(
            "tenant.{table} s WHERE s.company_id = $1 AND s.day BETWEEN $2 AND $3 AND $4 IS NULL AND $5::uuid IS NULL \
             AND ($6 IS NULL OR {name} = $6)"
        )
    }

    /// All rows: id, name, seconds, people, and what no two of them share.
    fn everything(&self) -> String {
        let of_people = self.of_people();
        match self.by {
            UsageBy::App | UsageBy::Host if self.is_of_all() => format!(
                "SELECT NULL::uuid AS id, {name} AS name, sum(s.seconds)::bigint AS seconds, {people} AS people, {name} AS key \
                 FROM {of_company} GROUP BY {name}",
                name = self.months().2,
                people = people(),
                of_company = self.of_company(),
            ),
            UsageBy::App | UsageBy::Host | UsageBy::Category => format!(
                "SELECT NULL::uuid AS id, name, sum(seconds)::bigint AS seconds, count(*) AS people, name AS key \
                 FROM ({of_people}) p GROUP BY name"
            ),
            UsageBy::Person => format!(
                "SELECT u.id, u.name, p.seconds, 1::bigint AS people, u.id::text AS key \
                 FROM ({of_people}) p JOIN tenant.users u ON u.company_id = $1 AND u.id = p.user_id"
            ),
            UsageBy::Team => format!(
                "SELECT t.id, coalesce(t.name, '') AS name, sum(p.seconds)::bigint AS seconds, count(*) AS people, \
                   coalesce(t.id::text, '') AS key \
                 FROM ({of_people}) p JOIN tenant.users u ON u.company_id = $1 AND u.id = p.user_id \
                 LEFT JOIN tenant.teams t ON t.company_id = $1 AND t.id = u.team_id GROUP BY t.id, t.name"
            ),
        }
    }

    fn rows(
        &self,
        tx: &mut Tx,
        days: Days,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<UsageEntry>> {
        let (value, kind) = self.order;
        let (order, beyond) = match self.descending {
            true => ("DESC", "<"),
            false => ("ASC", ">"),
        };
        let text = format!(
            "SELECT id, name, seconds, people, ({value})::text AS sort_value FROM ({}) everything \
             WHERE ($7 IS NULL OR lower(name) LIKE $7) AND ($8 IS NULL OR ({value}, key) {beyond} ($8::{kind}, $9)) \
             ORDER BY {value} {order}, key {order} LIMIT $10",
            self.everything()
        );
        let (value, key) = after.unzip();
        Ok(sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Date, _>(days.0)
            .bind::<Date, _>(days.1)
            .bind::<Nullable<SqlUuid>, _>(self.user)
            .bind::<Nullable<SqlUuid>, _>(self.team_id())
            .bind::<Nullable<Text>, _>(self.name())
            .bind::<Nullable<Text>, _>(&self.like)
            .bind::<Nullable<Text>, _>(value)
            .bind::<Nullable<Text>, _>(key)
            .bind::<BigInt, _>(limit)
            .load(tx.conn)?)
    }

    fn count(&self, tx: &mut Tx, days: Days) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let counted: Counted = sql_query(format!(
            "SELECT count(*) FROM ({}) everything WHERE ($7 IS NULL OR lower(name) LIKE $7)",
            self.everything()
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(days.0)
        .bind::<Date, _>(days.1)
        .bind::<Nullable<SqlUuid>, _>(self.user)
        .bind::<Nullable<SqlUuid>, _>(self.team_id())
        .bind::<Nullable<Text>, _>(self.name())
        .bind::<Nullable<Text>, _>(&self.like)
        .get_result(tx.conn)?;
        Ok(counted.count)
    }

    fn by_day(&self, tx: &mut Tx, days: Days) -> Result<Vec<SecondsOfDay>> {
        let text = if self.is_of_all() {
            let seconds = self.source().1;
            format!(
                "SELECT s.day, sum(s.{seconds})::bigint AS seconds FROM {of_company} AND s.{seconds} > 0 GROUP BY s.day ORDER BY s.day",
                of_company = self.of_company()
            )
        } else if self.user.is_some() || self.is_of_categories() {
            let summed = self.summed();
            format!(
                "SELECT day, sum(seconds)::bigint AS seconds FROM ({summed}) summed GROUP BY day ORDER BY day"
            )
        } else {
            // Whatever it is called, a person's own months have it together.
            let (table, list, name) = match (self.months(), self.name()) {
                ((.., "app"), None) => ("user_usage_monthly", "apps_until", "NULL::text"),
                ((.., "host"), None) => ("user_usage_monthly", "hosts_until", "NULL::text"),
                (named, _) => named,
            };
            format!(
                "SELECT * FROM (SELECT s.month + d.d - 1 AS day, ({of_day})::bigint AS seconds \
                   FROM (SELECT s.month, {until} AS until FROM {months} GROUP BY s.month) s {EACH_DAY}) days \
                 WHERE seconds > 0 ORDER BY day",
                of_day = of_day("until"),
                until = all_of(list),
                months = self.of_months(table, name),
            )
        };
        Ok(sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Date, _>(days.0)
            .bind::<Date, _>(days.1)
            .bind::<Nullable<SqlUuid>, _>(self.user)
            .bind::<Nullable<SqlUuid>, _>(self.team_id())
            .bind::<Nullable<Text>, _>(self.name())
            .load(tx.conn)?)
    }

    /// 404 for a person or a team that the company does not have.
    fn must_exist(&self, tx: &mut Tx) -> Result<()> {
        sums::must_exist(tx, self.user)?;
        match self.team {
            Team::One(team) => sums::team_must_exist(tx, team),
            _ => Ok(()),
        }
    }

    /// Who looks at what somebody used leaves a note there: at one person's sums, at people by what they used, and at a
    /// team's sums when they are one person's.
    fn note(&self, tx: &mut Tx, days: Days, rows: &[UsageEntry]) -> Result<()> {
        let of_use = self.source().2.is_some();
        let seen: Vec<Uuid> = match (self.user, self.by) {
            (Some(user), _) => vec![user],
            (None, UsageBy::Person) if of_use => rows.iter().filter_map(|row| row.id).collect(),
            (None, _) if self.team != Team::Any || !self.of_company => self.only_one(tx, days)?,
            _ => Vec::new(),
        };
        let looks: Vec<(Uuid, NaiveDate)> = seen.into_iter().map(|user| (user, days.1)).collect();
        access_entries::note_days(tx, &looks, "usage")
    }

    /// The person whose sums these are, if they are one person's alone.
    fn only_one(&self, tx: &mut Tx, days: Days) -> Result<Vec<Uuid>> {
        #[derive(QueryableByName)]
        struct Of {
            #[diesel(sql_type = SqlUuid)]
            user_id: Uuid,
        }
        let of_people = self.of_people();
        let of: Vec<Of> = sql_query(format!(
            "SELECT DISTINCT user_id FROM ({of_people}) p LIMIT 2"
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(days.0)
        .bind::<Date, _>(days.1)
        .bind::<Nullable<SqlUuid>, _>(self.user)
        .bind::<Nullable<SqlUuid>, _>(self.team_id())
        .bind::<Nullable<Text>, _>(self.name())
        .load(tx.conn)?;
        Ok(match &*of {
            [one] => vec![one.user_id],
            _ => Vec::new(),
        })
    }

    fn team_id(&self) -> Option<Uuid> {
        match self.team {
            Team::One(team) => Some(team),
            Team::Any | Team::None => None,
        }
    }

    fn name(&self) -> Option<&str> {
        let name = self.app.as_deref().or(self.host.as_deref());
        name.or(self.category.map(Category::name))
    }

    fn position(&self, row: &UsageEntry) -> Position {
        let key = match self.by {
            UsageBy::App | UsageBy::Host | UsageBy::Category => row.name.clone(),
            UsageBy::Person | UsageBy::Team => row.id.map(|id| id.to_string()).unwrap_or_default(),
        };
        (row.sort_value.clone(), key)
    }
}

/// Where a page ends: the value it is sorted by, and what no two rows share.
type Position = (String, String);

pub(super) async fn page(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: BreakdownQuery,
) -> Result<UsageBreakdown> {
    let limit = limit_of(query.limit, 50)?;
    let whose = (query.user_id, query.team_id, query.without_team);
    let of = (query.app, query.host, query.category);
    let (q, sort) = (query.q.as_ref(), query.sort.as_deref());
    let filter = Filter::new(&session, query.by, whose, of, q, sort)?;
    let (from, to) = (query.from, query.to);
    // Without days it is the last 30, which are others tomorrow: the cursor goes with what was asked for.
    let list = format!("usage {} {from:?} {to:?} {filter:?}", session.company.id);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let secrets = state.secrets.clone();
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let days = range(from, to, calendar.today())?;
        filter.must_exist(&mut tx)?;
        let rows = filter.rows(&mut tx, days, after, limit + 1)?;
        let position = |row: &UsageEntry| filter.position(row);
        let Page { items, next_cursor } = Page::cut(rows, limit, &secrets, &list, position)?;
        filter.note(&mut tx, days, &items)?;
        let by_day = filter.by_day(&mut tx, days)?;
        Ok(UsageBreakdown {
            items,
            next_cursor,
            total_seconds: by_day.iter().map(|day| day.seconds).sum(),
            days: by_day,
            from: days.0,
            to: days.1,
            time_zone: calendar.zone_of(days.1).name().to_owned(),
        })
    };
    state.db.tenant(&session, read).await
}

/// Everything of the list, read in pages of one transaction each. The first of them writes it down.
pub(super) async fn export(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: BreakdownExportQuery,
) -> Result<HttpResponse> {
    let whose = (query.user_id, query.team_id, query.without_team);
    let of = (query.app, query.host, query.category);
    let (q, sort) = (query.q.as_ref(), query.sort.as_deref());
    let filter = Filter::new(&session, query.by, whose, of, q, sort)?;
    let (from, to, format) = (query.from, query.to, query.format);
    let (session, filter) = (Arc::new(session), Arc::new(filter));
    let pages = sheet::pages(move |after: Option<(Days, Position)>| {
        let (session, state, filter) = (session.clone(), state.clone(), filter.clone());
        async move {
            let is_admin = session.administers();
            let page = move |mut tx: Tx| {
                let (days, after) = match after {
                    Some((days, after)) => (days, Some(after)),
                    None => {
                        let today = Calendar::load(tx.conn, tx.company)?.today();
                        let days = range(from, to, today)?;
                        filter.must_exist(&mut tx)?;
                        let rows = filter.count(&mut tx, days)?;
                        sheet::must_fit(rows)?;
                        if is_admin {
                            write_down(tx.again(), &filter, days, format, rows)?;
                        }
                        (days, None)
                    }
                };
                let rows = filter.rows(&mut tx, days, after, sheet::PAGE)?;
                filter.note(&mut tx, days, &rows)?;
                let last = rows.last().filter(|_| sheet::is_full(&rows));
                let next = last.map(|last| (days, filter.position(last)));
                Ok((rows.into_iter().map(UsageEntry::into_row).collect(), next))
            };
            state.db.tenant(&*session, page).await
        }
    });
    sheet::answer(format, "usage", &SHEET, pages).await
}

fn write_down(tx: Tx, filter: &Filter, days: Days, format: Format, rows: i64) -> Result<()> {
    let detail = json!({ "format": format, "rows": rows, "by": filter.by, "from": days.0, "to": days.1,
        "user_id": filter.user, "team_id": filter.team_id(), "app": filter.app, "host": filter.host, "category": filter.category });
    audit::record(tx, "usage.exported", detail)
}

impl UsageEntry {
    fn into_row(self) -> sheet::Row {
        vec![
            self.id.map_or(Cell::Empty, |id| Cell::Text(id.to_string())),
            Cell::Text(self.name),
            Cell::Number(self.seconds),
            Cell::Number(self.people),
        ]
    }
}
