//! The ledger of what was taken in. Its rows are also the mark from which jobs know which days to sum again.

use chrono::{Duration, NaiveDate};
use diesel::sql_types::{Binary, Date, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::db::Tx;
use crate::{Result, secrets::sha256};

/// A device's last sign of life is written at most this often.
pub(crate) const SEEN_EVERY: Duration = Duration::seconds(30);

/// Marks days of the person for summing, for something that is no batch.
pub(crate) fn mark(
    tx: &mut Tx,
    device: Uuid,
    id: Uuid,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<()> {
    sql_query(
        "INSERT INTO tenant.ingest_batches (company_id, device_id, batch_id, user_id, body_hash, items, first_day, last_day) \
         VALUES ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(device)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Binary, _>(&sha256(id.as_bytes())[..])
    .bind::<Date, _>(first)
    .bind::<Date, _>(last)
    .execute(tx.conn)?;
    Ok(())
}
