//! Markers of files that the database does not record yet, or no longer. A marker is an empty object in the store itself,
//! written before the file. A database restored from an older backup does not know the files recorded since then, but the
//! store still shows that these files have no marker, so that the hourly sweep leaves them alone.

use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStoreExt, PutPayload};

use super::Files;
use crate::error::{Error, Result};
use crate::types::Instant;

/// The folder of the markers, each called by the key of its file.
const FOLDER: &str = "unrecorded";

impl Files {
    /// Marks a file as not recorded in the database, before it is stored or before its row is deleted.
    pub async fn mark_unrecorded(&self, key: &str) -> Result<()> {
        let marked = self.store.put(&self.marker(key), PutPayload::new()).await;
        marked.map(|_| ()).map_err(Error::unavailable)
    }

    /// Removes the marker of a file; a marker that does not exist is not an error.
    pub async fn unmark(&self, key: &str) -> Result<()> {
        match self.store.delete(&self.marker(key)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(cause) => Err(Error::unavailable(cause)),
        }
    }

    /// The keys whose marker and, if it was stored, whose file were written before `moment`.
    pub async fn list_marked_before(&self, moment: Instant) -> Result<Vec<String>> {
        let folder = self.prefix.clone().join(FOLDER);
        let mut markers = self.store.list(Some(&folder)).map_err(Error::unavailable);
        let mut keys = Vec::new();
        while let Some(marker) = markers.next().await.transpose()? {
            let key = marker.location.filename().filter(|_| Instant::from(marker.last_modified) < moment);
            if let Some(key) = key
                && !self.is_stored_since(key, moment).await?
            {
                keys.push(key.to_owned());
            }
        }
        Ok(keys)
    }

    /// Whether the file was stored at `moment` or later. A large file on a slow line may be stored long after its marker.
    async fn is_stored_since(&self, key: &str, moment: Instant) -> Result<bool> {
        match self.store.head(&self.path(key)).await {
            Ok(file) => Ok(Instant::from(file.last_modified) >= moment),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(cause) => Err(Error::unavailable(cause)),
        }
    }

    fn marker(&self, key: &str) -> Path {
        self.prefix.clone().join(FOLDER).join(key)
    }
}
