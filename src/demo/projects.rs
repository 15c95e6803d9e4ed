//! The projects: organisations, their applications, what each co-funder decided on them.

use chrono::{Datelike, Days};

use super::committee::HELD_AT;
use super::data::{self, Data, Outcome};
use super::load::{Loader, at, money, noon};
use crate::applications::{
    self, AdmissibilityInput, ApplicationInput, Budget, Charge, Condition, FundingRequest, Product,
    YearBudget,
};
use crate::auth::{Binding, Principal, Role};
use crate::db::DbConnection;
use crate::decisions::{self, DecisionInput};
use crate::error::{Error, Result};
use crate::http::{Actor, Conditions, IfMatch};
use crate::organisations;
use crate::types::{ApplicationId, CallId, CoFunderId, Firmness};

/// An application that was made, and what the data says of it.
pub(super) struct Loaded<'a> {
    pub id: ApplicationId,
    pub number: String,
    pub data: &'a data::Application,
    input: ApplicationInput,
}

impl Loaded<'_> {
    pub(super) fn is_admissible(&self) -> bool {
        self.data.outcome == Outcome::Admissible
    }
}

/// A decision, by the client that pushed it, on the day it did.
pub(super) struct Told {
    actor: Actor,
    application: ApplicationId,
    co_funder: CoFunderId,
    input: DecisionInput,
}

impl Told {
    pub(super) fn record(&self, tx: &mut DbConnection) -> Result<()> {
        let line = (self.application, self.co_funder);
        decisions::push(tx, &self.actor, line, &Conditions::none(), &self.input).map(|_| ())
    }
}

impl Loader {
    pub(super) fn load_organisations(&mut self, tx: &mut DbConnection, data: &Data) -> Result<()> {
        let actor = Actor { principal: self.instructor.clone(), now: at("2022-10-03T08:00:00Z")? };
        for one in &data.organisations {
            let (made, _) = organisations::create(tx, &actor, &one.input())?;
            self.organisations.insert(one.key.clone(), made.id);
            if self.organisations.len() == 1 {
                self.add_client(tx, &one.name, Role::Applicant, Binding::Organisation(made.id))?;
            }
        }
        Ok(())
    }

