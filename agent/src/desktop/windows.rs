//! Windows. Key presses are counted by their releases, of which a held key has one; which key it was is left unread.

#![expect(
    unsafe_code,
    reason = "the system's calls; each is given buffers of this frame or handles that are closed with it"
)]

use std::ffi::c_void;
use std::mem::{size_of, zeroed};
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use image::RgbImage;
use windows_sys::Win32::Foundation::{CloseHandle, HANDLE, LPARAM, RECT};
use windows_sys::Win32::Graphics::Gdi::{
    BI_RGB, BITMAPINFO, BITMAPINFOHEADER, BitBlt, CAPTUREBLT, CreateCompatibleBitmap,
    CreateCompatibleDC, DIB_RGB_COLORS, DeleteDC, DeleteObject, EnumDisplayMonitors, GetDC,
    GetDIBits, HDC, HGDIOBJ, HMONITOR, ReleaseDC, SRCCOPY, SelectObject,
};
use windows_sys::Win32::System::RemoteDesktop::{
    WTS_CURRENT_SERVER_HANDLE, WTS_CURRENT_SESSION, WTS_SESSIONSTATE_LOCK, WTSFreeMemory,
    WTSINFOEXW, WTSQuerySessionInformationW, WTSSessionInfoEx,
};
use windows_sys::Win32::System::SystemInformation::GetTickCount;
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, QueryFullProcessImageNameW,
};
use windows_sys::Win32::UI::HiDpi::{
    DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2, SetProcessDpiAwarenessContext,
};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{GetLastInputInfo, LASTINPUTINFO};
use windows_sys::Win32::UI::Input::{
    GetRawInputData, HRAWINPUT, RAWINPUT, RAWINPUTDEVICE, RAWINPUTHEADER, RID_INPUT,
    RIDEV_INPUTSINK, RIM_TYPEKEYBOARD, RIM_TYPEMOUSE, RegisterRawInputDevices,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DispatchMessageW, GetForegroundWindow, GetMessageW, GetWindowTextW,
    GetWindowThreadProcessId, HWND_MESSAGE, MSG, RI_KEY_BREAK, RI_MOUSE_BUTTON_1_DOWN,
    RI_MOUSE_BUTTON_2_DOWN, RI_MOUSE_BUTTON_3_DOWN, RI_MOUSE_BUTTON_4_DOWN, RI_MOUSE_BUTTON_5_DOWN,
    RI_MOUSE_HWHEEL, RI_MOUSE_WHEEL, WM_INPUT,
};
use windows_sys::core::w;

use super::{Activity, Desktop, Window};

/// Longest title that is read: a program may set megabytes.
const TITLE: usize = 4096;
/// Longest path of a program.
const PATH: usize = 32_768;
/// A pointer on its way counts once in this many milliseconds, whatever its device reports per second.
const MOTION_STEP: u32 = 100;
/// The page of general desktop devices, and two of them, in the words of USB.
const DESKTOP_DEVICES: u16 = 1;
const MOUSE: u16 = 2;
const KEYBOARD: u16 = 6;
const BUTTONS: u32 = RI_MOUSE_BUTTON_1_DOWN
    | RI_MOUSE_BUTTON_2_DOWN
    | RI_MOUSE_BUTTON_3_DOWN
    | RI_MOUSE_BUTTON_4_DOWN
    | RI_MOUSE_BUTTON_5_DOWN
    | RI_MOUSE_WHEEL
    | RI_MOUSE_HWHEEL;
/// Browsers by their programs, as the rules for their titles know them.
const BROWSERS: [(&str, &str); 4] = [
    ("brave", "brave-browser"),
    ("chrome", "google-chrome"),
    ("msedge", "microsoft-edge"),
    ("vivaldi", "vivaldi-stable"),
];

pub fn open() -> Result<Box<dyn Desktop>> {
    // Else the system would give places and sizes in pixels of another screen. Older ones than Windows 10 do so anyway.
    // SAFETY: takes no memory of ours.
    unsafe { SetProcessDpiAwarenessContext(DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2) };
    Ok(Box::new(Windows {
        counted: count_input()?,
    }))
}

