//! What of a person may not be taken in, by its own times: each version of the policy asks for an acknowledgement of some
//! kinds of records, from its publication until the person gave it or the next version came.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, Text, Timestamptz};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why an item is refused for good.
pub(crate) const REFUSED: &str = "policy_not_acknowledged";

/// What is recorded of a person besides the times of their work sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RecordedKind {
    Applications,
    Websites,
    /// Minutes with their counts of keys and mouse events: what tracked time is made of.
    Activity,
    Screenshots,
}

impl RecordedKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Applications => "applications",
            Self::Websites => "websites",
            Self::Activity => "activity",
            Self::Screenshots => "screenshots",
        }
    }
}

/// Of company `$1` and person `$2`: the spans without an acknowledgement, in one row of three arrays.
macro_rules! withheld {
    () => {
        "(SELECT coalesce(array_agg(b.since), '{}') AS withheld_from, coalesce(array_agg(b.until), '{}') AS withheld_until, \
           coalesce(array_agg(array_to_string(b.kinds, ',')), '{}') AS withheld_kinds \
         FROM (SELECT p.kinds, p.published_at AS since, least(a.acknowledged_at, \
             lead(p.published_at) OVER (ORDER BY p.version), timestamptz '9999-12-31 00:00:00+00') AS until \
           FROM tenant.monitoring_policies p LEFT JOIN tenant.policy_acknowledgements a \
             ON a.company_id = $1 AND a.user_id = $2 AND a.version = p.version \
           WHERE p.company_id = $1) b WHERE b.until > b.since AND cardinality(b.kinds) > 0)"
    };
}

/// Of company `$1` and person `$2`: a number that grows when a version is published and when the person acknowledges it,
/// so that agents ask for their settings again.
macro_rules! policy_state {
    () => {
        "coalesce((SELECT 2 * p.version + (EXISTS (SELECT FROM tenant.policy_acknowledgements a \
             WHERE a.company_id = $1 AND a.user_id = $2 AND a.version = p.version))::integer \
           FROM tenant.monitoring_policies p WHERE p.company_id = $1 ORDER BY p.version DESC LIMIT 1), 0)"
    };
}
pub(crate) use {policy_state, withheld};

/// The spans of `withheld!`.
#[derive(Debug, Default, QueryableByName)]
pub(crate) struct Withheld {
    #[diesel(sql_type = Array<Timestamptz>)]
    withheld_from: Vec<DateTime<Utc>>,
    #[diesel(sql_type = Array<Timestamptz>)]
    withheld_until: Vec<DateTime<Utc>>,
    #[diesel(sql_type = Array<Text>)]
    withheld_kinds: Vec<String>,
}

impl Withheld {
    /// Whether any part of what was recorded lies where it was not to be.
    pub fn covers(&self, kind: RecordedKind, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        let spans = self.withheld_from.iter().zip(&self.withheld_until);
        spans
            .zip(&self.withheld_kinds)
            .any(|((since, end), kinds)| {
                kinds.split(',').any(|one| one == kind.name())
                    && from < *end
                    && (until > *since || from >= *since)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_covers_what_reaches_into_it_and_nothing_after_it() {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let withheld = Withheld {
            withheld_from: vec![at(100)],
            withheld_until: vec![at(200)],
            withheld_kinds: vec!["applications,screenshots".into()],
        };
        let covers = |from, until| withheld.covers(RecordedKind::Applications, at(from), at(until));
        for (from, until, expected) in [
            (40, 100, false),
            (40, 101, true),
            (99, 99, false),
            (100, 100, true),
            (150, 160, true),
            (199, 199, true),
            (199, 260, true),
            (200, 200, false),
            (200, 260, false),
        ] {
            assert_eq!(covers(from, until), expected, "{from} {until}");
        }
        assert!(withheld.covers(RecordedKind::Screenshots, at(150), at(150)));
        assert!(!withheld.covers(RecordedKind::Websites, at(150), at(150)));
        assert!(!Withheld::default().covers(RecordedKind::Activity, at(0), at(9)));
    }
}
