//! A desktop that shows what a test tells it to.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, bail};
use image::RgbImage;

use super::{Activity, Desktop, Window};

/// What the desktop shows now. Tests change it between two ticks.
#[derive(Debug, Default)]
pub struct Scene {
    pub window: Option<Window>,
    pub idle: Duration,
    pub activity: Activity,
    pub displays: Vec<RgbImage>,
    pub locked: bool,
    pub gone: bool,
    /// How often the desktop was asked for its window or a picture.
    pub looked_at: usize,
}

#[derive(Debug, Clone, Default)]
pub struct FakeDesktop {
    pub scene: Rc<RefCell<Scene>>,
}

impl FakeDesktop {
    pub fn show(&self, app: &str, title: &str) {
        self.scene.borrow_mut().window = Some(Window {
            app: app.into(),
            title: title.into(),
        });
    }

    /// Input right now.
    pub fn type_keys(&self, keystrokes: u32) {
        let mut scene = self.scene.borrow_mut();
        scene.activity.keystrokes += keystrokes;
        scene.idle = Duration::ZERO;
    }
}

impl Desktop for FakeDesktop {
    fn active_window(&mut self) -> Result<Option<Window>> {
        let mut scene = self.scene.borrow_mut();
        scene.looked_at += 1;
        if scene.gone {
            bail!("the fake desktop is gone");
        }
        Ok(scene.window.clone())
    }

    fn idle(&mut self) -> Result<Option<Duration>> {
        Ok(Some(self.scene.borrow().idle))
    }

    fn activity(&mut self) -> Result<Activity> {
        Ok(std::mem::take(&mut self.scene.borrow_mut().activity))
    }

    fn is_locked(&mut self, _anew: bool) -> Result<bool> {
        Ok(self.scene.borrow().locked)
    }

    fn screenshot(&mut self, display: u8) -> Result<Option<RgbImage>> {
        let mut scene = self.scene.borrow_mut();
        scene.looked_at += 1;
        Ok(scene.displays.get(usize::from(display)).cloned())
    }

    fn limitations(&self) -> Vec<String> {
        Vec::new()
    }
}
