//! The object store: a folder or S3, by the same calls.

use std::fmt;
use std::fs;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, block};
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    ClientConfigKey, Error as StoreError, MultipartUpload, ObjectStore, ObjectStoreExt, RetryConfig,
};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::upload::{LARGEST, too_large};
use super::{Content, MediaType, Place, Upload};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::types::{ClientId, Instant};

/// How a file is cut on its way into a folder.
const FOLDER_PART: u64 = 256 * 1_024;
/// S3 takes no smaller parts.
const S3_PART: u64 = 5 * 1_048_576;
/// Files that are stored at once: each holds one part in memory.
const TURNS: usize = 2;
/// Files that arrive, or wait for their turn to be stored, at once: each has up to 20 MiB on the disk.
const ARRIVALS: usize = 32;
/// Of these, those of one client.
const ARRIVALS_OF_ONE: usize = 8;
/// How long a store may take to answer at the start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    pub key: String,
    /// Bytes.
    pub size: u64,
    pub stored_at: Instant,
}

/// Files, by their key. Cloning shares the store.
#[derive(Clone)]
pub struct Files {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) prefix: Path,
    part: u64,
    turns: Arc<Semaphore>,
    places: Budget,
    /// Where files without a name are, while they arrive.
    arrivals: PathBuf,
    /// The folder that is the store, if it is one.
    folder: Option<PathBuf>,
}

impl Files {
    /// Opens the store; `arrivals` is the folder in which files arrive. What is wrong is one sentence.
    pub async fn open(place: &Place, arrivals: PathBuf) -> std::result::Result<Self, String> {
        make_folder(&arrivals)?;
        let (turns, places) = (Arc::new(Semaphore::new(TURNS)), Budget::new(ARRIVALS, ARRIVALS_OF_ONE));
        let files = match place {
            Place::Folder(folder) => {
                make_folder(folder)?;
                let store = LocalFileSystem::new_with_prefix(folder).map_err(|cause| cause.to_string())?;
                let (store, prefix) = (Arc::new(store.with_fsync(true)), Path::default());
                Self {
                    store,
                    prefix,
                    part: FOLDER_PART,
                    turns,
                    places,
                    arrivals,
                    folder: Some(folder.clone()),
                }
            }
            Place::S3 { bucket, prefix } => {
                let store =
                    s3(bucket).map_err(|cause| format!("FILES_URL: {place} is not usable: {cause}"))?;
                let prefix = Path::from(prefix.as_str());
                Self { store, prefix, part: S3_PART, turns, places, arrivals, folder: None }
            }
        };
        files.check().await.map_err(|cause| format!("FILES_URL: {place} does not answer: {cause}"))?;
        Ok(files)
    }

    /// Whether the store lets itself be read.
    async fn check(&self) -> std::result::Result<(), String> {
        let mut list = self.store.list(Some(&self.prefix));
        let first = timeout(PATIENCE, list.next()).await.map_err(|_| "too late".to_owned())?;
        first.transpose().map(|_| ()).map_err(|cause| one_line(&cause))
    }

    /// Receives a file of a client: within its limits, and held to its media type. `announced` is the length it is said to
    /// have. When many arrive already it is refused at once: to come back later costs its client less than to wait here.
    pub async fn receive<S>(
        &self,
        client: ClientId,
        media_type: MediaType,
        announced: Option<u64>,
        body: S,
    ) -> Result<Upload>
    where
        S: Stream<Item = std::result::Result<Bytes, PayloadError>> + Unpin,
    {
        if announced.is_some_and(|length| length > LARGEST) {
            return Err(too_large());
        }
        let place = self.places.reserve(Some(client), 1).ok_or_else(Error::busy)?;
        Upload::receive(self.arrivals.clone(), media_type, body, place).await
    }

    /// Where files without a name may be.
    pub fn nameless(&self) -> &std::path::Path {
        &self.arrivals
    }

