//! Rules as tables: what goes in, what may be stored.

use super::*;

pub(crate) fn settings() -> AgentSettings {
    AgentSettings {
        version: 1,
        screenshots_enabled: false,
        screenshot_interval_seconds: 600,
        blur_screenshots: false,
        idle_threshold_seconds: 60,
        tracking_days: (1..=7).collect(),
        tracking_from: NaiveTime::MIN,
        tracking_to: LAST_SECOND,
        time_zone: "Europe/Berlin".into(),
        record_titles: true,
        record_paths: true,
        redaction_rules: Vec::new(),
        policy: None,
        timer: None,
    }
}

fn seen(settings: &AgentSettings, app: &str, title: &str) -> Front {
    with_tab(settings, app, title, None)
}

fn with_tab(settings: &AgentSettings, app: &str, title: &str, tab: Option<Tab>) -> Front {
    let window = Window {
        app: app.into(),
        title: title.into(),
    };
    Rules::new(settings).apply(window, tab)
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
}

#[test]
fn a_title_that_matches_a_rule_is_replaced() {
    let rules = AgentSettings {
        redaction_rules: vec!["(?i)salary".into()],
        ..settings()
    };
    let front = seen(&rules, "XTerm", "Salary 2026.ods");
    assert_eq!(
        (front.title.as_str(), front.is_redacted),
        ("[redacted]", true)
    );
    assert_eq!(seen(&rules, "XTerm", "notes").title, "notes");
}

#[test]
fn a_window_of_an_application_or_a_site_that_matches_a_rule_is_hidden() {
    let rules = AgentSettings {
        redaction_rules: vec!["^KeePassXC$".into(), r"(^|\.)bank\.test$".into()],
        ..settings()
    };
    let front = seen(&rules, "KeePassXC", "Passwords");
    assert_eq!(
        (front.app.as_str(), front.title.as_str()),
        ("KeePassXC", "[redacted]")
    );
    assert!(front.is_redacted);
    assert!(!seen(&rules, "Firefox", "KeePassXC and you").is_redacted);
    let site = site_of("https://my.bank.test/").unwrap();
    let title = "My account".to_owned();
    let front = with_tab(
        &rules,
        "Firefox",
        "My account - Firefox",
        Some(Tab { site, title }),
    );
    assert_eq!((front.title.as_str(), front.site), ("[redacted]", None));
    assert!(front.is_redacted);
}

#[test]
fn an_unreadable_rule_drops_every_title_and_is_said() {
    let rules = AgentSettings {
        redaction_rules: vec!["fine".into(), "(".into()],
        ..settings()
    };
    assert_eq!(seen(&rules, "XTerm", "notes").title, "");
    assert!(Rules::new(&rules).warning().unwrap().contains("rule 2"));
}

#[test]
fn titles_and_paths_are_recorded_only_where_wanted() {
    let shy = AgentSettings {
        record_titles: false,
        record_paths: false,
        ..settings()
    };
    let front = seen(
        &shy,
        "firefox",
        "Docs https://docs.rs/regex/1?q=a — Mozilla Firefox",
    );
    assert_eq!(front.title, "");
    assert_eq!(
        front.site,
        Some(Site {
            host: "docs.rs".into(),
            path: None
        })
    );
}

#[test]
fn an_address_in_a_browsers_title_becomes_a_page_without_its_query() {
    let front = seen(
        &settings(),
        "Chromium",
        "Docs - https://me:pw@Docs.rs:443/regex/1?token=x#y - Chromium",
    );
    assert_eq!(
        front.site,
        Some(Site {
            host: "docs.rs".into(),
            path: Some("/regex/1".into())
        })
    );
    assert_eq!(front.title, "Docs - - Chromium");
    assert_eq!(
        seen(&settings(), "XTerm", "curl https://docs.rs/").site,
        None
    );
    assert_eq!(
        seen(&settings(), "Chromium", "https://docs.rs?token=x").site,
        Some(Site {
            host: "docs.rs".into(),
            path: Some("/".into())
        })
    );
}

#[test]
fn a_rule_that_matches_an_address_hides_the_page_as_well() {
    let rules = AgentSettings {
        redaction_rules: vec!["bank".into()],
        ..settings()
    };
    let front = seen(&rules, "Chromium", "Start https://bank.test/me");
    assert_eq!((front.title.as_str(), front.site), ("[redacted]", None));
}

#[test]
fn titles_are_bounded_and_free_of_control_characters() {
    assert_eq!(
        seen(&settings(), "a\0b", &format!("x\0\n{}", "é".repeat(900)))
            .title
            .chars()
            .count(),
        MAX_TITLE
    );
    assert_eq!(seen(&settings(), "a\0b", "").app, "ab");
    assert_eq!(seen(&settings(), "\0", "").app, "unknown");
}

