//! Whose files these are. A store says which ledger it belongs to, for the files of one ledger are strays to every other,
//! and strays are swept.

use actix_web::web::Bytes;
use futures_util::TryStreamExt;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutPayload};

use super::Files;
use crate::error::{Error, Result};
use crate::types::LedgerId;

/// Where a store says it. No file is called so: theirs are UUIDs.
const KEY: &str = "ledger";

impl Files {
    /// Makes the store this ledger's, unless it is one's already; answers whether it is this ledger's.
    pub async fn belong_to(&self, ledger: LedgerId) -> Result<bool> {
        let said = match self.owner().await? {
            Some(said) => Some(said),
            None => {
                self.sign(ledger).await?;
                // Read back: of several that sign at once, all are to see the same name.
                self.owner().await?
            }
        };
        Ok(said.is_some_and(|said| said == ledger.to_string().as_bytes()))
    }

    async fn owner(&self) -> Result<Option<Vec<u8>>> {
        let Some(content) = self.read(KEY).await? else { return Ok(None) };
        if content.size > 100 {
            return Ok(Some(Vec::new()));
        }
        let parts: Vec<Bytes> = content.try_collect().await.map_err(Error::unavailable)?;
        Ok(Some(parts.concat()))
    }

    async fn sign(&self, ledger: LedgerId) -> Result<()> {
        let (path, name) = (self.path(KEY), PutPayload::from(ledger.to_string()));
        match self.store.put_opts(&path, name.clone(), PutMode::Create.into()).await {
            Ok(_) | Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(()),
            // Not every S3 server can keep a second one from writing.
            Err(_) if self.owner().await?.is_none() => {
                self.store.put(&path, name).await.map(|_| ()).map_err(Error::unavailable)
            }
            Err(_) => Ok(()),
        }
    }
}
