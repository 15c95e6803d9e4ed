//! What-ifs: the programme that lines of several co-funders would give, without a trace.

use serde_json::{Value, json};

use crate::programme::{
    adds_up, admitted, agreed, council_says, fair, figures, hands, instructor_elsewhere, list, provided,
    push, read,
};
use crate::support::{
    OPEN, Request, TestApp, World, eur, faults, items, on_each_database, sorted_faults, told, voted,
};

const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn ask(app: &TestApp, world: &World, token: &str, body: &Value) -> Request {
    app.post(&format!("/v1/calls/{}/simulations", world.call)).token(token).json(body)
}

/// What the landlord is told would become of the programme with these lines.
async fn simulated(app: &TestApp, world: &World, lines: &[Value]) -> Value {
    let asked = ask(app, world, &world.landlord_token, &json!({"lines": lines}));
    let shown = asked.send().await.expect(200).json();
    adds_up(&shown["programme"]);
    shown
}

fn line(application: &str, co_funder: &str, decision: Value) -> Value {
    json!({"applicationId": application, "coFunderId": co_funder, "decision": decision})
}

fn refused() -> Value {
    json!({"firmness": "refused", "credits": "mainstream"})
}

/// A vote whose act is still to come.
fn vote(amount: &str) -> Value {
    json!({"firmness": "voted", "granted": eur(amount), "credits": "mainstream"})
}

/// Of each refused line: its place, status and code, its faults, what remains.
fn refusals(shown: &Value) -> Vec<String> {
    let words = |one: &Value| {
        let problem = &one["problem"];
        assert_eq!((&one["outcome"], &one["status"]), (&json!("refused"), &problem["status"]));
        let mut words = vec![one["line"].to_string(), one["status"].to_string()];
        words.push(problem["code"].as_str().unwrap().to_owned());
        words.extend(faults(problem).into_iter().map(|(pointer, code)| format!("{pointer} {code}")));
        words.extend(problem["remaining"]["amount"].as_str().map(str::to_owned));
        words.join(" ")
    };
    list(shown, "refused").iter().map(words).collect()
}

/// What a programme says of an application: its sums, its viability, the state of each co-funder's conditions.
fn row(programme: &Value, application: &str) -> String {
    let row = list(programme, "rows").iter().find(|row| row["applicationId"] == application).unwrap();
    let funding = &row["funding"];
    let states = list(funding, "byCoFunder").iter().map(|one| one["conditionState"].as_str().unwrap_or("-"));
    let states = states.collect::<Vec<_>>().join(" ");
    format!("{} {} {states}", figures(funding), funding["viability"].as_str().unwrap())
}

/// What a programme says is committed and left of each envelope.
fn envelopes(programme: &Value) -> Vec<String> {
    let amount = |one: &Value, member: &str| one["envelope"][member]["amount"].as_str().unwrap().to_owned();
    let told = |one: &Value| format!("{} {}", amount(one, "committed"), amount(one, "remaining"));
    list(programme, "coFunders").iter().map(told).collect()
}

#[actix_web::test]
async fn lines_of_several_co_funders_are_supposed_and_leave_no_trace() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let [caf, city, _] = hands(&world);
        push(app, &second, city, &agreed("1000.00")).send().await.expect(201);
        let (before, events) = (read(app, &world).await, app.all_events().await);
        let intended = json!({"firmness": "intended", "proposed": eur("500.00"), "credits": "mainstream"});
        let lines = [
            line(&first, &world.caf, vote("4000.00")),
            line(&first, &world.city, agreed("3000.00")),
            line(&second, &world.landlord, intended),
            line(&second, &world.city, agreed("1500.00")),
        ];
        let shown = simulated(app, &world, &lines).await;
        let programme = &shown["programme"];
        assert_eq!(shown["refused"], json!([]));
        let expected = "10000.00 7000.00 7000.00 0.00 4000.00 0.00 scaledDown - -";
        assert_eq!(row(programme, &first), expected);
        let expected = "10000.00 2000.00 1500.00 0.00 0.00 0.00 scaledDown - - -";
        assert_eq!(row(programme, &second), expected);
        assert_eq!(figures(&programme["totals"]), "20000.00 9000.00 8500.00 0.00 4000.00 0.00");
        assert_eq!(envelopes(programme), ["4000.00 6000.00", "4500.00 5500.00", "0.00 10000.00"]);
        let part = &programme["coFunders"][0]["envelope"]["parts"][0];
        assert_eq!((&part["committed"], &part["remaining"]), (&eur("4000.00"), &eur("6000.00")));
        // Nobody has said any of it.
        let after = read(app, &world).await;
        assert_eq!((&after.text, after.etag()), (&before.text, before.etag()));
        assert_eq!(app.all_events().await, events);
        app.get(&world.caf_line(&first)).token(caf.1).send().await.problem(404, "not-found");
        push(app, &second, city, &agreed("1000.00")).send().await.expect(200);
    })
    .await;
}

