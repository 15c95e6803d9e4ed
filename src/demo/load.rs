//! Loading: each step is the very command a client would have sent, by the institution that would have sent it, on
//! the day it would have.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::clients::DemoClient;
use super::data::{self, Data, Outcome};
use crate::applications::{
    self, AdmissibilityInput, ApplicationInput, Budget, Charge, FundingRequest, Product,
};
use crate::auth::{Binding, Principal, Role};
use crate::calls::{self, EnvelopeInput};
use crate::clients::{self, NewClient};
use crate::cofunders;
use crate::contracts::{self, SignatureInput};
use crate::db::DbConnection;
use crate::decisions::{self, DecisionInput};
use crate::error::{Error, Result};
use crate::http::{Actor, Conditions, IfMatch};
use crate::organisations::{self, OrganisationInput};
use crate::types::{
    ApplicationId, CallId, ClientId, CoFunderId, ContractId, Firmness, Instant, Money, OrganisationId,
};

/// What was made so far, by the names the data uses.
struct Loader {
    now: Instant,
    clients: Vec<DemoClient>,
    administrator: Principal,
    instructor: Principal,
    co_funders: HashMap<String, (CoFunderId, Principal)>,
    organisations: HashMap<String, OrganisationId>,
}

/// Loads everything in one transaction.
pub fn load(
    tx: &mut DbConnection,
    data: &Data,
    now: Instant,
    progress: impl Fn(&str),
) -> Result<Vec<DemoClient>> {
    progress("clients and co-funders");
    let mut loader = Loader::start(tx, now)?;
    loader.load_co_funders(tx, data)?;
    progress("the contract and its amendments");
    let contract = loader.load_contract(tx, data)?;
    progress("the call and its envelopes");
    let call = loader.load_call(tx, data, contract)?;
    loader.load_organisations(tx, data)?;
    loader.add_client(tx, "Conseil citoyen de Blois", Role::Council, Binding::Council(contract))?;
    let total = data.applications.len();
    for (place, application) in data.applications.iter().enumerate() {
        if place % 10 == 0 {
            progress(&format!("applications and decisions: {place} of {total}"));
        }
        loader.load_application(tx, call, place, application)?;
    }
    progress(&format!("applications and decisions: {total} of {total}"));
    Ok(loader.clients)
}

fn at(text: &str) -> Result<Instant> {
    Instant::parse(text).ok_or_else(|| Error::internal(format!("{text} is no instant")))
}

fn noon(day: NaiveDate) -> Result<Instant> {
    at(&format!("{day}T12:00:00Z"))
}

fn money(text: &str) -> Result<Money> {
    Money::parse(text).ok_or_else(|| Error::internal(format!("{text} is no amount")))
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T> {
    serde_json::from_value(value.clone()).map_err(Error::internal)
}

/// The value without what the API does not take.
fn without(value: &Value, names: &[&str]) -> Value {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        for name in names {
            object.remove(*name);
        }
    }
    value
}

impl Loader {
    fn start(tx: &mut DbConnection, now: Instant) -> Result<Self> {
        let nobody = Principal {
            client: ClientId::generate(),
            role: Role::Administrator,
            scopes: Role::Administrator.scopes(),
            binding: Binding::Staff,
        };
        let mut loader = Self {
            now,
            clients: Vec::new(),
            administrator: nobody.clone(),
            instructor: nobody,
            co_funders: HashMap::new(),
            organisations: HashMap::new(),
        };
        loader.administrator =
            loader.add_client(tx, "Administration", Role::Administrator, Binding::Staff)?;
        loader.instructor = loader.add_client(tx, "Instruction", Role::Instructor, Binding::Staff)?;
        Ok(loader)
    }

    fn add_client(
        &mut self,
        tx: &mut DbConnection,
        name: &str,
        role: Role,
        binding: Binding,
    ) -> Result<Principal> {
        let new = NewClient { name: name.to_owned(), role, scopes: None, binding };
        let (client, secret) = clients::create(tx, &new, self.now)?;
        let principal = client.principal(None).ok_or_else(|| Error::internal("a client without scopes"))?;
        self.clients.push(DemoClient::new((client, secret)));
        Ok(principal)
    }

