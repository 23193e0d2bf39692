//! A desktop that tells programs nothing of other windows, input or pixels. Work sessions are recorded, with idle time where
//! GNOME tells it, nothing else, and the server is told so.

use std::time::{Duration, Instant};

use anyhow::Result;
use image::RgbImage;

use super::idle_monitor::IdleMonitor;
use super::logind::Logind;
use super::{
    ACTIVITY_NOT_AVAILABLE, Activity, Desktop, SCREENSHOTS_NOT_AVAILABLE, TITLES_NOT_AVAILABLE,
    Window,
};

pub struct Hidden {
    logind: Logind,
    idle_monitor: IdleMonitor,
}

impl Hidden {
    pub fn new() -> Self {
        Self {
            logind: Logind::new(),
            idle_monitor: IdleMonitor::default(),
        }
    }
}

impl Default for Hidden {
    fn default() -> Self {
        Self::new()
    }
}

pub fn limitations() -> Vec<String> {
    [
        TITLES_NOT_AVAILABLE,
        ACTIVITY_NOT_AVAILABLE,
        SCREENSHOTS_NOT_AVAILABLE,
    ]
    .map(String::from)
    .to_vec()
}

impl Desktop for Hidden {
    fn active_window(&mut self) -> Result<Option<Window>> {
        Ok(None)
    }

    fn idle(&mut self) -> Result<Option<Duration>> {
        Ok(self.idle_monitor.idle())
    }

    fn activity(&mut self) -> Result<Activity> {
        Ok(Activity::default())
    }

    fn screenshot(&mut self, _display: u8) -> Result<Option<RgbImage>> {
        Ok(None)
    }

    fn is_locked(&mut self, anew: bool) -> Result<bool> {
        let now = Instant::now();
        Ok(match anew {
            true => self.logind.is_locked_now(now),
            false => self.logind.is_locked(true, now),
        })
    }

    fn limitations(&self) -> Vec<String> {
        limitations()
    }
}
