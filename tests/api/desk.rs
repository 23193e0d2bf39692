//! Somebody's desk: the agent itself as a library, signed in at the real server, before a desktop and a clock of the test's.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use image::{Rgb, RgbImage};
use tempfile::TempDir;
use tracker_agent::desktop::fake::FakeDesktop;
use tracker_agent::home::{Home, Secret};
use tracker_agent::login::{Login, login};
use tracker_agent::queue::{Queue, Waiting};
use tracker_agent::recorder::{Moment, Recorder};
use tracker_agent::sync::{Engine, Trouble};

use crate::app::{PASSWORD, folder};

pub struct Desk {
    _dir: TempDir,
    pub home: Home,
    wanted: Login,
    pub desktop: FakeDesktop,
    recorder: Option<Recorder>,
    pub now: Moment,
}

impl Desk {
    /// Waits for the server, so it belongs on a thread that may.
    pub fn new(server: &str, company_key: &str, email: &str, wall: DateTime<Utc>) -> Self {
        let desks = folder("desks");
        std::fs::create_dir_all(&desks).unwrap();
        let dir = tempfile::tempdir_in(desks).unwrap();
        let home = Home::at(dir.path().join("agent")).unwrap();
        let wanted = Login {
            server: server.to_owned(),
            company_key: Secret::new(company_key),
            email: email.to_owned(),
            password: Secret::new(PASSWORD),
            ask_code: || unreachable!("nobody here has two-factor"),
            ca_file: None,
            keyring: false,
            allow_http: false,
            discard: false,
        };
        let desktop = FakeDesktop::default();
        desktop.scene.borrow_mut().displays =
            vec![RgbImage::from_pixel(16, 9, Rgb([90, 120, 200]))];
        let steady = Instant::now();
        let desk = Self {
            _dir: dir,
            home,
            wanted,
            desktop,
            recorder: None,
            now: Moment { wall, steady },
        };
        desk.sign_in();
        desk
    }

    pub fn sign_in(&self) {
        assert!(login(&self.home, &self.wanted).unwrap());
    }

    /// So many seconds go by; `shows` says what the desktop shows in each.
    pub fn record(&mut self, seconds: u64, mut shows: impl FnMut(&FakeDesktop, DateTime<Utc>)) {
        for _ in 0..seconds {
            self.now.wall += TimeDelta::seconds(1);
            self.now.steady += Duration::from_secs(1);
            shows(&self.desktop, self.now.wall);
            let now = self.now;
            self.recorder().tick(now).unwrap();
        }
    }

    /// The running one, else a new run.
    pub fn recorder(&mut self) -> &mut Recorder {
        let new =
            || Recorder::new(Box::new(self.desktop.clone()), &self.home, |_| u64::MAX).unwrap();
        self.recorder.get_or_insert_with(new)
    }

    pub fn end(&mut self, reason: &str) {
        self.recorder().end(reason);
    }

    /// The run is gone, and said nothing.
    pub fn kill(&mut self) {
        self.recorder = None;
    }

    pub fn queue(&self) -> Queue {
        Queue::open(&self.home).unwrap()
    }

    pub fn waiting(&self) -> Waiting {
        self.queue().waiting().unwrap()
    }

    pub fn engine(&self) -> Engine {
        Engine::new(&self.home).unwrap()
    }

    /// By an engine that knows what is on the disk and nothing else.
    pub fn pass(&self) -> Result<(), Trouble> {
        self.engine().pass()
    }

    /// The access token has ended.
    pub fn end_token(&self) {
        let mut credentials = self.home.credentials().unwrap().unwrap();
        credentials.access_token = Secret::new("ended");
        self.home.keep(&credentials).unwrap();
    }
}
