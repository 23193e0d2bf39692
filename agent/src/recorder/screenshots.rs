//! When a picture of the displays is due, and what becomes of it.

use anyhow::Result;
use tracker_wire::ScreenshotMeta;
use uuid::Uuid;

use super::{Moment, Recorder};
use crate::desktop::SCREENSHOTS_NOT_AVAILABLE;
use crate::pictures;
use crate::pictures::moments::{self, Turn};
use crate::queue::note;

/// Screenshots stop below this much free space; the rest of the recording needs a thousandth of it.
const SPARE_BYTES: u64 = 200 * 1024 * 1024;

impl Recorder {
    /// Takes the displays' pictures when they are due. What goes wrong with a picture is said, and no more.
    pub(super) fn picture(&mut self, now: Moment, session_id: Uuid, may: bool) -> Result<()> {
        let is_withheld = (self.settings.policy.as_ref())
            .is_some_and(|policy| policy.withholds("screenshots", now.wall));
        if !self.settings.screenshots_enabled || is_withheld {
            return Ok(());
        }
        let has_room = (self.free_bytes)(self.home.dir()) >= SPARE_BYTES;
        self.trouble.disk =
            (!has_room).then(|| "the disk is nearly full: no screenshots are taken".to_owned());
        let slot = moments::slot(&self.settings, now.wall);
        let mut next = self.next_picture;
        let mut turn = moments::Moment::turn(&mut next, slot, now.second(), may && has_room);
        if turn == Turn::Take && self.desktop.is_locked(true)? {
            next = self.next_picture;
            turn = moments::Moment::turn(&mut next, slot, now.second(), false);
        }
        // On disk before it is taken: a kill in between costs a picture, and brings no second one.
        if turn != Turn::Wait && self.queue.write(note::PICTURE, &next).is_err() {
            self.trouble.picture =
                Some("screenshots cannot be kept: the disk takes nothing".to_owned());
            return Ok(());
        }
        self.next_picture = next;
        match turn {
            Turn::Take => self.take_pictures(now, session_id),
            Turn::Wait | Turn::Drawn => Ok(()),
        }
    }

    fn take_pictures(&mut self, now: Moment, session_id: Uuid) -> Result<()> {
        let blurred = self.settings.blur_screenshots;
        let (mut kept, mut black, mut trouble) = (0, Vec::new(), None);
        for display in 0..=u8::MAX {
            let Some(picture) = self.desktop.screenshot(display)? else {
                break;
            };
            if pictures::is_black(&picture) {
                black.push((u16::from(display) + 1).to_string());
                continue;
            }
            let meta = ScreenshotMeta {
                id: Uuid::now_v7(),
                session_id,
                taken_at: now.wall,
                display: display.into(),
                blurred,
            };
            let queued = pictures::encode(picture, blurred)
                .and_then(|webp| self.queue.add_screenshot(&meta, &webp));
            match queued {
                Ok(()) => kept += 1,
                Err(error) => {
                    trouble = Some(format!("a screenshot could not be kept: {error:#}"));
                }
            }
        }
        if trouble.is_none() && !black.is_empty() {
            let displays = black.join(", ");
            trouble = Some(format!(
                "the last screenshot of display {displays} was black and was not kept: it is off, or something hides it"
            ));
        }
        self.trouble.picture = trouble;
        let mut limitations = self.desktop.limitations();
        if kept == 0 && !black.is_empty() {
            limitations.push(SCREENSHOTS_NOT_AVAILABLE.to_owned());
        }
        // A disk that takes no note is no reason to stop.
        drop(self.queue.write(note::LIMITATIONS, &limitations));
        Ok(())
    }
}
