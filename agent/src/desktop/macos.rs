//! macOS. Two permissions are the person's to give, and without them the agent says what is missing: accessibility for
//! titles, screen recording for pictures. Input is counted by the session's own counters, which know no keys.

#![expect(
    unsafe_code,
    reason = "the system's calls; what they give is owned and released by the bindings"
)]

use std::ffi::c_void;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use image::RgbImage;
use objc2_app_kit::{NSRunningApplication, NSWorkspace};
use objc2_application_services::{AXError, AXIsProcessTrusted, AXUIElement};
use objc2_core_foundation::{
    CFRetained, CFRunLoop, CFString, CFType, ConcreteType, kCFRunLoopDefaultMode,
};
use objc2_core_graphics::{
    CGDataProvider, CGDirectDisplayID, CGError, CGEventSource, CGEventSourceStateID, CGEventType,
    CGGetActiveDisplayList, CGImage, CGPreflightScreenCaptureAccess, CGRequestScreenCaptureAccess,
    CGSessionCopyCurrentDictionary,
};

use super::{Activity, Desktop, SCREENSHOTS_NOT_AVAILABLE, TITLES_NOT_AVAILABLE, Window};

/// Of this person's session, whatever device and program it comes from.
const SESSION: CGEventSourceStateID = CGEventSourceStateID::CombinedSessionState;
/// Stands for input of any kind.
const ANY_INPUT: CGEventType = CGEventType(u32::MAX);
/// A held key is pressed again and again, and released once.
const KEYS: [CGEventType; 1] = [CGEventType::KeyUp];
const BUTTONS: [CGEventType; 4] = [
    CGEventType::LeftMouseDown,
    CGEventType::RightMouseDown,
    CGEventType::OtherMouseDown,
    CGEventType::ScrollWheel,
];
const MOTION: [CGEventType; 4] = [
    CGEventType::MouseMoved,
    CGEventType::LeftMouseDragged,
    CGEventType::RightMouseDragged,
    CGEventType::OtherMouseDragged,
];
/// A pointer on its way counts once in so many milliseconds, whatever its device reports per second.
const MOTION_STEP: u128 = 100;
const MOST_DISPLAYS: u32 = 16;
/// A program that hangs does not tell its title; longer than this nobody waits for it.
const TITLE_PATIENCE: f32 = 0.25;
/// Browsers as the rules for their titles know them.
const BROWSERS: [(&str, &str); 6] = [
    ("com.brave.Browser", "brave-browser"),
    ("com.google.Chrome", "google-chrome"),
    ("com.microsoft.edgemac", "microsoft-edge"),
    ("com.operasoftware.Opera", "opera"),
    ("com.vivaldi.Vivaldi", "vivaldi-stable"),
    ("org.mozilla.firefox", "firefox"),
];

pub fn open() -> Result<Box<dyn Desktop>> {
    // Asks the person, the first time only.
    if !may_picture() {
        CGRequestScreenCaptureAccess();
    }
    Ok(Box::new(MacOs {
        counted: Counted::now(),
    }))
}

pub fn limitations() -> Vec<String> {
    let titles = (!may_read_titles()).then_some(TITLES_NOT_AVAILABLE);
    let pictures = (!may_picture()).then_some(SCREENSHOTS_NOT_AVAILABLE);
    titles
        .into_iter()
        .chain(pictures)
        .map(String::from)
        .collect()
}

pub fn describe() -> String {
    format!("macOS, {}", std::env::consts::ARCH)
}

pub(crate) fn may_read_titles() -> bool {
    // SAFETY: takes nothing.
    unsafe { AXIsProcessTrusted() }
}

pub(crate) fn may_picture() -> bool {
    CGPreflightScreenCaptureAccess()
}

struct MacOs {
    counted: Counted,
}

/// The session's counters as they were at a time.
struct Counted {
    at: Instant,
    keys: u32,
    buttons: u32,
    motion: u32,
}

impl Counted {
    fn now() -> Self {
        let sum = |kinds: &[CGEventType]| {
            let counts = kinds
                .iter()
                .map(|kind| CGEventSource::counter_for_event_type(SESSION, *kind));
            counts.fold(0_u32, u32::wrapping_add)
        };
        Self {
            at: Instant::now(),
            keys: sum(&KEYS),
            buttons: sum(&BUTTONS),
            motion: sum(&MOTION),
        }
    }
}

impl Desktop for MacOs {
    fn active_window(&mut self) -> Result<Option<Window>> {
        // The workspace learns of another program in front by messages, which somebody has to take.
        // SAFETY: a constant of the system's.
        CFRunLoop::run_in_mode(unsafe { kCFRunLoopDefaultMode }, 0.0, false);
        if is_locked() {
            return Ok(None);
        }
        let Some(front) = NSWorkspace::sharedWorkspace().frontmostApplication() else {
            return Ok(None);
        };
        let title = title(front.processIdentifier()).unwrap_or_default();
        Ok(name(&front).map(|app| Window { app, title }))
    }

    fn idle(&mut self) -> Result<Option<Duration>> {
        let seconds = CGEventSource::seconds_since_last_event_type(SESSION, ANY_INPUT);
        Ok(Duration::try_from_secs_f64(seconds).ok())
    }

