//! Evaluations in the database: one per author and funded action.

use diesel::prelude::*;

use super::api::{Evaluation, EvaluationInput};
use crate::applications;
use crate::auth::Binding;
use crate::db::schema::{evaluations, evaluations::dsl};
use crate::db::{DbConnection, Json};
use crate::error::{Code, Error, Result};
use crate::events::{self, Event};
use crate::http::Actor;
use crate::types::{AnyId, ApplicationId, EvaluationId, Instant};

const CO_FUNDER: &str = "co-funder";
const COUNCIL: &str = "council";

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = evaluations)]
struct Row {
    id: EvaluationId,
    application_id: ApplicationId,
    author_kind: String,
    author_id: AnyId,
    content: Json<EvaluationInput>,
    created_at: Instant,
}

impl Row {
    fn view(self) -> Evaluation {
        let author = |kind: &str| (self.author_kind == kind).then_some(self.author_id);
        let content = (*self.content).clone();
        Evaluation {
            id: self.id,
            application_id: self.application_id,
            co_funder_id: author(CO_FUNDER).map(AnyId::of_kind),
            council_of: author(COUNCIL).map(AnyId::of_kind),
            criteria: content.criteria,
            comment: content.comment,
            given_at: self.created_at,
        }
    }
}

pub fn list(connection: &mut DbConnection, application: ApplicationId) -> Result<Vec<Evaluation>> {
    let rows: Vec<Row> = dsl::evaluations
        .filter(dsl::application_id.eq(application))
        .order(dsl::id)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Row::view).collect())
}

/// Gives an evaluation of a funded action, once per author.
pub fn give(
    tx: &mut DbConnection,
    actor: &Actor,
    application: ApplicationId,
    input: &EvaluationInput,
) -> Result<Evaluation> {
    let (kind, author) = match actor.principal.binding {
        Binding::CoFunder(id) => (CO_FUNDER, id.any()),
        Binding::Council(id) => (COUNCIL, id.any()),
        Binding::Staff | Binding::Instruction(_) | Binding::Organisation(_) => {
            return Err(Error::new(Code::NotYourInstitution));
        }
    };
    let row = applications::find(tx, &actor.principal, application)?;
    if !applications::is_funded(tx, application)? {
        return Err(Error::new(Code::InvalidTransition).detail(
            format!("only a funded action is evaluated; the application is {}", row.status),
            format!("seule une action financée est évaluée ; le dossier est {}", row.status.french()),
        ));
    }
    let id = EvaluationId::generate();
    diesel::insert_into(dsl::evaluations)
        .values((
            dsl::id.eq(id),
            dsl::version.eq(1_i64),
            dsl::application_id.eq(application),
            dsl::author_kind.eq(kind),
            dsl::author_id.eq(author),
            dsl::content.eq(Json::new(input.clone())?),
            dsl::created_at.eq(actor.now),
            dsl::updated_at.eq(actor.now),
        ))
        .execute(tx)?;
    applications::note_evaluation(tx, application, actor.now)?;
    let given: Row = dsl::evaluations.find(id).select(Row::as_select()).first(tx)?;
    let given = given.view();
    events::record(tx, actor, Event::EvaluationGiven, id, &given)?;
    Ok(given)
}
