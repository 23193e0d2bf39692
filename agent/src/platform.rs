//! What differs between the systems besides the desktop: free space, the machine's name, a terminal that shows nothing.

use std::path::Path;

use anyhow::{Context, Result};

/// Free for this person in the folder's file system; unknown counts as plenty.
#[cfg(unix)]
pub fn free_bytes(dir: &Path) -> u64 {
    nix::sys::statvfs::statvfs(dir).map_or(u64::MAX, |disk| {
        // The counts have another width on other systems.
        #[cfg_attr(target_os = "linux", expect(clippy::useless_conversion))]
        u64::from(disk.blocks_available()).saturating_mul(disk.fragment_size())
    })
}

#[cfg(unix)]
pub fn host_name() -> Result<String> {
    nix::unistd::gethostname()?
        .into_string()
        .ok()
        .context("the host's name is not text")
}

/// Asks with the terminal's echo off, and puts it on again whatever happens.
#[cfg(unix)]
pub fn unseen<T>(ask: impl FnOnce() -> T) -> Result<T> {
    use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
    let stdin = std::io::stdin();
    let shown = tcgetattr(&stdin).context("there is no terminal to ask on")?;
    let mut unseen = shown.clone();
    unseen.local_flags.remove(LocalFlags::ECHO);
    tcsetattr(&stdin, SetArg::TCSANOW, &unseen)?;
    let answer = ask();
    tcsetattr(&stdin, SetArg::TCSANOW, &shown)?;
    Ok(answer)
}

#[cfg(windows)]
pub use windows::{free_bytes, host_name, unseen};

#[cfg(windows)]
#[expect(
    unsafe_code,
    reason = "the system's calls; each is given buffers of this frame"
)]
mod windows {
    use std::os::windows::ffi::OsStrExt;

    use anyhow::ensure;
    use windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceExW;
    use windows_sys::Win32::System::Console::{
        ENABLE_ECHO_INPUT, GetConsoleMode, GetStdHandle, STD_INPUT_HANDLE, SetConsoleMode,
    };

    use super::{Context, Path, Result};

    pub fn free_bytes(dir: &Path) -> u64 {
        let wide: Vec<u16> = dir.as_os_str().encode_wide().chain([0]).collect();
        let mut free = 0;
        let (whole, all) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: the path ends with a zero and outlives the call; the others may be null.
        match unsafe { GetDiskFreeSpaceExW(wide.as_ptr(), &mut free, whole, all) } {
            0 => u64::MAX,
            _ => free,
        }
    }

    pub fn host_name() -> Result<String> {
        std::env::var("COMPUTERNAME").context("the host's name is not text")
    }

    pub fn unseen<T>(ask: impl FnOnce() -> T) -> Result<T> {
        let mut shown = 0;
        // SAFETY: the handle is the process's own, and the mode lies in this frame.
        let input = unsafe { GetStdHandle(STD_INPUT_HANDLE) };
        let is_terminal = unsafe { GetConsoleMode(input, &mut shown) } != 0;
        ensure!(is_terminal, "there is no terminal to ask on");
        // SAFETY: as above.
        let is_unseen = unsafe { SetConsoleMode(input, shown & !ENABLE_ECHO_INPUT) } != 0;
        ensure!(
            is_unseen,
            "the terminal does not stop to show what is typed"
        );
        let answer = ask();
        // SAFETY: as above.
        unsafe { SetConsoleMode(input, shown) };
        Ok(answer)
    }
}
