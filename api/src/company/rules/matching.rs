//! Which rule fits what was in front. Rules are compiled once for each version of a company's list.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::sql_types::{Integer, Nullable, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl};
use regex::{Regex, RegexBuilder, escape};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Rule;
use crate::Result;
use crate::db::statement::statement;

/// Bytes of one compiled rule. Searching takes as many steps as text times rule at most, whatever the two are: there is no
/// pattern that runs away, and this bounds the rule.
const RULE_SIZE: usize = 1 << 17;
/// How long the rules of one person's days may be tried. Honest ones need milliseconds; what is left then stays unclassified.
const PATIENCE: Duration = Duration::from_secs(10);
/// Companies whose compiled rules are kept.
const KEPT: usize = 64;

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RuleField {
    /// The name of the application.
    App,
    /// The host of the page; a glob means the hosts below it as well.
    Host,
    /// The title of the window or of the page.
    Title,
}

/// How a pattern is read. Case does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RuleKind {
    /// The whole text, where `*` stands for any characters and `?` for one.
    Glob,
    /// A regular expression that is found anywhere in the text.
    Regex,
}

/// What a rule makes of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Category {
    Productive,
    Neutral,
    Unproductive,
    /// No rule fits, or nothing is known of what was in front.
    Unclassified,
}

impl Category {
    pub const ALL: [Self; 4] = [
        Self::Productive,
        Self::Neutral,
        Self::Unproductive,
        Self::Unclassified,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Productive => "productive",
            Self::Neutral => "neutral",
            Self::Unproductive => "unproductive",
            Self::Unclassified => "unclassified",
        }
    }
}

impl RuleField {
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Host => "host",
            Self::Title => "title",
        }
    }
}

impl RuleKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Glob => "glob",
            Self::Regex => "regex",
        }
    }
}

/// What was in front: an application with its window, and a page if there was one. Empty is what is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Moment<'a> {
    pub app: &'a str,
    pub title: &'a str,
    pub host: &'a str,
    pub page: &'a str,
}

/// A company's rules in their order.
#[derive(Default)]
pub(crate) struct Rules(Vec<Matcher>);

struct Matcher {
    team: Option<Uuid>,
    field: RuleField,
    category: Category,
    /// Absent for one that a later version of this program could not read: it fits nothing.
    pattern: Option<Regex>,
}

/// None for what is no regular expression, or one that is too large.
pub(super) fn compile(field: RuleField, kind: RuleKind, pattern: &str) -> Option<Regex> {
    let text = match kind {
        RuleKind::Regex => pattern.to_owned(),
        RuleKind::Glob => {
            let below = if field == RuleField::Host {
                r"(?:.*\.)?"
            } else {
                ""
            };
            // Several stars in a row are one, or the longest globs would be too large.
            let mut stars = pattern.to_owned();
            while stars.contains("**") {
                stars = stars.replace("**", "*");
            }
            let whole = escape(&stars).replace(r"\*", ".*").replace(r"\?", ".");
            format!("(?s)^{below}{whole}$")
        }
    };
    RegexBuilder::new(&text)
        .case_insensitive(true)
        .size_limit(RULE_SIZE)
        .dfa_size_limit(RULE_SIZE)
        .build()
        .ok()
}

impl Rules {
    pub fn new(rules: &[Rule]) -> Self {
        let matcher = |rule: &Rule| Matcher {
            team: rule.team_id,
            field: rule.field,
            category: rule.category.into(),
            pattern: compile(rule.field, rule.kind, &rule.pattern),
        };
        Self(rules.iter().map(matcher).collect())
    }

    /// Those that fit, by their place in the list, for somebody of this team: the team's own before those of everybody.
    pub fn hits<'a>(
        &'a self,
        team: Option<Uuid>,
        moment: Moment<'a>,
    ) -> impl Iterator<Item = (usize, Category)> + 'a {
        let of = move |scope: Option<Uuid>| {
            let all = self.0.iter().enumerate();
            all.filter(move |(_, rule)| rule.team == scope && rule.fits(moment))
        };
        let own = team.into_iter().flat_map(move |team| of(Some(team)));
        own.chain(of(None)).map(|(at, rule)| (at, rule.category))
    }

    /// Whether any fits, whoever it is for.
    pub fn has_one_for(&self, moment: Moment) -> bool {
        self.0.iter().any(|rule| rule.fits(moment))
    }

    fn concerns(&self, team: Option<Uuid>) -> bool {
        self.0
            .iter()
            .any(|rule| rule.team.is_none() || rule.team == team)
    }
}

