//! What moved from one session to the next.

use serde_json::{Value, json};

use super::{HELD, UNKNOWN, close, get, open, plan, session};
use crate::programme::{admitted, agreed, hands, list, push};
use crate::support::{OPEN, TestApp, World, eur, id, on_each_database};

/// The id of a session, out of its address.
fn named(session: &str) -> String {
    session.trim_start_matches("/v1/committee-sessions/").to_owned()
}

async fn compared(app: &TestApp, world: &World, session: &str, query: &str) -> Value {
    get(app, world, &format!("{session}/comparison{query}")).await.json()
}

/// Which frozen programmes are compared.
fn sides(comparison: &Value) -> [Value; 2] {
    ["before", "after"].map(|side| comparison[side].clone())
}

fn side(session: &str, moment: &str) -> Value {
    json!({"sessionId": named(session), "moment": moment})
}

/// The last digits of the numbers of what moved.
fn moved(comparison: &Value) -> String {
    let digit = |one: &Value| one["number"].as_str().unwrap().trim_start_matches("2023-000").to_owned();
    list(comparison, "changes").iter().map(digit).collect::<Vec<_>>().join(" ")
}

#[actix_web::test]
async fn a_first_session_is_compared_with_its_own_opening_change_by_change() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let third = world.admissible(app).await;
        let [caf, city, landlord] = hands(&world);
        push(app, &second, city, &agreed("1000.00")).send().await.expect(201);
        push(app, &third, city, &agreed("1000.00")).send().await.expect(201);
        let session = plan(app, &world, HELD, &[&first, &second]).await;
        open(app, &world, &session).await;
        let still = compared(app, &world, &session, "").await;
        assert_eq!(sides(&still), [side(&session, "examined"), side(&session, "examined")]);
        assert_eq!((moved(&still).as_str(), &still["totalsBefore"]), ("", &still["totalsAfter"]));
        push(app, &first, caf, &agreed("4000.00")).send().await.expect(201);
        push(app, &third, landlord, &agreed("10.00")).send().await.expect(201);
        push(app, &third, city, &agreed("900.00")).if_match("*").send().await.expect(200);
        world.admissible(app).await;
        // What moves in the call moves no session that is open.
        assert_eq!(compared(app, &world, &session, "").await, still);
        close(app, &world, &session).await;
        let programme = format!("{session}/programme");
        let examined = get(app, &world, &format!("{programme}?moment=examined")).await.json();
        let concluded = get(app, &world, &programme).await.json();
        let shown = compared(app, &world, &session, "").await;
        assert_eq!(sides(&shown), [side(&session, "examined"), side(&session, "concluded")]);
        assert_eq!((&shown["totalsBefore"], &shown["totalsAfter"]), (&examined["totals"], &concluded["totals"]));
        assert_eq!(moved(&shown), "1 3 4");
        let said = |programme: &Value, row: usize, place: usize| {
            programme["rows"][row]["funding"]["byCoFunder"][place].clone()
        };
        let position = |co_funder: &str, before: Value, after: Value| {
            json!({"coFunderId": co_funder, "before": before, "after": after})
        };
        let change = |application: &str, rank: u8, before: &str, after: &str, positions: Value| {
            json!({"applicationId": application, "number": format!("2023-000{rank}"), "title": "Un jardin pour tous",
                "viabilityBefore": before, "viabilityAfter": after, "positions": positions})
        };
        let of_caf = position(&world.caf, said(&examined, 0, 0), said(&concluded, 0, 0));
        assert_eq!(shown["changes"][0], change(&first, 1, "full", "scaledDown", json!([of_caf])));
        assert_eq!((&of_caf["before"]["firmness"], &of_caf["after"]["agreed"]), (&Value::Null, &eur("4000.00")));
        let of_city = position(&world.city, said(&examined, 2, 1), said(&concluded, 2, 1));
        let of_landlord = position(&world.landlord, Value::Null, said(&concluded, 2, 2));
        let expected = change(&third, 3, "scaledDown", "notViable", json!([of_city, of_landlord]));
        assert_eq!(shown["changes"][1], expected);
        let amounts = [&of_city["before"]["agreed"], &of_city["after"]["agreed"]];
        assert_eq!(amounts, [&eur("1000.00"), &eur("900.00")]);
        // The fourth came into the programme meanwhile.
        let new = &shown["changes"][2];
        assert_eq!((&new["viabilityBefore"], &new["viabilityAfter"]), (&Value::Null, &json!("full")));
        let of_caf = position(&world.caf, Value::Null, said(&concluded, 3, 0));
        assert_eq!(new["positions"][0], of_caf);
        assert_eq!(compared(app, &world, &session, &format!("?with={}", named(&session))).await, shown);
    })
    .await;
}

