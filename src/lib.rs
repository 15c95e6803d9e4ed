//! The shared ledger of a French *contrat de ville*. This file is the index: each module imports only from those
//! above it, and a test holds it to that.

// The examples in the published document are written with `json!`, which takes a step for each of their tokens.
#![recursion_limit = "256"]

// The ground: values, errors, storage, settings.
pub mod types;
pub mod error;
pub mod limits;
pub mod db;
pub mod files;
pub mod config;

// What every endpoint stands on: who asks, HTTP, the trace of every change, search.
pub mod auth;
pub mod http;
pub mod events;
pub mod search;

// The slices, each read downward: api, rules, store, routes.
pub mod clients;
pub mod cofunders;
pub mod organisations;
pub mod contracts;
pub mod calls;
pub mod applications;
pub mod opinions;
pub mod decisions;
pub mod programme;
pub mod evaluations;
pub mod open_data;

// All of it together.
pub mod demo;
pub mod app;
