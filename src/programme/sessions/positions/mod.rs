//! Positions taken in a session: recorded in one go for several co-funders, all or none. Each line says who recorded it, and
//! in which session; what was said stays with the session, also where it only confirms a line.

mod api;
mod routes;
mod store;

pub use routes::routes;
