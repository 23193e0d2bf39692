//! Screenshots wait as files beside the database, each with a row. A file without a row is a
//! leftover of a crash and is swept away.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use rusqlite::{TransactionBehavior, params};
use tracker_wire::ScreenshotMeta;

use super::batch::bury;
use super::{Queue, Row, note, now};
use crate::home::write_private;

/// A screenshot that waits for its upload.
#[derive(Debug, Clone)]
pub struct QueuedScreenshot {
    pub seq: i64,
    pub id: String,
    /// The text sent as part `meta`.
    pub meta: String,
    pub file: PathBuf,
}

impl Queue {
    /// The file first: a row always has one.
    pub fn add_screenshot(&self, meta: &ScreenshotMeta, webp: &[u8]) -> Result<()> {
        write_private(&self.file(&meta.id.to_string()), webp)?;
        self.db.execute(
            "INSERT INTO screenshots (id, meta, bytes, queued_at) VALUES (?1, ?2, ?3, ?4)",
            params![
                meta.id.to_string(),
                serde_json::to_string(meta)?,
                i64::try_from(webp.len())?,
                now()
            ],
        )?;
        Ok(())
    }

    /// The next one after `seq`.
    pub fn next_screenshot(&self, seq: i64) -> Result<Option<QueuedScreenshot>> {
        let mut statement = self
            .db
            .prepare("SELECT seq, id, meta FROM screenshots WHERE seq > ?1 ORDER BY seq LIMIT 1")?;
        let mut rows = statement.query([seq])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let id: String = row.get(1)?;
        Ok(Some(QueuedScreenshot {
            seq: row.get(0)?,
            meta: row.get(2)?,
            file: self.file(&id),
            id,
        }))
    }

    pub fn acknowledge_screenshot(&self, shot: &QueuedScreenshot) -> Result<()> {
        self.db
            .execute("DELETE FROM screenshots WHERE seq = ?1", [shot.seq])?;
        self.set_note(note::LAST_ACKNOWLEDGED, &now())?;
        remove(&shot.file)
    }

    /// The picture itself is not kept: nobody will look at it.
    pub fn give_up_screenshot(&mut self, shot: &QueuedScreenshot, code: &str) -> Result<()> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let row = Row {
            seq: shot.seq,
            id: shot.id.clone(),
            kind: "screenshot".into(),
            body: shot.meta.clone(),
        };
        bury(&tx, &row, code)?;
        tx.execute("DELETE FROM screenshots WHERE seq = ?1", [shot.seq])?;
        tx.commit()?;
        remove(&shot.file)
    }

    /// Removes files that belong to no row.
    pub fn sweep(&self) -> Result<()> {
        let mut statement = self.db.prepare("SELECT id FROM screenshots")?;
        let known: HashSet<PathBuf> = statement
            .query_map([], |row| row.get::<_, String>(0))?
            .map(|id| Ok(self.file(&id?)))
            .collect::<Result<_>>()?;
        for entry in fs::read_dir(self.home.screenshots())? {
            let path = entry?.path();
            if !known.contains(&path) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn file(&self, id: &str) -> PathBuf {
        self.home.screenshots().join(format!("{id}.webp"))
    }
}

fn remove(file: &std::path::Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
