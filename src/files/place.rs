//! Where files are kept: a folder of ours, or a bucket.

use std::fmt;
use std::path::PathBuf;

/// Where files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Folder(PathBuf),
    S3 { bucket: String, prefix: String },
}

impl Place {
    /// Reads `s3://bucket/prefix`.
    pub fn parse(url: &str) -> Result<Self, String> {
        let wrong = || format!("it must be s3://BUCKET or s3://BUCKET/PREFIX, not {url}");
        let rest = url.strip_prefix("s3://").ok_or_else(wrong)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let is_plain = |text: &str, more: &[u8]| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
        };
        let tidy = prefix.is_empty() || prefix.split('/').all(|part| !["", ".", ".."].contains(&part));
        if bucket.is_empty() || !is_plain(bucket, b".-_") || !is_plain(prefix, b".-_/") || !tidy {
            return Err(wrong());
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "the folder {}", path.display()),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_may_have_a_prefix() {
        let place = |prefix: &str| Ok(Place::S3 { bucket: "ville".to_owned(), prefix: prefix.to_owned() });
        assert_eq!(Place::parse("s3://ville"), place(""));
        assert_eq!(Place::parse("s3://ville/"), place(""));
        assert_eq!(Place::parse("s3://ville/contrat/2023/"), place("contrat/2023"));
        for wrong in ["", "ville", "s3://", "s3:///x", "s3://a b", "s3://a/../b", "s3://a//b", "https://s3/x"]
        {
            assert!(Place::parse(wrong).unwrap_err().contains("s3://BUCKET"), "{wrong}");
        }
    }
}
