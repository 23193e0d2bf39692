//! What the company that pays decided: how it shows itself, and what is recorded of a team and of a person other than of
//! everybody. What is made up besides agrees with it.

use chrono::{Duration, SubsecRound};
use diesel::sql_types::{Binary, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use image::{Rgba, RgbaImage};
use uuid::Uuid;

use super::cast::Company;
use super::people::Staff;
use super::{DAYS, Demo};
use crate::Result;
use crate::company::branding::logo::Logo;
use crate::db::{Scope, Tx};

/// Shorter than what its contract says.
const NAME: &str = "Acme";
const ACCENT: [u8; 3] = [11, 114, 133];
/// Reads and phones much: is idle later, and a picture now and then is enough.
const TEAM: &str = "Services";
/// One of the team, and without pictures anyway.
const PERSON: &str = "priya";

pub(super) fn make(demo: &Demo, company: &Company, id: Uuid, staff: &[Staff]) -> Result<()> {
    if company.status != "ACTIVE" {
        return Ok(());
    }
    let decided_at = (demo.now - Duration::days(DAYS)).trunc_subsecs(0);
    let person = staff.iter().find(|one| one.person.mailbox == PERSON);
    let (Some(person), Some(logo)) = (person, Logo::of(&drawn())) else {
        return Ok(());
    };
    demo.db.tenant_blocking(Scope::job(id), |tx: Tx| {
        let [red, green, blue] = ACCENT;
        sql_query(
            "INSERT INTO tenant.company_branding (company_id, version, name, accent, logo, logo_version, logo_width, logo_height, \
               logo_on_dark, updated_at) VALUES ($1, 1, $2, $3, $4, 1, $5, $6, $7, $8)",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Text, _>(NAME)
        .bind::<Text, _>(format!("#{red:02x}{green:02x}{blue:02x}"))
        .bind::<Binary, _>(&logo.webp)
        .bind::<Integer, _>(logo.width)
        .bind::<Integer, _>(logo.height)
        .bind::<Bool, _>(logo.on_dark)
        .bind::<Timestamptz, _>(decided_at)
        .execute(tx.conn)?;
        sql_query(
            "INSERT INTO tenant.setting_overrides (company_id, id, team_id, idle_threshold_seconds, screenshot_interval_seconds, updated_at) \
             SELECT $1, gen_random_uuid(), id, 600, 1200, $3 FROM tenant.teams WHERE company_id = $1 AND name = $2",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Text, _>(TEAM)
        .bind::<Timestamptz, _>(decided_at)
        .execute(tx.conn)?;
        sql_query(
            "INSERT INTO tenant.setting_overrides (company_id, id, user_id, screenshots_enabled, updated_at) \
             VALUES ($1, gen_random_uuid(), $2, false, $3)",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(person.id)
        .bind::<Timestamptz, _>(decided_at)
        .execute(tx.conn)?;
        sql_query("UPDATE tenant.company_settings SET overrides_version = 2, overrides_changed_at = $2 WHERE company_id = $1")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Timestamptz, _>(decided_at)
            .execute(tx.conn)?;
        Ok(())
    })
}

/// A peak on a tile with round corners, four times as large as it is kept: that makes its edges soft.
fn drawn() -> RgbaImage {
    const SIDE: u32 = 512;
    const ROUND: u32 = 112;
    const FOOT: u32 = 392;
    let [red, green, blue] = ACCENT;
    RgbaImage::from_fn(SIDE, SIDE, |x, y| {
        let into_corner = |at: u32| ROUND.saturating_sub(at.min(SIDE - 1 - at));
        let aside = x.abs_diff(SIDE / 2);
        let under = |top: u32, half: u32| {
            (top..FOOT).contains(&y) && aside * (FOOT - top) <= half * (y - top)
        };
        if into_corner(x).pow(2) + into_corner(y).pow(2) > ROUND.pow(2) {
            Rgba([0; 4])
        } else if under(104, 156) && !under(236, 84) {
            Rgba([255; 4])
        } else {
            Rgba([red, green, blue, 255])
        }
    })
}
