//! What has to be asked of the kernel and the C library by hand, and what nothing safe can ask: memory shared between two
//! processes, and the state of this process that a pack may have changed.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};
use std::io;
use std::ops::Deref;
use std::os::fd::BorrowedFd;
use std::{ptr, slice};

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

use crate::column::Line;

/// Behind every mapping lies as much that nobody may touch.
const GUARD: usize = 64 * 1024;

/// Part of a file in memory, with a guard behind it. Another process may map the same part.
#[derive(Debug)]
pub(crate) struct Region {
    start: *mut c_void,
    bytes: usize,
}

// SAFETY: the memory stays mapped for as long as the region lives, and is only seen as words that are loaded and stored atomically.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Region {
    /// Maps a part of a file that cannot shrink. Offset and length are whole pages.
    pub fn map(file: BorrowedFd<'_>, offset: u64, bytes: usize, writable: bool) -> io::Result<Region> {
        let access = if writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
        // SAFETY: a new mapping at an address of the kernel's choice.
        let start = unsafe { mmap_anonymous(ptr::null_mut(), bytes + GUARD, ProtFlags::empty(), MapFlags::PRIVATE | MapFlags::NORESERVE)? };
        let region = Region { start, bytes };
        // SAFETY: replaces the first part of the mapping that was just made and that nobody else knows of.
        unsafe { mmap(start, bytes, access, MapFlags::SHARED | MapFlags::FIXED, file, offset)? };
        Ok(region)
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the whole of a mapping of ours, to which no reference is left.
        let unmapped = unsafe { munmap(self.start, self.bytes + GUARD) };
        debug_assert!(unmapped.is_ok(), "{unmapped:?}");
    }
}

impl Deref for Region {
    type Target = [Line];

    fn deref(&self) -> &[Line] {
        // SAFETY: whole pages, which lines divide; any bytes are a valid line. Where the mapping may not be written, nothing
        // writes: who stores into a line has made the region writable.
        unsafe { slice::from_raw_parts(self.start.cast(), self.bytes / size_of::<Line>()) }
    }
}

/// Ends this process at once: nothing that a pack registered to run at the end runs.
pub(crate) fn leave(status: i32) -> ! {
    // SAFETY: does not return.
    unsafe { libc::_exit(status) }
}

/// Closes every descriptor from this number on. An error where the kernel cannot.
pub(crate) fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: no object of this process owns a descriptor that it did not open itself, and it has opened none yet.
    match unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Writes out what the C library holds back of the standard streams.
pub(crate) fn flush_streams() {
    // SAFETY: null means all streams.
    unsafe { libc::fflush(ptr::null_mut()) };
}

/// How each signal is handled: the address of the handler and its flags.
pub(crate) fn signal_handlers() -> Vec<(usize, i32)> {
    let handler = |signal| {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: asks only; the kernel writes the action, and zeros are a valid one where it refuses.
        let action = unsafe {
            libc::sigaction(signal, ptr::null(), action.as_mut_ptr());
            action.assume_init()
        };
        (action.sa_sigaction, action.sa_flags)
    };
    (1..=libc::SIGRTMAX()).map(handler).collect()
}

/// The locale of the C library.
pub(crate) fn locale() -> String {
    // SAFETY: null asks only; the answer is a C string that lives until the locale is set again, which takes another thread here.
    let name = unsafe {
        let name = libc::setlocale(libc::LC_ALL, ptr::null());
        (!name.is_null()).then(|| CStr::from_ptr(name))
    };
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
