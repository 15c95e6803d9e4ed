//! The demonstration: Blois in 2023, loaded through the same rules as any other data, at the dates of that time.

mod clients;
mod committee;
mod data;
mod load;
mod projects;

use std::path::{Path, PathBuf};

use diesel::prelude::*;

pub use clients::DemoClient;

use crate::db::schema::{applications, clients as clients_table, contracts, decisions};
use crate::db::{Db, DbConnection};
use crate::error::{Code, Error, Result};
use crate::types::{ApplicationId, Clock, CoFunderId, reference_key};

const DATA: &str = include_str!("blois.json");
const REFERENCE: &str = "CV-BLOIS-2015";

/// Where the clients of the demonstration are written.
pub fn clients_file(data_dir: &Path) -> PathBuf {
    data_dir.join("demo-clients.json")
}

/// Loads the set unless it is there already; says how far it is through `progress`. `true` when it was loaded.
pub async fn ensure(
    db: &Db,
    clock: &Clock,
    data_dir: &Path,
    progress: impl Fn(&str) + Send + Copy + 'static,
) -> Result<bool> {
    if db.read(is_loaded).await? {
        return Ok(false);
    }
    if db.read(is_in_use).await? {
        return Err(Error::new(Code::Conflict).detail(
            "this database is in use: the demonstration loads into an empty one only (set DATA_DIR or DATABASE_URL)",
            "cette base est utilisée : la démonstration ne se charge que dans une base vide",
        ));
    }
    let data: data::Data = serde_json::from_str(DATA).map_err(Error::internal)?;
    let (now, file) = (clock.now(), clients_file(data_dir));
    db.write(move |tx| {
        let clients = load::load(tx, &data, now, progress)?;
        // Before the commit: secrets without data do no harm, data without secrets would.
        clients::write(&file, &clients)
    })
    .await?;
    Ok(true)
}

/// The demonstration's invented projects are never put beside real ones.
fn is_in_use(connection: &mut DbConnection) -> Result<bool> {
    use diesel::dsl::{exists, select};
    let has_clients: bool =
        select(exists(clients_table::table.select(clients_table::id))).get_result(connection)?;
    let has_contracts: bool =
        select(exists(contracts::table.select(contracts::id))).get_result(connection)?;
    Ok(has_clients || has_contracts)
}

fn is_loaded(connection: &mut DbConnection) -> Result<bool> {
    let known = contracts::table.filter(contracts::reference_key.eq(reference_key(REFERENCE)));
    Ok(diesel::select(diesel::dsl::exists(known)).get_result(connection)?)
}

/// An application the co-funder has been asked about and has not decided on: something to try a push with.
pub async fn undecided(db: &Db, co_funder: CoFunderId) -> Result<Option<ApplicationId>> {
    db.read(move |connection| {
        let decided =
            decisions::table.filter(decisions::co_funder_id.eq(co_funder)).select(decisions::application_id);
        let rows: Vec<(ApplicationId, String)> = applications::table
            .filter(applications::status.eq("admissible"))
            .filter(diesel::dsl::not(applications::id.eq_any(decided)))
            .order(applications::id)
            .select((applications::id, applications::stake))
            .load(connection)?;
        let asked = co_funder.to_string();
        Ok(rows.into_iter().find(|(_, stake)| stake.contains(&asked)).map(|(id, _)| id))
    })
    .await
}

/// The clients of the demonstration, as they were written.
pub fn read_clients(data_dir: &Path) -> std::result::Result<Vec<DemoClient>, String> {
    clients::read(&clients_file(data_dir))
}
