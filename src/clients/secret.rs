//! Client secrets: 256 random bits, shown once, stored as their SHA-256.
//!
//! A slow hash protects passwords that people choose. A secret of 256 random bits cannot be guessed (NIST SP 800-63B
//! §5.1.2 asks for 112), and a slow hash would let anyone keep the token endpoint busy.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::fill;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::error::{Error, Result};

/// The hash of no secret, for the comparison when no client has that id.
pub const NEVER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A new secret: 256 random bits, in base64url.
pub fn generate() -> Result<String> {
    let mut bytes = [0; 32];
    fill(&mut bytes).map_err(|_| Error::internal("the random source failed"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 of a secret, in hexadecimal.
pub fn hash(secret: &str) -> String {
    digest(&SHA256, secret.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether `secret` has this hash. The comparison takes the same time wherever they differ.
pub fn verify(secret: &str, expected: &str) -> bool {
    verify_slices_are_equal(hash(secret).as_bytes(), expected.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hashed_secret_is_verified() {
        let secret = generate().unwrap();
        let hashed = hash(&secret);
        assert!(hashed.len() == 64 && !hashed.contains(&secret));
        assert!(verify(&secret, &hashed));
        for other in ["", "other", &secret[1..], &format!("{secret} "), &hashed] {
            assert!(!verify(other, &hashed), "{other}");
        }
        assert!(!verify("", ""));
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
