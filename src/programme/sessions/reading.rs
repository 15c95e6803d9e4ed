//! What a session froze, and what moved between two of them.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, get};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::api::Programme;
use super::super::table::{ProgrammeTable, envelopes};
use super::comparison::{Comparison, Frozen, Moment, Side, compare};
use super::store::{self, Row};
use crate::db::{Db, DbConnection};
use crate::error::{Error, Result};
use crate::http::{CsvText, Format, Path, Reader, Reply};
use crate::types::CommitteeSessionId;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_session_programme).service(compare_sessions);
}

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SnapshotQuery {
    /// Which of its two programmes; the last one frozen, unless it is said.
    #[param(inline)]
    moment: Option<Moment>,
    /// Instead of `Accept`, for links.
    #[param(inline)]
    format: Option<Format>,
}

/// Get the programme a session examined, or left
///
/// Frozen when it was opened, and when it was closed: what moves afterwards moves it no more.
#[utoipa::path(tag = "programme",
    params(("sessionId" = CommitteeSessionId, Path, description = "The session."), SnapshotQuery),
    responses((status = 200, description = "The programme, as it was then.", content(
        (Programme = "application/json"), (CsvText = "text/csv"),
    ))),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/committee-sessions/{sessionId}/programme")]
async fn get_session_programme(
    request: HttpRequest,
    path: Path<(CommitteeSessionId,)>,
    query: Query<SnapshotQuery>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let (Path((id,)), query) = (path, query.into_inner());
    let format = Format::wanted(&request, query.format);
    db.read(move |connection| {
        let (row, call) = store::find(connection, &reader.principal, id)?;
        let (text, moment) = frozen(connection, &row, query.moment)?;
        match format {
            Format::Json => Ok(Reply::document(format.media_type(), text)),
            Format::Csv => {
                let name = format!("programme-{}-{moment}.csv", call.terms.year);
                Ok(Reply::csv(&name, table(&text)?))
            }
        }
    })
    .await
}

/// The frozen programme of that moment, or the last one.
fn frozen(connection: &mut DbConnection, row: &Row, moment: Option<Moment>) -> Result<(String, Moment)> {
    let (examined, concluded) = store::frozen(connection, row.id)?;
    let chosen = match moment {
        Some(Moment::Examined) => examined.map(|text| (text, Moment::Examined)),
        Some(Moment::Concluded) => concluded.map(|text| (text, Moment::Concluded)),
        None => concluded
            .map(|text| (text, Moment::Concluded))
            .or_else(|| examined.map(|text| (text, Moment::Examined))),
    };
    chosen.ok_or_else(|| {
        Error::not_found().detail(
            format!("the session is {}: that programme is not frozen yet", row.status),
            format!("la séance est {} : cette programmation n’est pas encore figée", row.status.french()),
        )
    })
}

/// A frozen programme as a table.
fn table(text: &str) -> Result<String> {
    let programme = Frozen::read(text)?;
    let sums = programme.sums();
    let envelopes = envelopes(programme.co_funders);
    let mut table = ProgrammeTable::begin(Vec::new(), &envelopes)?;
    for row in &programme.rows {
        table.row(row)?;
    }
    String::from_utf8(table.end(&sums)?).map_err(Error::internal)
}

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ComparisonQuery {
    /// The session to compare it with: the one that met before it, unless it is said; its own opening, where there is none
    /// or where it is named itself.
    with: Option<CommitteeSessionId>,
}

/// Compare two sessions
///
/// What moved from the programme that the other session left to the one that this session left (or examines, while it is
/// open): positions, viability, totals.
#[utoipa::path(tag = "programme",
    params(("sessionId" = CommitteeSessionId, Path, description = "The session."), ComparisonQuery),
    responses((status = 200, description = "What moved.", body = Comparison)),
    security(("oauth2" = ["decisions:read"])))]
#[get("/v1/committee-sessions/{sessionId}/comparison")]
async fn compare_sessions(
    path: Path<(CommitteeSessionId,)>,
    query: Query<ComparisonQuery>,
    reader: Reader,
    db: Data<Db>,
) -> Result<Reply> {
    let Path((id,)) = path;
    db.read(move |connection| {
        let (row, _) = store::find(connection, &reader.principal, id)?;
        let other = match query.with {
            Some(other) => other,
            None => store::before(connection, &row)?.unwrap_or(id),
        };
        let (other, _) = store::find(connection, &reader.principal, other)?;
        if other.call_id != row.call_id {
            return Err(Error::not_found());
        }
        let own = (other.id == row.id).then_some(Moment::Examined);
        let (before, from) = frozen(connection, &other, own)?;
        let (after, to) = frozen(connection, &row, None)?;
        let side = |session_id, moment| Side { session_id, moment };
        Reply::ok(&compare(
            (side(other.id, from), &Frozen::read(&before)?),
            (side(row.id, to), &Frozen::read(&after)?),
        ))
    })
    .await
}
