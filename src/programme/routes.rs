//! `/v1/calls/{callId}/programme`

use std::collections::HashMap;

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{Programme, ProgrammeQuery, RowOrder};
use super::assembly;
use super::rows::{Rows, Source};
use super::sums::Sums;
use super::table::{ProgrammeTable, envelopes};
use crate::calls::{self, CallRow};
use crate::db::{Db, DbConnection};
use crate::error::Result;
use crate::files::Files;
use crate::http::{CsvText, Format, Path, Reader, Spool, Spooled};
use crate::types::CallId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_programme);
}

/// Get the programme of a call
///
/// Its admissible applications by its co-funders, with amounts at each firmness, totals, envelopes and gaps, all from one
/// snapshot. For the co-funders of the call and its staff (rule D9). As CSV: the table a committee reads.
#[utoipa::path(tag = "programme", params(("callId" = CallId, Path, description = "The call."), ProgrammeQuery),
    responses((status = 200, description = "The programme.", content(
        (Programme = "application/json"), (CsvText = "text/csv"),
    ))),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/calls/{callId}/programme")]
async fn get_programme(
    request: HttpRequest,
    path: Path<(CallId,)>,
    query: Query<ProgrammeQuery>,
    reader: Reader,
    db: Data<Db>,
    files: Data<Files>,
) -> Result<Spooled> {
    let (Path((id,)), query) = (path, query.into_inner());
    let (format, order) = (Format::wanted(&request, query.format), query.sort.unwrap_or_default());
    db.read(move |connection| {
        let call = calls::find(connection, Some(&reader.principal), id)?;
        call.check_partner(&reader.principal)?;
        let source = Source { principal: &reader.principal, call: id, supposed: &HashMap::new() };
        let mut spool = Spool::within(files.nameless());
        match format {
            Format::Json => assembly::write_json(connection, &source, &call, order, &mut spool)?,
            Format::Csv => write_csv(connection, &source, &call, order, &mut spool)?,
        }
        let name = format!("programme-{}.csv", call.terms.year);
        spool.finish(format.media_type(), (format == Format::Csv).then_some(name.as_str()))
    })
    .await
}

fn write_csv(
    connection: &mut DbConnection,
    source: &Source<'_>,
    call: &CallRow,
    order: RowOrder,
    spool: &mut Spool,
) -> Result<()> {
    let known = calls::envelopes(connection, call.id, None)?;
    let envelopes = envelopes(assembly::co_funders(call, known, &Sums::default()));
    let mut rows = Rows::new(connection, source, order)?;
    let mut table = ProgrammeTable::begin(spool, &envelopes)?;
    while let Some(row) = rows.next_row()? {
        table.row(&row)?;
    }
    table.end(&rows.sums).map(|_| ())
}
