//! Settings: each a flag and an environment variable, checked once at start, passed down, never global.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::db::Target;
use crate::files::Place;

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct DataSettings {
    /// Folder for the embedded database, the signing key and the demonstration's clients
    #[arg(long, env = "DATA_DIR", default_value = "./var")]
    pub data_dir: PathBuf,
    /// postgres://user@host/database, sqlite:PATH or a path; by default ledger.sqlite in the data folder
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

/// Where attachments are kept.
#[derive(Debug, Clone, Args)]
pub struct FilesSettings {
    /// Where attachments are kept: s3://BUCKET/PREFIX, with the usual AWS_* variables; by default a folder in the data folder
    #[arg(long, env = "FILES_URL")]
    pub files_url: Option<String>,
}

/// How the service answers.
#[derive(Debug, Clone, Args)]
pub struct ServeSettings {
    #[command(flatten)]
    pub data: DataSettings,
    #[command(flatten)]
    pub files: FilesSettings,
    /// Address and port to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Address under which clients reach the service: issuer of tokens, base of problem types
    #[arg(long, env = "PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Seconds an access token is good for, 60 to 86400
    #[arg(long, env = "TOKEN_TTL_SECONDS", default_value_t = 600)]
    pub token_ttl_seconds: i64,
    /// Origins that may send credentials from a browser, separated by commas; public reads are open to all
    #[arg(long, env = "CORS_ORIGINS", default_value = "")]
    pub cors_origins: String,
    /// Connections to the database, 1 to 200
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value_t = 8)]
    pub database_connections: u32,
    /// Threads that serve requests, 0 for one per processor
    #[arg(long, env = "WORKERS", default_value_t = 0)]
    pub workers: usize,
    /// Connections of clients, 64 to 100000; more wait until one is closed
    #[arg(long, env = "CONNECTIONS", default_value_t = 1_024)]
    pub connections: usize,
    /// MiB of memory for all request bodies that are being received or processed, 16 to 4096; one client may hold a quarter
    #[arg(long, env = "BODY_MEMORY_MIB", default_value_t = 32)]
    pub body_memory_mib: usize,
    /// Seconds after which a client that does not read its answer is disconnected, 1 to 600 (Linux)
    #[arg(long, env = "UNREAD_SECONDS", default_value_t = 60)]
    pub unread_seconds: u64,
    /// Seconds that running requests have to finish when the service is told to stop
    #[arg(long, env = "SHUTDOWN_SECONDS", default_value_t = 30)]
    pub shutdown_seconds: u64,
}

/// Settings that were checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    pub target: Target,
    pub files: Place,
    pub listen: SocketAddr,
    pub public_url: String,
    pub token_ttl: i64,
    pub cors_origins: Vec<String>,
    /// Connections to the database.
    pub database_connections: u32,
    pub workers: usize,
    /// Connections of clients.
    pub connections: usize,
    /// Bytes.
    pub body_memory: usize,
    pub unread: Duration,
    pub shutdown_seconds: u64,
}

impl DataSettings {
    /// Makes the data folder and finds the database; a wrong setting is one sentence.
    pub fn open(&self) -> Result<Target, String> {
        make_private(&self.data_dir)
            .map_err(|cause| format!("DATA_DIR {} cannot be made: {cause}", self.data_dir.display()))?;
        self.target()
    }

    /// Finds a database that exists; a wrong setting is one sentence.
    pub fn existing(&self) -> Result<Target, String> {
        let target = self.target()?;
        match &target {
            Target::Sqlite(path) if !path.exists() => {
                Err(format!("there is no database at {}: set DATA_DIR or DATABASE_URL", path.display()))
            }
            _ => Ok(target),
        }
    }

    /// The folder of files that are arriving.
    pub fn arrivals(&self) -> PathBuf {
        arrivals(&self.data_dir)
    }

    fn target(&self) -> Result<Target, String> {
        match &self.database_url {
            Some(url) => Target::parse(url).map_err(|cause| format!("DATABASE_URL is not usable: {cause}")),
            None => Ok(Target::Sqlite(self.data_dir.join("ledger.sqlite"))),
        }
    }
}

/// Drafts and hashed secrets are nobody else's business on this machine. A folder that is there keeps its mode.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl Config {
    /// The file of the key that signs access tokens.
    pub fn signing_key(&self) -> PathBuf {
        self.data_dir.join("signing-key.pem")
    }

    /// The folder of files that are arriving.
    pub fn arrivals(&self) -> PathBuf {
        arrivals(&self.data_dir)
    }
}

