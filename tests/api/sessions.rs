//! Committee sessions: planned, opened on a frozen programme, closed with their minutes on another.

mod comparison;
mod frozen;
mod opinions;
mod positions;

use contrat_de_ville::types::ApplicationId;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::programme::{admitted, instructor_elsewhere};
use crate::support::{Answer, OPEN, TestApp, World, id, items, on_each_database, sorted_faults, told};

const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
/// When sessions meet, unless they are planned otherwise: the day after the clock of a `World` that decides.
const HELD: &str = "2023-03-21T09:00:00Z";

fn sessions(world: &World) -> String {
    format!("/v1/calls/{}/committee-sessions", world.call)
}

fn session(held_at: &str, agenda: &[&str]) -> Value {
    json!({"title": "Comité des financeurs", "heldAt": held_at, "place": "Hôtel de ville", "agenda": agenda})
}

/// The address of a session that the instructor plans.
async fn plan(app: &TestApp, world: &World, held_at: &str, agenda: &[&str]) -> String {
    let body = session(held_at, agenda);
    let made = app.post(&sessions(world)).token(&world.instructor).json(&body).send().await.expect(201);
    made.header("Location").unwrap().to_owned()
}

async fn open(app: &TestApp, world: &World, session: &str) -> Answer {
    app.put(&format!("{session}/opening")).token(&world.instructor).send().await.expect(200)
}

fn minutes(present: &[&str]) -> Value {
    json!({"present": present, "councilPresent": true, "remarks": "Le calendrier est rappelé.", "items": []})
}

async fn close(app: &TestApp, world: &World, session: &str) -> Answer {
    let closure = app.put(&format!("{session}/closure")).token(&world.instructor);
    closure.json(&minutes(&[&world.caf])).send().await.expect(200)
}

/// What the city reads.
async fn get(app: &TestApp, world: &World, path: &str) -> Answer {
    app.get(path).token(&world.city_token).send().await.expect(200)
}

/// How many sessions were planned, updated, opened and closed.
async fn events(app: &TestApp) -> [i64; 4] {
    let (planned, updated) = (app.events("session.planned").await, app.events("session.updated").await);
    [planned, updated, app.events("session.opened").await, app.events("session.closed").await]
}

#[actix_web::test]
async fn a_session_is_planned_and_read_by_the_partners() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let body = session(HELD, &[&second, &first]);
        let planned = app.post(&sessions(&world)).token(&world.administrator).json(&body).key("plan-1");
        let made = planned.send().await.expect(201);
        let shown = made.json();
        let address = made.header("Location").unwrap();
        assert_eq!(
            (address, made.etag()),
            (format!("/v1/committee-sessions/{}", id(&shown)).as_str(), "\"1\"")
        );
        for member in ["title", "heldAt", "place", "agenda"] {
            assert_eq!(shown[member], body[member]);
        }
        assert_eq!((&shown["callId"], &shown["status"]), (&json!(world.call), &json!("planned")));
        for member in ["minutes", "openedAt", "closedAt"] {
            assert_eq!(shown[member], Value::Null);
        }
        for token in [&world.caf_token, &world.landlord_token, &world.instructor, &world.administrator] {
            let read = app.get(address).token(token).send().await.expect(200);
            assert_eq!((&read.text, read.etag()), (&made.text, made.etag()));
        }
        assert_eq!(planned.send().await.expect(201).text, made.text);
        assert_eq!(events(app).await, [1, 0, 0, 0]);
    })
    .await;
}

