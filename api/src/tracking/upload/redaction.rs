//! The company's privacy rules once more on the server, for agents that are older than a rule or do not keep it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};
use uuid::Uuid;

pub(crate) const REDACTED: &str = "[redacted]";
/// Bounds what one rule may cost in memory, as on the device.
pub(crate) const RULE_SIZE: usize = 1 << 20;
/// Companies whose compiled rules are kept.
const KEPT: usize = 64;

/// By company: the version of its settings, and what was made of their rules.
type Compiled = HashMap<Uuid, (i32, Arc<Patterns>)>;

static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(Mutex::default);

struct Patterns {
    rules: Vec<Regex>,
    /// What an unreadable rule was to hide is unknown, so every title goes.
    are_readable: bool,
}

/// What may be kept under one version of a company's settings.
pub(super) struct Privacy {
    keeps_titles: bool,
    keeps_paths: bool,
    patterns: Option<Arc<Patterns>>,
}

impl Privacy {
    pub fn new(
        company: Uuid,
        version: i32,
        keeps_titles: bool,
        keeps_paths: bool,
        rules: &[String],
    ) -> Self {
        let patterns = (!rules.is_empty()).then(|| patterns(company, version, rules));
        Self {
            keeps_titles: keeps_titles && patterns.as_ref().is_none_or(|all| all.are_readable),
            keeps_paths,
            patterns,
        }
    }

    /// A window's title.
    pub fn title<'a>(&self, app: &str, title: &'a str) -> &'a str {
        match title {
            _ if !self.keeps_titles => "",
            _ if self.hides(title) || self.hides(app) => REDACTED,
            title => title,
        }
    }

    /// A page's path and title.
    pub fn page<'a>(
        &self,
        host: &str,
        path: Option<&'a str>,
        title: Option<&'a str>,
    ) -> (Option<&'a str>, Option<&'a str>) {
        let is_hidden = self.hides(host) || title.is_some_and(|title| self.hides(title));
        let path = path.filter(|path| self.keeps_paths && !is_hidden && !self.hides(path));
        let title = title
            .filter(|_| self.keeps_titles)
            .map(|title| if is_hidden { REDACTED } else { title });
        (path, title)
    }

    fn hides(&self, text: &str) -> bool {
        self.patterns
            .as_ref()
            .is_some_and(|all| all.rules.iter().any(|rule| rule.is_match(text)))
    }
}

fn patterns(company: Uuid, version: i32, rules: &[String]) -> Arc<Patterns> {
    let known = |all: &Compiled| {
        let (of, patterns) = all.get(&company)?;
        (*of == version).then(|| patterns.clone())
    };
    if let Some(patterns) = known(&COMPILED.lock().unwrap_or_else(PoisonError::into_inner)) {
        return patterns;
    }
    let compiled = rules
        .iter()
        .map(|rule| RegexBuilder::new(rule).size_limit(RULE_SIZE).build());
    let rules: Vec<_> = compiled.collect();
    let patterns = Arc::new(Patterns {
        are_readable: rules.iter().all(Result::is_ok),
        rules: rules.into_iter().flatten().collect(),
    });
    let mut all = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= KEPT {
        all.clear();
    }
    all.insert(company, (version, patterns.clone()));
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn privacy(titles: bool, paths: bool, rules: &[&str]) -> Privacy {
        let rules: Vec<_> = rules.iter().map(|rule| rule.to_string()).collect();
        Privacy::new(Uuid::now_v7(), 1, titles, paths, &rules)
    }

    #[test]
    fn a_title_that_a_rule_matches_is_replaced_and_its_page_loses_the_path() {
        let privacy = privacy(true, true, &["(?i)salary"]);
        assert_eq!(privacy.title("Mail", "Salary list"), "[redacted]");
        assert_eq!(privacy.title("Mail", "Letter"), "Letter");
        let page = |path, title| privacy.page("intranet.test", path, title);
        assert_eq!(page(Some("/x"), Some("salary")), (None, Some("[redacted]")));
        assert_eq!(page(Some("/salary"), None), (None, None));
        assert_eq!(
            page(Some("/x"), Some("Letter")),
            (Some("/x"), Some("Letter"))
        );
    }

    #[test]
    fn of_an_application_or_a_site_that_a_rule_matches_no_title_is_kept() {
        let privacy = privacy(true, true, &["^KeePassXC$", r"(^|\.)bank\.test$"]);
        assert_eq!(privacy.title("KeePassXC", "Passwords"), "[redacted]");
        assert_eq!(
            privacy.title("Mail", "KeePassXC and you"),
            "KeePassXC and you"
        );
        assert_eq!(
            privacy.page("my.bank.test", Some("/x"), Some("Letter")),
            (None, Some("[redacted]"))
        );
    }

    #[test]
    fn titles_and_paths_that_are_not_wanted_are_dropped() {
        let privacy = privacy(false, false, &[]);
        assert_eq!(privacy.title("Mail", "Letter"), "");
        assert_eq!(
            privacy.page("x.test", Some("/x"), Some("Letter")),
            (None, None)
        );
    }

    #[test]
    fn a_rule_that_cannot_be_read_hides_every_title() {
        assert_eq!(privacy(true, true, &["("]).title("Mail", "Letter"), "");
    }
}
