//! The file of the demonstration's clients, with their secrets, readable by its owner only.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::auth::Role;
use crate::clients::Client;
use crate::error::{Error, Result};
use crate::files::replace_private;
use crate::types::{ClientId, CoFunderId, ContractId, OrganisationId};

/// A client and its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DemoClient {
    pub name: String,
    pub role: Role,
    pub client_id: ClientId,
    pub client_secret: String,
    pub scopes: Vec<String>,
    pub co_funder_id: Option<CoFunderId>,
    pub organisation_id: Option<OrganisationId>,
    pub contract_id: Option<ContractId>,
}

impl DemoClient {
    pub fn new((client, secret): (Client, String)) -> Self {
        Self {
            name: client.name,
            role: client.role,
            client_id: client.id,
            client_secret: secret,
            scopes: client.scopes.split(' ').map(str::to_owned).collect(),
            co_funder_id: client.co_funder_id,
            organisation_id: client.organisation_id,
            contract_id: client.contract_id,
        }
    }
}

pub fn write(path: &Path, clients: &[DemoClient]) -> Result<()> {
    let text = serde_json::to_string_pretty(clients).map_err(Error::internal)?;
    replace_private(path, &text)
        .map_err(|cause| Error::internal(format!("{} cannot be written: {cause}", path.display())))
}

pub fn read(path: &Path) -> std::result::Result<Vec<DemoClient>, String> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|cause| format!("{shown} cannot be read: {cause}"))?;
    serde_json::from_str(&text)
        .map_err(|cause| format!("{shown} is not what the demonstration wrote: {cause}"))
}
