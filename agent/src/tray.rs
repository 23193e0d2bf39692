//! The icon in the desktop's tray: whether something is recorded now, what waits, and private time with two clicks. Shown by
//! desktops that take StatusNotifierItems (freedesktop.org); where none does there is no icon, and all else is as it would be.

use crate::home::Home;
use crate::recorder::State;

/// What is told of the recorder comes to the icon; it is gone when this is.
pub struct Icon(#[cfg(target_os = "linux")] std::sync::mpsc::Sender<State>);

impl Icon {
    /// On a thread of its own: a session's bus may answer late, or never.
    #[cfg(target_os = "linux")]
    pub fn show(home: &Home) -> anyhow::Result<Self> {
        let (told, heard) = std::sync::mpsc::channel();
        let home = home.clone();
        std::thread::Builder::new()
            .name("tray".to_owned())
            .spawn(move || linux::show(home, &heard))?;
        Ok(Self(told))
    }

    #[cfg(target_os = "linux")]
    pub fn tell(&self, state: State) {
        // Nobody hears where there is no tray.
        self.0.send(state).ok();
    }

    #[cfg(not(target_os = "linux"))]
    pub fn show(_: &Home) -> anyhow::Result<Self> {
        Ok(Self())
    }

    #[cfg(not(target_os = "linux"))]
    pub fn tell(&self, _: State) {}
}

#[cfg(target_os = "linux")]
mod linux {
    use std::process::{Command, Stdio};
    use std::sync::mpsc::Receiver;

    use ksni::blocking::TrayMethods;
    use ksni::menu::StandardItem;
    use ksni::{MenuItem, ToolTip};

    use crate::home::Home;
    use crate::notice::{say, warn};
    use crate::private_time;
    use crate::recorder::State;
    use crate::status::Status;

    /// Widths of the picture in pixels: panels are drawn once or twice as fine.
    const WIDTHS: [u16; 2] = [22, 44];
    /// Longest line of the menu, in characters.
    const LONGEST: usize = 70;

    /// Until nothing is told any more.
    pub fn show(home: Home, heard: &Receiver<State>) {
        let sign = Sign {
            home,
            state: None,
            lines: Vec::new(),
        };
        // A panel that is started after us finds the icon.
        match sign.assume_sni_available(true).spawn() {
            Ok(shown) => {
                for state in heard {
                    shown.update(|sign| {
                        sign.state = Some(state);
                        sign.read();
                    });
                }
                shown.shutdown().wait();
            }
            Err(error) => say(format!("No icon in the tray: {error}")),
        }
    }

    struct Sign {
        home: Home,
        /// None until the recorder has looked once.
        state: Option<State>,
        lines: Vec<String>,
    }

    impl Sign {
        /// What `status` says, in few words.
        fn read(&mut self) {
            self.lines = match Status::collect(&self.home) {
                Ok(status) => lines(&status),
                Err(error) => vec![format!("{error:#}")],
            };
        }

        fn words(&self) -> &'static str {
            match self.state {
                None => "Starting",
                Some(State::Recording) => "Recording",
                Some(State::Paused) => "Private time: nothing is recorded",
                Some(State::Locked) => "Locked: nothing is recorded",
                Some(State::OutsideHours) => "Outside the tracking hours: nothing is recorded",
            }
        }
    }

    fn lines(status: &Status) -> Vec<String> {
        let who = (status.user.iter().zip(&status.server))
            .map(|(user, server)| format!("For {} at {server}", user.name));
        let task = (status.task.iter()).map(|task| format!("Task: {}", task.title));
        let waits = match (status.queued_items, status.queued_screenshots) {
            (0, 0) => "Everything is sent".to_owned(),
            (1, 0) => "1 item waits to be sent".to_owned(),
            (items, 0) => format!("{items} items wait to be sent"),
            (items, pictures) => {
                format!("{items} items and {pictures} screenshots wait to be sent")
            }
        };
        let trouble = (status.last_error.iter()).map(|error| format!("Problem: {}", error.text));
        let all = who.chain(task).chain([waits]).chain(trouble);
        all.map(|line| {
            line.chars()
                .filter(|c| !c.is_control())
                .take(LONGEST)
                .collect()
        })
        .collect()
    }

    impl ksni::Tray for Sign {
        const MENU_ON_ACTIVATE: bool = true;

        fn id(&self) -> String {
            env!("CARGO_PKG_NAME").to_owned()
        }

        fn title(&self) -> String {
            format!("Employee Progress Tracker: {}", self.words())
        }

        fn tool_tip(&self) -> ToolTip {
            ToolTip {
                title: self.words().to_owned(),
                description: self.lines.join("\n"),
                ..ToolTip::default()
            }
        }

        fn icon_pixmap(&self) -> Vec<ksni::Icon> {
            WIDTHS.map(|width| drawn(self.state, width)).to_vec()
        }

        fn menu_about_to_show(&mut self) {
            self.read();
        }

        fn menu(&self) -> Vec<MenuItem<Self>> {
            let said = |label: &str| {
                let label = label.replace('_', "__");
                MenuItem::from(StandardItem {
                    label,
                    enabled: false,
                    ..StandardItem::default()
                })
            };
            let does = |label: &str, act: fn(&mut Self)| {
                MenuItem::from(StandardItem {
                    label: label.to_owned(),
                    activate: Box::new(act),
                    ..StandardItem::default()
                })
            };
            let mut menu = vec![said(self.words())];
            menu.extend(self.lines.iter().map(|line| said(line)));
            menu.push(MenuItem::Separator);
            menu.push(match self.state {
                Some(State::Paused) => does("End private time", |sign| {
                    sign.done(private_time::end(&sign.home).map(drop));
                }),
                _ => does("Begin private time", |sign| {
                    sign.done(private_time::begin(&sign.home).map(drop));
                }),
            });
            menu.push(does("What is recorded about me", |sign| {
                sign.done(open_portal(&sign.home));
            }));
            menu
        }
    }

    impl Sign {
        /// What did not work is said where somebody looks who misses it.
        fn done(&mut self, outcome: anyhow::Result<()>) {
            self.read();
            if let Err(error) = outcome {
                warn(format!("tracker-agent: {error:#}"));
                self.lines.push(format!("{error:#}"));
            }
        }
    }

    fn open_portal(home: &Home) -> anyhow::Result<()> {
        let Some(account) = home.account()? else {
            return Ok(());
        };
        let address = format!(
            "{}/dashboard/user#recorded",
            account.server.trim_end_matches('/')
        );
        let mut opener = Command::new("xdg-open")
            .arg(address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // Somebody has to hear of its end.
        std::thread::spawn(move || opener.wait());
        Ok(())
    }

    /// A disc while something is recorded, two bars in private time, else a ring: told apart without their colours.
    fn drawn(state: Option<State>, width: u16) -> ksni::Icon {
        let (colour, is_in): ([u8; 3], fn(f64, f64) -> bool) = match state {
            Some(State::Recording) => ([18, 184, 134], |x, y| x.hypot(y) < 0.8),
            Some(State::Paused) => ([245, 159, 0], |x, y| {
                (0.2..0.6).contains(&x.abs()) && y.abs() < 0.75
            }),
            _ => ([134, 142, 150], |x, y| (0.5..0.8).contains(&x.hypot(y))),
        };
        let at = |place: u16| (f64::from(place) + 0.5) / f64::from(width) * 2.0 - 1.0;
        let pixels = (0..width).flat_map(|y| (0..width).map(move |x| (at(x), at(y))));
        // ARGB in the network's order, as the specification has it.
        let data = pixels.flat_map(|(x, y)| match is_in(x, y) {
            true => [255, colour[0], colour[1], colour[2]],
            false => [0; 4],
        });
        ksni::Icon {
            width: width.into(),
            height: width.into(),
            data: data.collect(),
        }
    }
}
