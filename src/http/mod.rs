//! What every endpoint shares: the gate that holds requests to the published contract, validated bodies, ETags,
//! idempotency, pages, replies, problem documents.

mod body;
mod command;
mod csv_reader;
mod download;
mod specification;
mod edge;
mod etag;
mod gate;
mod idempotency;
mod json;
mod language;
mod lines;
mod page;
mod problem;
mod reply;
mod shape;
mod spool;
mod table;
mod valid;

pub use body::{BodyMemory, FormText};
pub use command::{Actor, Command, Conditions, IfMatch, IfNoneMatch, Path, Put, Reader, Viewer};
pub use download::Download;
pub use edge::{TriedClient, edge};
pub use etag::ETag;
pub use gate::gate;
pub use idempotency::Running;
pub use language::Language;
pub use lines::{Cells, Lines, Row, amount};
pub use page::{Order, Page, PageQuery, Place, Walk};
pub use problem::{Problem, ProblemFault, Teller};
pub use reply::{Format, Published, Reply};
pub use specification::Specification;
pub use spool::{Spool, Spooled};
pub use table::{CsvText, Table, table};
pub use valid::{Patch, Valid, checked, duplicates, fault, ordered, unique, verdict};
