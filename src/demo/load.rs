//! Loading: each step is the very command a client would have sent, by the institution that would have sent it, on
//! the day it would have.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use serde_json::{Map, Value, json};

use super::clients::DemoClient;
use super::data::{self, Data};
use crate::auth::{Binding, Principal, Role};
use crate::calls::{self, EnvelopeInput};
use crate::clients::{self, NewClient};
use crate::cofunders;
use crate::contracts::{self, CommitmentReportInput, SignatureInput};
use crate::db::DbConnection;
use crate::error::{Error, Result};
use crate::http::{Actor, Conditions, IfMatch};
use crate::types::{CallId, ClientId, CoFunderId, ContractId, Instant, Money, OrganisationId};

/// What was made so far, by the names the data uses.
pub(super) struct Loader {
    now: Instant,
    clients: Vec<DemoClient>,
    pub(super) administrator: Principal,
    pub(super) instructor: Principal,
    pub(super) council: Principal,
    co_funders: HashMap<String, (CoFunderId, Principal)>,
    pub(super) organisations: HashMap<String, OrganisationId>,
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
    loader.council =
        loader.add_client(tx, "Conseil citoyen de Blois", Role::Council, Binding::Council(contract))?;
    let total = data.applications.len();
    let mut loaded = Vec::new();
    for (place, application) in data.applications.iter().enumerate() {
        if place % 10 == 0 {
            progress(&format!("applications: {place} of {total}"));
        }
        loaded.push(loader.load_application(tx, call, place, application)?);
    }
    progress(&format!("applications: {total} of {total}"));
    progress("opinions, the committee, decisions and payments");
    loader.load_opinions(tx, contract, &loaded)?;
    let co_funders = data.co_funders.iter().map(|one| loader.co_funder(&one.key).map(|(id, _)| *id));
    let co_funders: Vec<CoFunderId> = co_funders.collect::<Result<_>>()?;
    let (before, after) = loader.pushes(&loaded)?;
    before.iter().try_for_each(|push| push.record(tx))?;
    loader.load_session(tx, call, &co_funders, &loaded)?;
    after.iter().try_for_each(|push| push.record(tx))?;
    loader.load_payments(tx, &loaded)?;
    loader.load_next_call(tx, data, call)?;
    Ok(loader.clients)
}

pub(super) fn at(text: &str) -> Result<Instant> {
    Instant::parse(text).ok_or_else(|| Error::internal(format!("{text} is no instant")))
}

pub(super) fn noon(day: NaiveDate) -> Result<Instant> {
    at(&format!("{day}T12:00:00Z"))
}

pub(super) fn money(text: &str) -> Result<Money> {
    Money::parse(text).ok_or_else(|| Error::internal(format!("{text} is no amount")))
}

