//! Clients and tokens, as they are shown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{Binding, Principal, Role, Scopes};
use crate::types::{ClientId, CoFunderId, ContractId, Instant, OrganisationId};

/// A client to be made.
#[derive(Debug, Clone)]
pub struct NewClient {
    pub name: String,
    pub role: Role,
    /// Fewer scopes than the role has, or all of them.
    pub scopes: Option<Scopes>,
    pub binding: Binding,
}

/// A client, without its secret.
#[derive(Debug, Clone, Serialize, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::clients)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    #[serde(rename = "clientId")]
    pub id: ClientId,
    pub name: String,
    pub role: Role,
    pub scopes: String,
    #[serde(skip)]
    pub secret_sha256: String,
    pub co_funder_id: Option<CoFunderId>,
    pub organisation_id: Option<OrganisationId>,
    pub contract_id: Option<ContractId>,
    pub created_at: Instant,
    pub revoked_at: Option<Instant>,
}

impl Client {
    /// Who acts when this client does; with `asked` scopes only, when it asks for fewer.
    pub fn principal(&self, asked: Option<Scopes>) -> Option<Principal> {
        let own = Scopes::parse(&self.scopes).ok()?;
        let scopes = asked.filter(|scopes| !scopes.is_empty()).unwrap_or_else(|| own.clone());
        let binding = match (self.co_funder_id, self.organisation_id, self.contract_id) {
            (Some(id), _, _) => Binding::CoFunder(id),
            (_, Some(id), _) => Binding::Organisation(id),
            (_, _, Some(id)) if self.role == Role::Instructor => Binding::Instruction(id),
            (_, _, Some(id)) => Binding::Council(id),
            _ => Binding::Staff,
        };
        scopes.within(&own).then_some(Principal { client: self.id, role: self.role, scopes, binding })
    }
}

/// A request for a token (RFC 6749 §4.4). The client names itself with HTTP Basic, or in the form. Other parameters
/// are ignored (§3.2).
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"grant_type": "client_credentials"}))]
pub struct TokenRequest {
    /// Only `client_credentials`.
    #[schema(max_length = 40, pattern = "^client_credentials$")]
    pub grant_type: String,
    /// Fewer scopes than the client has, separated by spaces; all of them when it is absent or blank.
    #[schema(nullable = false, max_length = 500, pattern = "^ *([a-z:]+( +[a-z:]+)*)? *$")]
    pub scope: Option<String>,
    /// The client's id, unless HTTP Basic is used. A parameter without a value is one that was not sent (§3.2).
    #[schema(
        nullable = false,
        max_length = 36,
        pattern = "^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?$"
    )]
    pub client_id: Option<String>,
    /// The client's secret, unless HTTP Basic is used.
    #[schema(nullable = false, max_length = 200, format = "password")]
    pub client_secret: Option<String>,
}

/// An access token (RFC 6749 §5.1).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln",
    "token_type": "Bearer", "expires_in": 600, "scope": "decisions:read decisions:write"
}))]
pub struct TokenResponse {
    /// A JWT (RFC 9068), for `Authorization: Bearer`.
    #[schema(max_length = 4000, pattern = "^[A-Za-z0-9._-]+$")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(max_length = 10)]
    pub token_type: &'static str,
    /// Seconds it is good for.
    #[schema(minimum = 1, maximum = 86400)]
    pub expires_in: i64,
    /// What it allows.
    #[schema(max_length = 500, pattern = "^[a-z: ]*$")]
    pub scope: String,
}