pub fn limitations() -> Vec<String> {
    Vec::new()
}

pub fn describe() -> String {
    format!("Windows, {}", std::env::consts::ARCH)
}

struct Windows {
    counted: Arc<Counted>,
}

#[derive(Default)]
struct Counted {
    keystrokes: AtomicU32,
    mouse_events: AtomicU32,
}

impl Desktop for Windows {
    fn active_window(&mut self) -> Result<Option<Window>> {
        if is_locked() {
            return Ok(None);
        }
        // SAFETY: takes nothing; the window may be gone at any time, which the later calls say.
        let window = unsafe { GetForegroundWindow() };
        if window.is_null() {
            return Ok(None);
        }
        let mut process = 0;
        // SAFETY: the number lies in this frame.
        unsafe { GetWindowThreadProcessId(window, &mut process) };
        let mut text = [0; TITLE];
        // SAFETY: as many units as the buffer has.
        let length = unsafe { GetWindowTextW(window, text.as_mut_ptr(), TITLE as i32) };
        let title = text
            .get(..usize::try_from(length).unwrap_or(0))
            .unwrap_or_default();
        Ok(program(process).map(|app| Window {
            app,
            title: String::from_utf16_lossy(title),
        }))
    }

    fn idle(&mut self) -> Result<Option<Duration>> {
        let mut last = LASTINPUTINFO {
            cbSize: size_of::<LASTINPUTINFO>() as u32,
            dwTime: 0,
        };
        // SAFETY: the structure lies in this frame and says its size.
        ensure!(
            unsafe { GetLastInputInfo(&mut last) } != 0,
            "Windows does not tell when the last input was"
        );
        // SAFETY: takes nothing. The count begins anew every 49 days, and the difference does not mind.
        let since = unsafe { GetTickCount() }.wrapping_sub(last.dwTime);
        Ok(Some(Duration::from_millis(since.into())))
    }

    fn activity(&mut self) -> Result<Activity> {
        Ok(Activity {
            keystrokes: self.counted.keystrokes.swap(0, Ordering::Relaxed),
            mouse_events: self.counted.mouse_events.swap(0, Ordering::Relaxed),
        })
    }

    fn is_locked(&mut self, _anew: bool) -> Result<bool> {
        Ok(is_locked())
    }

    fn screenshot(&mut self, display: u8) -> Result<Option<RgbImage>> {
        match displays().get(usize::from(display)) {
            Some(area) if !is_locked() => picture(area).map(Some),
            _ => Ok(None),
        }
    }

    fn limitations(&self) -> Vec<String> {
        limitations()
    }
}

/// The program's name without folder and ending; nothing of programs that this person may not ask about.
fn program(process: u32) -> Option<String> {
    struct Process(HANDLE);
    impl Drop for Process {
        fn drop(&mut self) {
            // SAFETY: opened here, closed once.
            unsafe { CloseHandle(self.0) };
        }
    }
    // SAFETY: takes no memory of ours.
    let process = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, process) };
    if process.is_null() {
        return None;
    }
    let process = Process(process);
    let mut path = vec![0; PATH];
    let mut length = PATH as u32;
    // SAFETY: the length says how many units the buffer has, and then how many were written.
    let is_told = unsafe {
        QueryFullProcessImageNameW(
            process.0,
            PROCESS_NAME_WIN32,
            path.as_mut_ptr(),
            &mut length,
        )
    };
    let path = String::from_utf16_lossy(path.get(..usize::try_from(length).ok()?)?);
    let name = Path::new(&path).file_stem()?.to_str()?.to_owned();
    let known = BROWSERS
        .iter()
        .find(|(program, _)| name.eq_ignore_ascii_case(program));
    (is_told != 0).then(|| known.map_or(name, |(_, class)| (*class).to_owned()))
}

