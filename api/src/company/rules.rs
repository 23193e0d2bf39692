//! Productivity rules: which applications, hosts and titles are productive, neutral or unproductive, for everybody or for one
//! team. An ordered list that admins change as a whole; the first rule that fits decides. What was recorded is never
//! changed: sums of the days whose raw records are kept are made anew.

mod candidates;
pub(crate) mod matching;
pub(crate) mod past;

use actix_web::{get, post, put, web::Data};
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::{Error, FieldError};
use crate::http::json::{Json, given};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Admin, Tenant};
use crate::http::text::Line;
use matching::{Category, Moment, RuleField, RuleKind, Rules, compile};

/// Rules of one company.
const MOST: usize = 200;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_rules)
        .service(change_rules)
        .service(test_rules);
    candidates::routes(api);
    past::routes(api);
}

/// What a rule may say of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Rating {
    Productive,
    Neutral,
    Unproductive,
}

impl From<Rating> for Category {
    fn from(rating: Rating) -> Self {
        match rating {
            Rating::Productive => Self::Productive,
            Rating::Neutral => Self::Neutral,
            Rating::Unproductive => Self::Unproductive,
        }
    }
}

/// What fits the pattern is of the category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Rule {
    /// For people who are in this team; for everybody where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    team_id: Option<Uuid>,
    field: RuleField,
    kind: RuleKind,
    pattern: String,
    category: Rating,
}

/// The rules in the order in which they are tried: those of teams before those of everybody.
#[derive(Debug, Serialize, ToSchema)]
struct RuleList {
    items: Vec<Rule>,
    /// Counts changes; `If-Match` names it.
    version: i32,
}

impl Versioned for RuleList {
    fn version(&self) -> String {
        self.version.to_string()
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRule {
    /// For people who are in this team; absent: for everybody.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    team_id: Option<Uuid>,
    field: RuleField,
    kind: RuleKind,
    /// Case does not matter. A glob is the whole text, with `*` for any characters and `?` for one; one of a host means the
    /// hosts below it as well. A regular expression is found anywhere.
    pattern: Line<150>,
    category: Rating,
}

/// All rules, in their order. What is missing is no rule any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRules {
    #[schema(max_items = 200)]
    items: Vec<NewRule>,
}

/// What might be in front, and for whom it is judged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RuleTest {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    app: Option<Line<200>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    host: Option<Line<200>>,
    /// Of the window or of the page.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    title: Option<Line<500>>,
    /// As for people of this team; absent: as for the person, and without one as for those in no team.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    team_id: Option<Uuid>,
    /// As for this person, in the team that the person is in; of use without `team_id`.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    user_id: Option<Uuid>,
}

/// A rule that fits.
#[derive(Debug, Serialize, ToSchema)]
struct RuleHit {
    /// Its place in the list, from 1 on.
    position: usize,
    rule: Rule,
}

/// What the rules make of it.
#[derive(Debug, Serialize, ToSchema)]
struct RuleVerdict {
    category: Category,
    /// All that fit, in the order in which they are tried. The first decides.
    hits: Vec<RuleHit>,
}

/// List the productivity rules.
#[utoipa::path(responses((status = 200, body = RuleList)))]
#[get("/rules")]
async fn list_rules(session: Tenant<Admin>, state: Data<State>) -> Result<Tagged<RuleList>> {
    let list = move |tx: Tx| RuleList::load(tx.conn, tx.company);
    state.db.tenant(&session, list).await.map(Tagged)
}

