//! What happened around the decisions: the council's opinions, the committee session, the payments. All of it is invented.

use chrono::Days;
use serde_json::json;

use super::load::{Loader, at, noon, read};
use super::projects::Loaded;
use crate::auth::{Binding, Principal, Role};
use crate::db::DbConnection;
use crate::decisions::{self, PaymentInput, PaymentKind};
use crate::error::Result;
use crate::http::{Actor, IfMatch};
use crate::opinions::{self, OpinionInput, View};
use crate::programme;
use crate::types::{CallId, CoFunderId, ContractId, Firmness, Instant, Money};

/// When the committee met.
pub(super) const HELD_AT: &str = "2023-02-09T13:00:00Z";
/// An opinion on one application in so many.
const HEARD: usize = 3;

impl Loader {
    /// The council of the contract: its opinions come before the committee meets, and find nothing that others refused
    /// favourable.
    pub(super) fn load_opinions(
        &self,
        tx: &mut DbConnection,
        contract: ContractId,
        loaded: &[Loaded<'_>],
    ) -> Result<()> {
        let council = Principal {
            binding: Binding::Council(contract),
            role: Role::Council,
            scopes: Role::Council.scopes(),
            client: self.council.client,
        };
        let actor = Actor { principal: council, now: at("2023-01-26T18:00:00Z")? };
        for one in loaded.iter().filter(|one| one.is_admissible()).step_by(HEARD) {
            let disputed = one.data.decisions.iter().any(|line| line.firmness == Firmness::Refused);
            let (view, reasons) = match disputed {
                true => (View::Reserved, "Le conseil citoyen s’interroge sur le public visé (exemple)."),
                false => (View::Favourable, "Le conseil citoyen soutient cette action (exemple)."),
            };
            let input = OpinionInput { view, reasons: reasons.to_owned(), stepped_aside: 1, service: None };
            opinions::give(tx, &actor, one.id, &input)?;
        }
        Ok(())
    }

    /// The session of the committee: opened on what the co-funders intended, closed with its minutes.
    pub(super) fn load_session(
        &self,
        tx: &mut DbConnection,
        call: CallId,
        co_funders: &[CoFunderId],
        loaded: &[Loaded<'_>],
    ) -> Result<()> {
        let agenda: Vec<_> = loaded.iter().filter(|one| one.is_admissible()).map(|one| one.id).collect();
        let input = read(&json!({
            "title": "Comité des financeurs (exemple)", "heldAt": HELD_AT, "place": "Hôtel de ville", "agenda": agenda
        }))?;
        let minutes = read(&json!({
            "present": co_funders, "councilPresent": true,
            "remarks": "Chaque financeur délibère ensuite selon son propre calendrier (exemple).", "items": []
        }))?;
        let actor = |now: Instant| Actor { principal: self.instructor.clone(), now };
        let session = programme::plan(tx, &actor(at("2023-01-12T09:00:00Z")?), call, &input)?.id;
        let held_at = at(HELD_AT)?;
        programme::open(tx, &actor(held_at), session, &IfMatch::absent())?;
        programme::close(tx, &actor(held_at.plus_seconds(3 * 3_600)), session, &IfMatch::absent(), &minutes)?;
        Ok(())
    }

    /// The State pays half of what it notified thirty days after its act.
    pub(super) fn load_payments(&self, tx: &mut DbConnection, loaded: &[Loaded<'_>]) -> Result<()> {
        let (co_funder, principal) = self.co_funder("state")?;
        for one in loaded {
            let mut notified = one.data.decisions.iter().filter(|line| line.firmness == Firmness::Notified);
            let Some(line) = notified.find(|line| line.co_funder == "state") else { continue };
            let (Some(day), Some(granted)) = (line.act_date, line.granted.as_deref().and_then(Money::parse))
            else {
                continue;
            };
            let paid_on = day + Days::new(30);
            let payment = PaymentInput {
                kind: PaymentKind::Advance,
                amount: granted.share(50),
                paid_on,
                reference: format!("MDT-{}", one.number),
            };
            let actor = Actor { principal: principal.clone(), now: noon(paid_on + Days::new(1))? };
            decisions::pay(tx, &actor, (one.id, *co_funder), &payment)?;
        }
        Ok(())
    }
}
