//! An X11 server over its socket, without any system library. It says by itself when another window comes to the front or
//! the one there changes its title, so neither is asked for in between; input is counted from raw events, whose codes are
//! left unread.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use image::RgbImage;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::ReplyError;
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::screensaver::{self, ConnectionExt as _};
use x11rb::protocol::xinput::{ConnectionExt as _, Device, EventMask, XIEventMask};
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, EventMask as CoreMask,
    ImageFormat, PropertyNotifyEvent, Screen, Window as Id,
};
use x11rb::protocol::{Event, xinput};
use x11rb::rust_connection::RustConnection;

use super::logind::Logind;
use super::pixels::Pixels;
use super::{Activity, Desktop, Window};

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        _NET_ACTIVE_WINDOW,
        _NET_SUPPORTING_WM_CHECK,
        _NET_WM_NAME,
        _NET_WM_PID,
        UTF8_STRING,
    }
}

/// Longest property that is read, in units of four bytes: a client may set megabytes.
const PROPERTY_UNITS: u32 = 1024;
/// Deepest nesting of windows that is followed.
const DEPTH: usize = 32;
/// Rows of a screenshot per request: keeps the peak of memory near one picture, not two.
const ROWS: u16 = 128;
/// A pointer on its way counts once in this many milliseconds, whatever its device reports per second.
const MOTION_STEP: u32 = 100;
/// How long changes in front are gathered before they are told: one title is several properties, and some never rest.
const BURST: Duration = Duration::from_millis(100);
/// Without input for this long somebody may have left.
const QUIET: Duration = Duration::from_secs(3);

pub struct X11 {
    conn: RustConnection,
    /// Raw input comes on a connection of its own, which is read once a second: a pointer on its way wakes nobody.
    input: RustConnection,
    screen: Screen,
    atoms: Atoms,
    has_screensaver: bool,
    last_event: Instant,
    last_motion: u32,
    /// The window whose properties are followed.
    followed: Option<Id>,
    /// What the window manager's word says is in front, until something changes.
    known: Option<Window>,
    /// Something in front changed since it was asked for.
    has_changed: bool,
    logind: Logind,
}

impl X11 {
    /// The display of this name, or the one that the environment names.
    pub fn open(display: Option<&str>) -> Result<Self> {
        let (conn, number) = x11rb::connect(display).context("the X11 display does not answer")?;
        let (input, _) = x11rb::connect(display).context("the X11 display does not answer")?;
        let screen = conn
            .setup()
            .roots
            .get(number)
            .context("the X11 display has no such screen")?
            .clone();
        let atoms = Atoms::new(&conn)?.reply()?;
        let has_screensaver = conn
            .extension_information(screensaver::X11_EXTENSION_NAME)?
            .is_some();
        input
            .extension_information(xinput::X11_EXTENSION_NAME)?
            .context("the X11 display lacks the XInput extension")?;
        // From 2.1 on raw events also arrive while another program holds a grab, for example a menu.
        input.xinput_xi_query_version(2, 2)?.reply()?;
        let raw =
            XIEventMask::RAW_KEY_PRESS | XIEventMask::RAW_BUTTON_PRESS | XIEventMask::RAW_MOTION;
        let masks = [EventMask {
            deviceid: Device::ALL_MASTER.into(),
            mask: vec![raw],
        }];
        input
            .xinput_xi_select_events(screen.root, &masks)?
            .check()?;
        let changes = ChangeWindowAttributesAux::new().event_mask(CoreMask::PROPERTY_CHANGE);
        conn.change_window_attributes(screen.root, &changes)?
            .check()?;
        Ok(Self {
            conn,
            input,
            screen,
            atoms,
            has_screensaver,
            last_event: Instant::now(),
            last_motion: 0,
            followed: None,
            known: None,
            has_changed: true,
            logind: Logind::new(),
        })
    }

    /// The window in front as a window manager names it, who also tells when it is another.
    fn named(&self) -> Result<Option<Id>> {
        let named = self.property(
            self.screen.root,
            self.atoms._NET_ACTIVE_WINDOW,
            AtomEnum::WINDOW.into(),
        )?;
        let id = named.and_then(|(bytes, _)| number(&bytes));
        Ok(id.filter(|id| *id != 0))
    }

    /// Hears of the properties of this window from now on, and of those of the one before no more.
    fn follow(&mut self, id: Id) -> Result<()> {
        if self.followed == Some(id) {
            return Ok(());
        }
        for (id, mask) in [
            (self.followed.take(), CoreMask::NO_EVENT),
            (Some(id), CoreMask::PROPERTY_CHANGE),
        ] {
            let Some(id) = id.filter(|id| *id != self.screen.root) else {
                continue;
            };
            let aux = ChangeWindowAttributesAux::new().event_mask(mask);
            gone_is_none(self.conn.change_window_attributes(id, &aux)?.check())?;
        }
        self.followed = Some(id);
        Ok(())
    }

