//! What an entry's detail says, as a list that has the same shape whatever was done: a name, before, after.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A value that was changed, or that tells more of what was done.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Change {
    name: String,
    /// Absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// Absent where it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self {
            name,
            before,
            after,
        } = self;
        match (before, after) {
            (Some(before), Some(after)) => write!(f, "{name}: {before} → {after}"),
            (Some(before), None) => write!(f, "{name}: {before} →"),
            (None, after) => write!(f, "{name}: {}", after.as_deref().unwrap_or_default()),
        }
    }
}

/// The reason that was given, and the changes by name.
pub(crate) fn of(detail: Value) -> (Option<String>, Vec<Change>) {
    let Value::Object(mut detail) = detail else {
        return (None, Vec::new());
    };
    let reason = detail.remove("reason").and_then(text);
    let mut pairs: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
    for (name, value) in object(detail.remove("before")) {
        pairs.entry(name).or_default().0 = text(value);
    }
    let after = object(detail.remove("after"));
    for (name, value) in after.into_iter().chain(detail) {
        pairs.entry(name).or_default().1 = text(value);
    }
    let changes = pairs
        .into_iter()
        .filter(|(_, (before, after))| before.is_some() || after.is_some())
        .map(|(name, (before, after))| Change {
            name,
            before,
            after,
        });
    (reason, changes.collect())
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// A text as it is, anything else as compact JSON.
fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(name: &str, before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            name: name.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn what_was_and_what_is_stand_side_by_side() {
        let detail = json!({
            "reason": "asked for", "forced": true,
            "before": { "plan": "FREE", "limit": null, "gone": 1 },
            "after": { "plan": "PRO", "limit": 7 },
        });
        let expected = vec![
            change("forced", None, Some("true")),
            change("gone", Some("1"), None),
            change("limit", None, Some("7")),
            change("plan", Some("FREE"), Some("PRO")),
        ];
        assert_eq!(of(detail), (Some("asked for".to_owned()), expected));
    }

    #[test]
    fn whatever_stands_there_nothing_breaks() {
        for odd in [json!(null), json!([]), json!({ "before": 1, "after": [2] })] {
            assert_eq!(of(odd), (None, Vec::new()));
        }
    }
}