#[actix_web::test]
async fn the_sessions_of_a_call_are_listed_page_by_page() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        app.set_clock(OPEN);
        let mut body = world.application_body();
        let other = world.published(app, &world.call_body()).await;
        body["callId"] = json!(other);
        let foreign = admitted(app, &world, &body).await;
        let elsewhere = app.post(&format!("/v1/calls/{other}/committee-sessions")).token(&world.instructor);
        elsewhere.json(&session(HELD, &[&foreign])).send().await.expect(201);
        let list = sessions(&world);
        assert!(items(&get(app, &world, &list).await.json()).is_empty());
        let mut planned = Vec::new();
        for held_at in ["2023-03-28T09:00:00Z", HELD, "2023-04-04T09:00:00Z"] {
            let address = plan(app, &world, held_at, &[&application]).await;
            planned.push(get(app, &world, &address).await.json());
        }
        assert_eq!(items(&get(app, &world, &list).await.json()), planned);
        let first = get(app, &world, &format!("{list}?limit=2")).await.json();
        assert_eq!(items(&first), planned[..2]);
        let rest = get(app, &world, first["next"].as_str().unwrap()).await.json();
        assert_eq!((items(&rest), &rest["next"]), (planned[2..].to_vec(), &Value::Null));
        let newest = get(app, &world, &format!("{list}?sort=-createdAt&limit=1")).await.json();
        assert_eq!(items(&newest), planned[2..]);
    })
    .await;
}

#[actix_web::test]
async fn an_agenda_is_of_admissible_applications_of_the_call() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let submitted = world.submitted(app, &world.application_body()).await;
        let mut body = world.application_body();
        body["callId"] = json!(world.published(app, &world.call_body()).await);
        let foreign = admitted(app, &world, &body).await;
        let send = |body: &Value| app.post(&sessions(&world)).token(&world.instructor).json(body);
        for (agenda, expected) in [
            (vec![UNKNOWN, application.as_str(), submitted.as_str(), foreign.as_str()], vec![0, 2, 3]),
            (vec![application.as_str(), UNKNOWN], vec![1]),
        ] {
            let problem = send(&session(HELD, &agenda)).send().await.problem(422, "validation-failed");
            let expected =
                expected.iter().map(|place| (format!("/agenda/{place}"), "unknown-reference".to_owned()));
            assert_eq!(sorted_faults(&problem), expected.collect::<Vec<_>>());
        }
        let mut wrong = session("demain", &[&application]);
        (wrong["title"], wrong["chair"]) = (json!(""), json!("x"));
        for (body, expected) in [
            (session(HELD, &[&application, &application]), told(&[("/agenda/1", "duplicate")])),
            (session(HELD, &[]), told(&[("/agenda", "too-few")])),
            (json!({}), told(&[("/agenda", "required"), ("/heldAt", "required"), ("/title", "required")])),
            (
                wrong,
                told(&[("/chair", "unknown-field"), ("/heldAt", "wrong-format"), ("/title", "too-short")]),
            ),
        ] {
            let problem = send(&body).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), expected, "{body}");
        }
        assert_eq!(events(app).await, [0, 0, 0, 0]);
    })
    .await;
}

#[actix_web::test]
async fn date_and_agenda_may_change_until_it_is_opened() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let address = plan(app, &world, HELD, &[&first]).await;
        let patch = |body: Value| app.patch(&address).token(&world.instructor).json(&body);
        let change = json!({"heldAt": "2023-03-22T09:00:00Z", "agenda": [second, first], "place": null});
        patch(change.clone()).send().await.problem(428, "precondition-required");
        patch(change.clone()).if_match("\"7\"").send().await.problem(412, "precondition-failed");
        let changed = patch(change.clone()).if_match("\"1\"").send().await.expect(200);
        let shown = changed.json();
        for member in ["heldAt", "agenda", "place"] {
            assert_eq!(shown[member], change[member]);
        }
        assert_eq!((changed.etag(), &shown["title"]), ("\"2\"", &json!("Comité des financeurs")));
        let same = patch(change.clone()).if_match("\"2\"").send().await.expect(200);
        assert_eq!((&same.text, same.etag()), (&changed.text, changed.etag()));
        for (body, expected) in [
            (json!({"agenda": [UNKNOWN, first]}), ("/agenda/0", "unknown-reference")),
            (json!({"agenda": [first, second, first]}), ("/agenda/2", "duplicate")),
            (json!({"agenda": []}), ("/agenda", "too-few")),
            (json!({"agenda": null}), ("/agenda", "required")),
            (json!({"status": "closed"}), ("/status", "unknown-field")),
        ] {
            let problem = patch(body).if_match("\"2\"").send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&[expected]));
        }
        assert_eq!(get(app, &world, &address).await.text, changed.text);
        assert_eq!(events(app).await, [1, 1, 0, 0]);
        let opening = app.put(&format!("{address}/opening")).token(&world.instructor);
        opening.clone().if_match("\"1\"").send().await.problem(412, "precondition-failed");
        let opened = opening.if_match("\"2\"").send().await.expect(200);
        for etag in ["*", opened.etag()] {
            patch(json!({"agenda": [first]})).if_match(etag).send().await.problem(409, "invalid-transition");
        }
        close(app, &world, &address).await;
        patch(json!({"agenda": [first]})).if_match("*").send().await.problem(409, "invalid-transition");
        assert_eq!(get(app, &world, &address).await.json()["agenda"], change["agenda"]);
        assert_eq!(events(app).await, [1, 1, 1, 1]);
    })
    .await;
}