/// Change the productivity rules: all of them and their order at once.
///
/// Time from now on follows them, and so do, within minutes, the days whose raw records are kept. Rules of teams are put
/// before those of everybody, as they are tried in this order.
#[utoipa::path(request_body = NewRules, responses((status = 200, body = RuleList)))]
#[put("/rules")]
async fn change_rules(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    body: Json<NewRules>,
) -> Result<Tagged<RuleList>> {
    let wanted = checked(body.0.items)?;
    let change = move |mut tx: Tx| {
        // Teams first: who deletes one waits for the list while the team is theirs.
        teams_must_exist(&mut tx, &wanted)?;
        hold(&mut tx)?;
        let before = RuleList::load(tx.conn, tx.company)?;
        seen.check(&before.version())?;
        let wanted: Vec<Rule> = in_order(wanted.into_iter().map(|(_, rule)| rule).collect());
        if wanted == before.items {
            return Ok(before);
        }
        store(&mut tx, &wanted)?;
        write_down(&mut tx, &before.items, &wanted)?;
        past::reclassify(&mut tx, None)?;
        RuleList::load(tx.conn, tx.company)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

/// Try the rules: which of them fits, and what it makes of it.
#[utoipa::path(request_body = RuleTest, responses((status = 200, body = RuleVerdict)))]
#[post("/rules/test")]
async fn test_rules(
    session: Tenant<Admin>,
    state: Data<State>,
    body: Json<RuleTest>,
) -> Result<Json<RuleVerdict>> {
    let test = body.0;
    if test.app.is_none() && test.host.is_none() && test.title.is_none() {
        let detail = "An application, a host or a title is wanted";
        return Err(Error::invalid("", "rule_test_empty", detail));
    }
    let read = move |mut tx: Tx| {
        let team = team_of(&mut tx, &test)?;
        Ok((team, load(tx.conn, tx.company)?, test))
    };
    let (team, rules, test) = state.db.tenant(&session, read).await?;
    let app = test.app.map(|Line(app)| app).unwrap_or_default();
    let host = test.host.map(|Line(host)| host).unwrap_or_default();
    let title = test.title.map(|Line(title)| title).unwrap_or_default();
    let moment = Moment {
        app: &app,
        title: &title,
        host: &host,
        page: "",
    };
    let compiled = Rules::new(&rules);
    let hits: Vec<_> = compiled.hits(team, moment).collect();
    Ok(Json(RuleVerdict {
        category: hits.first().map_or(Category::Unclassified, |hit| hit.1),
        hits: hits
            .into_iter()
            .map(|(at, _)| RuleHit {
                position: at + 1,
                rule: rules[at].clone(),
            })
            .collect(),
    }))
}

impl RuleList {
    fn load(conn: &mut PgConnection, company: Uuid) -> Result<Self> {
        #[derive(QueryableByName)]
        struct Of {
            #[diesel(sql_type = Integer)]
            version: i32,
        }
        let of: Of = sql_query(
            "SELECT rules_version AS version FROM tenant.company_settings WHERE company_id = $1",
        )
        .bind::<SqlUuid, _>(company)
        .get_result(conn)?;
        Ok(Self {
            items: load(conn, company)?,
            version: of.version,
        })
    }
}

/// A company's rules in their order.
fn load(conn: &mut PgConnection, company: Uuid) -> Result<Vec<Rule>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        team_id: Option<Uuid>,
        #[diesel(sql_type = Text)]
        field: String,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Text)]
        pattern: String,
        #[diesel(sql_type = Text)]
        category: String,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT team_id, field, kind, pattern, category FROM tenant.productivity_rules \
         WHERE company_id = $1 ORDER BY position",
    )
    .bind::<SqlUuid, _>(company)
    .load(conn)?;
    let rules = rows.into_iter().map(|row| {
        Ok(Rule {
            team_id: row.team_id,
            field: word(row.field)?,
            kind: word(row.kind)?,
            pattern: row.pattern,
            category: word(row.category)?,
        })
    });
    rules.collect()
}

/// The table's words are the API's.
fn word<T: serde::de::DeserializeOwned>(text: String) -> Result<T> {
    Ok(serde_json::from_value(Value::String(text)).map_err(anyhow::Error::from)?)
}

/// Rules that can be used, each with its place in the request.
fn checked(items: Vec<NewRule>) -> Result<Vec<(usize, Rule)>> {
    if items.len() > MOST {
        let detail = format!("There are at most {MOST} rules");
        return Err(Error::invalid("/items", "rules_too_many", detail));
    }
    let mut rules: Vec<(usize, Rule)> = Vec::new();
    let mut errors = Vec::new();
    for (at, new) in items.into_iter().enumerate() {
        let rule = Rule {
            team_id: new.team_id,
            field: new.field,
            kind: new.kind,
            pattern: new.pattern.0,
            category: new.category,
        };
        let wrong = if compile(rule.field, rule.kind, &rule.pattern).is_none() {
            Some((
                "rule_pattern_invalid",
                "This is no regular expression, or one that is too large",
            ))
        } else if rules.iter().any(|(_, other)| other.is_same(&rule)) {
            Some((
                "rule_twice",
                "A rule before looks for the same: this one would never decide",
            ))
        } else {
            None
        };
        if let Some((code, detail)) = wrong {
            errors.push(FieldError {
                pointer: format!("/items/{at}/pattern"),
                code: code.into(),
                detail: detail.into(),
            });
        }
        rules.push((at, rule));
    }
    match errors.is_empty() {
        true => Ok(rules),
        false => Err(Error::Invalid(errors)),
    }
}