impl Matcher {
    fn fits(&self, moment: Moment) -> bool {
        let Some(pattern) = &self.pattern else {
            return false;
        };
        let is_in = |text: &str| !text.is_empty() && pattern.is_match(text);
        match self.field {
            RuleField::App => is_in(moment.app),
            RuleField::Host => is_in(moment.host),
            RuleField::Title => is_in(moment.title) || is_in(moment.page),
        }
    }
}

/// The rules for one person, asked about many moments.
pub(crate) struct Classifier<'a> {
    rules: Arc<Rules>,
    team: Option<Uuid>,
    known: HashMap<Moment<'a>, Category>,
    left: Duration,
}

impl<'a> Classifier<'a> {
    fn new(rules: Arc<Rules>, team: Option<Uuid>) -> Self {
        Self {
            rules,
            team,
            known: HashMap::new(),
            left: PATIENCE,
        }
    }

    pub fn category(&mut self, moment: Moment<'a>) -> Category {
        if let Some(category) = self.known.get(&moment) {
            return *category;
        }
        if self.left.is_zero() {
            return Category::Unclassified;
        }
        let began = Instant::now();
        let first = self.rules.hits(self.team, moment).next();
        self.left = self.left.saturating_sub(began.elapsed());
        if self.left.is_zero() {
            tracing::warn!("the rules of a company take too long");
        }
        let category = first.map_or(Category::Unclassified, |(_, category)| category);
        self.known.insert(moment, category);
        category
    }
}

/// None where no rule is about this person.
pub(crate) fn classifier<'a>(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
) -> Result<Option<Classifier<'a>>> {
    #[derive(QueryableByName)]
    struct Of {
        #[diesel(sql_type = Integer)]
        version: i32,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        team_id: Option<Uuid>,
    }
    let of: Option<Of> = statement(
        "SELECT s.rules_version AS version, u.team_id FROM tenant.users u \
         JOIN tenant.company_settings s ON s.company_id = $1 WHERE u.company_id = $1 AND u.id = $2",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .get_result(conn)
    .optional()?;
    let Some(Of { version, team_id }) = of.filter(|of| of.version > 0) else {
        return Ok(None);
    };
    let rules = compiled(conn, company, version)?;
    Ok(rules
        .concerns(team_id)
        .then(|| Classifier::new(rules, team_id)))
}

/// By company: the version of its list, and what was made of it.
type Compiled = HashMap<Uuid, (i32, Arc<Rules>)>;

static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(Mutex::default);

