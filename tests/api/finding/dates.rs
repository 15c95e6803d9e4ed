//! `updatedAt` moves with what each reader sees, and with nothing else: it never tells of an unvoted line.

use serde_json::{Value, json};

use super::PATH;
use crate::support::{TestApp, World, all_pages, eur, id, on_each_database, voted};

/// Those who read the two applications.
const READERS: [&str; 6] = ["caf", "landlord", "instructor", "administrator", "council", "applicant"];
const PARTNERS: [&str; 4] = ["caf", "landlord", "instructor", "administrator"];

fn token<'a>(world: &'a World, reader: &str) -> &'a str {
    match reader {
        "caf" => &world.caf_token,
        "landlord" => &world.landlord_token,
        "instructor" => &world.instructor,
        "administrator" => &world.administrator,
        "council" => &world.council,
        _ => &world.applicant,
    }
}

/// The readers for whom an application was last changed at `now`. For each, the list says what the application says, and
/// orders by it.
async fn moved(app: &TestApp, world: &World, application: &str, now: &str) -> Vec<&'static str> {
    let mut moved = Vec::new();
    for reader in READERS {
        let token = token(world, reader);
        let one = app.get(&format!("{PATH}/{application}")).token(token).send().await.expect(200).json();
        let newest = all_pages(app, &format!("{PATH}?sort=-updatedAt&limit=1"), token).await;
        let oldest = all_pages(app, &format!("{PATH}?sort=updatedAt&limit=1"), token).await;
        let listed = newest.iter().find(|item| id(item) == application).unwrap();
        assert_eq!(listed["updatedAt"], one["updatedAt"], "{reader}");
        let dates: Vec<&str> = newest.iter().map(|item| item["updatedAt"].as_str().unwrap()).collect();
        assert!(dates.is_sorted_by(|one, next| one >= next), "{reader}: {dates:?}");
        let reversed: Vec<String> = oldest.iter().rev().map(id).collect();
        assert_eq!(newest.iter().map(id).collect::<Vec<_>>(), reversed, "{reader}");
        if one["updatedAt"] == now {
            assert_eq!(id(&newest[0]), application, "{reader} finds it first");
            moved.push(reader);
        }
    }
    moved
}

/// Two applications, of which the second changed last.
async fn two(app: &TestApp, world: &World) -> (String, String) {
    (world.admissible(app).await, world.admissible(app).await)
}

fn line(firmness: &str) -> Value {
    let mut body = json!({"firmness": firmness, "credits": "mainstream", "reason": "revu"});
    match firmness {
        "intended" => body["proposed"] = eur("4000.00"),
        "agreed" => body["granted"] = eur("4000.00"),
        _ => {}
    }
    body
}

async fn push(app: &TestApp, world: &World, application: &str, body: &Value) {
    let request = app.put(&world.caf_line(application)).token(&world.caf_token).json(body);
    let pushed = request.send().await;
    let pushed = if pushed.status == 428 { request.if_match("*").send().await } else { pushed };
    assert!([200, 201].contains(&pushed.status), "{}", pushed.text);
}

#[actix_web::test]
async fn unvoted_line_moves_the_date_for_partners_alone() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, _) = two(app, &world).await;
        for (day, firmness) in [(21, "intended"), (22, "agreed"), (23, "deferred"), (24, "refused")] {
            let now = format!("2023-03-{day}T10:00:00Z");
            app.set_clock(&now);
            push(app, &world, &first, &line(firmness)).await;
            assert_eq!(moved(app, &world, &first, &now).await, PARTNERS, "{firmness}");
        }
        // The same again changes nothing, for nobody.
        app.set_clock("2023-03-25T10:00:00Z");
        push(app, &world, &first, &line("refused")).await;
        assert!(moved(app, &world, &first, "2023-03-25T10:00:00Z").await.is_empty());
    })
    .await;
}

#[actix_web::test]
async fn vote_and_its_withdrawal_move_the_date_for_all() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, _) = two(app, &world).await;
        let mut reworded = voted("4000.00");
        reworded["applicantConditions"] = json!("Associer les habitantes.");
        for (day, body) in [(21, voted("4000.00")), (22, reworded), (23, line("agreed"))] {
            let now = format!("2023-03-{day}T10:00:00Z");
            app.set_clock(&now);
            push(app, &world, &first, &body).await;
            assert_eq!(moved(app, &world, &first, &now).await, READERS, "{body}");
        }
    })
    .await;
}

#[actix_web::test]
async fn payment_moves_the_date_for_all_who_see_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, _) = two(app, &world).await;
        push(app, &world, &first, &voted("4000.00")).await;
        let path = format!("{}/payments", world.caf_line(&first));
        for (day, kind) in [(27, "advance"), (28, "recovery")] {
            let now = format!("2023-03-{day}T10:00:00Z");
            app.set_clock(&now);
            let body =
                json!({"kind": kind, "amount": eur("100.00"), "paidOn": "2023-03-21", "reference": kind});
            app.post(&path).token(&world.caf_token).json(&body).send().await.expect(201);
            assert_eq!(moved(app, &world, &first, &now).await, READERS, "{kind}");
        }
    })
    .await;
}

