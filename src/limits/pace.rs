//! How slowly a body may arrive.

use std::time::Duration;

use actix_web::error::PayloadError;
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use crate::error::{Code, Error, Result};

/// What every body is given, however small.
const GRACE: Duration = Duration::from_secs(10);
/// The least that arrives in a second beyond that, in bytes: a line of 256 kbit/s.
const RATE: u32 = 32 * 1_024;
/// The longest nothing at all may arrive.
const SILENCE: Duration = Duration::from_secs(30);

/// The time a body has: a sender that is too slow holds memory and files that others wait for.
pub struct Pace {
    started: Instant,
    received: u32,
}

impl Pace {
    pub fn start() -> Self {
        Self { started: Instant::now(), received: 0 }
    }

    /// The next part of a body, `None` at its end; 408 when it comes too late, 400 when the body breaks off.
    pub async fn next<B, S>(&mut self, body: &mut S) -> Result<Option<B>>
    where
        B: AsRef<[u8]>,
        S: Stream<Item = std::result::Result<B, PayloadError>> + Unpin,
    {
        let deadline = deadline(self.started, self.received, Instant::now());
        let part = timeout_at(deadline, body.next()).await;
        let part = part.map_err(|_| Error::new(Code::RequestTimeout))?.transpose().map_err(broken_off)?;
        let length = part.as_ref().map_or(0, |part| part.as_ref().len());
        self.received = self.received.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
        Ok(part)
    }
}

/// When the next part must have come, of a body of which so many bytes were received until now.
fn deadline(started: Instant, received: u32, now: Instant) -> Instant {
    let by_rate = started + GRACE + Duration::from_secs(1) * received / RATE;
    by_rate.min(now + SILENCE)
}

/// The connection broke, or the body was not sent as HTTP requires: the client may never read this.
fn broken_off(cause: PayloadError) -> Error {
    let (en, fr) = ("the body broke off", "le corps s’est interrompu");
    Error::new(Code::InvalidParameter).detail(en, fr).cause(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_ten_seconds_and_what_its_rate_needs() {
        let started = Instant::now();
        let seconds = |received, elapsed| {
            let now = started + Duration::from_secs(elapsed);
            (deadline(started, received, now) - started).as_millis()
        };
        assert_eq!(seconds(0, 0), 10_000);
        assert_eq!(seconds(1, 5), 10_000);
        assert_eq!(seconds(RATE / 2, 9), 10_500);
        assert_eq!(seconds(10 * RATE, 12), 20_000);
        // The largest file, over the slowest line.
        assert_eq!(seconds(640 * RATE, 640), 650_000);
        // What came early does not buy a longer silence.
        assert_eq!(seconds(640 * RATE, 9), 39_000);
        assert_eq!(seconds(u32::MAX, 100), 130_000);
    }
}
