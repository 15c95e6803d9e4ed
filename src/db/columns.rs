//! What columns hold, in `schema`.

pub use diesel::sql_types::*;

pub use crate::types::{Identifier, Moment};