#[actix_web::test]
async fn opinion_moves_the_date_for_those_who_read_it() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, _) = two(app, &world).await;
        let path = format!("{PATH}/{first}/opinions");
        let opinion = json!({"view": "favourable", "reasons": "Utile."});
        app.set_clock("2023-03-21T10:00:00Z");
        app.post(&path).token(&world.city_token).json(&opinion).send().await.expect(201);
        assert_eq!(moved(app, &world, &first, "2023-03-21T10:00:00Z").await, PARTNERS);
        app.set_clock("2023-03-22T10:00:00Z");
        app.post(&path).token(&world.council).json(&opinion).send().await.expect(201);
        let with_council = ["caf", "landlord", "instructor", "administrator", "council"];
        assert_eq!(moved(app, &world, &first, "2023-03-22T10:00:00Z").await, with_council);
        // A refusal that is prepared answers the council, which does not read it yet; one by an act it does.
        let mut refused = line("refused");
        refused["replyToCouncil"] = json!("Le budget ne le permet pas.");
        app.set_clock("2023-03-23T10:00:00Z");
        push(app, &world, &first, &refused).await;
        assert_eq!(moved(app, &world, &first, "2023-03-23T10:00:00Z").await, PARTNERS);
        (refused["actReference"], refused["actDate"]) = (json!("CA-1"), json!("2023-03-16"));
        app.set_clock("2023-03-24T10:00:00Z");
        push(app, &world, &first, &refused).await;
        assert_eq!(moved(app, &world, &first, "2023-03-24T10:00:00Z").await, with_council);
    })
    .await;
}

#[actix_web::test]
async fn opinion_on_a_returned_application_moves_no_applicants_date() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.submitted(app, &world.application_body()).await;
        let path = format!("{PATH}/{application}");
        app.set_clock("2022-10-21T10:00:00Z");
        let body = json!({
            "reasons": [{"pointer": "/needs", "comment": "à préciser"}], "correctBy": "2022-11-30T10:00:00Z"
        });
        app.post(&format!("{path}/returns")).token(&world.instructor).json(&body).send().await.expect(201);
        assert_eq!(moved(app, &world, &application, "2022-10-21T10:00:00Z").await, READERS);
        app.set_clock("2022-10-22T10:00:00Z");
        let opinion = json!({"view": "reserved", "reasons": "À voir."});
        app.post(&format!("{path}/opinions"))
            .token(&world.city_token)
            .json(&opinion)
            .send()
            .await
            .expect(201);
        assert_eq!(moved(app, &world, &application, "2022-10-22T10:00:00Z").await, PARTNERS);
        // A correction moves it for the applicant and the staff, and leaves the others what they had.
        app.set_clock("2022-10-23T10:00:00Z");
        let etag = app.get(&path).token(&world.applicant).send().await.expect(200).etag().to_owned();
        let patch = app.patch(&path).token(&world.applicant).if_match(&etag);
        patch.json(&json!({"needs": "Un lieu."})).send().await.expect(200);
        let inside = ["instructor", "administrator", "applicant"];
        assert_eq!(moved(app, &world, &application, "2022-10-23T10:00:00Z").await, inside);
        assert_eq!(moved(app, &world, &application, "2022-10-22T10:00:00Z").await, ["caf", "landlord"]);
        app.set_clock("2022-10-24T10:00:00Z");
        app.put(&format!("{path}/submission")).token(&world.applicant).send().await.expect(200);
        assert_eq!(moved(app, &world, &application, "2022-10-24T10:00:00Z").await, READERS);
    })
    .await;
}

#[actix_web::test]
async fn evaluation_moves_the_date_for_all() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, _) = two(app, &world).await;
        push(app, &world, &first, &voted("4000.00")).await;
        app.set_clock("2023-03-21T10:00:00Z");
        let body = json!({"criteria": [{"name": "Participation", "grade": 4}]});
        let give = app.post(&format!("{PATH}/{first}/evaluations")).token(&world.council).json(&body);
        give.send().await.expect(201);
        assert_eq!(moved(app, &world, &first, "2023-03-21T10:00:00Z").await, READERS);
    })
    .await;
}

#[actix_web::test]
async fn batch_moves_the_dates_of_its_lines_for_partners() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = two(app, &world).await;
        app.set_clock("2023-03-21T10:00:00Z");
        let of = |application: &str| json!({"applicationId": application, "decision": line("intended")});
        let body = json!({"lines": [of(&second), of(&first)]});
        app.post("/v1/decision-batches").token(&world.caf_token).json(&body).send().await.expect(201);
        for application in [&first, &second] {
            let one = app.get(&format!("{PATH}/{application}"));
            for (reader, moves) in
                [("landlord", true), ("instructor", true), ("council", false), ("applicant", false)]
            {
                let seen = one.clone().token(token(&world, reader)).send().await.expect(200).json();
                assert_eq!(seen["updatedAt"] == "2023-03-21T10:00:00Z", moves, "{reader}");
            }
        }
    })
    .await;
}