/// As they are tried: the teams' own first, a team's together, and otherwise as they were.
fn in_order(rules: Vec<Rule>) -> Vec<Rule> {
    let mut teams: Vec<Option<Uuid>> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.team_id.is_some()) {
        if !teams.contains(&rule.team_id) {
            teams.push(rule.team_id);
        }
    }
    teams.push(None);
    let of = |team| rules.iter().filter(move |rule| rule.team_id == team);
    teams.into_iter().flat_map(of).cloned().collect()
}

impl Rule {
    pub(crate) fn new(
        team_id: Option<Uuid>,
        field: RuleField,
        kind: RuleKind,
        pattern: &str,
        category: Rating,
    ) -> Self {
        Self {
            team_id,
            field,
            kind,
            pattern: pattern.to_owned(),
            category,
        }
    }

    /// Looks for the same, for the same people.
    fn is_same(&self, other: &Self) -> bool {
        let of = |rule: &Self| (rule.team_id, rule.field, rule.kind);
        of(self) == of(other) && self.pattern == other.pattern
    }
}

/// Keeps everybody else from changing the list, or asking for the past anew, until the end of the transaction.
fn hold(tx: &mut Tx) -> Result<()> {
    sql_query("SELECT FROM tenant.company_settings WHERE company_id = $1 FOR UPDATE")
        .bind::<SqlUuid, _>(tx.company)
        .execute(tx.conn)?;
    Ok(())
}

/// Another company's team is as unknown as none. Those that are there stay until the end of the transaction.
fn teams_must_exist(tx: &mut Tx, rules: &[(usize, Rule)]) -> Result<()> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let wanted: Vec<Uuid> = rules.iter().filter_map(|(_, rule)| rule.team_id).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let known: Vec<Id> = sql_query(
        "SELECT id FROM tenant.teams WHERE company_id = $1 AND id = ANY ($2) ORDER BY id FOR KEY SHARE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(wanted)
    .load(tx.conn)?;
    let is_known = |team: Uuid| known.iter().any(|Id { id }| *id == team);
    let errors: Vec<FieldError> = rules
        .iter()
        .filter(|(_, rule)| rule.team_id.is_some_and(|team| !is_known(team)))
        .map(|(at, _)| FieldError {
            pointer: format!("/items/{at}/team_id"),
            code: "team_unknown".into(),
            detail: "There is no such team".into(),
        })
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(errors)),
    }
}

/// Whose rules the test asks for.
fn team_of(tx: &mut Tx, test: &RuleTest) -> Result<Option<Uuid>> {
    #[derive(QueryableByName)]
    struct Of {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        team_id: Option<Uuid>,
    }
    let mut find = |text: &str, id: Option<Uuid>, (pointer, code, detail): (&str, &str, &str)| {
        let Some(id) = id else {
            return Ok(None);
        };
        let of: Option<Of> = sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .get_result(tx.conn)
            .optional()?;
        of.map(|of| of.team_id)
            .ok_or_else(|| Error::invalid(pointer, code, detail))
    };
    let of_person = find(
        "SELECT team_id FROM tenant.users WHERE company_id = $1 AND id = $2",
        test.user_id,
        ("/user_id", "employee_unknown", "There is no such person"),
    )?;
    let named = find(
        "SELECT id AS team_id FROM tenant.teams WHERE company_id = $1 AND id = $2",
        test.team_id,
        ("/team_id", "team_unknown", "There is no such team"),
    )?;
    Ok(named.or(of_person))
}

