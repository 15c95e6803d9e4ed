//! Returns in the database.

use diesel::prelude::*;

use super::api::{Return, ReturnInput};
use crate::db::schema::{application_returns, application_returns::dsl};
use crate::db::{DbConnection, Json};
use crate::error::Result;
use crate::types::{ApplicationId, ApplicationReturnId, Instant};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = application_returns)]
struct Row {
    id: ApplicationReturnId,
    application_id: ApplicationId,
    terms: Json<ReturnInput>,
    returned_at: Instant,
}

impl From<Row> for Return {
    fn from(row: Row) -> Self {
        let terms = row.terms.into_inner();
        Self {
            id: row.id,
            application_id: row.application_id,
            reasons: terms.reasons,
            correct_by: terms.correct_by,
            returned_at: row.returned_at,
        }
    }
}

/// The returns of an application, the first one first.
pub fn list(connection: &mut DbConnection, application: ApplicationId) -> Result<Vec<Return>> {
    let rows: Vec<Row> = dsl::application_returns
        .filter(dsl::application_id.eq(application))
        .order(dsl::id)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Return::from).collect())
}

/// The last return of an application.
pub fn latest(connection: &mut DbConnection, application: ApplicationId) -> Result<Option<Return>> {
    let row: Option<Row> = dsl::application_returns
        .filter(dsl::application_id.eq(application))
        .order(dsl::id.desc())
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(Return::from))
}

/// Keeps a return of an application whose row is held.
pub fn record(
    tx: &mut DbConnection,
    application: ApplicationId,
    input: &ReturnInput,
    now: Instant,
) -> Result<Return> {
    let id = ApplicationReturnId::generate();
    diesel::insert_into(dsl::application_returns)
        .values((
            dsl::id.eq(id),
            dsl::application_id.eq(application),
            dsl::terms.eq(Json::new(input.clone())?),
            dsl::returned_at.eq(now),
        ))
        .execute(tx)?;
    let ReturnInput { reasons, correct_by } = input.clone();
    Ok(Return { id, application_id: application, reasons, correct_by, returned_at: now })
}
