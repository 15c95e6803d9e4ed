//! The clock is passed in, so that rules receive dates and tests can move them.

use std::fmt;
use std::sync::Arc;

use chrono::Utc;

use super::Instant;

/// Tells the time. Cloning is cheap and every clone tells the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Instant + Send + Sync>);

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self::new(|| Instant::from_utc(Utc::now().naive_utc()))
    }

    /// A clock of one's own, for tests and for loading data of the past.
    pub fn new(now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn now(&self) -> Instant {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
