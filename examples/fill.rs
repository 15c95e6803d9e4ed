//! Fills a database that holds the demonstration with many applications, through the commands that clients call:
//! what `bench/finding.sh` measures on.
//!
//! `cargo run --release --example fill -- DATABASE COUNT`

use chrono::NaiveDate;
use contrat_de_ville::applications::{self, AdmissibilityInput, ApplicationInput, FundingRequest};
use contrat_de_ville::auth::{Binding, Principal, Role};
use contrat_de_ville::calls::{self, CallInput, EnvelopeInput};
use contrat_de_ville::db::schema::{calls as calls_table, clients};
use contrat_de_ville::db::{Db, DbConnection, Json, Target};
use contrat_de_ville::decisions::{self, DecisionInput};
use contrat_de_ville::error::{Error, Result};
use contrat_de_ville::http::{Actor, Conditions, IfMatch};
use contrat_de_ville::organisations::{self, OrganisationInput};
use contrat_de_ville::types::{
    CallId, ClientId, CoFunderId, Credits, Firmness, Instant, Money, OrganisationId, Siret,
};
use diesel::prelude::*;
use serde_json::{Value, json};

const CALLS: usize = 20;
const ORGANISATIONS: usize = 2_000;
/// Applications that are written in one transaction.
const GROUP: usize = 250;

const KINDS: [&str; 8] =
    ["Association", "Amicale", "Compagnie", "Collectif", "Régie", "Maison", "Centre", "Fédération"];
const THEMES: [&str; 12] = [
    "jardins partagés",
    "théâtre de rue",
    "soutien scolaire",
    "médiation numérique",
    "éducation populaire",
    "sport pour tous",
    "accès aux droits",
    "cuisine solidaire",
    "insertion professionnelle",
    "lecture publique",
    "santé",
    "musique",
];
const PLACES: [&str; 6] = ["Nord", "Quinière", "Cornillettes", "Croix-Chevalier", "Mirabeau", "Bégon"];

/// What every application refers to.
#[derive(Clone)]
struct World {
    client: ClientId,
    calls: Vec<(CallId, CallInput)>,
    organisations: Vec<OrganisationId>,
}

impl World {
    fn actor(&self, role: Role, binding: Binding, now: Instant) -> Actor {
        Actor { principal: Principal { client: self.client, role, scopes: role.scopes(), binding }, now }
    }
}

fn at(text: &str) -> Result<Instant> {
    Instant::parse(text).ok_or_else(|| Error::internal(text))
}

fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T> {
    serde_json::from_value(value).map_err(Error::internal)
}

/// One of `words`, another for each `place`.
fn pick<T>(words: &[T], place: usize) -> Result<&T> {
    words.get(place % words.len()).ok_or_else(|| Error::internal("nothing to pick from"))
}

/// A number that looks like chance and is the same in every run.
fn scattered(place: usize) -> usize {
    place.wrapping_mul(2_654_435_761) % 1_000_003
}

/// The calls: that of the demonstration and its copies. Some co-funders are in all of them, the last one in few.
fn prepare(tx: &mut DbConnection) -> Result<World> {
    let client: ClientId = clients::table.select(clients::id).order(clients::id).first(tx)?;
    let mut world = World { client, calls: Vec::new(), organisations: Vec::new() };
    let first = calls_table::table.filter(calls_table::status.eq("published"));
    let columns = (calls_table::id, calls_table::terms);
    let (source, terms): (CallId, Json<CallInput>) = first.select(columns).first(tx)?;
    let all = &terms.launched_by;
    for place in 0..CALLS {
        let launched_by: Vec<CoFunderId> =
            all.iter().take(if place % 10 == 0 { all.len() } else { all.len() - 1 }).copied().collect();
        let made = copy(tx, &world, source, &launched_by)?;
        world.calls.push((made, CallInput { launched_by, ..CallInput::clone(&terms) }));
    }
    let actor = world.actor(Role::Instructor, Binding::Staff, at("2022-09-01T09:00:00Z")?);
    for place in 0..ORGANISATIONS {
        let name = format!(
            "{} {} {} {place}",
            pick(&KINDS, scattered(place))?,
            pick(&THEMES, place)?,
            pick(&PLACES, place)?
        );
        let input =
            OrganisationInput { siret: Some(siret(place)?), ..read(json!({"name": name, "rna": null}))? };
        world.organisations.push(organisations::create(tx, &actor, &input)?.0.id);
    }
    Ok(world)
}

fn siret(place: usize) -> Result<Siret> {
    let numbers = (0..10).map(|check| format!("0009{place:09}{check}"));
    let mut valid = numbers.filter_map(|text| serde_json::from_value(json!(text)).ok());
    valid.next().ok_or_else(|| Error::internal("no SIRET"))
}

fn copy(tx: &mut DbConnection, world: &World, source: CallId, launched_by: &[CoFunderId]) -> Result<CallId> {
    let actor = world.actor(Role::Administrator, Binding::Staff, at("2022-09-01T09:00:00Z")?);
    let input = json!({
        "copiedFrom": source, "year": 2023, "launchedBy": launched_by,
        "opensAt": "2022-10-03T07:00:00Z", "closesAt": "2022-11-18T22:59:59Z"
    });
    let call = calls::create(tx, &actor, &read(input)?)?.id;
    for co_funder in launched_by {
        let own = world.actor(Role::CoFunder, Binding::CoFunder(*co_funder), actor.now);
        let amount = json!({"amount": "900000000.00", "currency": "EUR"});
        let parts: EnvelopeInput = read(json!({"parts": [{"credits": "mainstream", "amount": amount}]}))?;
        calls::set_envelope(tx, &own, (call, *co_funder), &Conditions::none(), &parts)?;
    }
    calls::publish(tx, &actor, call, &IfMatch::absent())?;
    Ok(call)
}

