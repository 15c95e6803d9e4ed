//! Opinions in the database. All are kept; the last one of an author counts.

use std::collections::HashMap;

use diesel::dsl::{exists, select};
use diesel::prelude::*;

use super::api::{Opinion, OpinionInput, Reply, View};
use crate::applications::{self, ApplicationStatus};
use crate::auth::{Binding, Principal};
use crate::calls;
use crate::contracts;
use crate::db::schema::{committee_agenda, committee_sessions, decisions, opinions, opinions::dsl};
use crate::db::{DbConnection, Json};
use crate::error::{Code, Error, Fault, FaultCode, Result, all_right};
use crate::events::{self, Event};
use crate::http::Actor;
use crate::types::{AnyId, ApplicationId, ClientId, CoFunderId, Firmness, Instant, OpinionId};

const CO_FUNDER: &str = "co-funder";
const COUNCIL: &str = "council";

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = opinions)]
struct Row {
    id: OpinionId,
    application_id: ApplicationId,
    author_kind: String,
    author_id: AnyId,
    content: Json<OpinionInput>,
    late: bool,
    given_by: ClientId,
    given_at: Instant,
}

impl From<Row> for Opinion {
    fn from(row: Row) -> Self {
        let author = |kind: &str| (row.author_kind == kind).then_some(row.author_id);
        let content = row.content.into_inner();
        Self {
            id: row.id,
            application_id: row.application_id,
            co_funder_id: author(CO_FUNDER).map(AnyId::of_kind),
            council_of: author(COUNCIL).map(AnyId::of_kind),
            service: content.service,
            view: content.view,
            reasons: content.reasons,
            stepped_aside: content.stepped_aside,
            late: row.late,
            replies: Vec::new(),
            given_by: row.given_by,
            given_at: row.given_at,
        }
    }
}

/// The opinions on an application that a client may read: the partners all, the council its own, the applicant none.
pub fn list(
    connection: &mut DbConnection,
    principal: &Principal,
    application: ApplicationId,
) -> Result<Vec<Opinion>> {
    let mut query = dsl::opinions.filter(dsl::application_id.eq(application)).order(dsl::id).into_boxed();
    match principal.binding {
        Binding::Staff | Binding::Instruction(_) | Binding::CoFunder(_) => {}
        Binding::Council(own) => query = query.filter(dsl::author_id.eq(own)),
        Binding::Organisation(_) => return Ok(Vec::new()),
    }
    let rows: Vec<Row> = query.select(Row::as_select()).load(connection)?;
    let mut opinions: Vec<Opinion> = rows.into_iter().map(Opinion::from).collect();
    let replies = replies(connection, principal, application)?;
    // The last that was in time is the one they answer.
    if let Some(answered) = opinions.iter_mut().rfind(|one| one.council_of.is_some() && !one.late) {
        answered.replies = replies;
    }
    Ok(opinions)
}

/// What co-funders answer the council in their lines on an application: to the partners in every line, to the council once
/// the institution has voted, or refused by an act it names. An answer in another line would tell that it is being prepared
/// (rule D9).
fn replies(
    connection: &mut DbConnection,
    principal: &Principal,
    application: ApplicationId,
) -> Result<Vec<Reply>> {
    use decisions::dsl as line;
    let mut answering = line::decisions
        .filter(line::application_id.eq(application).and(line::reply_to_council.is_not_null()))
        .into_boxed();
    if applications::sees_all_lines(principal) {
        answering = answering.order((line::created_at, line::co_funder_id));
    } else {
        let by_act = line::act_reference.is_not_null().and(line::act_date.is_not_null());
        let refused_by_act = line::firmness.eq(Firmness::Refused).and(by_act);
        // The order of the first pushes would tell who was first to intend something.
        answering = answering
            .filter(line::firmness.eq_any(Firmness::PUBLIC).or(refused_by_act))
            .order(line::co_funder_id);
    }
    let rows: Vec<(CoFunderId, String)> =
        answering.select((line::co_funder_id, line::reply_to_council.assume_not_null())).load(connection)?;
    Ok(rows.into_iter().map(|(co_funder_id, reply)| Reply { co_funder_id, reply }).collect())
}

