//! The key that signs access tokens: Ed25519, kept in a file only its owner can read.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};

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
    /// Reads the key of `path`, or makes one there, readable by its owner only. A failure is one sentence.
    pub fn load_or_create(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        match fs::read_to_string(path) {
            Ok(pem) => Self::from_pem(&pem)
                .ok_or_else(|| format!("{shown} does not hold an Ed25519 private key (PKCS#8 PEM)")),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let pem = generate()?;
                write_private(path, &pem)
                    .map_err(|cause| format!("the signing key {shown} cannot be written: {cause}"))?;
                Self::from_pem(&pem).ok_or_else(|| "a signing key could not be made".to_owned())
            }
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

/// Writes a file that only its owner can read, refusing to touch one that exists.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
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
    fn a_file_that_is_no_key_is_refused_in_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing-key.pem");
        fs::write(&path, "not a key").unwrap();
        let sentence = Keys::load_or_create(&path).err().unwrap();
        assert!(sentence.contains("does not hold an Ed25519 private key"), "{sentence}");
    }
}
