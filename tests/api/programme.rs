//! The programme of a call: its rows, and sums that are those of the very rows it shows.

mod readers;
mod table;

use contrat_de_ville::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::support::{
    Answer, DECIDING, Request, TestApp, World, at_once, contract_body, count, eur, faults, id,
    on_each_database, voted,
};

/// The steps money takes, in every sum.
pub const STEPS: [&str; 6] = ["requested", "intended", "agreed", "conditional", "voted", "paid"];

pub fn path(world: &World) -> String {
    format!("/v1/calls/{}/programme", world.call)
}

/// The programme of the world's call, as a partner reads it.
pub async fn read(app: &TestApp, world: &World) -> Answer {
    app.get(&path(world)).token(&world.landlord_token).send().await.expect(200)
}

/// Ids and tokens of the Caf, the city and the landlord.
pub fn hands(world: &World) -> [(&str, &str); 3] {
    let caf = (world.caf.as_str(), world.caf_token.as_str());
    let city = (world.city.as_str(), world.city_token.as_str());
    let landlord = (world.landlord.as_str(), world.landlord_token.as_str());
    [caf, city, landlord]
}

pub fn push(app: &TestApp, application: &str, (co_funder, token): (&str, &str), body: &Value) -> Request {
    app.put(&format!("/v1/applications/{application}/decisions/{co_funder}")).token(token).json(body)
}

pub fn agreed(amount: &str) -> Value {
    json!({"firmness": "agreed", "granted": eur(amount), "credits": "mainstream"})
}

/// The same, if a co-funder grants at least so much.
pub fn provided(mut body: Value, co_funder: &str, amount: &str) -> Value {
    body["conditions"] = json!([{"type": "coFunderGrants", "coFunderId": co_funder, "amount": eur(amount)}]);
    body
}

/// An opinion of the council, given.
pub async fn council_says(app: &TestApp, world: &World, application: &str, view: &str) -> Value {
    let opinion = json!({"view": view, "reasons": "Discuté en réunion."});
    let give = app.post(&format!("/v1/applications/{application}/opinions")).token(&world.council);
    give.json(&opinion).send().await.expect(201).json()
}

/// An admissible application of `body`.
pub async fn admitted(app: &TestApp, world: &World, body: &Value) -> String {
    let application = world.submitted(app, body).await;
    let path = format!("/v1/applications/{application}/admissibility");
    app.put(&path).token(&world.instructor).json(&json!({"admissible": true})).send().await.expect(200);
    app.set_clock(DECIDING);
    application
}

/// The token of an instructor of another contract.
pub async fn instructor_elsewhere(app: &TestApp, world: &World) -> String {
    let mut body = contract_body(&[&world.caf]);
    body["reference"] = json!("CV-AUTRE");
    let made = app.post("/v1/contracts").token(&world.administrator).json(&body).send().await.expect(201);
    let contract = id(&made.json()).parse().unwrap();
    app.token(Role::Instructor, Binding::Instruction(contract)).await
}

/// A call of two strands with four applications, at every firmness: the first is voted, partly paid and intended; the
/// second waits for somebody who put it off; the third is scraped together; of the fourth nothing was said.
pub async fn fair(app: &TestApp) -> World {
    let mut world = World::new(app).await;
    let mut call = world.call_body();
    let education = json!({"code": "education", "title": {"fr": "Apprendre"}, "challenges": [4],
        "operationalPriorities": []});
    call["strands"].as_array_mut().unwrap().push(education);
    world.call = world.published(app, &call).await;
    let life = world.application_body();
    let mut education = life.clone();
    (education["strand"], education["challenges"]) = (json!("education"), json!([4]));
    education["operationalPriorities"] = json!([]);
    let mut ids = Vec::new();
    for body in [&life, &education, &life, &life] {
        ids.push(admitted(app, &world, body).await);
    }
    let [caf, city, landlord] = hands(&world);
    let intended = json!({"firmness": "intended", "proposed": eur("3000.00"), "credits": "specific"});
    let nothing = |firmness: &str| json!({"firmness": firmness, "credits": "mainstream"});
    for (place, hand, body) in [
        (0_usize, caf, voted("4000.00")),
        (0, city, intended),
        (1, caf, provided(agreed("2000.00"), &world.city, "3000.00")),
        (1, city, nothing("deferred")),
        (2, caf, nothing("refused")),
        (2, city, agreed("1500.00")),
        (2, landlord, voted("700.00")),
    ] {
        push(app, &ids[place], hand, &body).send().await.expect(201);
    }
    pay(app, &world, &ids[0]).send().await.expect(201);
    world
}

