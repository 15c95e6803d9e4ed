//! Which ledger a database holds: an id of its own, made when it is first asked for.

use diesel::prelude::*;

use super::schema::ledger::dsl;
use super::{Db, DbConnection};
use crate::error::{Code, Error, Result};
use crate::types::LedgerId;

/// The one row there is.
const ONE: i32 = 1;

impl Db {
    /// The id of the ledger, the same for every process.
    pub async fn ledger(&self) -> Result<LedgerId> {
        self.write(find_or_make).await
    }
}

fn find_or_make(tx: &mut DbConnection) -> Result<LedgerId> {
    let known = dsl::ledger.find(ONE).select(dsl::id).first(tx).optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    let made = LedgerId::generate();
    let row = (dsl::one.eq(ONE), dsl::id.eq(made));
    match diesel::insert_into(dsl::ledger).values(row).execute(tx).map_err(Error::from) {
        Ok(_) => Ok(made),
        // Another process was faster: run again, it is found.
        Err(error) if error.code() == Code::Conflict => Err(error.retryable()),
        Err(error) => Err(error),
    }
}