    fn co_funder(&self, key: &str) -> Result<&(CoFunderId, Principal)> {
        self.co_funders.get(key).ok_or_else(|| Error::internal(format!("no co-funder {key}")))
    }

    /// Replaces the names of co-funders in a list by their identifiers.
    fn ids(&self, keys: &Value) -> Result<Value> {
        let keys: Vec<String> = read(keys)?;
        keys.iter().map(|key| Ok(json!(self.co_funder(key)?.0))).collect::<Result<Vec<_>>>().map(Value::from)
    }

    fn load_co_funders(&mut self, tx: &mut DbConnection, data: &Data) -> Result<()> {
        let actor = Actor { principal: self.administrator.clone(), now: at("2015-01-05T09:00:00Z")? };
        for one in &data.co_funders {
            let made = cofunders::create(tx, &actor, &one.input())?;
            let principal = self.add_client(tx, &one.name, Role::CoFunder, Binding::CoFunder(made.id))?;
            self.co_funders.insert(one.key.clone(), (made.id, principal));
        }
        Ok(())
    }

    fn load_contract(&mut self, tx: &mut DbConnection, data: &Data) -> Result<ContractId> {
        let signed: data::Signed = read(&data.contract)?;
        let mut input = without(&data.contract, &["signedOn"]);
        input["signatories"] = self.ids(&data.contract["signatories"])?;
        let drafted = Actor { principal: self.administrator.clone(), now: at("2015-06-01T09:00:00Z")? };
        let contract = contracts::create(tx, &drafted, &read(&input)?)?.id;
        let signature = SignatureInput { signed_on: signed.signed_on };
        for (_, principal) in self.co_funders.values() {
            let actor = Actor { principal: principal.clone(), now: noon(signed.signed_on)? };
            contracts::sign_contract(tx, &actor, contract, &IfMatch::absent(), &signature)?;
        }
        for amendment in &data.amendments {
            let signed: data::Signed = read(amendment)?;
            let input = read(&without(amendment, &["signedOn"]))?;
            let drafted =
                Actor { principal: self.administrator.clone(), now: noon(signed.signed_on - Days::new(30))? };
            let id = contracts::draft(tx, &drafted, contract, &input)?.id;
            let signature = SignatureInput { signed_on: signed.signed_on };
            for (_, principal) in self.co_funders.values() {
                let actor = Actor { principal: principal.clone(), now: noon(signed.signed_on)? };
                contracts::sign_amendment(tx, &actor, id, &IfMatch::absent(), &signature)?;
            }
        }
        Ok(contract)
    }

    fn load_call(&mut self, tx: &mut DbConnection, data: &Data, contract: ContractId) -> Result<CallId> {
        let published: data::Published = read(&data.call)?;
        let mut input = without(&data.call, &["publishedAt"]);
        input["launchedBy"] = self.ids(&data.call["launchedBy"])?;
        input["contractId"] = json!(contract);
        let drafted = Actor { principal: self.administrator.clone(), now: at("2022-09-01T09:00:00Z")? };
        let call = calls::create(tx, &drafted, &read(&input)?)?.id;
        for envelope in &data.envelopes {
            let (co_funder, principal) = self.co_funder(&envelope.co_funder)?;
            let actor = Actor { principal: principal.clone(), now: at("2022-09-15T09:00:00Z")? };
            let input = EnvelopeInput { amount: money(&envelope.amount)? };
            calls::set_envelope(tx, &actor, (call, *co_funder), &Conditions::none(), &input)?;
        }
        let actor = Actor { principal: self.administrator.clone(), now: published.published_at };
        calls::publish(tx, &actor, call, &IfMatch::absent())?;
        Ok(call)
    }

