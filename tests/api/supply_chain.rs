//! What is built in, checked without a network: licences against deny.toml, and lock files that leave nothing open.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};

const NPM_LOCKS: [&str; 3] = [
    "frontend/package-lock.json",
    "tests/e2e/package-lock.json",
    "scripts/postgres/package-lock.json",
];

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn toml(path: &str) -> toml::Table {
    read(path).parse().unwrap()
}

fn allowed() -> Vec<Licensee> {
    let deny = toml("deny.toml");
    let allow = deny["licenses"]["allow"].as_array().unwrap();
    let licensees = allow
        .iter()
        .map(|name| Licensee::parse(name.as_str().unwrap()).unwrap());
    licensees.collect()
}

fn permits(allowed: &[Licensee], expression: &str) -> bool {
    let mode = ParseMode {
        allow_deprecated: true,
        allow_slash_as_or_operator: true,
        ..ParseMode::STRICT
    };
    Expression::parse_mode(expression, mode).is_ok_and(|expression| {
        expression.evaluate(|wanted| allowed.iter().any(|licensee| licensee.satisfies(wanted)))
    })
}

/// `(name and version, licence)` of every crate that is compiled on this machine.
fn crates() -> Vec<(String, String)> {
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", host])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let name = format!("{} {}", text(package, "name"), text(package, "version"));
            (name, text(package, "license"))
        })
        .collect()
}

/// Every package of a lock file, by its place in node_modules.
fn npm_packages(lock: &str) -> Vec<(String, Value)> {
    let lock: Value = serde_json::from_str(&read(lock)).unwrap();
    let packages = lock["packages"].as_object().unwrap().clone();
    packages
        .into_iter()
        .filter(|(place, _)| !place.is_empty())
        .collect()
}

#[test]
fn every_licence_is_on_the_list() {
    let allowed = allowed();
    let npm = NPM_LOCKS.iter().flat_map(|lock| npm_packages(lock));
    let npm = npm.map(|(place, package)| {
        let licence = package["license"].as_str().unwrap_or_default().to_owned();
        (place, licence)
    });
    let crates = crates();
    assert!(crates.len() > 200, "only {} crates were seen", crates.len());
    let others: Vec<_> = crates
        .into_iter()
        .chain(npm)
        .filter(|(_, licence)| !permits(&allowed, licence))
        .collect();
    assert!(others.is_empty(), "not on deny.toml's list: {others:#?}");
}

#[test]
fn a_licence_outside_the_list_is_refused() {
    let allowed = allowed();
    for refused in [
        "SSPL-1.0",
        "GPL-2.0-only",
        "MIT AND SSPL-1.0",
        "",
        "see LICENSE",
    ] {
        assert!(!permits(&allowed, refused), "{refused}");
    }
    for accepted in [
        "MIT/Apache-2.0",
        "GPL-2.0-only OR MIT",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(permits(&allowed, accepted), "{accepted}");
    }
}

#[test]
fn every_foreign_crate_has_a_checksum_and_comes_from_the_registry() {
    let lock = toml("Cargo.lock");
    for package in lock["package"].as_array().unwrap() {
        let Some(source) = package.get("source") else {
            continue;
        };
        let registry = source.as_str().unwrap().starts_with("registry+");
        assert!(registry && package.get("checksum").is_some(), "{package}");
    }
}

#[test]
fn every_npm_package_has_a_checksum_and_an_exact_version() {
    for lock in NPM_LOCKS {
        for (place, package) in npm_packages(lock) {
            let integrity = package["integrity"].as_str().unwrap_or_default();
            assert!(integrity.starts_with("sha512-"), "{lock}: {place}");
        }
        let manifest = lock.replace("package-lock", "package");
        let manifest: Value = serde_json::from_str(&read(&manifest)).unwrap();
        let kinds = ["dependencies", "devDependencies", "optionalDependencies"];
        let wanted = kinds
            .iter()
            .filter_map(|kind| manifest[*kind].as_object())
            .flatten();
        for (name, version) in wanted {
            // `npm:other@1.2.3` takes another package under this name.
            let version = version.as_str().unwrap().rsplit('@').next().unwrap();
            assert!(
                version.starts_with(|first: char| first.is_ascii_digit()),
                "{name} {version}"
            );
        }
    }
}