/// The lines there are, as they would be supposed: with the members that are named.
async fn present(app: &TestApp, world: &World, members: &[&str]) -> Vec<Value> {
    let mut lines = Vec::new();
    for row in list(&read(app, world).await.json(), "rows") {
        let application = row["applicationId"].as_str().unwrap();
        let path = format!("/v1/applications/{application}/decisions");
        for one in items(&app.get(&path).token(&world.caf_token).send().await.expect(200).json()) {
            let mut decision = json!({});
            for member in members.iter().filter(|member| !one[**member].is_null()) {
                decision[*member] = one[*member].clone();
            }
            lines.push(line(application, one["coFunderId"].as_str().unwrap(), decision));
        }
    }
    lines
}

#[actix_web::test]
async fn the_lines_there_are_give_the_programme_there_is_and_so_do_refused_ones() {
    on_each_database(async |app| {
        let world = fair(app).await;
        let programme = read(app, &world).await.json();
        let stances = ["firmness", "proposed", "granted", "credits", "conditions"];
        let pushes = [&stances[..], &["actReference", "actDate"][..]].concat();
        for members in [&stances[..], &pushes[..]] {
            let lines = present(app, &world, members).await;
            assert_eq!(lines.len(), 7);
            let shown = simulated(app, &world, &lines).await;
            assert_eq!((&shown["refused"], &shown["programme"]), (&json!([]), &programme));
        }
        let last = programme["rows"][3]["applicationId"].as_str().unwrap();
        let lines = [line(last, &world.caf, agreed("4000.01")), line(last, &world.city, agreed("8500.01"))];
        let shown = simulated(app, &world, &lines).await;
        assert_eq!(shown["programme"], programme);
        let expected = ["0 409 envelope-exceeded 4000.00", "1 409 envelope-exceeded 8500.00"];
        assert_eq!(refusals(&shown), expected);
    })
    .await;
}

#[actix_web::test]
async fn a_line_that_would_overrun_something_is_told_apart_and_left_out() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let (first, second) = (world.admissible(app).await, world.admissible(app).await);
        let third = world.admissible(app).await;
        let specific = json!({"firmness": "agreed", "granted": eur("1.00"), "credits": "specific"});
        let lines = [
            line(&first, &world.caf, agreed("6000.00")),
            line(&second, &world.caf, vote("4000.01")),
            line(&third, &world.caf, agreed("4000.00")),
            line(&first, &world.city, agreed("10000.01")),
            line(&first, &world.landlord, agreed("10000.00")),
            // One that was refused is not mended further down.
            line(&first, &world.city, refused()),
            line(&second, &world.city, specific),
            line(&first, &world.caf, agreed("1.00")),
        ];
        let shown = simulated(app, &world, &lines).await;
        let expected = [
            "1 409 envelope-exceeded 4000.00",
            "3 409 envelope-exceeded 10000.00",
            "5 422 validation-failed  duplicate",
            "6 409 envelope-exceeded 0.00",
            "7 422 validation-failed  duplicate",
        ];
        assert_eq!(refusals(&shown), expected);
        let programme = &shown["programme"];
        assert_eq!(row(programme, &second), "10000.00 0.00 0.00 0.00 0.00 0.00 full - -");
        assert_eq!(envelopes(programme), ["10000.00 0.00", "0.00 10000.00", "10000.00 0.00"]);
        assert_eq!(figures(&programme["totals"]), "30000.00 20000.00 20000.00 0.00 0.00 0.00");
        // Public money may be 80 % of the 20,000.00 it costs, whoever is supposed to give it.
        let lines = [line(&first, &world.caf, agreed("9000.00")), line(&first, &world.city, vote("7000.01"))];
        let shown = simulated(app, &world, &lines).await;
        assert_eq!(refusals(&shown), ["1 409 public-share-exceeded 7000.00"]);
    })
    .await;
}

