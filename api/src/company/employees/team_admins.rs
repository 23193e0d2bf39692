//! The teams that an admin is limited to.

use diesel::prelude::*;
use uuid::Uuid;

use super::TenantRole;
use crate::Result;
use crate::db::Tx;
use crate::db::schema::tenant::{team_admins, teams, users};
use crate::http::error::Error;

const MOST: usize = 200;

/// The teams in order, each once; refused where the role and the teams do not go together.
pub(super) fn wanted(role: TenantRole, mut teams: Vec<Uuid>) -> Result<Vec<Uuid>> {
    let refuse = |code, detail: &str| Err(Error::invalid("/team_ids", code, detail));
    if teams.len() > MOST {
        return refuse("teams_too_many", "At most 200 teams");
    }
    match role {
        TenantRole::TeamAdmin if teams.is_empty() => {
            refuse("teams_missing", "Say which teams the admin is limited to")
        }
        TenantRole::Admin | TenantRole::Employee if !teams.is_empty() => refuse(
            "teams_not_wanted",
            "Only an admin who is limited to teams has any",
        ),
        _ => {
            teams.sort_unstable();
            teams.dedup();
            Ok(teams)
        }
    }
}

/// Limits the person to these teams, whoever they are: says whether these are others than before. 404 where the person is not there.
pub(super) fn set(tx: &mut Tx, id: Uuid, wanted: &[Uuid]) -> Result<bool> {
    let person = users::table.find((tx.company, id)).select(users::id);
    let _: Uuid = person.for_no_key_update().first(tx.conn)?;
    let known = teams::table.filter(teams::company_id.eq(tx.company));
    let known = known.filter(teams::id.eq_any(wanted)).count();
    if usize::try_from(known.get_result::<i64>(tx.conn)?) != Ok(wanted.len()) {
        let detail = "There is no such team";
        return Err(Error::invalid("/team_ids", "team_unknown", detail));
    }
    let of = team_admins::table.filter(team_admins::company_id.eq(tx.company));
    let of = of.filter(team_admins::user_id.eq(id));
    let was: Vec<Uuid> = of
        .select(team_admins::team_id)
        .order(team_admins::team_id)
        .load(tx.conn)?;
    if was == wanted {
        return Ok(false);
    }
    diesel::delete(of).execute(tx.conn)?;
    let rows: Vec<_> = wanted
        .iter()
        .map(|team| (team_admins::team_id.eq(team), team_admins::user_id.eq(id)))
        .collect();
    diesel::insert_into(team_admins::table)
        .values(rows)
        .execute(tx.conn)?;
    Ok(true)
}