fn application(world: &World, place: usize, count: usize) -> Result<ApplicationInput> {
    // Call after call, as years go by.
    let (call_id, call) = pick(&world.calls, place * CALLS / count)?;
    let chance = scattered(place);
    let strand = pick(&call.strands, chance)?;
    let asked = [pick(&call.launched_by, chance)?, pick(&call.launched_by, chance + 1)?];
    let cents = i64::try_from(chance % 900 + 100).map_err(Error::internal)? * 1_000;
    let rare = if place.is_multiple_of(1_000) { " rarissime" } else { "" };
    let theme = pick(&THEMES, chance / 7)?;
    let title = format!("{theme} au quartier {}{rare} {chance}", pick(&PLACES, chance / 3)?);
    let objectives =
        format!("Un atelier de {theme} chaque semaine, pour les habitants du quartier. ").repeat(4);
    let request = |co_funder: &&CoFunderId| FundingRequest {
        co_funder_id: **co_funder,
        amount: Money::from_cents(cents),
        credits: Credits::Mainstream,
    };
    let amount = |times: i64| Money::from_cents(cents * times);
    let product =
        |co_funder: &&CoFunderId| json!({"account": "74", "amount": amount(1), "coFunderId": co_funder});
    let products: Vec<Value> =
        asked.iter().map(product).chain([json!({"account": "70", "amount": amount(2)})]).collect();
    let budget = json!({"charges": [{"account": "60", "amount": amount(4)}], "products": products});
    let mut input: ApplicationInput = read(json!({
        "callId": call_id, "organisationId": pick(&world.organisations, chance)?, "title": title,
        "objectives": objectives, "description": "Ce que l’action fera, mois après mois. ".repeat(40),
        "strand": strand.code, "challenges": strand.challenges,
        "operationalPriorities": [pick(&strand.operational_priorities, chance)?.code],
        "neighbourhoods": [pick(&call.neighbourhoods, chance)?], "budget": budget
    }))?;
    input.statements = call
        .cross_cutting_priorities
        .iter()
        .map(|one| read(json!({"priority": one.code, "statement": "Oui."})))
        .collect::<Result<_>>()?;
    input.starts_on = NaiveDate::from_ymd_opt(2023, 2, 1);
    input.ends_on = NaiveDate::from_ymd_opt(2023, 11, 30);
    input.requests = asked.iter().map(request).collect();
    Ok(input)
}

/// An application on its way: one in ten stays a draft, half are judged, one in five gets a line.
fn add(tx: &mut DbConnection, world: &World, place: usize, count: usize) -> Result<()> {
    let input = application(world, place, count)?;
    let chance = scattered(place + 7);
    let received = at("2022-10-10T08:00:00Z")?.plus_seconds(i64::try_from(chance).map_err(Error::internal)?);
    let own = world.actor(Role::Applicant, Binding::Organisation(input.organisation_id), received);
    let id = applications::create(tx, &own, &input)?.id;
    if chance.is_multiple_of(10) {
        return Ok(());
    }
    applications::submit(tx, &own, id, &IfMatch::absent())?;
    if chance % 10 < 5 {
        return Ok(());
    }
    let judged = world.actor(Role::Instructor, Binding::Staff, received.plus_seconds(3_000_000));
    let judgement = AdmissibilityInput { admissible: true, reason: None };
    applications::judge(tx, &judged, id, &IfMatch::absent(), &judgement)?;
    match chance % 10 {
        8 => decide(tx, world, id, &input, Firmness::Agreed),
        9 => decide(tx, world, id, &input, Firmness::Voted),
        _ => Ok(()),
    }
}

fn decide(
    tx: &mut DbConnection,
    world: &World,
    id: contrat_de_ville::types::ApplicationId,
    input: &ApplicationInput,
    firmness: Firmness,
) -> Result<()> {
    let asked = pick(&input.requests, 0)?;
    let actor =
        world.actor(Role::CoFunder, Binding::CoFunder(asked.co_funder_id), at("2023-03-20T09:00:00Z")?);
    let line: DecisionInput = read(json!({
        "firmness": firmness, "granted": asked.amount, "credits": "mainstream",
        "actReference": "ACT-1", "actDate": "2023-03-16"
    }))?;
    decisions::push(tx, &actor, (id, asked.co_funder_id), &Conditions::none(), &line).map(|_| ())
}

#[actix_web::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(database), Some(count)) = (arguments.next(), arguments.next()) else {
        return Err("fill DATABASE COUNT".into());
    };
    let count: usize = count.parse()?;
    let db = Db::open(Target::parse(&database)?, 2)?;
    let world = db.write(prepare).await?;
    let started = std::time::Instant::now();
    for first in (0..count).step_by(GROUP) {
        let world = world.clone();
        let places = first..count.min(first + GROUP);
        db.write(move |tx| places.clone().try_for_each(|place| add(tx, &world, place, count))).await?;
        if first % 10_000 == 0 {
            println!("{first} of {count} applications, {} s", started.elapsed().as_secs());
        }
    }
    println!("{count} applications in {} s", started.elapsed().as_secs());
    Ok(())
}
