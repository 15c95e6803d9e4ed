//! Up to a thousand decisions in one request: all of them or line by line, each with its result.

mod api;
mod naming;
mod record;
mod routes;
mod store;
mod table;

pub use api::LineResult;
pub use record::{Named, Refusal, all_or_none, judge, refused, results};
pub use routes::routes;
