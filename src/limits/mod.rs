//! Limits on what requests hold while they are received: bytes of memory, files that arrive, time.

mod budget;
mod pace;

pub use budget::{Budget, Reservation};
pub use pace::Pace;