    /// Stores a file under a key: whole, or not at all.
    pub async fn keep(&self, key: &str, mut upload: Upload) -> Result<()> {
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        upload.rewind().await?;
        let path = self.path(key);
        if upload.size <= self.part {
            let whole = upload.part(self.part).await?;
            return self.store.put(&path, whole.into()).await.map(|_| ()).map_err(Error::unavailable);
        }
        let mut target = self.store.put_multipart(&path).await.map_err(Error::unavailable)?;
        let copied = self.copy(&mut upload, target.as_mut()).await;
        if copied.is_err()
            && let Err(cause) = target.abort().await
        {
            log::warn!("the parts of {key} stay in the store: {cause}");
        }
        copied
    }

    async fn copy(&self, upload: &mut Upload, target: &mut dyn MultipartUpload) -> Result<()> {
        loop {
            let part = upload.part(self.part).await?;
            if part.is_empty() {
                break;
            }
            target.put_part(part.into()).await.map_err(Error::unavailable)?;
        }
        target.complete().await.map(|_| ()).map_err(Error::unavailable)
    }

    /// The file under a key, if there is one.
    pub async fn read(&self, key: &str) -> Result<Option<Content>> {
        match self.store.get(&self.path(key)).await {
            Ok(found) => Ok(Some(Content { size: found.meta.size, parts: found.into_stream() })),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(cause) => Err(Error::unavailable(cause)),
        }
    }

    /// Removes the file under a key; one that is not there is removed already.
    pub async fn remove(&self, key: &str) -> Result<()> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(cause) => Err(Error::unavailable(cause)),
        }
    }

    /// The files stored before `moment`. Folders inside the store, such as the one of the markers, are left out.
    pub fn list_stored_before(&self, moment: Instant) -> impl Stream<Item = Result<StoredFile>> + '_ {
        let list = self.store.list(Some(&self.prefix)).map_err(Error::unavailable);
        list.try_filter_map(move |found| async move {
            let stored_at = Instant::from(found.last_modified);
            let key = found.location.filename().map(str::to_owned);
            let key = key.filter(|key| stored_at < moment && found.location == self.path(key));
            Ok(key.map(|key| StoredFile { key, size: found.size, stored_at }))
        })
    }

    /// Removes what a process that was killed left half-written before that moment. A folder shows it under names that no
    /// list of files has; S3 keeps it apart, until the bucket's own rule for unfinished uploads removes it.
    pub async fn remove_unfinished(&self, moment: Instant) -> Result<usize> {
        let Some(folder) = self.folder.clone() else { return Ok(0) };
        let removed = block(move || remove_staged(&folder, moment)).await.map_err(Error::internal)?;
        removed.map_err(Error::unavailable)
    }

    pub(super) fn path(&self, key: &str) -> Path {
        self.prefix.clone().join(key)
    }
}

fn s3(bucket: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
    let retry =
        RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(15), ..RetryConfig::default() };
    // A whole answer lasts as long as the client that reads it; what must not last is silence.
    let client = |key| AmazonS3ConfigKey::Client(key);
    let store = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_retry(retry)
        .with_config(client(ClientConfigKey::Timeout), "15 minutes")
        .with_config(client(ClientConfigKey::ReadTimeout), "30 seconds")
        .build()?;
    Ok(Arc::new(store))
}

/// The folder store writes to `KEY#NUMBER`, then renames.
fn remove_staged(folder: &FilePath, moment: Instant) -> std::io::Result<usize> {
    let mut removed = 0;
    for found in fs::read_dir(folder)? {
        let found = found?;
        let staged = found.file_name().to_string_lossy().contains('#');
        // Another process may be faster: what is gone is removed.
        let written = found.metadata().and_then(|facts| facts.modified()).ok();
        let old = written.is_some_and(|at| Instant::from_system(at) < moment);
        if staged && old && fs::remove_file(found.path()).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

fn make_folder(folder: &FilePath) -> std::result::Result<(), String> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|cause| format!("the folder {} cannot be made: {cause}", folder.display()))
}

/// An error of the store and its causes, without line breaks.
fn one_line(error: &StoreError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({})", self.store)
    }
}
