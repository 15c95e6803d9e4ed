//! Client secrets: random, shown once, kept as an Argon2id hash.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use aws_lc_rs::rand::fill;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// Threads that verify secrets: each verification takes 19 MiB and a processor for a while. Threads of their own keep
/// that memory bounded however large the crowd is.
const THREADS: usize = 2;
/// Token requests that may wait; one more is told to come back.
const WAITING: usize = 64;

struct Asked {
    secret: String,
    hash: String,
    answer: oneshot::Sender<bool>,
}

/// The queue before the verification of secrets.
#[derive(Clone)]
pub struct Queue(SyncSender<Asked>);

impl Queue {
    pub fn start() -> Result<Self> {
        let (queue, asked) = sync_channel::<Asked>(WAITING);
        let asked = Arc::new(Mutex::new(asked));
        for number in 0..THREADS {
            let asked = Arc::clone(&asked);
            let work = move || {
                loop {
                    let next = asked.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(Asked { secret, hash, answer }) = next else { return };
                    // A caller that has gone away no longer wants to know.
                    let _gone = answer.send(verify(&secret, &hash));
                }
            };
            std::thread::Builder::new()
                .name(format!("secrets-{number}"))
                .spawn(work)
                .map_err(Error::internal)?;
        }
        Ok(Self(queue))
    }

    /// Whether `secret` is the one that was hashed, when it is this request's turn.
    pub async fn verify(&self, secret: String, hash: String) -> Result<bool> {
        let (answer, verified) = oneshot::channel();
        let full = |_| Error::unavailable("too many token requests wait");
        self.0.try_send(Asked { secret, hash, answer }).map_err(full)?;
        verified.await.map_err(Error::internal)
    }
}

/// A new secret: 256 random bits, in base64url.
pub fn generate() -> Result<String> {
    let mut bytes = [0; 32];
    fill(&mut bytes).map_err(|_| Error::internal("the random source failed"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Argon2id with the crate's defaults, which are OWASP's: 19 MiB, two passes.
pub fn hash(secret: &str) -> Result<String> {
    Argon2::default().hash_password(secret.as_bytes()).map(|hash| hash.to_string()).map_err(Error::internal)
}

fn verify(secret: &str, hash: &str) -> bool {
    Argon2::default().verify_password(secret.as_bytes(), hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_that_was_hashed_is_verified() {
        let secret = generate().unwrap();
        let hashed = hash(&secret).unwrap();
        assert!(hashed.starts_with("$argon2id$") && !hashed.contains(&secret));
        assert!(verify(&secret, &hashed));
        assert!(!verify("other", &hashed));
    }
}
