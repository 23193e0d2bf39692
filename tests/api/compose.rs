//! The compose file and .env.example speak of the server that is built here: same variables, pinned images.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Of the services around the server; everything else in .env.example is the server's own.
const OF_OTHER_SERVICES: [&str; 1] = ["POSTGRES_PASSWORD"];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

fn services() -> Vec<(String, Value)> {
    let compose: Value = yaml_serde::from_str(&read("docker-compose.yml")).unwrap();
    let services = compose["services"].as_object().unwrap().clone();
    services.into_iter().collect()
}

fn server_variables() -> BTreeSet<String> {
    tracker::config::environment_names().into_iter().collect()
}

/// `NAME=` at the start of a line, also where it is commented out.
fn example_variables() -> BTreeSet<String> {
    let example = read(".env.example");
    let lines = example
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line));
    let names = lines.filter_map(|line| Some(line.split_once('=')?.0));
    let is_name = |name: &&str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    names.filter(is_name).map(String::from).collect()
}

/// `image:` of compose, or `FROM` of a Dockerfile: an exact version and the digest behind it.
fn is_pinned(image: &str) -> bool {
    let Some((tagged, digest)) = image.split_once("@sha256:") else {
        return false;
    };
    let version = tagged.rsplit_once(':').map_or("", |(_, tag)| tag);
    version.contains('.')
        && digest.len() == 64
        && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[test]
fn every_foreign_image_is_pinned_by_version_and_digest() {
    for (name, service) in services() {
        let image = service["image"].as_str().unwrap();
        let ours = service["build"].is_object() && image.ends_with(":local");
        assert!(ours || is_pinned(image), "{name}: {image}");
    }
    for dockerfile in ["api/Dockerfile", "frontend/Dockerfile"] {
        let text = read(dockerfile);
        let bases: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("FROM "))
            .collect();
        assert!(!bases.is_empty());
        for base in bases {
            let image = base.split_whitespace().next().unwrap();
            assert!(is_pinned(image), "{dockerfile}: {image}");
        }
        assert!(
            text.contains("\nHEALTHCHECK "),
            "{dockerfile} has no health check"
        );
    }
}

#[test]
fn the_server_is_given_only_variables_that_it_reads() {
    let known = server_variables();
    let built: Vec<_> = services()
        .into_iter()
        .filter(|(name, _)| ["api", "migrate"].contains(&name.as_str()))
        .collect();
    assert_eq!(built.len(), 2);
    for (name, service) in built {
        let given: BTreeSet<String> = service["environment"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        let unknown: Vec<_> = given.difference(&known).collect();
        assert!(
            unknown.is_empty(),
            "{name} sets {unknown:?}, which config.rs does not read"
        );
    }
}

#[test]
fn the_administrative_connection_is_given_to_the_migration_only() {
    for (name, service) in services() {
        let has = service["environment"].get("DATABASE_ADMIN_URL").is_some();
        assert_eq!(has, name == "migrate", "{name}");
    }
}

#[test]
fn the_example_lists_exactly_the_variables_that_are_read() {
    let mut expected = server_variables();
    expected.extend(OF_OTHER_SERVICES.map(String::from));
    assert_eq!(example_variables(), expected);
}

#[test]
fn every_variable_that_compose_asks_for_is_in_the_example() {
    let compose = read("docker-compose.yml");
    let asked = compose
        .split("${")
        .skip(1)
        .map(|rest| rest.split([':', '}']).next().unwrap().to_owned());
    let missing: Vec<_> = asked
        .filter(|name| !example_variables().contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_service_that_stays_up_says_whether_it_is_healthy_and_gains_no_privileges() {
    for (name, service) in services() {
        // Our own images carry their health check.
        let checked = service["healthcheck"].is_object() || service["build"].is_object();
        assert!(checked, "{name} has no health check");
        let options = service["security_opt"].as_array().unwrap();
        assert!(
            options.contains(&Value::from("no-new-privileges:true")),
            "{name}"
        );
    }
}

#[test]
fn nothing_listens_beyond_this_machine() {
    for (name, service) in services() {
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(
                port.as_str().unwrap().starts_with("127.0.0.1:"),
                "{name}: {port}"
            );
        }
    }
}
