//! Memory that was needed for a moment goes back to the system: a password's 19 MiB, a picture's hundred.

/// Call it before there are threads.
///
/// Left alone, glibc learns from the first large block that was freed to keep all later ones, in each thread's heap
/// for itself; after a minute of sign-ins the server held 646 MiB.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back_large_blocks() {
    const LARGE: i32 = 1024 * 1024;
    #[expect(
        unsafe_code,
        reason = "a setting of the C library, which only libc can reach"
    )]
    // SAFETY: it stores a number; no other thread runs yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
    }
}

/// Other allocators give back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back_large_blocks() {}