/// An advance of 1,000.00 EUR of the Caf.
fn pay(app: &TestApp, world: &World, application: &str) -> Request {
    let advance =
        json!({"kind": "advance", "amount": eur("1000.00"), "paidOn": "2023-03-20", "reference": "MDT-1"});
    app.post(&format!("{}/payments", world.caf_line(application))).token(&world.caf_token).json(&advance)
}

pub fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().unwrap()
}

pub fn cents(money: &Value) -> i64 {
    money["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

fn steps(one: &Value) -> [i64; 6] {
    STEPS.map(|step| cents(&one[step]))
}

fn sum<'a>(parts: impl Iterator<Item = &'a Value>) -> [i64; 6] {
    parts.map(steps).fold([0; 6], |sum, one| std::array::from_fn(|place| sum[place] + one[place]))
}

/// The six sums of something, in words.
pub fn figures(one: &Value) -> String {
    STEPS.map(|step| one[step]["amount"].as_str().unwrap()).join(" ")
}

/// The last digits of the rows' numbers, in their order.
pub fn order(programme: &Value) -> String {
    let digit = |row: &Value| row["number"].as_str().unwrap().trim_start_matches("2023-000").to_owned();
    list(programme, "rows").iter().map(digit).collect::<Vec<_>>().join(" ")
}

/// Holds every sum of a programme to the rows it shows, and every envelope to what they take out of it.
pub fn adds_up(programme: &Value) {
    let rows = list(programme, "rows");
    let fundings: Vec<&Value> = rows.iter().map(|row| &row["funding"]).collect();
    let gap = |rows: &[&Value]| rows.iter().map(|one| cents(&one["gap"])).sum::<i64>();
    let totals = &programme["totals"];
    assert_eq!(totals["applications"], rows.len());
    assert_eq!((steps(totals), cents(&totals["gap"])), (sum(fundings.iter().copied()), gap(&fundings)));
    for word in ["full", "scaledDown", "notViable"] {
        assert_eq!(totals[word], fundings.iter().filter(|one| one["viability"] == word).count(), "{word}");
    }
    let said = |member: &str, key: &str, value: &Value| {
        let parts = fundings.iter().flat_map(|one| list(one, member));
        sum(parts.filter(|one| one[key] == *value))
    };
    for one in list(programme, "coFunders") {
        let (own, envelope) = (said("byCoFunder", "coFunderId", &one["coFunderId"]), &one["envelope"]);
        assert_eq!((steps(one), &envelope["coFunderId"]), (own, &one["coFunderId"]));
        let [_, _, agreed, conditional, ..] = own;
        assert_eq!(cents(&envelope["committed"]), agreed + conditional, "{one}");
        assert_eq!(cents(&envelope["remaining"]), cents(&envelope["amount"]) - agreed - conditional);
    }
    for one in list(programme, "byCredits") {
        assert_eq!(steps(one), said("byCredits", "credits", &one["credits"]));
    }
    assert_eq!(sum(list(programme, "byCredits").iter()), steps(totals));
    for one in list(programme, "byStrand") {
        let own = rows.iter().filter(|row| row["strand"] == one["strand"]);
        let own: Vec<&Value> = own.map(|row| &row["funding"]).collect();
        assert_eq!(one["applications"], own.len());
        assert_eq!((steps(one), cents(&one["gap"])), (sum(own.iter().copied()), gap(&own)));
    }
    assert_eq!(sum(list(programme, "byStrand").iter()), steps(totals));
}

#[actix_web::test]
async fn every_sum_is_that_of_the_rows_and_each_envelope_is_shown_as_it_is() {
    on_each_database(async |app| {
        let world = fair(app).await;
        let programme = read(app, &world).await.json();
        adds_up(&programme);
        let head = (&programme["callId"], &programme["year"], &programme["title"]);
        assert_eq!(head, (&json!(world.call), &json!(2023), &json!("Appel 2023")));
        let totals = &programme["totals"];
        assert_eq!(figures(totals), "40000.00 11200.00 6200.00 2000.00 4700.00 1000.00");
        assert_eq!((&totals["applications"], &totals["gap"]), (&json!(4), &eur("33800.00")));
        let viable = ["full", "scaledDown", "notViable"].map(|word| totals[word].as_u64().unwrap());
        assert_eq!(viable, [1, 2, 1]);
        let parts = |member: &str, key: &str| -> Vec<String> {
            let told = |one: &Value| format!("{} {}", one[key].as_str().unwrap(), figures(one));
            list(&programme, member).iter().map(told).collect()
        };
        let co_funders = [
            "Caf 20000.00 6000.00 4000.00 2000.00 4000.00 1000.00",
            "Ville 20000.00 4500.00 1500.00 0.00 0.00 0.00",
            "Bailleur 0.00 700.00 700.00 0.00 700.00 0.00",
        ];
        assert_eq!(parts("coFunders", "name"), co_funders);
        // The city is asked for specific credits, and gives some of it out of others.
        let credits = [
            "specific 20000.00 3000.00 0.00 0.00 0.00 0.00",
            "mainstream 20000.00 8200.00 6200.00 2000.00 4700.00 1000.00",
        ];
        assert_eq!(parts("byCredits", "credits"), credits);
        let strands = [
            "education 10000.00 2000.00 0.00 2000.00 0.00 0.00",
            "life 30000.00 9200.00 6200.00 0.00 4700.00 1000.00",
        ];
        assert_eq!(parts("byStrand", "strand"), strands);
        let committed = ["6000.00", "1500.00", "700.00"];
        for ((one, committed), (co_funder, token)) in
            list(&programme, "coFunders").iter().zip(committed).zip(hands(&world))
        {
            let envelope = app.get(&format!("/v1/calls/{}/envelopes/{co_funder}", world.call)).token(token);
            assert_eq!(one["envelope"], envelope.send().await.expect(200).json());
            assert_eq!(one["envelope"]["committed"], eur(committed));
        }
        for row in list(&programme, "rows") {
            let application = format!("/v1/applications/{}", row["applicationId"].as_str().unwrap());
            let whole = app.get(&application).token(&world.city_token).send().await.expect(200).json();
            for member in ["number", "status", "title", "strand", "organisationId", "funding"] {
                assert_eq!(row[member], whole[member], "{member}");
            }
            assert_eq!(row["organisationName"], "Les Jardins (essai)");
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_not_admissible_has_no_row() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let empty = read(app, &world).await.json();
        adds_up(&empty);
        assert_eq!((order(&empty), list(&empty, "coFunders").len()), (String::new(), 3));
        let body = world.application_body();
        world.draft(app, &body).await;
        world.submitted(app, &body).await;
        let wrong = world.submitted(app, &body).await;
        let judge = app.put(&format!("/v1/applications/{wrong}/admissibility")).token(&world.instructor);
        judge.json(&json!({"admissible": false, "reason": "x"})).send().await.expect(200);
        let (kept, gone) = (world.admissible(app).await, world.admissible(app).await);
        for application in [&kept, &gone] {
            push(app, application, hands(&world)[0], &agreed("3000.00")).send().await.expect(201);
        }
        let programme = read(app, &world).await.json();
        adds_up(&programme);
        assert_eq!((order(&programme).as_str(), &programme["totals"]["agreed"]), ("3 4", &eur("6000.00")));
        let withdraw = app.put(&format!("/v1/applications/{gone}/withdrawal")).token(&world.applicant);
        withdraw.json(&json!({"reason": "L’action n’aura pas lieu."})).send().await.expect(200);
        let programme = read(app, &world).await.json();
        adds_up(&programme);
        assert_eq!((order(&programme).as_str(), &programme["totals"]["agreed"]), ("3", &eur("3000.00")));
    })
    .await;
}

/// An application that asks this of the Caf, in euros.
fn asking(world: &World, title: &str, of_caf: u32) -> Value {
    let mut body = world.application_body();
    let (own, asked) = (eur(&format!("{}.00", 15_000 - of_caf)), eur(&format!("{of_caf}.00")));
    body["title"] = json!(title);
    body["budget"]["products"][0]["amount"] = own;
    body["budget"]["products"][2]["amount"] = asked.clone();
    body["requests"][0]["amount"] = asked;
    body
}

/// The order of the rows, when it is named.
async fn ordered(app: &TestApp, world: &World, sort: &str) -> String {
    let path = format!("{}?sort={sort}", path(world));
    order(&app.get(&path).token(&world.caf_token).send().await.expect(200).json())
}

#[actix_web::test]
async fn rows_come_in_the_order_that_is_named() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut last = String::new();
        for (title, of_caf) in
            [("Forum", 4000), ("École ouverte", 5000), ("atelier", 3500), ("eau vive", 4500)]
        {
            last = admitted(app, &world, &asking(&world, title, of_caf)).await;
        }
        push(app, &last, hands(&world)[0], &voted("2000.00")).send().await.expect(201);
        assert_eq!(order(&read(app, &world).await.json()), "1 2 3 4");
        for (sort, expected) in [
            ("number", "1 2 3 4"),
            ("-number", "4 3 2 1"),
            ("requested", "3 1 4 2"),
            ("-requested", "2 4 1 3"),
            ("gap", "4 3 1 2"),
            ("-gap", "2 1 3 4"),
            ("title", "3 4 2 1"),
            ("-title", "1 2 4 3"),
        ] {
            assert_eq!(ordered(app, &world, sort).await, expected, "{sort}");
        }
        let wrong = app.get(&format!("{}?sort=shoeSize", path(&world))).token(&world.caf_token).send().await;
        let problem = wrong.problem(400, "invalid-parameter");
        assert_eq!(faults(&problem), [("sort".to_owned(), "not-allowed-value".to_owned())]);
    })
    .await;
}