#[actix_web::test]
async fn the_next_session_is_compared_with_the_one_that_met_before_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let agenda = [first.as_str(), second.as_str()];
        let [caf, city, _] = hands(&world);
        // The later one is planned first: sessions follow each other as they meet.
        let later = plan(app, &world, "2023-04-04T09:00:00Z", &agenda).await;
        let earlier = plan(app, &world, HELD, &agenda).await;
        let never = plan(app, &world, "2023-03-28T09:00:00Z", &agenda).await;
        open(app, &world, &earlier).await;
        push(app, &first, caf, &agreed("4000.00")).send().await.expect(201);
        close(app, &world, &earlier).await;
        push(app, &second, city, &agreed("3000.00")).send().await.expect(201);
        app.set_clock("2023-04-04T09:00:00Z");
        open(app, &world, &later).await;
        let shown = compared(app, &world, &later, "").await;
        assert_eq!(sides(&shown), [side(&earlier, "concluded"), side(&later, "examined")]);
        assert_eq!(moved(&shown), "2");
        let totals = [&shown["totalsBefore"]["agreed"], &shown["totalsAfter"]["agreed"]];
        assert_eq!(totals, [&eur("4000.00"), &eur("7000.00")]);
        push(app, &first, city, &agreed("500.00")).send().await.expect(201);
        close(app, &world, &later).await;
        let shown = compared(app, &world, &later, "").await;
        assert_eq!(sides(&shown), [side(&earlier, "concluded"), side(&later, "concluded")]);
        assert_eq!(moved(&shown), "1 2");
        assert_eq!(compared(app, &world, &later, &format!("?with={}", named(&earlier))).await, shown);
        let own = compared(app, &world, &later, &format!("?with={}", named(&later))).await;
        assert_eq!(sides(&own), [side(&later, "examined"), side(&later, "concluded")]);
        assert_eq!(moved(&own), "1");
        let back = compared(app, &world, &earlier, &format!("?with={}", named(&later))).await;
        assert_eq!(sides(&back), [side(&later, "concluded"), side(&earlier, "concluded")]);
        let turned = |one: &Value| [one["before"].clone(), one["after"].clone()];
        for (there, here) in list(&shown, "changes").iter().zip(list(&back, "changes")) {
            let (there, here) = (&there["positions"][0], &here["positions"][0]);
            let [before, after] = turned(there);
            assert_eq!(turned(here), [after, before]);
        }
        assert_eq!(
            sides(&compared(app, &world, &earlier, "").await),
            [side(&earlier, "examined"), side(&earlier, "concluded")]
        );
        for (session, with) in [(&later, &never), (&never, &later)] {
            let path = format!("{session}/comparison?with={}", named(with));
            app.get(&path).token(&world.city_token).send().await.problem(404, "not-found");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_session_is_compared_within_its_call() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        app.set_clock(OPEN);
        let mut body = world.application_body();
        let other = world.published(app, &world.call_body()).await;
        body["callId"] = json!(other);
        let foreign = admitted(app, &world, &body).await;
        let made = app.post(&format!("/v1/calls/{other}/committee-sessions")).token(&world.instructor);
        let made = made.json(&session("2023-03-20T09:00:00Z", &[&foreign])).send().await.expect(201);
        let elsewhere = format!("/v1/committee-sessions/{}", id(&made.json()));
        let own = plan(app, &world, HELD, &[&application]).await;
        for session in [&elsewhere, &own] {
            open(app, &world, session).await;
            close(app, &world, session).await;
        }
        for with in [named(&elsewhere), UNKNOWN.to_owned()] {
            let path = format!("{own}/comparison?with={with}");
            app.get(&path).token(&world.city_token).send().await.problem(404, "not-found");
        }
        let malformed = app.get(&format!("{own}/comparison?with=x")).token(&world.city_token).send().await;
        malformed.problem(400, "invalid-parameter");
        assert_eq!(compared(app, &world, &own, "").await["before"], side(&own, "examined"));
    })
    .await;
}
