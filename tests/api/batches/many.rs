//! Batches long enough that their lines are written many at once: of each becomes what a push by itself makes of it.

use serde_json::{Value, json};

use super::{agreed, became, changing, on, send, several};
use crate::support::{DECIDING, TestApp, World, all_pages, eur, id, items, on_each_database, voted};

/// Of these, more are taken up each time than PostgreSQL is given in two statements, or one thread puts into words.
const MANY: usize = 180;

/// When the second lines are sent.
const LATER: &str = "2023-04-03T09:00:00Z";

fn intended(amount: &str) -> Value {
    json!({"firmness": "intended", "proposed": eur(amount), "credits": "mainstream"})
}

fn refused() -> Value {
    json!({"firmness": "refused", "credits": "mainstream", "reason": "hors du cadre"})
}

fn conditional(amount: &str, total: &str) -> Value {
    let mut line = voted(amount);
    line["conditions"] = json!([{"type": "totalReaches", "amount": eur(total)}]);
    line
}

/// The first line on the application of that place: of all firmnesses, some refused.
fn first(place: usize) -> Value {
    match place % 7 {
        0 => agreed("10.00"),
        1 => voted("20.00"),
        2 => intended("30.00"),
        3 => refused(),
        4 => conditional("5.00", "1.00"),
        5 => conditional("5.00", "90000.00"),
        _ => agreed("12000.00"),
    }
}

/// The second: most supersede the first, with a reason or without the one they need; the others are as it was.
fn second(place: usize) -> Value {
    let mut line = match place % 5 {
        0 => return first(place),
        1 => return voted("15.00"),
        _ => first(place + 1),
    };
    line["reason"] = json!("relu");
    line
}

/// Those whose first line was taken are changed by the second; the others get one.
const fn supersedes(round: usize, place: usize) -> bool {
    round == 1 && place % 7 != 6
}

/// On every fourth application the city waits for the Caf.
async fn wait(app: &TestApp, world: &World, applications: &[String]) {
    for one in applications.iter().step_by(4) {
        let path = format!("/v1/applications/{one}/decisions/{}", world.city);
        let mut line = agreed("1.00");
        line["conditions"] =
            json!([{"type": "coFunderGrants", "coFunderId": world.caf, "amount": eur("11.00")}]);
        app.put(&path).token(&world.city_token).json(&line).send().await.expect(201);
    }
}

/// What is told of an application, of its lines, and of what the Caf pushed, but for whose they are.
async fn state(app: &TestApp, world: &World, application: &str) -> [Value; 3] {
    let path = format!("/v1/applications/{application}");
    let read = async |path: &str| app.get(path).token(&world.caf_token).send().await;
    let document = read(&path).await.expect(200).json();
    let document = ["status", "funding", "updatedAt"].map(|member| document[member].clone());
    let mut lines = items(&read(&format!("{path}/decisions")).await.expect(200).json());
    lines.iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove("applicationId")));
    let pushes = read(&format!("{}/history", world.caf_line(application))).await;
    let pushes =
        if pushes.status == 200 { pushes.json() } else { pushes.problem(404, "not-found")["code"].clone() };
    [json!(document), json!(lines), pushes]
}

/// The applications of a funding status, as lists find them.
async fn funded(app: &TestApp, world: &World, status: &str) -> Vec<String> {
    let path = format!("/v1/applications?fundingStatus={status}");
    all_pages(app, &path, &world.caf_token).await.iter().map(id).collect()
}

#[actix_web::test]
async fn of_many_lines_becomes_what_a_push_by_itself_makes_of_each() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [together, apart] = [several::<MANY>(app, &world).await, several::<MANY>(app, &world).await];
        wait(app, &world, &together).await;
        wait(app, &world, &apart).await;
        let rounds: [fn(usize) -> Value; 2] = [first, second];
        for (round, line) in rounds.into_iter().enumerate() {
            app.set_clock(if round == 0 { DECIDING } else { LATER });
            let before = app.event_kinds().await.len();
            let mut lines = Vec::new();
            for (place, one) in together.iter().enumerate() {
                let line = on(one, &line(place));
                lines.push(if supersedes(round, place) { changing("*", line) } else { line });
            }
            let batch = send(app, &world, "", &lines).send().await.expect(201).json();
            let by_batch = app.event_kinds().await.split_off(before);
            let mut singly = Vec::new();
            for (place, one) in apart.iter().enumerate() {
                let push = app.put(&world.caf_line(one)).token(&world.caf_token).json(&line(place));
                let push = if supersedes(round, place) { push.if_match("*") } else { push };
                let answer = push.send().await;
                let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
                singly.push(format!("{} {code}", answer.status).trim_end().to_owned());
            }
            let told: Vec<String> =
                became(&batch).iter().map(|one| one.split_once(' ').unwrap().1.to_owned()).collect();
            assert_eq!(told, singly);
            let by_push = app.event_kinds().await.split_off(before + by_batch.len());
            assert_eq!(by_batch, by_push);
            let resolved = by_batch.iter().filter(|kind| *kind == "decision.resolved").count();
            assert!(by_batch.len() - resolved > 100 && resolved > 5, "{} {resolved}", by_batch.len());
            for (one, other) in together.iter().zip(&apart) {
                assert_eq!(state(app, &world, one).await, state(app, &world, other).await);
            }
            for status in ["none", "partial", "full", "refused"] {
                let found = funded(app, &world, status).await;
                let among = |all: &[String]| all.iter().map(|one| found.contains(one)).collect::<Vec<_>>();
                assert_eq!(among(&together), among(&apart), "{status}");
            }
        }
    })
    .await;
}
