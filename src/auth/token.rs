//! JWT access tokens (RFC 9068): made for a client, read back into a `Principal`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::{Algorithm, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Binding, Keys, Principal, Role, Scopes};
use crate::error::{Code, Error, Result};
use crate::types::{ClientId, Clock, CoFunderId, ContractId, Id, OrganisationId};

/// RFC 9068 §2.1: so that no other kind of token passes for an access token.
const TYPE: &str = "at+jwt";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: ClientId,
    client_id: ClientId,
    scope: String,
    role: Role,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    iat: i64,
    jti: Id<AccessToken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    co_funder_id: Option<CoFunderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation_id: Option<OrganisationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract_id: Option<ContractId>,
}

/// A token just made.
pub struct AccessToken {
    pub text: String,
    /// Seconds it is good for.
    pub expires_in: i64,
}

/// Makes and reads access tokens.
#[derive(Clone)]
pub struct Tokens {
    keys: Keys,
    issuer: String,
    lifetime: i64,
    clock: Clock,
    known: Known,
}

/// What a checked token gives: who acts, and the Unix seconds it is good for.
type Checked = (Principal, Range<i64>);

/// Tokens whose signature was checked before: a partner sends the same one again and again. The whole
/// text is the key, so a token that differs in anything is checked anew.
#[derive(Clone, Default)]
struct Known(Arc<RwLock<HashMap<String, Checked>>>);

impl Known {
    /// Tokens remembered at the most; then all are forgotten.
    const MOST: usize = 1_024;

    fn find(&self, token: &str) -> Option<Checked> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    fn keep(&self, token: &str, principal: &Principal, period: Range<i64>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= Self::MOST {
            known.clear();
        }
        known.insert(token.to_owned(), (principal.clone(), period));
    }
}

impl Tokens {
    /// `issuer` is the service's own public URL, `lifetime` in seconds.
    pub fn new(keys: Keys, issuer: String, lifetime: i64, clock: Clock) -> Self {
        Self { keys, issuer, lifetime, clock, known: Known::default() }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub fn jwks(&self) -> Value {
        self.keys.jwks()
    }

    pub fn issue(&self, principal: &Principal) -> Result<AccessToken> {
        let now = self.clock.now().unix_seconds();
        let (co_funder_id, organisation_id, contract_id) = match principal.binding {
            Binding::Staff => (None, None, None),
            Binding::CoFunder(id) => (Some(id), None, None),
            Binding::Organisation(id) => (None, Some(id), None),
            Binding::Instruction(id) | Binding::Council(id) => (None, None, Some(id)),
        };
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub: principal.client,
            client_id: principal.client,
            scope: principal.scopes.to_string(),
            role: principal.role,
            exp: now + self.lifetime,
            nbf: None,
            iat: now,
            jti: Id::generate(),
            co_funder_id,
            organisation_id,
            contract_id,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.keys.id.clone());
        let text = encode(&header, &claims, &self.keys.signing).map_err(Error::internal)?;
        Ok(AccessToken { text, expires_in: self.lifetime })
    }

    /// The principal of a token that is ours, unchanged, and good now.
    pub fn read(&self, token: &str) -> Result<Principal> {
        let (principal, period) = match self.known.find(token) {
            Some(known) => known,
            None => self.check(token)?,
        };
        let now = self.clock.now().unix_seconds();
        if now >= period.end {
            return Err(refused("it has expired"));
        }
        if now < period.start {
            return Err(refused("it is not valid yet"));
        }
        Ok(principal)
    }

    /// The principal of a token that is ours and unchanged, and the Unix seconds it is good for.
    fn check(&self, token: &str) -> Result<Checked> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // `exp` and `nbf` are judged by the clock that is passed in.
        validation.validate_exp = false;
        let read = decode::<Claims>(token, &self.keys.verifying, &validation)
            .map_err(|cause| refused("it is not one of this service's").cause(cause))?;
        if read.header.typ.as_deref() != Some(TYPE) {
            return Err(refused("it is not an access token"));
        }
        if read.header.kid.is_some_and(|kid| kid != self.keys.id) {
            return Err(refused("its key is not known"));
        }
        // RFC 7515 §4.1.11: an extension that is critical and not understood. None is.
        if read.header.crit.is_some() {
            return Err(refused("it has a critical extension that is not supported"));
        }
        let period = read.claims.nbf.unwrap_or(i64::MIN)..read.claims.exp;
        let principal = read.claims.principal().ok_or_else(|| refused("its claims do not fit together"))?;
        self.known.keep(token, &principal, period.clone());
        Ok((principal, period))
    }
}

impl Claims {
    fn principal(self) -> Option<Principal> {
        let binding = match (self.role, self.co_funder_id, self.organisation_id, self.contract_id) {
            (Role::Administrator | Role::Instructor, None, None, None) => Binding::Staff,
            (Role::Instructor, None, None, Some(id)) => Binding::Instruction(id),
            (Role::CoFunder, Some(id), None, None) => Binding::CoFunder(id),
            (Role::Applicant, None, Some(id), None) => Binding::Organisation(id),
            (Role::Council, None, None, Some(id)) => Binding::Council(id),
            _ => return None,
        };
        Some(Principal {
            client: self.client_id,
            role: self.role,
            scopes: Scopes::parse(&self.scope).ok()?,
            binding,
        })
    }
}

fn refused(why: &str) -> Error {
    let fr = match why {
        "it has expired" => "le jeton a expiré",
        "it is not valid yet" => "le jeton n’est pas encore valable",
        _ => "le jeton n’est pas un jeton d’accès valide de ce service",
    };
    Error::new(Code::InvalidToken)
        .detail(format!("the token was refused: {why}"), fr)
        .header("WWW-Authenticate", "Bearer error=\"invalid_token\"")
}