/// Rows go to PostgreSQL by fifty, by seven and singly.
#[actix_web::test]
async fn an_agenda_may_be_of_any_length() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut all = Vec::new();
        while all.len() < 64 {
            all.push(world.admissible(app).await);
        }
        let address = plan(app, &world, HELD, &[&all[0]]).await;
        for length in [6, 7, 8, 14, 49, 50, 51, 57, 58, 64, 1] {
            let agenda = json!(all[..length]);
            let patch = app.patch(&address).token(&world.instructor).json(&json!({"agenda": agenda}));
            let shown = patch.if_match("*").send().await.expect(200).json();
            assert_eq!((&shown["agenda"], on_agendas(app).await), (&agenda, all[..length].to_vec()));
        }
    })
    .await;
}

/// The applications that opinions find on an agenda: the rows themselves, since each opinion tells of one of them alone.
async fn on_agendas(app: &TestApp) -> Vec<String> {
    use contrat_de_ville::db::schema::committee_agenda::dsl;
    let rows = app.db.read(|connection| {
        let all = dsl::committee_agenda.order(dsl::application_id).select(dsl::application_id);
        Ok(all.load::<ApplicationId>(connection)?)
    });
    rows.await.unwrap().iter().map(ToString::to_string).collect()
}

#[actix_web::test]
async fn a_session_is_closed_once_with_minutes_of_its_own() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (stranger, _) = world.another_co_funder(app, "Région").await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let address = plan(app, &world, HELD, &[&first]).await;
        let close = |body: &Value| app.put(&format!("{address}/closure")).token(&world.instructor).json(body);
        let mut known = minutes(&[&world.caf, &world.landlord]);
        known["items"] = json!([{"applicationId": first, "note": "Budget à préciser."}]);
        close(&known).send().await.problem(409, "invalid-transition");
        let opened = open(app, &world, &address).await;
        let item = |application: &str| json!({"applicationId": application, "note": "x"});
        for (present, items, expected) in [
            (vec![&world.caf, &stranger], vec![], vec![("/present/1", "unknown-reference")]),
            (vec![&world.caf, &world.caf], vec![], vec![("/present/1", "duplicate")]),
            (vec![], vec![item(&second)], vec![("/items/0/applicationId", "unknown-reference")]),
            (vec![], vec![item(&first), item(&first)], vec![("/items/1/applicationId", "duplicate")]),
            (
                vec![&stranger],
                vec![item(&first), item(UNKNOWN)],
                vec![("/present/0", "unknown-reference"), ("/items/1/applicationId", "unknown-reference")],
            ),
        ] {
            let body = json!({"present": present, "items": items});
            let problem = close(&body).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), told(&expected), "{body}");
        }
        let problem = close(&json!({"chair": "x"})).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&problem), told(&[("/chair", "unknown-field"), ("/present", "required")]));
        assert_eq!(get(app, &world, &address).await.text, opened.text);
        close(&known).if_match("\"1\"").send().await.problem(412, "precondition-failed");
        app.set_clock("2023-03-21T12:00:00Z");
        let closed = close(&known).if_match(opened.etag()).send().await.expect(200);
        let shown = closed.json();
        assert_eq!((&shown["minutes"], &shown["status"]), (&known, &json!("closed")));
        let moments = [&shown["openedAt"], &shown["closedAt"]];
        assert_eq!(moments, [&json!("2023-03-20T10:00:00Z"), &json!("2023-03-21T12:00:00Z")]);
        // Sent again, its answer lost, it finds itself done.
        let again = close(&known).if_match(opened.etag()).send().await.expect(200);
        assert_eq!((&again.text, again.etag()), (&closed.text, closed.etag()));
        close(&minutes(&[&world.caf])).send().await.problem(409, "invalid-transition");
        assert_eq!(open(app, &world, &address).await.text, closed.text);
        assert_eq!(get(app, &world, &address).await.text, closed.text);
        assert_eq!(events(app).await, [1, 0, 1, 1]);
    })
    .await;
}