    fn load_organisations(&mut self, tx: &mut DbConnection, data: &Data) -> Result<()> {
        let actor = Actor { principal: self.instructor.clone(), now: at("2022-10-03T08:00:00Z")? };
        for one in &data.organisations {
            let input =
                OrganisationInput { name: one.name.clone(), siret: one.siret.clone(), rna: one.rna.clone() };
            let made = organisations::create(tx, &actor, &input)?;
            self.organisations.insert(one.key.clone(), made.id);
            if self.organisations.len() == 1 {
                self.add_client(tx, &one.name, Role::Applicant, Binding::Organisation(made.id))?;
            }
        }
        Ok(())
    }

    fn load_application(
        &self,
        tx: &mut DbConnection,
        call: CallId,
        place: usize,
        data: &data::Application,
    ) -> Result<()> {
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
        applications::judge(tx, &judged, id, &IfMatch::absent(), &judgement)?;
        data.decisions.iter().try_for_each(|decision| self.load_decision(tx, id, &input, decision))
    }

    fn application(&self, call: CallId, data: &data::Application) -> Result<ApplicationInput> {
        let organisation = self.organisations.get(&data.organisation);
        let charge = |(account, amount): &(String, String)| {
            Ok(Charge { account: account.clone(), amount: money(amount)? })
        };
        let own = |(account, amount): &(String, String)| {
            Ok(Product { account: account.clone(), amount: money(amount)?, co_funder_id: None })
        };
        let asked = |request: &data::Request| {
            let (co_funder, amount) = (self.co_funder(&request.co_funder)?.0, money(&request.amount)?);
            Ok(Product { account: "74".to_owned(), amount, co_funder_id: Some(co_funder) })
        };
        let request = |request: &data::Request| {
            let (co_funder_id, amount) = (self.co_funder(&request.co_funder)?.0, money(&request.amount)?);
            Ok(FundingRequest { co_funder_id, amount, credits: request.credits })
        };
        let products = data.own_resources.iter().map(own).chain(data.requests.iter().map(asked));
        Ok(ApplicationInput {
            call_id: call,
            organisation_id: *organisation.ok_or_else(|| Error::internal("no such organisation"))?,
            title: data.title.clone(),
            objectives: data.objectives.clone(),
            needs: data.needs.clone(),
            description: String::new(),
            strand: Some(data.strand.clone()),
            challenges: data.challenges.clone(),
            operational_priorities: data.operational_priorities.clone(),
            statements: data.statements.clone(),
            neighbourhoods: data.neighbourhoods.clone(),
            starts_on: Some(data.starts_on),
            ends_on: Some(data.ends_on),
            multi_year: data.multi_year,
            budget: Budget {
                charges: data.charges.iter().map(charge).collect::<Result<_>>()?,
                products: products.collect::<Result<_>>()?,
            },
            requests: data.requests.iter().map(request).collect::<Result<_>>()?,
            viability_floor: Some(money(&data.viability_floor)?),
        })
    }

    fn load_decision(
        &self,
        tx: &mut DbConnection,
        application: ApplicationId,
        input: &ApplicationInput,
        data: &data::Decision,
    ) -> Result<()> {
        let (co_funder, principal) = self.co_funder(&data.co_funder)?;
        let request = input.requests.iter().find(|request| request.co_funder_id == *co_funder);
        let told = match data.act_date {
            Some(day) => noon(day + Days::new(3))?,
            None if data.firmness == Firmness::Refused => at("2023-03-01T09:00:00Z")?,
            None => at("2023-02-01T09:00:00Z")?,
        };
        let pushed = DecisionInput {
            firmness: data.firmness,
            proposed: data.proposed.as_deref().map(money).transpose()?,
            granted: data.granted.as_deref().map(money).transpose()?,
            credits: request.ok_or_else(|| Error::internal("a decision nobody asked for"))?.credits,
            act_reference: data.act_reference.clone(),
            act_date: data.act_date,
            partner_reference: None,
            reason: None,
        };
        let actor = Actor { principal: principal.clone(), now: told };
        decisions::push(tx, &actor, (application, *co_funder), &Conditions::none(), &pushed).map(|_| ())
    }
}
