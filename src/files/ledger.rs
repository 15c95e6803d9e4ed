//! Which database the files belong to. The store holds the id of that database in an object called `ledger`: the files of
//! one database are all unrecorded in another, and unrecorded files can be swept.

use actix_web::web::Bytes;
use futures_util::TryStreamExt;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutPayload};

use super::Files;
use crate::error::{Error, Result};
use crate::types::LedgerId;

/// The object's key. No file is called so: theirs are UUIDs.
const KEY: &str = "ledger";

/// Whose files a store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Nobody,
    Ledger(LedgerId),
    /// The object does not hold an id: it is empty or damaged.
    Unreadable,
}

impl Files {
    /// Claims the store for this database if nobody has; answers whose it is.
    pub async fn claim(&self, ledger: LedgerId) -> Result<Owner> {
        match self.owner().await? {
            Owner::Nobody => {
                self.sign(ledger).await?;
                // Read back: of several processes that claim at once, all must see the same owner.
                self.owner().await
            }
            owner => Ok(owner),
        }
    }

    /// The database these files belong to.
    pub async fn owner(&self) -> Result<Owner> {
        let Some(content) = self.read(KEY).await? else { return Ok(Owner::Nobody) };
        if content.size > 100 {
            return Ok(Owner::Unreadable);
        }
        let parts: Vec<Bytes> = content.try_collect().await.map_err(Error::unavailable)?;
        let id = String::from_utf8(parts.concat()).ok().and_then(|text| text.trim().parse().ok());
        Ok(id.map_or(Owner::Unreadable, Owner::Ledger))
    }

    async fn sign(&self, ledger: LedgerId) -> Result<()> {
        let (path, name) = (self.path(KEY), PutPayload::from(ledger.to_string()));
        match self.store.put_opts(&path, name.clone(), PutMode::Create.into()).await {
            Ok(_) | Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(()),
            // Not every S3 server supports conditional writes.
            Err(_) if self.owner().await? == Owner::Nobody => {
                self.store.put(&path, name).await.map(|_| ()).map_err(Error::unavailable)
            }
            Err(_) => Ok(()),
        }
    }
}
