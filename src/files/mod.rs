//! Files of clients: received within limits and never whole in memory, held to what they say they are, kept in an object
//! store, a folder or S3.

mod container;
mod content;
mod ledger;
mod media;
mod place;
mod store;
mod upload;

pub use content::Content;
pub use media::MediaType;
pub use place::Place;
pub use store::Files;
pub use upload::{LARGEST, Upload};
