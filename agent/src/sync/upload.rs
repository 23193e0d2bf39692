//! Uploads: text in batches first, then screenshots one by one.

use std::io::Write;
use std::time::Instant;

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;
use tracker_wire::{ItemResult, ScreenshotAnswer, UploadAnswer};
use uuid::Uuid;

use super::{Done, Engine, Parcel, Reply, STORAGE_RETRY, Trouble};
use crate::queue::{Carried, FixedBatch, QueuedScreenshot, note};

pub(super) const BATCH: usize = 500;

impl Engine {
    /// Sends one batch; says whether there was one.
    pub(super) fn send_batch(&mut self) -> Done<bool> {
        let Some(batch) = self.queue.next_batch(self.batch_size)? else {
            return Ok(false);
        };
        let body = gzip(batch.body().as_bytes())?;
        let parcel = Parcel {
            is_gzip: true,
            queue: Some(self.queue.besides(&Carried::Batch(&batch))?),
            ..Parcel::json(&body)
        };
        let reply = self.call("/api/upload/batch", Some(parcel))?;
        if let Some(code) = reply.refuses_body() {
            self.split(&batch, &code)?;
            return Ok(true);
        }
        let answer: UploadAnswer = reply.parse()?;
        let left = self.queue.settle(&batch, &answer.items)?;
        self.batch_size = (self.batch_size * 2).min(BATCH);
        self.compare_settings(answer.settings_version)?;
        if left == batch.rows.len() {
            // Sent again at once, it would go round in circles.
            return Err(Trouble::Later {
                text: "the server answered for none of the items".to_owned(),
                after: None,
            });
        }
        Ok(true)
    }

    /// A batch refused as a whole is halved until the item that spoils it stands alone.
    fn split(&mut self, batch: &FixedBatch, code: &str) -> Done<()> {
        match batch.rows.as_slice() {
            [row] => self.queue.give_up(row, code)?,
            rows => {
                self.batch_size = (rows.len() / 2).max(1);
                self.queue.release(batch)?;
            }
        }
        Ok(())
    }

    pub(super) fn send_screenshots(&mut self) -> Done<()> {
        if self
            .screenshots_after
            .is_some_and(|after| Instant::now() < after)
        {
            return Ok(());
        }
        let (mut last, mut refused) = (0, None);
        while let Some(shot) = self.queue.next_screenshot(last)? {
            last = shot.seq;
            match self.send_screenshot(&shot) {
                Ok(true) => {}
                Ok(false) => break,
                // One that is refused for now must not hold up those after it.
                Err(trouble @ Trouble::Refused { .. }) => refused = refused.or(Some(trouble)),
                Err(trouble) => return Err(trouble),
            }
            // Text that was recorded meanwhile goes first.
            while self.send_batch()? {}
        }
        refused.map_or(Ok(()), Err)
    }

    /// Says whether it is of use to go on with the next one.
    fn send_screenshot(&mut self, shot: &QueuedScreenshot) -> Done<bool> {
        let Ok(image) = std::fs::read(&shot.file) else {
            self.queue.give_up_screenshot(shot, "file_missing")?;
            return Ok(true);
        };
        let (content_type, body) = multipart(&shot.meta, &image);
        let parcel = Parcel {
            content_type: &content_type,
            queue: Some(self.queue.besides(&Carried::Screenshot(shot))?),
            ..Parcel::json(&body)
        };
        let reply = self.call("/api/screenshot/upload", Some(parcel))?;
        let held_back = reply.holds_screenshots_back();
        for known in [note::STORAGE_FULL, note::NOT_IN_PLAN] {
            if held_back == Some(known) {
                self.queue.set_note(known, "true")?;
            } else {
                self.queue.clear_note(known)?;
            }
        }
        if held_back.is_some() {
            self.screenshots_after = Some(Instant::now() + STORAGE_RETRY);
            return Ok(false);
        }
        if let Some(code) = reply.refuses_body() {
            self.queue.give_up_screenshot(shot, &code)?;
            return Ok(true);
        }
        match reply.parse::<ScreenshotAnswer>()?.result {
            ItemResult::Rejected => self.queue.give_up_screenshot(shot, "rejected")?,
            ItemResult::Stored | ItemResult::Duplicate => {
                self.queue.acknowledge_screenshot(shot)?
            }
        }
        Ok(true)
    }
}

impl Reply {
    /// No picture is taken at present, whichever it is; another plan of the company's ends that.
    fn holds_screenshots_back(&self) -> Option<&'static str> {
        if self.0.is_success() {
            return None;
        }
        match self.0.refusal().code.as_str() {
            "storage_limit_reached" => Some(note::STORAGE_FULL),
            "feature_not_in_plan" => Some(note::NOT_IN_PLAN),
            _ => None,
        }
    }
}

fn gzip(body: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    packed
        .write_all(body)
        .context("a batch could not be packed")?;
    packed.finish().context("a batch could not be packed")
}

/// Two parts, and a boundary that cannot be in them: it was just drawn by lot.
fn multipart(meta: &str, image: &[u8]) -> (String, Vec<u8>) {
    let boundary = Uuid::now_v7().simple().to_string();
    let mut body = Vec::with_capacity(image.len() + meta.len() + 400);
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{meta}\r\n"
    );
    let part = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"screenshot.webp\"\r\nContent-Type: image/webp\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(part.as_bytes());
    body.extend_from_slice(image);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