    fn hear(&mut self) -> Result<()> {
        while let Some(event) = self.conn.poll_for_event()? {
            if let Event::PropertyNotify(change) = event {
                self.has_changed |= self.is_in_front(&change);
            }
        }
        Ok(())
    }

    fn is_in_front(&self, change: &PropertyNotifyEvent) -> bool {
        if change.window == self.screen.root {
            return change.atom == self.atoms._NET_ACTIVE_WINDOW;
        }
        let told = [
            self.atoms._NET_WM_NAME,
            AtomEnum::WM_NAME.into(),
            AtomEnum::WM_CLASS.into(),
        ];
        self.followed == Some(change.window) && told.contains(&change.atom)
    }

    fn is_quiet_until(&self, until: Instant) -> Result<()> {
        let left = until.saturating_duration_since(Instant::now());
        // Rounded up, or the last millisecond would be spent in turning round.
        let left =
            PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
        let mut socket = [PollFd::new(self.conn.stream().as_fd(), PollFlags::POLLIN)];
        match poll(&mut socket, left) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error).context("the X11 display cannot be waited for"),
        }
    }

    /// Without a window manager nobody names the active window; the focus then lies in it.
    fn focused(&self) -> Result<Option<Id>> {
        let Some(focus) = gone_is_none(self.conn.get_input_focus()?.reply())? else {
            return Ok(None);
        };
        match focus.focus {
            0 => Ok(None),
            // The focus follows the pointer: so it is on a bare server, where nobody manages windows.
            1 if !self.is_managed()? => self.under_pointer(),
            1 => Ok(None),
            id => self.upwards(id),
        }
    }

    fn is_managed(&self) -> Result<bool> {
        Ok(self
            .property(
                self.screen.root,
                self.atoms._NET_SUPPORTING_WM_CHECK,
                AtomEnum::WINDOW.into(),
            )?
            .is_some())
    }

    /// From a focused window to the one around it that tells its class.
    fn upwards(&self, mut id: Id) -> Result<Option<Id>> {
        for _ in 0..DEPTH {
            if id == self.screen.root || id == 0 {
                return Ok(None);
            }
            if self.class(id)?.is_some() {
                return Ok(Some(id));
            }
            let Some(tree) = gone_is_none(self.conn.query_tree(id)?.reply())? else {
                return Ok(None);
            };
            id = tree.parent;
        }
        Ok(None)
    }

    fn under_pointer(&self) -> Result<Option<Id>> {
        let mut id = self.screen.root;
        for _ in 0..DEPTH {
            let Some(pointer) = gone_is_none(self.conn.query_pointer(id)?.reply())? else {
                return Ok(None);
            };
            if pointer.child == 0 {
                return Ok(None);
            }
            id = pointer.child;
            if self.class(id)?.is_some() {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// The class, second part of `WM_CLASS`; the first part is an instance name, for browsers often a path.
    fn class(&self, id: Id) -> Result<Option<String>> {
        let Some((bytes, _)) =
            self.property(id, AtomEnum::WM_CLASS.into(), AtomEnum::ANY.into())?
        else {
            return Ok(None);
        };
        let mut parts = bytes
            .split(|byte| *byte == 0)
            .filter(|part| !part.is_empty());
        let (instance, class) = (parts.next(), parts.next());
        Ok(class.or(instance).map(latin1))
    }

    fn title(&self, id: Id) -> Result<String> {
        if let Some((bytes, _)) =
            self.property(id, self.atoms._NET_WM_NAME, self.atoms.UTF8_STRING)?
        {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        let Some((bytes, kind)) =
            self.property(id, AtomEnum::WM_NAME.into(), AtomEnum::ANY.into())?
        else {
            return Ok(String::new());
        };
        let is_latin1 = kind == Atom::from(AtomEnum::STRING);
        Ok(if is_latin1 {
            latin1(&bytes)
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        })
    }

    fn process(&self, id: Id) -> Result<Option<String>> {
        let pid = self
            .property(id, self.atoms._NET_WM_PID, AtomEnum::CARDINAL.into())?
            .and_then(|(bytes, _)| number(&bytes));
        let name = pid.and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/comm")).ok());
        Ok(name
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty()))
    }

    fn property(&self, id: Id, property: Atom, kind: Atom) -> Result<Option<(Vec<u8>, Atom)>> {
        let asked = self
            .conn
            .get_property(false, id, property, kind, 0, PROPERTY_UNITS)?;
        let reply = gone_is_none(asked.reply())?;
        Ok(reply
            .filter(|found| !found.value.is_empty())
            .map(|found| (found.value, found.type_)))
    }

    fn drain(&mut self) -> Result<Activity> {
        let mut seen = Activity::default();
        while let Some(event) = self.input.poll_for_event()? {
            match event {
                Event::XinputRawKeyPress(_) => seen.keystrokes = seen.keystrokes.saturating_add(1),
                Event::XinputRawButtonPress(_) => {
                    seen.mouse_events = seen.mouse_events.saturating_add(1)
                }
                Event::XinputRawMotion(motion)
                    if motion.time.wrapping_sub(self.last_motion) >= MOTION_STEP =>
                {
                    self.last_motion = motion.time;
                    seen.mouse_events = seen.mouse_events.saturating_add(1);
                }
                _ => {}
            }
        }
        if seen != Activity::default() {
            self.last_event = Instant::now();
        }
        Ok(seen)
    }

    fn screensaver(&self) -> Result<screensaver::QueryInfoReply> {
        Ok(self
            .conn
            .screensaver_query_info(self.screen.root)?
            .reply()?)
    }

    /// Place and size of one display on the root window.
    fn area(&self, display: u8) -> Result<Option<(i16, i16, u16, u16)>> {
        let monitors = match self.conn.randr_get_monitors(self.screen.root, true) {
            Ok(asked) => gone_is_none(asked.reply())?
                .map(|reply| reply.monitors)
                .unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        if monitors.is_empty() {
            let whole = (
                0,
                0,
                self.screen.width_in_pixels,
                self.screen.height_in_pixels,
            );
            return Ok((display == 0).then_some(whole));
        }
        Ok(monitors
            .get(usize::from(display))
            .map(|monitor| (monitor.x, monitor.y, monitor.width, monitor.height)))
    }
}

impl Desktop for X11 {
    fn wait(&mut self, until: Instant) -> Result<Option<Instant>> {
        self.hear()?;
        while !self.has_changed {
            if Instant::now() >= until {
                return Ok(None);
            }
            self.is_quiet_until(until)?;
            self.hear()?;
        }
        let since = Instant::now();
        std::thread::sleep(BURST.min(until.saturating_duration_since(since)));
        Ok(Some(since))
    }

    fn active_window(&mut self) -> Result<Option<Window>> {
        self.hear()?;
        if !self.has_changed && self.known.is_some() {
            return Ok(self.known.clone());
        }
        // Before it is asked: what changes meanwhile is asked for again.
        self.has_changed = false;
        self.known = None;
        let named = self.named()?;
        let id = match named {
            Some(id) => Some(id),
            None => self.focused()?,
        };
        let Some(id) = id else {
            return Ok(None);
        };
        self.follow(id)?;
        let app = match self.class(id)? {
            Some(class) => Some(class),
            None => self.process(id)?,
        };
        let title = self.title(id)?;
        let window = app.map(|app| Window { app, title });
        // Of what nobody names, nobody tells that it is another.
        self.known = window.clone().filter(|_| named.is_some());
        Ok(window)
    }

    fn idle(&mut self) -> Result<Option<Duration>> {
        if !self.has_screensaver {
            return Ok(Some(self.last_event.elapsed()));
        }
        let info = self.screensaver()?;
        Ok(Some(Duration::from_millis(info.ms_since_user_input.into())))
    }

    fn is_locked(&mut self, anew: bool) -> Result<bool> {
        // Lockers that let the server tell them when to lock leave its screen saver on.
        let (is_dark, idle) = match self.has_screensaver {
            true => {
                let info = self.screensaver()?;
                let idle = Duration::from_millis(info.ms_since_user_input.into());
                (info.state == u8::from(screensaver::State::ON), idle)
            }
            false => (false, self.last_event.elapsed()),
        };
        let now = Instant::now();
        Ok(is_dark
            || match anew {
                true => self.logind.is_locked_now(now),
                false => self.logind.is_locked(idle >= QUIET, now),
            })
    }

    fn activity(&mut self) -> Result<Activity> {
        // What nobody reads would pile up in the server.
        self.hear()?;
        self.drain()
    }

    fn screenshot(&mut self, display: u8) -> Result<Option<RgbImage>> {
        let Some((x, y, width, height)) = self.area(display)? else {
            return Ok(None);
        };
        let mut picture = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
        let mut row = 0;
        while row < height {
            let rows = ROWS.min(height - row);
            let top = y.saturating_add_unsigned(row);
            let asked = self.conn.get_image(
                ImageFormat::Z_PIXMAP,
                self.screen.root,
                x,
                top,
                width,
                rows,
                !0,
            )?;
            // A display that was just unplugged is no reason to end.
            let Some(strip) = gone_is_none(asked.reply())? else {
                return Ok(None);
            };
            let pixels = Pixels::of(&self.conn, &self.screen, strip.depth, strip.visual)?;
            pixels.append_rgb(&strip.data, width, rows, &mut picture)?;
            row += rows;
        }
        Ok(RgbImage::from_raw(width.into(), height.into(), picture))
    }

    fn limitations(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Windows vanish between two questions; only a lost connection is an error.
fn gone_is_none<T>(reply: Result<T, ReplyError>) -> Result<Option<T>> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(ReplyError::ConnectionError(error)) => Err(error).context("the X11 display is gone"),
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_titles_are_read_as_latin_1() {
        assert_eq!(latin1(b"B\xfcro"), "Büro");
    }
}