#[actix_web::test]
async fn supposed_and_recorded_lines_wait_for_each_other() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let [caf, city, _] = hands(&world);
        let supposed = async |co_funder: &str, decision: Value| {
            let shown = simulated(app, &world, &[line(&application, co_funder, decision)]).await;
            assert_eq!(shown["refused"], json!([]));
            row(&shown["programme"], &application)
        };
        let recorded = async || row(&read(app, &world).await.json(), &application);
        let waiting = provided(agreed("4000.00"), &world.city, "3000.00");
        push(app, &application, caf, &waiting).send().await.expect(201);
        let unmet = "10000.00 4000.00 0.00 4000.00 0.00 0.00 scaledDown unmet -";
        assert_eq!(recorded().await, unmet);
        let given = supposed(&world.city, vote("3000.00")).await;
        assert_eq!(given, "10000.00 7000.00 7000.00 0.00 3000.00 0.00 scaledDown met -");
        let short = supposed(&world.city, agreed("2999.99")).await;
        assert_eq!(short, "10000.00 6999.99 2999.99 4000.00 0.00 0.00 notViable unmet -");
        let circle = supposed(&world.city, provided(agreed("3000.00"), &world.caf, "4000.00")).await;
        assert_eq!(circle, "10000.00 7000.00 0.00 7000.00 0.00 0.00 scaledDown circular circular");
        assert_eq!(recorded().await, unmet);
        push(app, &application, city, &agreed("3000.00")).send().await.expect(201);
        assert_eq!(recorded().await, "10000.00 7000.00 7000.00 0.00 0.00 0.00 scaledDown met -");
        let gone = supposed(&world.city, refused()).await;
        assert_eq!(gone, "10000.00 4000.00 0.00 4000.00 0.00 0.00 notViable unmet -");
        let joined = supposed(&world.landlord, provided(agreed("500.00"), &world.city, "3000.00")).await;
        assert_eq!(joined, "10000.00 7500.00 7500.00 0.00 0.00 0.00 scaledDown met - met");
        let short = supposed(&world.landlord, provided(agreed("500.00"), &world.city, "3000.01")).await;
        assert_eq!(short, "10000.00 7500.00 7000.00 500.00 0.00 0.00 scaledDown met - unmet");
    })
    .await;
}

#[actix_web::test]
async fn acts_reasons_and_replies_are_not_asked_for() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        push(app, &application, hands(&world)[0], &voted("4000.00")).send().await.expect(201);
        council_says(app, &world, &application, "unfavourable").await;
        let lines =
            [line(&application, &world.caf, vote("3000.00")), line(&application, &world.city, vote("1.00"))];
        let shown = simulated(app, &world, &lines).await;
        let expected = "10000.00 3001.00 3001.00 0.00 3001.00 0.00 notViable - -";
        assert_eq!(
            (&shown["refused"], row(&shown["programme"], &application).as_str()),
            (&json!([]), expected)
        );
        let shown = simulated(app, &world, &[line(&application, &world.caf, refused())]).await;
        assert_eq!((&shown["refused"], &shown["programme"]["totals"]["agreed"]), (&json!([]), &eur("0.00")));
    })
    .await;
}

#[actix_web::test]
async fn a_line_on_nothing_of_the_call_is_refused() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let (stranger, _) = world.another_co_funder(app, "Région").await;
        app.set_clock(OPEN);
        let mut body = world.application_body();
        body["callId"] = json!(world.published(app, &world.call_body()).await);
        let elsewhere = admitted(app, &world, &body).await;
        let lines = [
            line(UNKNOWN, &world.caf, agreed("1.00")),
            line(&elsewhere, &world.caf, agreed("1.00")),
            line(&application, &stranger, agreed("1.00")),
            line(&application, &world.caf, provided(agreed("1.00"), &world.caf, "1.00")),
            line(&application, &world.city, provided(agreed("1.00"), &stranger, "1.00")),
            line(&application, &world.landlord, agreed("1.00")),
        ];
        let shown = simulated(app, &world, &lines).await;
        let expected = [
            "0 404 not-found",
            "1 404 not-found",
            "2 422 validation-failed /coFunderId unknown-reference",
            "3 422 validation-failed /decision/conditions/0/coFunderId not-allowed-value",
            "4 422 validation-failed /decision/conditions/0/coFunderId unknown-reference",
        ];
        assert_eq!(refusals(&shown), expected);
        assert_eq!(shown["programme"]["totals"]["agreed"], eur("1.00"));
    })
    .await;
}

