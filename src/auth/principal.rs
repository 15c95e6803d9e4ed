//! The client a request acts for, as its access token says.

use crate::error::{Code, Error, Result};
use crate::types::{ClientId, CoFunderId, ContractId, OrganisationId};

use super::{Role, Scope, Scopes};

/// What a client acts for. It comes from the token, never from a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// The call's own staff: administrators and instructors.
    Staff,
    CoFunder(CoFunderId),
    Organisation(OrganisationId),
    /// The citizens' council of a contract.
    Council(ContractId),
}

/// Who acts.
#[derive(Debug, Clone)]
pub struct Principal {
    pub client: ClientId,
    pub role: Role,
    pub scopes: Scopes,
    pub binding: Binding,
}

impl Principal {
    /// Refuses with 403, naming the scopes of which one would do.
    pub fn require_any(&self, scopes: &[Scope]) -> Result<()> {
        if scopes.iter().any(|scope| self.scopes.has(*scope)) {
            return Ok(());
        }
        let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let scopes = words.join(" ");
        let words = words.join(" | ");
        Err(Error::new(Code::InsufficientScope)
            .detail(format!("this needs the scope {words}"), format!("cet acte demande la portée {words}"))
            .header("WWW-Authenticate", format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\""))
            .with("scope", words))
    }

    pub fn co_funder(&self) -> Option<CoFunderId> {
        match self.binding {
            Binding::CoFunder(id) => Some(id),
            _ => None,
        }
    }
}