    fn activity(&mut self) -> Result<Activity> {
        let now = Counted::now();
        let last = std::mem::replace(&mut self.counted, now);
        let now = &self.counted;
        let steps = now.at.duration_since(last.at).as_millis() / MOTION_STEP;
        let motion = now.motion.wrapping_sub(last.motion);
        let motion = motion.min(u32::try_from(steps).unwrap_or(u32::MAX));
        Ok(Activity {
            keystrokes: now.keys.wrapping_sub(last.keys),
            mouse_events: now
                .buttons
                .wrapping_sub(last.buttons)
                .saturating_add(motion),
        })
    }

    fn is_locked(&mut self, _anew: bool) -> Result<bool> {
        Ok(is_locked())
    }

    fn screenshot(&mut self, display: u8) -> Result<Option<RgbImage>> {
        // Without the permission the picture would show an empty desk.
        if !may_picture() || is_locked() {
            return Ok(None);
        }
        let displays = displays()?;
        displays
            .get(usize::from(display))
            .map(|id| picture(*id))
            .transpose()
    }

    fn limitations(&self) -> Vec<String> {
        limitations()
    }
}

fn name(front: &NSRunningApplication) -> Option<String> {
    let bundle = front.bundleIdentifier().map(|bundle| bundle.to_string());
    let browser = BROWSERS
        .iter()
        .find(|(known, _)| bundle.as_deref() == Some(known));
    match browser {
        Some((_, class)) => Some((*class).to_owned()),
        None => front
            .localizedName()
            .map(|name| name.to_string())
            .or(bundle),
    }
}

/// Nothing without the permission, or of a program that has no window.
fn title(process: i32) -> Option<String> {
    if !may_read_titles() {
        return None;
    }
    // SAFETY: a number; of a process that is gone every question fails.
    let program = unsafe { AXUIElement::new_application(process) };
    // SAFETY: takes a number.
    unsafe { program.set_messaging_timeout(TITLE_PATIENCE) };
    let window: CFRetained<AXUIElement> = attribute(&program, "AXFocusedWindow")?;
    let title: CFRetained<CFString> = attribute(&window, "AXTitle")?;
    Some(title.to_string())
}

fn attribute<T: ConcreteType>(element: &AXUIElement, name: &str) -> Option<CFRetained<T>> {
    let mut value: *const CFType = std::ptr::null();
    // SAFETY: the place lies in this frame.
    let told = unsafe {
        element.copy_attribute_value(&CFString::from_str(name), NonNull::from(&mut value))
    };
    if told != AXError::Success {
        return None;
    }
    // SAFETY: a copy, which is ours to release; the downcast asks for its type.
    let value = unsafe { CFRetained::from_raw(NonNull::new(value.cast_mut())?) };
    value.downcast().ok()
}

/// The session has this key while its screen is locked, and only then.
fn is_locked() -> bool {
    let key = CFString::from_static_str("CGSSessionScreenIsLocked");
    let key: *const CFString = &*key;
    // SAFETY: the key lives until the end of this function, and what it stands for is not looked at.
    CGSessionCopyCurrentDictionary()
        .is_some_and(|session| unsafe { session.contains_ptr_key(key.cast::<c_void>()) })
}

fn displays() -> Result<Vec<CGDirectDisplayID>> {
    let mut displays = vec![0; MOST_DISPLAYS as usize];
    let mut count = 0;
    // SAFETY: as many places as are named.
    let told = unsafe { CGGetActiveDisplayList(MOST_DISPLAYS, displays.as_mut_ptr(), &mut count) };
    ensure!(told == CGError::Success, "macOS does not tell its displays");
    displays.truncate(usize::try_from(count)?);
    Ok(displays)
}

#[expect(
    deprecated,
    reason = "ScreenCaptureKit, which replaces it, needs Swift's run time and a thread of its own"
)]
fn picture(display: CGDirectDisplayID) -> Result<RgbImage> {
    let image = objc2_core_graphics::CGDisplayCreateImage(display)
        .context("macOS gave no picture of the display")?;
    let image = Some(&*image);
    let (width, height) = (CGImage::width(image), CGImage::height(image));
    let line = CGImage::bytes_per_row(image);
    ensure!(
        CGImage::bits_per_pixel(image) == 32 && width > 0 && line >= width * 4,
        "a picture of another format"
    );
    let provider = CGImage::data_provider(image);
    let data = CGDataProvider::data(provider.as_deref()).context("a picture without pixels")?;
    // SAFETY: a copy, which nobody else changes.
    let bytes = unsafe { data.as_bytes_unchecked() };
    ensure!(
        bytes.len() >= line * height,
        "a picture shorter than announced"
    );
    let mut colours = Vec::with_capacity(width * height * 3);
    for row in bytes.chunks_exact(line).take(height) {
        let (quads, _) = row[..width * 4].as_chunks::<4>();
        // The window server keeps little-endian numbers of alpha, red, green and blue.
        colours.extend(
            quads
                .iter()
                .flat_map(|[blue, green, red, _]| [*red, *green, *blue]),
        );
    }
    RgbImage::from_raw(width.try_into()?, height.try_into()?, colours)
        .context("a picture shorter than announced")
}