#[actix_web::test]
async fn a_line_on_what_is_not_admissible_is_refused_as_its_push_would_be() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let submitted = world.submitted(app, &world.application_body()).await;
        let pushed = push(app, &submitted, hands(&world)[0], &agreed("1.00")).send().await;
        pushed.problem(409, "not-admissible");
        let shown = simulated(app, &world, &[line(&submitted, &world.caf, agreed("1.00"))]).await;
        assert_eq!(refusals(&shown), ["0 409 not-admissible"]);
        assert_eq!(shown["programme"]["rows"], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn all_that_is_malformed_is_told_at_once() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let on = |decision: Value| line(&application, &world.caf, decision);
        let good = on(agreed("1.00"));
        let (mut dated, mut odd) = (good.clone(), good.clone());
        dated["when"] = json!("2023-03-20");
        odd["decision"]["status"] = json!("voted");
        let bare = json!({"firmness": "agreed", "credits": "mainstream"});
        let shapeless = json!({"firmness": "maybe", "credits": "mainstream"});
        let hollow = json!({"firmness": "intended", "credits": "mainstream"});
        let mut generous = refused();
        generous["granted"] = eur("1.00");
        for (body, expected) in [
            (json!({"lines": [on(bare)]}), told(&[("/lines/0/decision/granted", "required")])),
            (json!({"lines": []}), told(&[("/lines", "too-few")])),
            (json!({}), told(&[("/lines", "required")])),
            (json!({"lines": [good], "why": "x"}), told(&[("/why", "unknown-field")])),
            (
                json!({"lines": [good, on(hollow), on(generous)]}),
                told(&[
                    ("/lines/1/decision/proposed", "required"),
                    ("/lines/2/decision/granted", "amount-not-allowed"),
                ]),
            ),
            (
                json!({"lines": [dated, odd, {"coFunderId": world.caf}, on(shapeless)]}),
                told(&[
                    ("/lines/0/when", "unknown-field"),
                    ("/lines/1/decision/status", "unknown-field"),
                    ("/lines/2/applicationId", "required"),
                    ("/lines/2/decision", "required"),
                    ("/lines/3/decision/firmness", "not-allowed-value"),
                ]),
            ),
        ] {
            let problem =
                ask(app, &world, &world.caf_token, &body).send().await.problem(422, "validation-failed");
            assert_eq!(sorted_faults(&problem), expected, "{body}");
        }
    })
    .await;
}

#[actix_web::test]
async fn what_ifs_are_for_the_co_funders_of_the_call_and_its_staff() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let body = json!({"lines": [line(&application, &world.landlord, agreed("1.00"))]});
        let shown = ask(app, &world, &world.caf_token, &body).send().await.expect(200);
        for token in [&world.city_token, &world.landlord_token, &world.instructor, &world.administrator] {
            assert_eq!(ask(app, &world, token, &body).send().await.expect(200).text, shown.text);
        }
        let (_, stranger) = world.another_co_funder(app, "Région").await;
        let elsewhere = instructor_elsewhere(app, &world).await;
        for token in [&world.applicant, &world.council, &stranger, &elsewhere] {
            ask(app, &world, token, &body).send().await.problem(404, "not-found");
        }
        let address = format!("/v1/calls/{}/simulations", world.call);
        app.post(&address).json(&body).send().await.problem(401, "invalid-token");
        let unknown = app.post(&format!("/v1/calls/{UNKNOWN}/simulations")).token(&world.administrator);
        unknown.json(&body).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn a_key_has_its_first_answer_byte_for_byte_whatever_was_pushed_since() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = world.admissible(app).await;
        let body = json!({"lines": [line(&application, &world.landlord, agreed("1.00"))]});
        let keyed = ask(app, &world, &world.caf_token, &body).key("what-if-1");
        let events = app.all_events().await;
        let first = keyed.send().await.expect(200);
        assert_eq!(app.all_events().await, events);
        push(app, &application, hands(&world)[1], &agreed("1000.00")).send().await.expect(201);
        let again = keyed.send().await.expect(200);
        assert_eq!((&again.bytes, again.lasting_headers()), (&first.bytes, first.lasting_headers()));
        let fresh = ask(app, &world, &world.caf_token, &body).send().await.expect(200);
        assert_ne!(fresh.text, first.text);
        let theirs = ask(app, &world, &world.city_token, &body).key("what-if-1").send().await.expect(200);
        assert_eq!(theirs.text, fresh.text);
        let other = json!({"lines": [line(&application, &world.landlord, agreed("2.00"))]});
        let reused = ask(app, &world, &world.caf_token, &other).key("what-if-1").send().await;
        reused.problem(422, "idempotency-key-reused");
    })
    .await;
}
