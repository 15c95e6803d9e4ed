//! How memory is given back to the system.

/// Blocks from this size on are the system's own, in bytes: freed, they are gone.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const OWN_BLOCKS: libc::c_int = 256 * 1_024;

/// Once a secret's hash has taken its 20 MiB, glibc would keep blocks of that size for good, in every thread: to name the
/// limit keeps it from moving. And each thread puts the contract together once, which takes some 10 MiB: from one heap for
/// all of them, what one has given back serves the next.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back() {
    #[expect(unsafe_code, reason = "settings of the allocator, before any other thread runs")]
    let set =
        unsafe { [libc::mallopt(libc::M_MMAP_THRESHOLD, OWN_BLOCKS), libc::mallopt(libc::M_ARENA_MAX, 1)] };
    log::debug!("the allocator's limits are set: {}", set == [1, 1]);
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub const fn give_back() {}
