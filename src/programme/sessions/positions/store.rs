//! Positions in the database: what was said stays with the session, whatever becomes of the lines.

use diesel::prelude::*;

use super::api::{Position, PositionLine};
use crate::db::schema::{committee_positions, committee_positions::dsl};
use crate::db::{DbConnection, Json, fields, insert_all};
use crate::decisions::DecisionInput;
use crate::error::Result;
use crate::http::{Actor, Walk};
use crate::types::{ApplicationId, ClientId, CoFunderId, CommitteePositionId, CommitteeSessionId, Instant};
use crate::walked;

#[derive(Queryable, Selectable)]
#[diesel(table_name = committee_positions)]
struct Row {
    id: CommitteePositionId,
    application_id: ApplicationId,
    co_funder_id: CoFunderId,
    line: Json<DecisionInput>,
    recorded_by: ClientId,
    recorded_at: Instant,
}

impl From<Row> for Position {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            application_id: row.application_id,
            co_funder_id: row.co_funder_id,
            line: row.line.into_inner(),
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        }
    }
}

pub fn insert(
    tx: &mut DbConnection,
    actor: &Actor,
    session: CommitteeSessionId,
    lines: &[PositionLine],
) -> Result<()> {
    let row = |line: &PositionLine| {
        Ok(fields(dsl::committee_positions)
            .set(dsl::id, CommitteePositionId::generate())
            .set(dsl::session_id, session)
            .set(dsl::application_id, line.application_id)
            .set(dsl::co_funder_id, line.co_funder_id)
            .set(dsl::line, Json::new(line.decision.clone())?)
            .set(dsl::recorded_by, actor.principal.client)
            .set(dsl::recorded_at, actor.now))
    };
    Ok(insert_all(tx, lines.iter().map(row).collect::<Result<_>>()?)?)
}

pub fn list(
    connection: &mut DbConnection,
    session: CommitteeSessionId,
    walk: &Walk,
) -> Result<Vec<Position>> {
    let query = dsl::committee_positions.filter(dsl::session_id.eq(session)).select(Row::as_select());
    let rows: Vec<Row> = walked!(query.into_boxed(), dsl::id, walk).load(connection)?;
    Ok(rows.into_iter().map(Position::from).collect())
}