fn arrivals(data_dir: &Path) -> PathBuf {
    data_dir.join("arrivals")
}

impl FilesSettings {
    /// The place of the files; a wrong setting is one sentence.
    pub fn place(&self, data: &DataSettings) -> Result<Place, String> {
        match &self.files_url {
            Some(url) => Place::parse(url).map_err(|cause| format!("FILES_URL is not usable: {cause}")),
            None => Ok(Place::Folder(data.data_dir.join("attachments"))),
        }
    }
}

impl ServeSettings {
    /// Checks every setting; the first wrong one is told in one sentence.
    pub fn check(&self) -> Result<Config, String> {
        let listen: SocketAddr = self.listen.parse().map_err(|_| {
            format!("LISTEN must be an address and a port, for example 127.0.0.1:8080, not {}", self.listen)
        })?;
        Ok(Config {
            target: self.data.open()?,
            files: self.files.place(&self.data)?,
            data_dir: self.data.data_dir.clone(),
            public_url: self.checked_public_url(listen)?,
            listen,
            token_ttl: within("TOKEN_TTL_SECONDS", self.token_ttl_seconds, 60, 86_400)?,
            cors_origins: self.checked_origins()?,
            database_connections: within("DATABASE_CONNECTIONS", self.database_connections, 1, 200)?,
            workers: within("WORKERS", self.workers, 0, 1_024)?,
            connections: within("CONNECTIONS", self.connections, 64, 100_000)?,
            body_memory: within("BODY_MEMORY_MIB", self.body_memory_mib, 16, 4_096)? * 1_048_576,
            unread: Duration::from_secs(within("UNREAD_SECONDS", self.unread_seconds, 1, 600)?),
            shutdown_seconds: within("SHUTDOWN_SECONDS", self.shutdown_seconds, 0, 3_600)?,
        })
    }

    fn checked_public_url(&self, listen: SocketAddr) -> Result<String, String> {
        let Some(url) = &self.public_url else { return Ok(format!("http://{listen}")) };
        if is_web_address(url) {
            Ok(url.trim_end_matches('/').to_owned())
        } else {
            Err(format!(
                "PUBLIC_URL must be an http:// or https:// address without query or fragment, not {url}"
            ))
        }
    }

    fn checked_origins(&self) -> Result<Vec<String>, String> {
        let origins = self.cors_origins.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        origins
            .map(|origin| match is_web_address(origin) && !origin.ends_with('/') {
                true => Ok(origin.to_owned()),
                false => {
                    Err(format!("CORS_ORIGINS must list origins such as https://app.example, not {origin}"))
                }
            })
            .collect()
    }
}

fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !rest.contains(['?', '#', '"', '<', '>', ' ', '@'])
    })
}

fn within<T: PartialOrd + std::fmt::Display>(name: &str, value: T, least: T, most: T) -> Result<T, String> {
    if value >= least && value <= most {
        Ok(value)
    } else {
        Err(format!("{name} must be between {least} and {most}, not {value}"))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        settings: ServeSettings,
    }

    fn check(flags: &[&str]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().to_string_lossy().into_owned();
        let flags = [&["test", "--data-dir", &folder], flags].concat();
        Cli::try_parse_from(flags).map_err(|error| error.to_string())?.settings.check()
    }

    #[test]
    fn the_defaults_are_good() {
        let config = check(&[]).unwrap();
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert!(matches!(config.target, Target::Sqlite(path) if path.ends_with("ledger.sqlite")));
        assert!(matches!(config.files, Place::Folder(path) if path.ends_with("attachments")));
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (flags, name) in [
            (&["--listen", "here"], "LISTEN"),
            (&["--public-url", "ftp://x"], "PUBLIC_URL"),
            (&["--public-url", "https://x?y"], "PUBLIC_URL"),
            (&["--token-ttl-seconds", "5"], "TOKEN_TTL_SECONDS"),
            (&["--cors-origins", "*"], "CORS_ORIGINS"),
            (&["--database-connections", "0"], "DATABASE_CONNECTIONS"),
            (&["--connections", "63"], "CONNECTIONS"),
            (&["--body-memory-mib", "15"], "BODY_MEMORY_MIB"),
            (&["--unread-seconds", "0"], "UNREAD_SECONDS"),
            (&["--database-url", "mysql://h/d"], "DATABASE_URL"),
            (&["--files-url", "https://s3/bucket"], "FILES_URL"),
        ] {
            let sentence = check(flags).unwrap_err();
            assert!(sentence.contains(name), "{sentence}");
        }
    }
}