#[actix_web::test]
async fn partners_read_sessions_the_staff_holds_them_and_others_find_nothing() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let address = plan(app, &world, HELD, &[&application]).await;
        open(app, &world, &address).await;
        let (_, stranger) = world.another_co_funder(app, "Région").await;
        let elsewhere = instructor_elsewhere(app, &world).await;
        let parts = ["", "/programme", "/comparison", "/positions"].map(|part| format!("{address}{part}"));
        for path in parts.iter().chain([&sessions(&world)]) {
            for token in [&world.caf_token, &world.landlord_token, &world.instructor, &world.administrator] {
                app.get(path).token(token).send().await.expect(200);
            }
            for token in [&world.applicant, &world.council, &stranger, &elsewhere] {
                app.get(path).token(token).send().await.problem(404, "not-found");
            }
            app.get(path).send().await.problem(401, "invalid-token");
        }
        let position = json!({"applicationId": application, "coFunderId": world.caf,
            "decision": {"firmness": "refused", "credits": "mainstream"}});
        let plan = app.post(&sessions(&world)).json(&session(HELD, &[&application]));
        let others = [
            app.patch(&address).if_match("*").json(&json!({"title": "x"})),
            app.put(&format!("{address}/opening")),
            app.put(&format!("{address}/closure")).json(&minutes(&[])),
            app.post(&format!("{address}/positions")).json(&json!({"positions": [position]})),
        ];
        let before = app.all_events().await;
        for request in others.iter().chain([&plan]) {
            for token in [&world.caf_token, &world.applicant, &world.council, &stranger] {
                let refused = request.clone().token(token).send().await;
                assert_eq!(refused.problem(403, "insufficient-scope")["scope"], "programme:write");
            }
            request.send().await.problem(401, "invalid-token");
        }
        plan.token(&elsewhere).send().await.problem(403, "not-your-institution");
        for request in others {
            request.token(&elsewhere).send().await.problem(404, "not-found");
        }
        let unknown = format!("/v1/committee-sessions/{UNKNOWN}");
        app.get(&unknown).token(&world.administrator).send().await.problem(404, "not-found");
        assert_eq!(app.all_events().await, before);
    })
    .await;
}

#[actix_web::test]
async fn in_an_archived_call_no_session_begins() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let address = plan(app, &world, HELD, &[&application]).await;
        for noun in ["conclusion", "archival"] {
            let step = app.put(&format!("/v1/calls/{}/{noun}", world.call)).token(&world.administrator);
            step.send().await.expect(200);
        }
        let plan = app.post(&sessions(&world)).token(&world.instructor);
        let refused = plan.json(&session(HELD, &[&application])).send().await;
        assert_eq!(refused.problem(409, "invalid-transition")["detail"], "the call is archived");
        let opening = app.put(&format!("{address}/opening")).token(&world.instructor).send().await;
        assert_eq!(opening.problem(409, "invalid-transition")["detail"], "the call is archived");
        assert_eq!(events(app).await, [1, 0, 0, 0]);
    })
    .await;
}
