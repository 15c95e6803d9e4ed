//! How memory is given back to the system.

/// Blocks from this size on are the system's own, in bytes: freed, they are gone. A batch of a thousand lines has some of
/// a few hundred KiB, which are cheaper from the heap.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const OWN_BLOCKS: libc::c_int = 1_024 * 1_024;

/// What the heap may keep at its end, in bytes, instead of giving it back and asking for it again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: libc::c_int = 4 * 1_024 * 1_024;

/// Once a secret's hash has taken its 20 MiB, glibc would keep blocks of that size for good, in every thread: to name the
/// limit keeps it from moving. And each thread puts the contract together once, which takes some 10 MiB: from one heap for
/// all of them, what one has given back serves the next.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back() {
    let limits =
        [(libc::M_MMAP_THRESHOLD, OWN_BLOCKS), (libc::M_TRIM_THRESHOLD, KEPT), (libc::M_ARENA_MAX, 1)];
    for (limit, value) in limits {
        #[expect(unsafe_code, reason = "a setting of the allocator, before any other thread runs")]
        let _taken = unsafe { libc::mallopt(limit, value) };
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub const fn give_back() {}
