//! Figures that a run leaves behind: `target/report/<name>.json`.

use std::path::PathBuf;

use serde_json::Value;

/// Beside what cargo builds, wherever that is.
fn folder() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let target = own
        .ancestors()
        .find(|path| path.ends_with("debug") || path.ends_with("release"));
    target.unwrap().parent().unwrap().join("report")
}

pub fn write(name: &str, figures: &Value) {
    let folder = folder();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join(format!("{name}.json")),
        format!("{figures:#}\n"),
    )
    .unwrap();
}
