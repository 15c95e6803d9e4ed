//! Clients in the database.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::secret;
use super::{Client, NewClient};
use crate::auth::Binding;
use crate::db::DbConnection;
use crate::db::schema::clients::dsl;
use crate::error::{Code, Error, Result};
use crate::types::{ClientId, Instant, OrganisationId};

/// The names of those clients.
pub fn names(connection: &mut DbConnection, ids: &[ClientId]) -> Result<HashMap<ClientId, String>> {
    let rows: Vec<(ClientId, String)> =
        dsl::clients.filter(dsl::id.eq_any(ids)).select((dsl::id, dsl::name)).load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Those of these clients that act for this organisation.
pub fn of_organisation(
    connection: &mut DbConnection,
    organisation: OrganisationId,
    ids: &[ClientId],
) -> Result<HashSet<ClientId>> {
    let own = dsl::clients.filter(dsl::id.eq_any(ids).and(dsl::organisation_id.eq(organisation)));
    Ok(own.select(dsl::id).load::<ClientId>(connection)?.into_iter().collect())
}

/// Makes a client; the answer holds its secret, which cannot be had again.
pub fn create(tx: &mut DbConnection, new: &NewClient, now: Instant) -> Result<(Client, String)> {
    let secret = secret::generate()?;
    let own = new.role.scopes();
    let scopes = new.scopes.clone().unwrap_or_else(|| own.clone());
    if !scopes.within(&own) {
        let (en, fr) =
            ("a client cannot have more than its role", "un client ne peut avoir plus que son rôle");
        return Err(Error::new(Code::InsufficientScope).detail(en, fr));
    }
    let mut client = Client {
        id: ClientId::generate(),
        name: new.name.clone(),
        role: new.role,
        scopes: scopes.to_string(),
        secret_sha256: secret::hash(&secret),
        co_funder_id: None,
        organisation_id: None,
        contract_id: None,
        created_at: now,
        revoked_at: None,
    };
    match new.binding {
        Binding::Staff => {}
        Binding::CoFunder(id) => client.co_funder_id = Some(id),
        Binding::Organisation(id) => client.organisation_id = Some(id),
        Binding::Instruction(id) | Binding::Council(id) => client.contract_id = Some(id),
    }
    diesel::insert_into(dsl::clients)
        .values((
            dsl::id.eq(client.id),
            dsl::name.eq(&client.name),
            dsl::role.eq(client.role),
            dsl::scopes.eq(&client.scopes),
            dsl::secret_sha256.eq(&client.secret_sha256),
            dsl::co_funder_id.eq(client.co_funder_id),
            dsl::organisation_id.eq(client.organisation_id),
            dsl::contract_id.eq(client.contract_id),
            dsl::created_at.eq(now),
        ))
        .execute(tx)?;
    Ok((client, secret))
}

/// Refuses a binding to what does not exist.
pub fn check_binding(connection: &mut DbConnection, binding: Binding) -> Result<()> {
    use crate::db::schema::{co_funders, contracts, organisations};
    use diesel::dsl::{exists, select};
    let known = match binding {
        Binding::Staff => true,
        Binding::CoFunder(id) => select(exists(co_funders::table.find(id))).get_result(connection)?,
        Binding::Organisation(id) => select(exists(organisations::table.find(id))).get_result(connection)?,
        Binding::Instruction(id) | Binding::Council(id) => {
            select(exists(contracts::table.find(id))).get_result(connection)?
        }
    };
    if known {
        return Ok(());
    }
    let (en, fr) =
        ("the client would act for something that does not exist", "le client agirait pour rien de connu");
    Err(Error::new(Code::NotFound).detail(en, fr))
}

pub fn find(connection: &mut DbConnection, id: ClientId) -> Result<Option<Client>> {
    Ok(dsl::clients.find(id).select(Client::as_select()).first(connection).optional()?)
}

pub fn list(connection: &mut DbConnection) -> Result<Vec<Client>> {
    Ok(dsl::clients.order(dsl::id).select(Client::as_select()).load(connection)?)
}

/// Revokes a client: no new token, and nothing more is written with those it has. `false` when there is none.
pub fn revoke(tx: &mut DbConnection, id: ClientId, now: Instant) -> Result<bool> {
    let row = dsl::clients.find(id).filter(dsl::revoked_at.is_null());
    Ok(diesel::update(row).set(dsl::revoked_at.eq(now)).execute(tx)? == 1)
}
