//! Behaviour from outside, through HTTP, on SQLite and (with TEST_DATABASE_URL) on PostgreSQL. One file a slice.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test says what it expects by unwrapping")]

mod support;

mod admission;
mod amendments;
mod applications;
mod attachments;
mod batches;
mod bodies;
mod calls;
mod cerfa;
mod cofunders;
mod commitments;
mod conditional;
mod conditions;
mod confidentiality;
mod consolidation;
mod contract;
mod contracts;
mod council;
mod decisions;
mod differences;
mod documents;
mod edge;
mod envelopes;
mod evaluations;
mod finding;
mod future_days;
mod half_way;
mod health;
mod idempotency;
mod identity;
mod instructors;
mod ledger;
mod limits;
mod message_language;
mod migrations;
mod open_data;
mod opinions;
mod organisations;
mod paging;
mod payments;
mod problems;
mod programme;
mod sessions;
mod simulations;
mod submission;
mod texts;
mod tokens;
mod workflow;
