//! The ledger under seven clients at once: whatever they push, supersede, batch, pay and withdraw, afterwards no envelope is
//! overrun, every sum is that of its lines, nothing acknowledged is lost, and the events tell the same story.

mod clients;
mod judgement;
mod replay;

use contrat_de_ville::auth::{Binding, Principal, Role};
use contrat_de_ville::types::ClientId;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{DECIDING, Random, TestApp, World, eur, on_each_database};
use clients::Client;

/// Acts of each client in a run.
const ACTS: usize = 100;
const APPLICATIONS: usize = 14;

/// A co-funder of the call: its id, its client's id and token.
pub struct Partner {
    pub id: String,
    pub client: String,
    pub token: String,
}

/// A call of seven co-funders, and applications they decide on.
pub struct Stage {
    pub call: String,
    pub partners: Vec<Partner>,
    pub applications: Vec<String>,
    pub applicant: String,
    pub instructor: String,
}

impl Stage {
    async fn new(app: &TestApp, random: &mut Random) -> Self {
        let mut world = World::new(app).await;
        app.set_clock("2022-09-01T10:00:00Z");
        let mut ids = vec![world.caf.clone(), world.city.clone(), world.landlord.clone()];
        for rank in 4..=7 {
            ids.push(world.another_co_funder(app, &format!("Financeur {rank}")).await.0);
        }
        let mut body = world.call_body();
        body["launchedBy"] = json!(ids);
        world.call = world.published(app, &body).await;
        let mut partners = Vec::new();
        for id in ids {
            let principal = Principal {
                client: ClientId::generate(),
                role: Role::CoFunder,
                scopes: Role::CoFunder.scopes(),
                binding: Binding::CoFunder(id.parse().unwrap()),
            };
            let (client, token) = (principal.client.to_string(), app.token_of(&principal).await);
            set_envelope(app, &world.call, &id, &token, random).await;
            partners.push(Partner { id, client, token });
        }
        let mut applications = Vec::new();
        for _ in 0..APPLICATIONS {
            applications.push(admitted(app, &world, &application(&world, &partners, random)).await);
        }
        app.set_clock(DECIDING);
        let World { call, applicant, instructor, .. } = world;
        Self { call, partners, applications, applicant, instructor }
    }
}

/// Small envelopes, so that they are fought for: some of one part, some split by credits and strand.
async fn set_envelope(app: &TestApp, call: &str, id: &str, token: &str, random: &mut Random) {
    let part = |credits: &str, strand: Value, amount: usize| json!({"credits": credits, "strand": strand, "amount": eur(&format!("{amount}.00"))});
    let mut parts = vec![part("mainstream", json!(null), 4_000 + random.below(9_000))];
    if random.once_in(2) {
        parts.push(part("specific", json!(null), 1_000 + random.below(5_000)));
    }
    if random.once_in(3) {
        parts.push(part("mainstream", json!("life"), 2_000 + random.below(5_000)));
    }
    let path = format!("/v1/calls/{call}/envelopes/{id}");
    let set = app.put(&path).token(token).if_match("*").json(&json!({"parts": parts}));
    set.send().await.expect(200);
}

/// It costs 20,000.00, of which public money may be 16,000.00, and asks one to three co-funders.
fn application(world: &World, partners: &[Partner], random: &mut Random) -> Value {
    let mut body = world.application_body();
    let first = random.below(partners.len());
    let asked: Vec<&Partner> =
        (0..=random.below(3)).map(|step| &partners[(first + step) % partners.len()]).collect();
    let amounts: Vec<usize> = asked.iter().map(|_| 500 + random.below(4_500)).collect();
    let asked_in_all: usize = amounts.iter().sum();
    let rest = 20_000 - asked_in_all;
    let money = |amount: usize| eur(&format!("{amount}.00"));
    let mut products = vec![
        json!({"account": "70", "amount": money(rest)}),
        json!({"account": "87", "amount": eur("500.00")}),
    ];
    let mut requests = Vec::new();
    for (partner, amount) in asked.iter().zip(amounts) {
        products.push(json!({"account": "74", "amount": money(amount), "coFunderId": partner.id}));
        let credits = random.pick(&["mainstream", "specific"]);
        requests.push(json!({"coFunderId": partner.id, "amount": money(amount), "credits": credits}));
    }
    body["budget"]["products"] = json!(products);
    body["requests"] = json!(requests);
    body["viabilityFloor"] = money(random.below(asked_in_all));
    body
}

async fn admitted(app: &TestApp, world: &World, body: &Value) -> String {
    let application = world.submitted(app, body).await;
    let path = format!("/v1/applications/{application}/admissibility");
    app.put(&path).token(&world.instructor).json(&json!({"admissible": true})).send().await.expect(200);
    application
}

async fn run(app: &TestApp, seed: u64) {
    let mut random = Random::new(seed);
    let stage = Stage::new(app, &mut random).await;
    let mut clients: Vec<Client<'_>> =
        (0..stage.partners.len()).map(|place| Client::new(app, &stage, place, random.fork())).collect();
    join_all(clients.iter_mut().map(|client| client.act(ACTS))).await;
    let made: usize = clients.iter().map(|client| client.acknowledged.len()).sum();
    let told = clients.iter().flat_map(|client| &client.acknowledged);
    let conditional = told.filter(|told| told.line.get("conditions").is_some()).count();
    let paid = app.events("payment.recorded").await;
    let enough = made > 120 && paid > 10 && conditional > 15;
    assert!(enough, "{made} lines, {conditional} with conditions, {paid} payments: the run shows little");
    judgement::envelopes_hold(app, &stage).await;
    judgement::sums_are_those_of_the_lines(app, &stage).await;
    judgement::nothing_acknowledged_is_lost(app, &stage, &clients).await;
    replay::the_events_tell_the_same(app, &stage).await;
}

#[actix_web::test]
async fn seven_clients_at_once_leave_a_true_ledger() {
    on_each_database(async |app| run(app, 5).await).await;
}

#[actix_web::test]
async fn and_so_they_do_another_time() {
    on_each_database(async |app| run(app, 2_023).await).await;
}