    pub(super) fn load_application<'a>(
        &self,
        tx: &mut DbConnection,
        call: CallId,
        place: usize,
        data: &'a data::Application,
    ) -> Result<Loaded<'a>> {
        let input = self.application(call, data)?;
        let minutes = i64::try_from(place).map_err(Error::internal)? * 37;
        let received = at("2022-11-02T08:00:00Z")?.plus_seconds(minutes * 60);
        // Only one organisation has a client in the demonstration; the others' applications are typed in for them.
        let applicant = Principal {
            binding: Binding::Organisation(input.organisation_id),
            role: Role::Applicant,
            scopes: Role::Applicant.scopes(),
            client: self.administrator.client,
        };
        let actor = Actor { principal: applicant, now: received };
        let id = applications::create(tx, &actor, &input)?.id;
        applications::submit(tx, &actor, id, &IfMatch::absent())?;
        let judged = Actor {
            principal: self.instructor.clone(),
            now: at("2022-12-05T09:00:00Z")?.plus_seconds(minutes),
        };
        let admissible = data.outcome == Outcome::Admissible;
        let judgement = AdmissibilityInput { admissible, reason: data.reason.clone() };
        let row = applications::judge(tx, &judged, id, &IfMatch::absent(), &judgement)?;
        Ok(Loaded { id, number: row.number.unwrap_or_default(), data, input })
    }

    /// The decisions in the order in which they were told: those before the committee met, and those after.
    pub(super) fn pushes(&self, loaded: &[Loaded<'_>]) -> Result<(Vec<Told>, Vec<Told>)> {
        let of = |one: &Loaded<'_>| -> Result<Vec<Told>> {
            one.data.decisions.iter().map(|line| self.told(one, line)).collect()
        };
        let mut pushes: Vec<Told> =
            loaded.iter().map(of).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        pushes.sort_by_key(|push| push.actor.now);
        let held_at = at(HELD_AT)?;
        Ok(pushes.into_iter().partition(|push| push.actor.now < held_at))
    }

    fn application(&self, call: CallId, data: &data::Application) -> Result<ApplicationInput> {
        let organisation = self.organisations.get(&data.organisation);
        let charge = |(account, amount): &(String, String)| {
            Ok(Charge { account: account.clone(), label: None, amount: money(amount)? })
        };
        let own = |(account, amount): &(String, String)| {
            Ok(Product {
                account: account.clone(),
                label: None,
                amount: money(amount)?,
                co_funder_id: None,
                funder: None,
            })
        };
        let asked = |request: &data::Request| {
            let (co_funder, amount) = (self.co_funder(&request.co_funder)?.0, money(&request.amount)?);
            Ok(Product {
                account: "74".to_owned(),
                label: None,
                amount,
                co_funder_id: Some(co_funder),
                funder: None,
            })
        };
        let request = |request: &data::Request| {
            let (co_funder_id, amount) = (self.co_funder(&request.co_funder)?.0, money(&request.amount)?);
            Ok(FundingRequest { co_funder_id, amount, credits: request.credits })
        };
        let products = data.own_resources.iter().map(own).chain(data.requests.iter().map(asked));
        let organisation = *organisation.ok_or_else(|| Error::internal("no such organisation"))?;
        let budget = Budget {
            charges: data.charges.iter().map(charge).collect::<Result<_>>()?,
            products: products.collect::<Result<_>>()?,
        };
        // A multi-year plan costs the same each year.
        let further_years = data.starts_on.year() + 1..=data.ends_on.year();
        let further_years = further_years.map(|year| YearBudget { year, budget: budget.clone() }).collect();
        Ok(ApplicationInput {
            title: data.title.clone(),
            objectives: data.objectives.clone(),
            needs: data.needs.clone(),
            strand: Some(data.strand.clone()),
            challenges: data.challenges.clone(),
            operational_priorities: data.operational_priorities.clone(),
            statements: data.statements.clone(),
            neighbourhoods: data.neighbourhoods.clone(),
            starts_on: Some(data.starts_on),
            ends_on: Some(data.ends_on),
            multi_year: data.multi_year,
            budget,
            further_years,
            requests: data.requests.iter().map(request).collect::<Result<_>>()?,
            viability_floor: Some(money(&data.viability_floor)?),
            ..ApplicationInput::blank(call, organisation)
        })
    }

    fn told(&self, one: &Loaded<'_>, data: &data::Decision) -> Result<Told> {
        let (co_funder, principal) = self.co_funder(&data.co_funder)?;
        let request = one.input.requests.iter().find(|request| request.co_funder_id == *co_funder);
        let told = match data.act_date {
            Some(day) => noon(day + Days::new(3))?,
            None if data.firmness == Firmness::Refused => at("2023-03-01T09:00:00Z")?,
            None => at("2023-02-01T09:00:00Z")?,
        };
        let condition = |provided: &data::Provided| {
            let (co_funder_id, amount) = (self.co_funder(&provided.co_funder)?.0, money(&provided.amount)?);
            Ok(Condition::CoFunderGrants { co_funder_id, amount })
        };
        let input = DecisionInput {
            firmness: data.firmness,
            proposed: data.proposed.as_deref().map(money).transpose()?,
            granted: data.granted.as_deref().map(money).transpose()?,
            credits: request.ok_or_else(|| Error::internal("a decision nobody asked for"))?.credits,
            conditions: data.provided.iter().map(condition).collect::<Result<_>>()?,
            applicant_conditions: None,
            act_reference: data.act_reference.clone(),
            act_date: data.act_date,
            partner_reference: None,
            reason: None,
            reply_to_council: None,
        };
        let actor = Actor { principal: principal.clone(), now: told };
        Ok(Told { actor, application: one.id, co_funder: *co_funder, input })
    }
}