/// Unknown counts as not: then the lock screen's own program is in front.
fn is_locked() -> bool {
    let (mut info, mut bytes) = (null_mut(), 0);
    // SAFETY: both places lie in this frame; what is given is freed below.
    let is_told = unsafe {
        WTSQuerySessionInformationW(
            WTS_CURRENT_SERVER_HANDLE,
            WTS_CURRENT_SESSION,
            WTSSessionInfoEx,
            &mut info,
            &mut bytes,
        )
    };
    if is_told == 0 || info.is_null() {
        return false;
    }
    let is_whole = usize::try_from(bytes).is_ok_and(|bytes| bytes >= size_of::<WTSINFOEXW>());
    // SAFETY: it is read only when it is as long as the structure, whose first level this class of information has.
    let is_locked = is_whole
        && unsafe {
            let info = &*info.cast::<WTSINFOEXW>();
            info.Level == 1
                && info.Data.WTSInfoExLevel1.SessionFlags.cast_unsigned() == WTS_SESSIONSTATE_LOCK
        };
    // SAFETY: given by the call above, freed once.
    unsafe { WTSFreeMemory(info.cast::<c_void>()) };
    is_locked
}

fn displays() -> Vec<RECT> {
    unsafe extern "system" fn add(
        _monitor: HMONITOR,
        _dc: HDC,
        area: *mut RECT,
        displays: LPARAM,
    ) -> i32 {
        // SAFETY: called back while the list below lives, with a place that is valid for this call.
        unsafe { (*(displays as *mut Vec<RECT>)).push(*area) };
        1
    }
    let mut displays: Vec<RECT> = Vec::new();
    // SAFETY: the list outlives the call, which ends when every display was told.
    unsafe { EnumDisplayMonitors(null_mut(), null(), Some(add), &raw mut displays as LPARAM) };
    displays
}

/// Freed in the order in which a bitmap may be: it first leaves its context.
struct Canvas {
    screen: HDC,
    memory: HDC,
    bitmap: HGDIOBJ,
    before: HGDIOBJ,
}

impl Drop for Canvas {
    fn drop(&mut self) {
        // SAFETY: each was made for this canvas and is freed once; null is refused without harm.
        unsafe {
            SelectObject(self.memory, self.before);
            DeleteObject(self.bitmap);
            DeleteDC(self.memory);
            ReleaseDC(null_mut(), self.screen);
        }
    }
}

fn picture(area: &RECT) -> Result<RgbImage> {
    let (width, height) = (area.right - area.left, area.bottom - area.top);
    let bytes = usize::try_from(width)
        .ok()
        .zip(usize::try_from(height).ok())
        .and_then(|(width, height)| width.checked_mul(height)?.checked_mul(4))
        .context("a display of no size")?;
    // SAFETY: every call takes handles of this canvas; what failed is null, and copying from null fails below.
    let canvas = unsafe {
        let screen = GetDC(null_mut());
        let memory = CreateCompatibleDC(screen);
        let bitmap = CreateCompatibleBitmap(screen, width, height);
        let before = SelectObject(memory, bitmap);
        Canvas {
            screen,
            memory,
            bitmap,
            before,
        }
    };
    // SAFETY: handles of this canvas.
    let is_copied = unsafe {
        let (x, y) = (area.left, area.top);
        let how = SRCCOPY | CAPTUREBLT;
        BitBlt(canvas.memory, 0, 0, width, height, canvas.screen, x, y, how)
    };
    ensure!(is_copied != 0, "Windows gave no picture of the display");
    // SAFETY: a structure of numbers, for which zero is a value.
    let mut format: BITMAPINFO = unsafe { zeroed() };
    format.bmiHeader = BITMAPINFOHEADER {
        biSize: size_of::<BITMAPINFOHEADER>() as u32,
        biWidth: width,
        // Negative: the first row is the upper one.
        biHeight: -height,
        biPlanes: 1,
        biBitCount: 32,
        biCompression: BI_RGB,
        ..format.bmiHeader
    };
    let mut pixels = vec![0_u8; bytes];
    // SAFETY: the buffer has four bytes for each pixel of all rows, as the format says.
    let rows = unsafe {
        let rows = height.cast_unsigned();
        let into = pixels.as_mut_ptr().cast();
        let bitmap = canvas.bitmap;
        GetDIBits(
            canvas.memory,
            bitmap,
            0,
            rows,
            into,
            &mut format,
            DIB_RGB_COLORS,
        )
    };
    ensure!(rows == height, "Windows gave a part of the picture");
    drop(canvas);
    let (quads, _) = pixels.as_chunks::<4>();
    let colours = quads
        .iter()
        .flat_map(|[blue, green, red, _]| [*red, *green, *blue]);
    RgbImage::from_raw(
        width.cast_unsigned(),
        height.cast_unsigned(),
        colours.collect(),
    )
    .context("a picture shorter than announced")
}

