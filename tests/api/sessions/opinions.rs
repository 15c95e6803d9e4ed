//! Opinions and sessions: what comes once an application was examined is kept, late, and compels nobody (rules O1, O2).

use serde_json::{Value, json};

use super::{HELD, open, plan};
use crate::programme::{council_says, hands, list, push, read};
use crate::support::{TestApp, World, on_each_database, sorted_faults, told, voted};

/// Whether an opinion of the council that is given now is late.
async fn is_late(app: &TestApp, world: &World, application: &str, view: &str) -> Value {
    council_says(app, world, application, view).await["late"].clone()
}

/// What the programme says the council thinks of each application.
async fn views(app: &TestApp, world: &World) -> Vec<Value> {
    let programme = read(app, world).await.json();
    list(&programme, "rows").iter().map(|row| row["council"].clone()).collect()
}

fn answering(mut body: Value) -> Value {
    body["replyToCouncil"] = json!("Le quartier en a besoin cette année.");
    body
}

#[actix_web::test]
async fn an_opinion_is_late_from_the_moment_a_session_examines_the_application() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (examined, other) = (world.admissible(app).await, world.admissible(app).await);
        let on_time = is_late(app, &world, &examined, "favourable").await;
        assert_eq!(on_time, false, "there is no session yet");
        plan(app, &world, HELD, &[&examined]).await;
        app.set_clock("2023-03-21T08:59:59Z");
        assert_eq!(is_late(app, &world, &examined, "reserved").await, false);
        app.set_clock(HELD);
        assert_eq!(is_late(app, &world, &examined, "unfavourable").await, true);
        assert_eq!(is_late(app, &world, &other, "unfavourable").await, false);
        let service = json!({"view": "reserved", "reasons": "Trop tard.", "service": "Pôle enfance"});
        let service =
            app.post(&format!("/v1/applications/{examined}/opinions")).token(&world.caf_token).json(&service);
        assert_eq!(service.send().await.expect(201).json()["late"], true);
        // The last one that was in time counts; the late ones are there to read.
        assert_eq!(views(app, &world).await, [json!("reserved"), json!("unfavourable")]);
        let path = format!("/v1/applications/{examined}/opinions");
        let all = app.get(&path).token(&world.instructor).send().await.expect(200).json();
        let late: Vec<&Value> = list(&all, "items").iter().map(|one| &one["late"]).collect();
        assert_eq!(late, [false, false, true, true]);
    })
    .await;
}

#[actix_web::test]
async fn a_session_that_is_moved_or_opened_early_moves_what_is_late() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (kept, dropped) = (world.admissible(app).await, world.admissible(app).await);
        let session = plan(app, &world, HELD, &[&kept, &dropped]).await;
        let patch = app.patch(&session).token(&world.instructor).if_match("*");
        let moved = json!({"heldAt": "2023-04-04T09:00:00Z", "agenda": [kept]});
        patch.json(&moved).send().await.expect(200);
        app.set_clock("2023-03-28T09:00:00Z");
        for application in [&kept, &dropped] {
            assert_eq!(is_late(app, &world, application, "reserved").await, false);
        }
        open(app, &world, &session).await;
        assert_eq!(is_late(app, &world, &kept, "favourable").await, true);
        assert_eq!(is_late(app, &world, &dropped, "favourable").await, false);
        assert_eq!(views(app, &world).await, [json!("reserved"), json!("favourable")]);
    })
    .await;
}

#[actix_web::test]
async fn a_late_opinion_compels_no_reply_and_relieves_of_none() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (late, timely, both) =
            (world.admissible(app).await, world.admissible(app).await, world.admissible(app).await);
        plan(app, &world, HELD, &[&late, &timely, &both]).await;
        for application in [&timely, &both] {
            council_says(app, &world, application, "unfavourable").await;
        }
        app.set_clock("2023-03-21T12:00:00Z");
        council_says(app, &world, &late, "unfavourable").await;
        council_says(app, &world, &both, "favourable").await;
        let [caf, city, _] = hands(&world);
        push(app, &late, caf, &voted("1000.00")).send().await.expect(201);
        for application in [&timely, &both] {
            let mute = push(app, application, caf, &voted("1000.00")).send().await;
            let problem = mute.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[("/replyToCouncil", "required")]));
            push(app, application, caf, &answering(voted("1000.00"))).send().await.expect(201);
        }
        let refused = json!({"firmness": "refused", "credits": "mainstream"});
        push(app, &both, city, &refused).send().await.expect(201);
    })
    .await;
}
