//! Files of clients: received within limits and never whole in memory, held to what they say they are, kept in an object
//! store, a folder or S3.

mod container;
mod content;
mod ledger;
mod media;
mod place;
mod private;
mod store;
mod unrecorded;
mod upload;

pub use content::Content;
pub use ledger::Owner;
pub use media::MediaType;
pub use place::Place;
pub use private::{create_private, replace_private};
pub use store::{Files, StoredFile};
pub use upload::{LARGEST, Upload};