#[actix_web::test]
async fn rows_that_are_alike_follow_by_number_whichever_way_the_others_go() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for of_caf in [5000, 4000, 4000, 5000] {
            admitted(app, &world, &asking(&world, "Un jardin", of_caf)).await;
        }
        for sort in ["requested", "gap"] {
            assert_eq!(ordered(app, &world, sort).await, "2 3 1 4", "{sort}");
        }
        for sort in ["title", "strand", "organisation", "agreed", "voted"] {
            assert_eq!(ordered(app, &world, sort).await, "1 2 3 4", "{sort}");
        }
        for (sort, expected) in [("-requested", "1 4 2 3"), ("-gap", "1 4 2 3"), ("-title", "1 2 3 4")] {
            assert_eq!(ordered(app, &world, sort).await, expected, "{sort}");
        }
    })
    .await;
}

#[actix_web::test]
async fn each_reading_is_of_one_moment_while_lines_are_pushed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [caf, city, landlord] = hands(&world);
        let mut requests = Vec::new();
        for rank in 1..=10 {
            let application = world.admissible(app).await;
            let waiting = provided(agreed("400.00"), &world.city, "300.00");
            requests.push(push(app, &application, caf, &waiting));
            requests.push(push(app, &application, city, &agreed("300.00")));
            if rank % 2 == 0 {
                requests.push(app.get(&path(&world)).token(landlord.1));
            }
        }
        let answers = at_once(requests).await;
        assert_eq!((count(&answers, 201), count(&answers, 200)), (20, 5));
        answers.iter().filter(|answer| answer.status == 200).for_each(|read| adds_up(&read.json()));
        let last = read(app, &world).await.json();
        adds_up(&last);
        assert_eq!(figures(&last["totals"]), "100000.00 7000.00 7000.00 0.00 0.00 0.00");
    })
    .await;
}