pub(super) fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T> {
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
            instructor: nobody.clone(),
            council: nobody,
            co_funders: HashMap::new(),
            organisations: HashMap::new(),
        };
        loader.administrator =
            loader.add_client(tx, "Administration", Role::Administrator, Binding::Staff)?;
        loader.instructor = loader.add_client(tx, "Instruction", Role::Instructor, Binding::Staff)?;
        Ok(loader)
    }

    pub(super) fn add_client(
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

    pub(super) fn co_funder(&self, key: &str) -> Result<&(CoFunderId, Principal)> {
        self.co_funders.get(key).ok_or_else(|| Error::internal(format!("no co-funder {key}")))
    }

    /// The value with the co-funders' names in it replaced by their identifiers.
    fn resolved(&self, value: &Value) -> Result<Value> {
        let id = |key: &Value| self.co_funder(key.as_str().unwrap_or_default()).map(|(id, _)| json!(id));
        Ok(match value {
            Value::Array(items) => items.iter().map(|item| self.resolved(item)).collect::<Result<_>>()?,
            Value::Object(members) => {
                let mut resolved = Map::new();
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("coFunder", key) => resolved.insert("coFunderId".to_owned(), id(key)?),
                        ("signatories" | "launchedBy", Value::Array(keys)) => {
                            resolved.insert(name.clone(), keys.iter().map(id).collect::<Result<_>>()?)
                        }
                        _ => resolved.insert(name.clone(), self.resolved(member)?),
                    };
                }
                Value::Object(resolved)
            }
            plain => plain.clone(),
        })
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
        let input = self.resolved(&without(&data.contract, &["signedOn", "council"]))?;
        let drafted = Actor { principal: self.administrator.clone(), now: at("2015-06-01T09:00:00Z")? };
        let contract = contracts::create(tx, &drafted, &read(&input)?)?.id;
        let signature = SignatureInput { signed_on: signed.signed_on };
        for (_, principal) in self.co_funders.values() {
            let actor = Actor { principal: principal.clone(), now: noon(signed.signed_on)? };
            contracts::sign_contract(tx, &actor, contract, &IfMatch::absent(), &signature)?;
        }
        let actor = Actor { principal: self.administrator.clone(), now: noon(signed.signed_on)? };
        let council = read(&data.contract["council"])?;
        contracts::set_council(tx, &actor, contract, &Conditions::none(), &council)?;
        data.amendments.iter().try_for_each(|amendment| self.load_amendment(tx, contract, amendment))?;
        data.commitment_reports.iter().try_for_each(|report| self.load_report(tx, contract, report))?;
        Ok(contract)
    }

    fn load_amendment(&self, tx: &mut DbConnection, contract: ContractId, amendment: &Value) -> Result<()> {
        let signed: data::Signed = read(amendment)?;
        let input = read(&self.resolved(&without(amendment, &["signedOn"]))?)?;
        let day = signed.signed_on - Days::new(30);
        let drafted = Actor { principal: self.administrator.clone(), now: noon(day)? };
        let id = contracts::draft(tx, &drafted, contract, &input)?.id;
        let signature = SignatureInput { signed_on: signed.signed_on };
        for (_, principal) in self.co_funders.values() {
            let actor = Actor { principal: principal.clone(), now: noon(signed.signed_on)? };
            contracts::sign_amendment(tx, &actor, id, &IfMatch::absent(), &signature)?;
        }
        Ok(())
    }

    fn load_report(&self, tx: &mut DbConnection, contract: ContractId, report: &Value) -> Result<()> {
        let told: data::Report = read(report)?;
        let input: CommitmentReportInput = read(&without(report, &["coFunder", "commitment"]))?;
        let (_, principal) = self.co_funder(&told.co_funder)?;
        let actor = Actor { principal: principal.clone(), now: noon(input.reported_on)? };
        contracts::report_on_commitment(tx, &actor, (contract, &told.commitment), &input).map(|_| ())
    }

    fn load_call(&mut self, tx: &mut DbConnection, data: &Data, contract: ContractId) -> Result<CallId> {
        let published: data::Published = read(&data.call)?;
        let mut input = self.resolved(&without(&data.call, &["publishedAt"]))?;
        input["contractId"] = json!(contract);
        let drafted = Actor { principal: self.administrator.clone(), now: at("2022-09-01T09:00:00Z")? };
        let call = calls::create(tx, &drafted, &read(&input)?)?.id;
        for envelope in &data.envelopes {
            let (co_funder, principal) = self.co_funder(&envelope.co_funder)?;
            let actor = Actor { principal: principal.clone(), now: at("2022-09-15T09:00:00Z")? };
            let parts = envelope.parts.iter().map(data::Part::read).collect::<Result<_>>()?;
            let input = EnvelopeInput { parts };
            calls::set_envelope(tx, &actor, (call, *co_funder), &Conditions::none(), &input)?;
        }
        let actor = Actor { principal: self.administrator.clone(), now: published.published_at };
        calls::publish(tx, &actor, call, &IfMatch::absent())?;
        Ok(call)
    }

    /// The call of the year after: a copy, in draft.
    fn load_next_call(&self, tx: &mut DbConnection, data: &Data, call: CallId) -> Result<()> {
        let mut input = data.next_call.clone();
        input["copiedFrom"] = json!(call);
        let actor = Actor { principal: self.administrator.clone(), now: at("2023-06-15T09:00:00Z")? };
        calls::create(tx, &actor, &read(&input)?).map(|_| ())
    }
}
