//! What the made-up companies call productive: a short list, with two rules of one team.

use diesel::sql_types::{Nullable, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use super::Demo;
use crate::Result;
use crate::company::rules::matching::{RuleField, RuleKind};
use crate::company::rules::{self, Rating, Rule};
use crate::db::Scope;

/// Before anything is recorded, so that the sums are made with them.
pub(super) fn make(demo: &Demo, company: Uuid) -> Result<()> {
    use RuleField::{App, Host, Title};
    use RuleKind::{Glob, Regex};
    #[derive(QueryableByName)]
    struct Team {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        id: Option<Uuid>,
    }
    demo.db.tenant_blocking(Scope::job(company), |mut tx| {
        let team: Option<Team> =
            sql_query("SELECT id FROM tenant.teams WHERE company_id = $1 ORDER BY name LIMIT 1")
                .bind::<SqlUuid, _>(tx.company)
                .get_result(tx.conn)
                .optional()?;
        let mut list = Vec::new();
        if let Some(Team { id: Some(team) }) = team {
            list.push((Some(team), Title, Glob, "Technology", Rating::Productive));
            list.push((Some(team), Host, Glob, "maps.example", Rating::Unproductive));
        }
        for (field, kind, pattern, category) in [
            (Host, Glob, "news.example", Rating::Unproductive),
            (Host, Glob, "photos.example", Rating::Neutral),
            (
                Host,
                Regex,
                r"^(desk|crm|board|wiki|git|tracking)\.example$",
                Rating::Productive,
            ),
            (Host, Glob, "developer.mozilla.org", Rating::Productive),
            (Host, Glob, "docs.rs", Rating::Productive),
            (Host, Glob, "postgresql.org", Rating::Productive),
            (Title, Glob, "*holiday*", Rating::Neutral),
            (App, Glob, "Code", Rating::Productive),
            (App, Glob, "xterm", Rating::Productive),
            (App, Regex, "^(Inkscape|GIMP)$", Rating::Productive),
            (App, Glob, "LibreOffice *", Rating::Productive),
            (App, Glob, "Softphone", Rating::Productive),
            (App, Glob, "Thunderbird", Rating::Neutral),
            (App, Glob, "Chat", Rating::Neutral),
            (App, Glob, "Meet", Rating::Neutral),
        ] {
            list.push((None, field, kind, pattern, category));
        }
        let list: Vec<Rule> = list
            .into_iter()
            .map(|(team, field, kind, pattern, category)| {
                Rule::new(team, field, kind, pattern, category)
            })
            .collect();
        rules::store(&mut tx, &list)
    })
}