/// Raw input comes as messages to a window that nobody sees, on a thread that waits for them.
fn count_input() -> Result<Arc<Counted>> {
    let counted = Arc::new(Counted::default());
    let (began, ready) = channel();
    let counter = Arc::clone(&counted);
    std::thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || listen(&counter, &began))?;
    match ready.recv()? {
        true => Ok(counted),
        false => bail!("Windows does not tell of input"),
    }
}

fn listen(counted: &Counted, began: &Sender<bool>) {
    // SAFETY: the class is the system's own, and everything else may be null or zero.
    let window = unsafe {
        CreateWindowExW(
            0,
            w!("STATIC"),
            null(),
            0,
            0,
            0,
            0,
            0,
            HWND_MESSAGE,
            null_mut(),
            null_mut(),
            null(),
        )
    };
    let devices = [KEYBOARD, MOUSE].map(|usage| RAWINPUTDEVICE {
        usUsagePage: DESKTOP_DEVICES,
        usUsage: usage,
        // Whatever window is in front.
        dwFlags: RIDEV_INPUTSINK,
        hwndTarget: window,
    });
    let size = size_of::<RAWINPUTDEVICE>() as u32;
    // SAFETY: two devices of that size, which outlive the call.
    let is_heard =
        !window.is_null() && unsafe { RegisterRawInputDevices(devices.as_ptr(), 2, size) } != 0;
    if began.send(is_heard).is_err() || !is_heard {
        return;
    }
    // SAFETY: a structure of numbers and handles, for which zero is a value.
    let mut message: MSG = unsafe { zeroed() };
    let mut last_motion = 0;
    // SAFETY: the message lies in this frame.
    while unsafe { GetMessageW(&mut message, null_mut(), 0, 0) } > 0 {
        if message.message == WM_INPUT {
            count(counted, message.lParam, message.time, &mut last_motion);
        }
        // SAFETY: as it came. The system frees what belongs to an input message.
        unsafe { DispatchMessageW(&message) };
    }
}

fn count(counted: &Counted, handle: LPARAM, time: u32, last_motion: &mut u32) {
    // SAFETY: a union of numbers, for which zero is a value.
    let mut input: RAWINPUT = unsafe { zeroed() };
    let (mut size, header) = (
        size_of::<RAWINPUT>() as u32,
        size_of::<RAWINPUTHEADER>() as u32,
    );
    // SAFETY: the size is the structure's; what is longer, of other devices, is refused.
    let length = unsafe {
        let into = (&raw mut input).cast::<c_void>();
        GetRawInputData(handle as HRAWINPUT, RID_INPUT, into, &mut size, header)
    };
    if length == u32::MAX {
        return;
    }
    match input.header.dwType {
        // SAFETY: the type says which part of the union was written.
        RIM_TYPEKEYBOARD if is_release(unsafe { input.data.keyboard.Flags }) => {
            counted.keystrokes.fetch_add(1, Ordering::Relaxed);
        }
        RIM_TYPEMOUSE => {
            // SAFETY: as above.
            let buttons = unsafe { input.data.mouse.Anonymous.Anonymous.usButtonFlags };
            let is_press = u32::from(buttons) & BUTTONS != 0;
            let is_motion = buttons == 0 && time.wrapping_sub(*last_motion) >= MOTION_STEP;
            if is_motion {
                *last_motion = time;
            }
            if is_press || is_motion {
                counted.mouse_events.fetch_add(1, Ordering::Relaxed);
            }
        }
        _ => {}
    }
}

fn is_release(flags: u16) -> bool {
    u32::from(flags) & RI_KEY_BREAK != 0
}
