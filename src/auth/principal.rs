//! The client a request acts for, as its access token says.

use crate::error::{Code, Error, Result};
use crate::types::{ClientId, CoFunderId, ContractId, OrganisationId};

use super::{Role, Scope, Scopes};

/// What a client acts for. It comes from the token, never from a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// The staff of all contracts: administrators, and instructors where there is but one contract.
    Staff,
    /// The instructors of one contract.
    Instruction(ContractId),
    CoFunder(CoFunderId),
    Organisation(OrganisationId),
    /// The citizens' council of a contract.
    Council(ContractId),
}

/// Whose drafts of contracts, amendments and calls a reader is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drafts {
    All,
    Of(ContractId),
    /// Those that this co-funder is party to: it signs the contract, joins it by the amendment, or launches the call.
    OfParty(CoFunderId),
    None,
}

impl Drafts {
    pub fn shown_to(principal: Option<&Principal>) -> Self {
        match principal.map(|one| one.binding) {
            Some(Binding::Staff) => Self::All,
            Some(Binding::Instruction(own)) => Self::Of(own),
            Some(Binding::CoFunder(own)) => Self::OfParty(own),
            Some(Binding::Organisation(_) | Binding::Council(_)) | None => Self::None,
        }
    }
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

    /// Whether it is of the staff. Of which contracts, the rows it may see tell.
    pub fn is_staff(&self) -> bool {
        matches!(self.binding, Binding::Staff | Binding::Instruction(_))
    }

    /// Refuses with 403 what is for the staff of this contract.
    pub fn check_staff_of(&self, contract: ContractId) -> Result<()> {
        match self.binding {
            Binding::Staff => Ok(()),
            Binding::Instruction(own) if own == contract => Ok(()),
            _ => Err(Error::new(Code::NotYourInstitution)),
        }
    }

    pub fn co_funder(&self) -> Option<CoFunderId> {
        match self.binding {
            Binding::CoFunder(id) => Some(id),
            _ => None,
        }
    }
}