fn compiled(conn: &mut PgConnection, company: Uuid, version: i32) -> Result<Arc<Rules>> {
    let known = COMPILED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&company)
        .filter(|(of, _)| *of == version)
        .map(|(_, rules)| rules.clone());
    if let Some(rules) = known {
        return Ok(rules);
    }
    let rules = Arc::new(Rules::new(&super::load(conn, company)?));
    let mut all = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= KEPT {
        all.clear();
    }
    all.insert(company, (version, rules.clone()));
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::super::Rating;
    use super::*;

    fn rule(
        team_id: Option<Uuid>,
        field: RuleField,
        kind: RuleKind,
        pattern: &str,
        category: Rating,
    ) -> Rule {
        Rule {
            team_id,
            field,
            kind,
            pattern: pattern.to_owned(),
            category,
        }
    }

    fn fits(field: RuleField, kind: RuleKind, pattern: &str, text: &str) -> bool {
        let rules = Rules::new(&[rule(None, field, kind, pattern, Rating::Neutral)]);
        let mut moment = Moment::default();
        match field {
            RuleField::App => moment.app = text,
            RuleField::Host => moment.host = text,
            RuleField::Title => moment.page = text,
        }
        rules.hits(None, moment).next().is_some()
    }

    #[test]
    fn globs_are_whole_and_expressions_are_found_anywhere_without_regard_to_case() {
        use RuleField::{App, Host, Title};
        use RuleKind::{Glob, Regex};
        for (field, kind, pattern, text, expected) in [
            (App, Glob, "code", "Code", true),
            (App, Glob, "code", "Code - Insiders", false),
            (App, Glob, "code*", "Code - Insiders", true),
            (App, Glob, "c?de", "Code", true),
            (App, Glob, "c?de", "Cde", false),
            (App, Glob, "a.b", "axb", false),
            (App, Glob, "[a]+", "[a]+", true),
            (App, Glob, "*", "", false),
            (Host, Glob, "example.com", "example.com", true),
            (Host, Glob, "example.com", "www.EXAMPLE.com", true),
            (Host, Glob, "example.com", "notexample.com", false),
            (Host, Glob, "example.com", "example.com.evil.test", false),
            (Host, Glob, "*.example.com", "example.com", false),
            (Title, Glob, "*invoice*", "Open INVOICE 17", true),
            (Title, Glob, "straße", "STRASSE", false),
            (Title, Regex, "invoice \\d+", "Open invoice 17", true),
            (Title, Regex, "^invoice", "Open invoice", false),
            (Title, Regex, "(?-i)invoice", "Invoice", false),
        ] {
            assert_eq!(
                fits(field, kind, pattern, text),
                expected,
                "{kind:?} {pattern} {text}"
            );
        }
    }

    #[test]
    fn the_first_rule_decides_and_those_of_the_team_come_first() {
        let (own, other) = (Uuid::now_v7(), Uuid::now_v7());
        let app = |team, pattern: &str, category| {
            rule(team, RuleField::App, RuleKind::Glob, pattern, category)
        };
        let rules = Rules::new(&[
            app(None, "b*", Rating::Neutral),
            app(None, "*", Rating::Unproductive),
            app(Some(other), "*", Rating::Neutral),
            app(Some(own), "bo*", Rating::Productive),
        ]);
        let hits = |team, app| {
            let moment = Moment {
                app,
                ..Moment::default()
            };
            rules
                .hits(team, moment)
                .map(|(at, _)| at)
                .collect::<Vec<_>>()
        };
        assert_eq!(hits(Some(own), "bolt"), [3, 0, 1]);
        assert_eq!(hits(Some(own), "bat"), [0, 1]);
        assert_eq!(hits(None, "bolt"), [0, 1]);
        assert_eq!(hits(Some(other), "cat"), [2, 1]);
    }

    #[test]
    fn what_is_no_expression_or_too_large_is_none() {
        for bad in ["(", "a{9999}", "\\w{400}", "(?<n>"] {
            assert!(
                compile(RuleField::Title, RuleKind::Regex, bad).is_none(),
                "{bad}"
            );
        }
        for good in ["\\w+ \\d+", "facture|invoice|rechnung", "\\p{Han}+", "^.*$"] {
            assert!(
                compile(RuleField::Title, RuleKind::Regex, good).is_some(),
                "{good}"
            );
        }
        // A backreference, and with it a search without end, does not exist here.
        assert!(compile(RuleField::Title, RuleKind::Regex, r"(a)\1").is_none());
        let longest = "*".repeat(150);
        assert!(compile(RuleField::Title, RuleKind::Glob, &longest).is_some());
    }

    #[test]
    fn rules_are_not_tried_for_ever() {
        let all = [rule(
            None,
            RuleField::App,
            RuleKind::Glob,
            "*",
            Rating::Productive,
        )];
        let mut classifier = Classifier::new(Arc::new(Rules::new(&all)), None);
        let moment = |app| Moment {
            app,
            ..Moment::default()
        };
        assert_eq!(classifier.category(moment("a")), Category::Productive);
        classifier.left = Duration::ZERO;
        assert_eq!(classifier.category(moment("a")), Category::Productive);
        assert_eq!(classifier.category(moment("b")), Category::Unclassified);
    }
}
