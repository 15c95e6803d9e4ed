//! Who acts, and what it may do: signing keys, access tokens, scopes, bindings.

mod keys;
mod principal;
mod scope;
mod token;

pub use keys::Keys;
pub use principal::{Binding, Drafts, Principal};
pub use scope::{Role, Scope, Scopes};
pub use token::{AccessToken, Tokens};
