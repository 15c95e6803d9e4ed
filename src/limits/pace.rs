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
        let by_rate = self.started + GRACE + Duration::from_secs(1) * self.received / RATE;
        let by_silence = Instant::now() + SILENCE;
        let part = timeout_at(by_rate.min(by_silence), body.next()).await;
        let part = part.map_err(|_| Error::new(Code::RequestTimeout))?.transpose().map_err(broken_off)?;
        let length = part.as_ref().map_or(0, |part| part.as_ref().len());
        self.received = self.received.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
        Ok(part)
    }
}

/// The connection broke, or the body was not sent as HTTP requires: the client may never read this.
fn broken_off(cause: PayloadError) -> Error {
    let (en, fr) = ("the body broke off", "le corps s’est interrompu");
    Error::new(Code::InvalidParameter).detail(en, fr).cause(cause)
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio::time::sleep;

    use super::*;

    /// Receives parts of `length` bytes, one each `pause`, and says how many came before it was too slow.
    async fn received(parts: usize, length: usize, pause: Duration) -> (usize, bool) {
        let body = stream::iter(0..parts).then(|_| async move {
            sleep(pause).await;
            Ok(vec![0; length])
        });
        let (mut body, mut pace, mut count) = (Box::pin(body), Pace::start(), 0);
        loop {
            match pace.next(&mut body).await {
                Ok(Some(_)) => count += 1,
                Ok(None) => return (count, true),
                Err(error) => {
                    assert_eq!(error.code(), Code::RequestTimeout);
                    return (count, false);
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_given_ten_seconds_and_its_rate() {
        let second = Duration::from_secs(1);
        assert_eq!(received(600, 33_000, second).await, (600, true));
        assert_eq!(received(9, 1, second).await, (9, true));
        assert_eq!(received(600, 1, second).await, (9, false));
        // Half the rate: what was received so far gives it half of the time it needs.
        assert_eq!(received(600, 16_384, second).await.1, false);
        assert_eq!(received(600, 1, Duration::from_millis(15)).await, (600, true));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_arrives_for_thirty_seconds_at_the_most() {
        assert_eq!(received(3, 2_000_000, Duration::from_secs(9)).await, (3, true));
        let body = stream::iter([9, 31]).then(|seconds| async move {
            sleep(Duration::from_secs(seconds)).await;
            Ok(vec![0; 20_000_000])
        });
        let (mut body, mut pace) = (Box::pin(body), Pace::start());
        assert!(pace.next(&mut body).await.unwrap().is_some());
        assert_eq!(pace.next(&mut body).await.unwrap_err().code(), Code::RequestTimeout);
    }
}
