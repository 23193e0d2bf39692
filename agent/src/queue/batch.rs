//! Batches: which items go together is fixed on disk before they are sent, so that a batch whose
//! answer was lost is repeated byte for byte.

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tracker_wire::{ItemAnswer, ItemResult, SessionItem};
use uuid::Uuid;

use super::{KINDS, Queue, STOP, note, now};
use crate::tasks;

/// The server knows no such task of the person's.
const UNKNOWN_TASK: &str = "unknown_task";
/// Recorded before the person acknowledged the monitoring policy that asks for it.
const NOT_ACKNOWLEDGED: &str = "policy_not_acknowledged";

/// One queued item.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub seq: i64,
    pub id: String,
    pub kind: String,
    pub body: String,
}

/// Items that were or will be sent together, in the order of the server's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedBatch {
    pub id: String,
    pub rows: Vec<Row>,
}

impl FixedBatch {
    /// Made of the stored texts, so that it is the same each time.
    pub fn body(&self) -> String {
        let mut body = format!("{{\"batch_id\":\"{}\"", self.id);
        for (kind, name) in
            KINDS
                .into_iter()
                .zip(["sessions", "applications", "websites", "activity"])
        {
            let items: Vec<&str> = self
                .rows
                .iter()
                .filter(|row| row.kind == kind)
                .map(|row| row.body.as_str())
                .collect();
            body.push_str(&format!(",\"{name}\":[{}]", items.join(",")));
        }
        body.push('}');
        body
    }

    /// The answer to each item: by place, or by id where the answer is out of step.
    fn answer<'a>(&self, place: usize, answers: &'a [ItemAnswer]) -> Option<&'a ItemAnswer> {
        let id: Option<Uuid> = self.rows.get(place).and_then(|row| row.id.parse().ok());
        let in_place = answers.get(place).filter(|answer| {
            answers.len() == self.rows.len() && (answer.id.is_none() || answer.id == id)
        });
        in_place.or_else(|| {
            answers
                .iter()
                .find(|answer| answer.id.is_some() && answer.id == id)
        })
    }
}

impl Queue {
    /// The batch that is on its way, else a new one of at most `most` items.
    pub fn next_batch(&mut self, most: usize) -> Result<Option<FixedBatch>> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let open = "SELECT batch FROM items WHERE batch IS NOT NULL ORDER BY seq LIMIT 1";
        let id: Option<String> = tx.query_row(open, [], |row| row.get(0)).optional()?;
        let id = match id {
            Some(id) => id,
            None => {
                let id = Uuid::now_v7().to_string();
                let fix = "UPDATE items SET batch = ?1 WHERE seq IN (SELECT seq FROM items WHERE kind <> ?2 ORDER BY seq LIMIT ?3)";
                if tx.execute(fix, params![id, STOP, i64::try_from(most)?])? == 0 {
                    return Ok(None);
                }
                id
            }
        };
        let rows = rows(&tx, "batch = ?1", &id)?;
        tx.commit()?;
        Ok(Some(FixedBatch {
            id,
            rows: in_order(rows),
        }))
    }

    /// Takes the acknowledged items out one by one, puts the rejected ones aside, frees the rest, and
    /// says how many those are. A session whose task is refused is kept for the next batch, without the task.
    pub fn settle(&mut self, batch: &FixedBatch, answers: &[ItemAnswer]) -> Result<usize> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut mended = 0;
        for (place, row) in batch.rows.iter().enumerate() {
            let Some(answer) = batch.answer(place, answers) else {
                continue;
            };
            if answer.code.as_deref() == Some(UNKNOWN_TASK) && without_task(&tx, row)? {
                mended += 1;
                continue;
            }
            if answer.result == ItemResult::Rejected {
                bury(&tx, row, answer.code.as_deref().unwrap_or("rejected"))?;
            }
            tx.execute("DELETE FROM items WHERE seq = ?1", [row.seq])?;
        }
        let left = tx.execute(
            "UPDATE items SET batch = NULL WHERE batch = ?1",
            [&batch.id],
        )?;
        if left < batch.rows.len() {
            super::put(&tx, note::LAST_ACKNOWLEDGED, &now())?;
        }
        tx.commit()?;
        Ok(left - mended)
    }

    /// Gives a batch up that the server refused whole; its items will travel in other company.
    pub fn release(&self, batch: &FixedBatch) -> Result<()> {
        self.db.execute(
            "UPDATE items SET batch = NULL WHERE batch = ?1",
            [&batch.id],
        )?;
        Ok(())
    }

    /// Queued items of one kind outside any batch, the oldest first.
    pub fn of_kind(&self, kind: &str) -> Result<Vec<Row>> {
        rows(&self.db, "kind = ?1 AND batch IS NULL", kind)
    }

    /// What was queued first, unless it is on its way in a batch.
    pub fn oldest(&self) -> Result<Option<Row>> {
        let sql = "SELECT seq, id, kind, body FROM items
                   WHERE seq = (SELECT min(seq) FROM items) AND batch IS NULL";
        Ok(self.db.query_row(sql, [], row_of).optional()?)
    }

    pub fn acknowledge(&mut self, row: &Row) -> Result<()> {
        self.db
            .execute("DELETE FROM items WHERE seq = ?1", [row.seq])?;
        self.set_note(note::LAST_ACKNOWLEDGED, &now())
    }

    /// Puts an item aside that the server will never take.
    pub fn give_up(&mut self, row: &Row, code: &str) -> Result<()> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        bury(&tx, row, code)?;
        tx.execute("DELETE FROM items WHERE seq = ?1", [row.seq])?;
        Ok(tx.commit()?)
    }

    /// A call of its own did not do; the item goes with a batch, which answers for each item.
    pub fn leave_to_batch(&self, row: &Row) -> Result<()> {
        self.db.execute(
            "UPDATE items SET kind = 'session' WHERE seq = ?1",
            [row.seq],
        )?;
        Ok(())
    }
}

/// The work counts also where its task does not. Says whether there was a task to leave out.
fn without_task(db: &Connection, row: &Row) -> Result<bool> {
    let Ok(mut session) = serde_json::from_str::<SessionItem>(&row.body) else {
        return Ok(false);
    };
    let Some(task) = session.task_id.take() else {
        return Ok(false);
    };
    let body = serde_json::to_string(&session)?;
    db.execute(
        "UPDATE items SET body = ?2 WHERE seq = ?1",
        params![row.seq, body],
    )?;
    tasks::forget_in(db, task)?;
    Ok(true)
}

fn rows(db: &Connection, condition: &str, value: &str) -> Result<Vec<Row>> {
    let mut statement = db.prepare(&format!(
        "SELECT seq, id, kind, body FROM items WHERE {condition} ORDER BY seq"
    ))?;
    let rows = statement.query_map([value], row_of)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn row_of(row: &rusqlite::Row) -> rusqlite::Result<Row> {
    Ok(Row {
        seq: row.get(0)?,
        id: row.get(1)?,
        kind: row.get(2)?,
        body: row.get(3)?,
    })
}

fn in_order(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| (KINDS.iter().position(|kind| *kind == row.kind), row.seq));
    rows
}

pub(super) fn bury(db: &Connection, row: &Row, code: &str) -> Result<()> {
    let code: String = code.chars().take(100).collect();
    // What must not have been recorded is not kept here either.
    let body = match code.as_str() {
        NOT_ACKNOWLEDGED => "{}",
        _ => row.body.as_str(),
    };
    db.execute(
        "INSERT INTO dead_letters (id, kind, body, code, refused_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![row.id, row.kind, body, code, now()],
    )?;
    Ok(())
}