/// What the council thinks of each of these applications: its last opinion that was in time (rule O1).
pub fn council_views(
    connection: &mut DbConnection,
    applications: &[ApplicationId],
) -> Result<HashMap<ApplicationId, View>> {
    let rows: Vec<(ApplicationId, View)> = dsl::opinions
        .filter(dsl::application_id.eq_any(applications))
        .filter(dsl::author_kind.eq(COUNCIL).and(dsl::late.eq(false)))
        .order(dsl::id)
        .select((dsl::application_id, dsl::view))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Gives an opinion on a received application.
pub fn give(
    tx: &mut DbConnection,
    actor: &Actor,
    application: ApplicationId,
    input: &OpinionInput,
) -> Result<Opinion> {
    let (kind, author) = match actor.principal.binding {
        Binding::CoFunder(id) => (CO_FUNDER, id.any()),
        Binding::Council(id) => (COUNCIL, id.any()),
        Binding::Staff | Binding::Instruction(_) | Binding::Organisation(_) => {
            return Err(Error::new(Code::NotYourInstitution));
        }
    };
    applications::hold(tx, &[application])?;
    let row = applications::find(tx, &actor.principal, application)?;
    if matches!(row.status, ApplicationStatus::Inadmissible | ApplicationStatus::Withdrawn) {
        let status = row.status;
        return Err(Error::new(Code::InvalidTransition).detail(
            format!("an application that is {status} is given no opinion"),
            format!("un dossier {} ne reçoit pas d’avis", status.french()),
        ));
    }
    calls::find(tx, Some(&actor.principal), row.call_id)?.check_not_archived()?;
    if let Binding::Council(contract) = actor.principal.binding {
        let council = contracts::find_council(tx, contract)?;
        all_right(misfits(input, council.map(|council| council.seats)))?;
    }
    let id = OpinionId::generate();
    diesel::insert_into(dsl::opinions)
        .values((
            dsl::id.eq(id),
            dsl::application_id.eq(application),
            dsl::author_kind.eq(kind),
            dsl::author_id.eq(author),
            dsl::view.eq(input.view),
            dsl::content.eq(Json::new(input)?),
            dsl::late.eq(was_examined(tx, application, actor.now)?),
            dsl::given_by.eq(actor.principal.client),
            dsl::given_at.eq(actor.now),
        ))
        .execute(tx)?;
    applications::note_opinion(tx, application, kind == COUNCIL, actor.now)?;
    let given: Row = dsl::opinions.find(id).select(Row::as_select()).first(tx)?;
    let given = Opinion::from(given);
    events::record(tx, actor, Event::OpinionGiven, application, &given)?;
    Ok(given)
}

/// What a council with that many seats cannot say. One that is not set yet has no seats to be compared with.
fn misfits(input: &OpinionInput, seats: Option<u32>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if input.service.is_some() {
        let (en, fr) = ("the council has no services", "le conseil citoyen n’a pas de services");
        faults.push(Fault::new("/service", FaultCode::NotApplicable, en, fr));
    }
    if let Some(seats) = seats.filter(|seats| input.stepped_aside > *seats) {
        let en = format!("is more than the seats of the council, which are {seats}");
        let fr = format!("dépasse le nombre de sièges du conseil citoyen, qui est de {seats}");
        faults.push(Fault::new("/steppedAside", FaultCode::TooLarge, en, fr));
    }
    faults
}

/// Whether a committee session has examined the application by now (rule O1).
fn was_examined(connection: &mut DbConnection, application: ApplicationId, now: Instant) -> Result<bool> {
    use committee_agenda::dsl as agenda;
    use committee_sessions::dsl as session;
    let met = session::held_at.le(now).or(session::opened_at.is_not_null());
    let held = session::committee_sessions.filter(met).select(session::id);
    let examined = agenda::committee_agenda
        .filter(agenda::application_id.eq(application))
        .filter(agenda::session_id.eq_any(held));
    Ok(select(exists(examined)).get_result(connection)?)
}
