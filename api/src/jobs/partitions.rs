//! Months of the raw tables, made before anything of them arrives: a row without a month would block it for ever.

use chrono::{Months, NaiveDate, Utc};
use diesel::sql_types::{Date, Integer};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};

use crate::Result;

pub(super) const KIND: &str = "partitions";
const MONTHS_AHEAD: u32 = 3;

#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = Integer)]
    made: i32,
}

/// This month and the next three.
pub fn make(conn: &mut PgConnection) -> Result<()> {
    let today = Utc::now().date_naive();
    let months =
        (0..=MONTHS_AHEAD).filter_map(|ahead| today.checked_add_months(Months::new(ahead)));
    let mut made = 0;
    for month in months.collect::<Vec<NaiveDate>>() {
        let month: Made = sql_query("SELECT tenant.ensure_month($1) AS made")
            .bind::<Date, _>(month)
            .get_result(conn)?;
        made += month.made;
    }
    if made > 0 {
        tracing::info!(made, "partitions were made");
    }
    Ok(())
}
