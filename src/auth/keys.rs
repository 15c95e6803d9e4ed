//! The key that signs access tokens: Ed25519, kept in a file only its owner can read.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};

use crate::files::create_private;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// The signing key and its public half.
#[derive(Clone)]
pub struct Keys {
    pub(super) signing: EncodingKey,
    pub(super) verifying: DecodingKey,
    /// RFC 7638 thumbprint of the public key.
    pub(super) id: String,
    public: String,
}

impl Keys {
    /// Reads the key of `path`, or creates one there, readable by its owner only. A failure is one sentence.
    pub fn load_or_create(path: &Path) -> Result<Self, String> {
        if let Some(keys) = Self::load(path)? {
            return Ok(keys);
        }
        match create_private(path, &generate()?) {
            Ok(()) => {}
            // Another process created one at the same time: all processes use that one.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(format!("the signing key {} cannot be written: {error}", path.display()));
            }
        }
        Self::load(path)?.ok_or_else(|| format!("the signing key {} was deleted", path.display()))
    }

    /// Reads the key of `path`, if there is such a file. One that is damaged is never replaced unasked: an operator may
    /// have a copy of it, and a new key ends every token in use.
    fn load(path: &Path) -> Result<Option<Self>, String> {
        let shown = path.display();
        let advice = "restore it from a backup, or delete it to have a new key created (clients then have to ask for new \
                      access tokens)";
        match fs::read(path) {
            Ok(bytes) if bytes.is_empty() => Err(format!("the signing key {shown} is empty: {advice}")),
            Ok(bytes) => {
                let keys = std::str::from_utf8(&bytes).ok().and_then(Self::from_pem);
                keys.map(Some).ok_or_else(|| {
                    format!("{shown} does not hold an Ed25519 private key (PKCS#8 PEM): {advice}")
                })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("the signing key {shown} cannot be read: {error}")),
        }
    }

    fn from_pem(pem: &str) -> Option<Self> {
        let body: String = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?.split_whitespace().collect();
        let der = BASE64_STANDARD.decode(body).ok()?;
        let pair = Ed25519KeyPair::from_pkcs8(&der).ok()?;
        let public = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
        let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
        Some(Self {
            signing: EncodingKey::from_ed_der(&der),
            verifying: DecodingKey::from_ed_components(&public).ok()?,
            id: BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, thumbprint.as_bytes())),
            public,
        })
    }

    /// The public keys, as a JSON Web Key Set (RFC 7517, RFC 8037).
    pub fn jwks(&self) -> Value {
        json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "x": self.public, "kid": self.id, "use": "sig", "alg": "EdDSA",
        }]})
    }
}

fn generate() -> Result<String, String> {
    let der = Ed25519KeyPair::generate()
        .and_then(|pair| pair.to_pkcs8v1())
        .map_err(|cause| format!("a signing key could not be made: {cause}"))?;
    Ok(format!("{BEGIN}\n{}\n{END}\n", BASE64_STANDARD.encode(der.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing-key.pem");
        let made = Keys::load_or_create(&path).unwrap();
        let read = Keys::load_or_create(&path).unwrap();
        assert_eq!(made.id, read.id);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_key_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing-key.pem");
        let whole = generate().unwrap();
        let cut = &whole.as_bytes()[..whole.len() / 2];
        for (bytes, reason) in [
            (&b""[..], "is empty"),
            (b"not a key", "does not hold an Ed25519 private key"),
            (cut, "does not hold an Ed25519 private key"),
            (&[0; 119], "does not hold an Ed25519 private key"),
            (&[0xff; 119], "does not hold an Ed25519 private key"),
        ] {
            fs::write(&path, bytes).unwrap();
            let sentence = Keys::load_or_create(&path).err().unwrap();
            assert!(sentence.contains(reason) && sentence.contains("restore it from a backup"), "{sentence}");
            assert!(sentence.contains(&path.display().to_string()), "{sentence}");
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn processes_that_start_together_share_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing-key.pem");
        let ids: Vec<String> = std::thread::scope(|scope| {
            let starts: Vec<_> =
                (0..8).map(|_| scope.spawn(|| Keys::load_or_create(&path).unwrap().id)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