/// Puts the list in the place of the one before, and counts the change.
pub(crate) fn store(tx: &mut Tx, rules: &[Rule]) -> Result<()> {
    sql_query("DELETE FROM tenant.productivity_rules WHERE company_id = $1")
        .bind::<SqlUuid, _>(tx.company)
        .execute(tx.conn)?;
    let teams: Vec<Option<Uuid>> = rules.iter().map(|rule| rule.team_id).collect();
    let fields: Vec<&str> = rules.iter().map(|rule| rule.field.name()).collect();
    let kinds: Vec<&str> = rules.iter().map(|rule| rule.kind.name()).collect();
    let patterns: Vec<&str> = rules.iter().map(|rule| rule.pattern.as_str()).collect();
    let categories: Vec<&str> = rules
        .iter()
        .map(|rule| Category::from(rule.category).name())
        .collect();
    sql_query(
        "INSERT INTO tenant.productivity_rules (company_id, position, team_id, field, kind, pattern, category) \
         SELECT $1, r.position, r.team_id, r.field, r.kind, r.pattern, r.category \
         FROM unnest($2, $3, $4, $5, $6) WITH ORDINALITY AS r (team_id, field, kind, pattern, category, position)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<Nullable<SqlUuid>>, _>(teams)
    .bind::<Array<Text>, _>(fields)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Text>, _>(patterns)
    .bind::<Array<Text>, _>(categories)
    .execute(tx.conn)?;
    sql_query(
        "UPDATE tenant.company_settings SET rules_version = rules_version + 1 WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .execute(tx.conn)?;
    Ok(())
}

/// An entry for each rule that came, went or became something else, and one for another order of those that stayed.
fn write_down(tx: &mut Tx, before: &[Rule], after: &[Rule]) -> Result<()> {
    let same = |rule: &Rule, of: &[Rule]| of.iter().find(|other| other.is_same(rule)).cloned();
    for rule in before.iter().filter(|rule| same(rule, after).is_none()) {
        audit::record(tx.again(), "rule.deleted", json!({ "before": rule }))?;
    }
    for rule in after {
        match same(rule, before) {
            None => audit::record(tx.again(), "rule.created", json!({ "after": rule }))?,
            Some(was) if was.category != rule.category => {
                let mut detail = json!({ "before": { "category": was.category },
                    "after": { "category": rule.category },
                    "field": rule.field, "kind": rule.kind, "pattern": rule.pattern });
                if let Some(team) = rule.team_id {
                    detail["team_id"] = json!(team);
                }
                audit::record(tx.again(), "rule.changed", detail)?;
            }
            Some(_) => {}
        }
    }
    let stayed = |of: &[Rule], other: &[Rule]| -> Vec<Rule> {
        let both = of.iter().filter(|rule| same(rule, other).is_some());
        both.cloned().collect()
    };
    let (was, is) = (stayed(before, after), stayed(after, before));
    let moved = was.iter().zip(&is).any(|(was, is)| !was.is_same(is));
    if moved {
        audit::record(
            tx.again(),
            "rules.reordered",
            json!({ "rules": after.len() }),
        )?;
    }
    Ok(())
}

/// People who come into a team or leave one: the rules for them may be others now.
pub(super) fn team_changed(tx: &mut Tx, people: &[Uuid]) -> Result<()> {
    #[derive(QueryableByName)]
    struct Any {
        #[diesel(sql_type = Bool)]
        any: bool,
    }
    let Any { any } = sql_query(
        "SELECT EXISTS (SELECT FROM tenant.productivity_rules WHERE company_id = $1 AND team_id IS NOT NULL) AS any",
    )
    .bind::<SqlUuid, _>(tx.company)
    .get_result(tx.conn)?;
    match any && !people.is_empty() {
        true => past::reclassify(tx, Some(people)),
        false => Ok(()),
    }
}

/// The rules of a team that is about to be deleted go with it.
pub(super) fn forget_team(tx: &mut Tx, team: Uuid, people: &[Uuid]) -> Result<()> {
    hold(tx)?;
    let before = load(tx.conn, tx.company)?;
    let after: Vec<Rule> = before
        .iter()
        .filter(|rule| rule.team_id != Some(team))
        .cloned()
        .collect();
    if after.len() == before.len() {
        return team_changed(tx, people);
    }
    store(tx, &after)?;
    write_down(tx, &before, &after)?;
    past::reclassify(tx, Some(people))
}