#[test]
fn hours_are_those_of_the_companys_clock() {
    let office = AgentSettings {
        tracking_days: (1..=5).collect(),
        tracking_from: time(9, 0),
        tracking_to: time(17, 0),
        ..settings()
    };
    // Berlin is one hour ahead in winter, two in summer.
    for (moment, wanted) in [
        ("2026-11-20T07:59:59Z", false),
        ("2026-11-20T08:00:00Z", true),
        ("2026-11-20T15:59:59Z", true),
        ("2026-11-20T16:00:00Z", false),
        ("2026-11-21T10:00:00Z", false),
        ("2026-07-17T07:00:00Z", true),
        ("2026-07-17T15:00:00Z", false),
    ] {
        assert_eq!(is_wanted(&office, at(moment)), wanted, "{moment}");
    }
}

#[test]
fn a_night_shift_belongs_to_the_day_on_which_it_began() {
    let night = AgentSettings {
        tracking_days: vec![5],
        tracking_from: time(22, 0),
        tracking_to: time(6, 0),
        time_zone: "UTC".into(),
        ..settings()
    };
    for (moment, wanted) in [
        ("2026-11-20T21:59:59Z", false),
        ("2026-11-20T22:00:00Z", true),
        ("2026-11-21T05:59:59Z", true),
        ("2026-11-21T06:00:00Z", false),
        ("2026-11-21T22:00:00Z", false),
        ("2026-11-20T05:00:00Z", false),
    ] {
        assert_eq!(is_wanted(&night, at(moment)), wanted, "{moment}");
    }
}

#[test]
fn an_unknown_zone_records_nothing_unless_every_hour_is_wanted() {
    let lost = AgentSettings {
        time_zone: "Mars/Olympus".into(),
        ..settings()
    };
    assert!(is_wanted(&lost, at("2026-11-20T10:00:00Z")));
    assert!(!is_wanted(
        &AgentSettings {
            tracking_days: vec![5],
            ..lost
        },
        at("2026-11-20T10:00:00Z")
    ));
}

#[test]
fn a_page_that_an_extension_names_is_that_of_the_window_it_names() {
    let tab = |title: &str| {
        let site = site_of("https://user@Docs.RS:443/serde/?q=secret#top").unwrap();
        let title = title.to_owned();
        Some(Tab { site, title })
    };
    let mut settings = settings();
    settings.record_paths = true;
    let docs = "serde - Rust - Chromium";
    let front = with_tab(&settings, "Chromium", docs, tab("serde - Rust"));
    let site = front.site.unwrap();
    assert_eq!(
        (site.host.as_str(), site.path.as_deref()),
        ("docs.rs", Some("/serde/"))
    );
    assert_eq!(front.title, docs);
    // A private window of the same browser is another one, and a tab without a title could be any.
    assert_eq!(
        with_tab(
            &settings,
            "Chromium",
            "Bank - Chromium",
            tab("serde - Rust")
        )
        .site,
        None
    );
    assert_eq!(with_tab(&settings, "Chromium", docs, tab(" ")).site, None);
    settings.record_paths = false;
    let site = with_tab(&settings, "Chromium", docs, tab("serde - Rust"))
        .site
        .unwrap();
    assert_eq!(site.path, None);
    settings.redaction_rules = vec!["serde".into()];
    assert_eq!(
        with_tab(&settings, "Chromium", docs, tab("serde - Rust")).site,
        None
    );
}

#[test]
fn only_addresses_of_the_web_are_sites() {
    for other in [
        "about:blank",
        "file:///home/ada/salary.ods",
        "chrome://settings",
        "ftp://x.test/",
        "https://",
        "",
    ] {
        assert_eq!(site_of(other), None, "{other}");
    }
}

#[test]
fn what_a_source_sends_is_stored_by_the_same_rules() {
    let mut settings = settings();
    settings.redaction_rules = vec!["(?i)salary".into()];
    let stored =
        |settings: &AgentSettings, name: &str, text: &str| Rules::new(settings).text(name, text);
    settings.record_paths = false;
    assert_eq!(
        stored(&settings, "url", "https://docs.rs/serde?q=1"),
        "https://docs.rs/"
    );
    settings.record_paths = true;
    assert_eq!(
        stored(&settings, "url", "https://docs.rs/serde?q=1"),
        "https://docs.rs/serde"
    );
    assert_eq!(
        stored(&settings, "url", "http://docs.rs/#top"),
        "http://docs.rs/"
    );
    assert_eq!(stored(&settings, "url", "file:///home/ada"), "");
    assert_eq!(stored(&settings, "anything", "Salary of Bob"), "[redacted]");
    assert_eq!(stored(&settings, "title", "Docs"), "Docs");
    settings.record_titles = false;
    assert_eq!(stored(&settings, "title", "Docs"), "");
    assert_eq!(stored(&settings, "project", "tracker"), "");
    assert_eq!(stored(&settings, "app", "code"), "code");
}
