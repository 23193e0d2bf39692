//! The command itself: what it prints for programs, and its exit code.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};
use tracker::db::embedded::{Embedded, Options};

#[test]
fn findings_are_told_by_json_and_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    // PostgreSQL's user must reach it.
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let server = Embedded::start(&Options {
        data_dir: folder.path().join("data"),
        durable: false,
    })
    .unwrap();
    let url = server.url(server.superuser(), "postgres");
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_tracker"))
            .args(arguments)
            .env("DATABASE_URL", &url)
            .env("DATA_DIR", folder.path().join(arguments[0]))
            .output()
            .unwrap()
    };
    // As in a container that can write nowhere: whoever migrates need not reach the store.
    std::fs::write(folder.path().join("migrate"), "no folder").unwrap();
    let migrated = run(&["migrate"]);
    let said = String::from_utf8(migrated.stdout).unwrap();
    assert!(
        migrated.status.success() && said.contains("found: 0"),
        "{said}"
    );

    let verified = run(&["verify", "--blindness", "--format", "json"]);
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert!(verified.status.success());
    assert_eq!(
        (&report["findings"], &report["found"]),
        (&json!(0), &json!([]))
    );
    assert!(report["checked"].as_u64().unwrap() > 1000);
    let verbose = run(&["verify", "--verbose"]);
    let said = String::from_utf8(verbose.stdout).unwrap();
    assert!(
        said.contains("tenant.users: 0 rows, 0 without a company"),
        "{said}"
    );

    let mut admin = PgConnection::establish(&url).unwrap();
    admin
        .batch_execute("GRANT SELECT ON tenant.users TO tracker_jobs")
        .unwrap();
    let verified = run(&["verify", "--format", "json"]);
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert!(!verified.status.success());
    assert!(report["findings"].as_u64().unwrap() > 0);
    assert!(
        !run(&["migrate"]).status.success(),
        "what the server would not start on"
    );
}
