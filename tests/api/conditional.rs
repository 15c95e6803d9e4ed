//! Entity tags and what they are for: reading only what has changed, changing only what one has read.

pub mod full_world;

use contrat_de_ville::auth::{Binding, Role};
use futures_util::future::join_all;
use serde_json::{Value, json};

use self::full_world::full_world;
use crate::contract::operations;
use crate::support::{Answer, OPEN, Request, TestApp, World, envelope, faults, on_each_database, voted};

async fn administrator(app: &TestApp) -> String {
    app.token(Role::Administrator, Binding::Staff).await
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// Every read of the contract, with addresses that lead somewhere.
fn reads(names: &[(&str, String)]) -> Vec<String> {
    let gets = operations().into_iter().filter(|(_, method, _)| method == "GET");
    gets.map(|(path, _, _)| {
        let query = if path.ends_with("/summary") { "?groupBy=year" } else { "" };
        names.iter().fold(path + query, |path, (name, value)| path.replace(name, value))
    })
    .collect()
}

/// A client that may read this: a co-funder, but for what is for the audit or for the correction.
fn reader<'a>(world: &'a World, path: &str) -> &'a str {
    let inside = path.ends_with("/history") && !path.contains("/decisions/") || path.contains("/returns");
    if inside { &world.instructor } else { &world.caf_token }
}

fn known(read: &Request, tag: &str) -> Request {
    read.clone().header("If-None-Match", tag)
}

#[actix_web::test]
async fn every_read_has_a_strong_tag_and_is_answered_304_while_it_holds() {
    on_each_database(async |app| {
        let (world, names) = full_world(app).await;
        for path in reads(&names) {
            let read = app.get(&path).token(reader(&world, &path));
            let first = read.send().await.expect(200);
            let tag = first.etag().to_owned();
            assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "{path}: {tag}");
            for wanted in [tag.clone(), format!("W/{tag}"), "*".to_owned(), format!("\"x\", {tag}")] {
                let unchanged = known(&read, &wanted).send().await;
                assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""), "{path} {wanted}");
                assert_eq!(unchanged.etag(), tag);
                assert_eq!(unchanged.header("Cache-Control"), first.header("Cache-Control"), "{path}");
                assert_eq!(unchanged.list("Vary"), first.list("Vary"), "{path}");
            }
            let changed = known(&read, "\"x\", W/\"y\"").send().await.expect(200);
            assert_eq!(changed.text, first.text);
        }
    })
    .await;
}

#[actix_web::test]
async fn several_lines_of_if_none_match_are_one_list() {
    on_each_database(async |app| {
        let read = app.get("/v1/co-funders");
        let tag = read.send().await.expect(200).etag().to_owned();
        known(&known(&read, &tag), "\"x\"").send().await.expect(304);
        known(&known(&read, "\"x\""), &tag).send().await.expect(304);
    })
    .await;
}

#[actix_web::test]
async fn head_is_get_without_its_body() {
    on_each_database(async |app| {
        let (world, names) = full_world(app).await;
        for path in reads(&names) {
            let get = app.get(&path).token(reader(&world, &path)).send().await.expect(200);
            let head = app.request("HEAD", &path).token(reader(&world, &path));
            let asked = head.send().await.expect(200);
            assert_eq!(asked.text, "", "{path}");
            assert_eq!(asked.lasting_headers(), get.lasting_headers(), "{path}");
            assert_eq!(asked.header("Content-Length"), Some(get.bytes.len().to_string().as_str()), "{path}");
            known(&head, get.etag()).send().await.expect(304);
        }
        let refused = app.request("HEAD", "/v1/co-funders?limit=0").send().await.expect(400);
        assert_eq!(refused.text, "");
        assert_eq!(refused.header("Content-Type"), Some("application/problem+json"));
    })
    .await;
}

#[actix_web::test]
async fn the_tag_of_a_list_changes_when_a_row_is_added_or_changed() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let list = app.get("/v1/co-funders");
        let empty = list.send().await.expect(200).etag().to_owned();
        let body = json!({"name": "Caf", "kind": "caf"});
        let made = app.post("/v1/co-funders").token(&token).json(&body).send().await.expect(201);
        let one = known(&list, &empty).send().await.expect(200).etag().to_owned();
        let path = format!("/v1/co-funders/{}", id(&made));
        let patch = app.patch(&path).token(&token).if_match(made.etag()).json(&json!({"name": "Caf 41"}));
        patch.send().await.expect(200);
        let changed = known(&list, &one).send().await.expect(200).etag().to_owned();
        assert!(empty != one && one != changed && empty != changed);
        known(&list, &changed).send().await.expect(304);
    })
    .await;
}

#[actix_web::test]
async fn the_tag_of_a_call_changes_with_its_phase() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let read = app.get(&format!("/v1/calls/{}", world.call));
        let mut seen: Vec<String> = Vec::new();
        for (at, phase) in
            [("2022-10-03T06:59:59Z", "upcoming"), (OPEN, "open"), ("2022-11-18T23:00:00Z", "closed")]
        {
            app.set_clock(at);
            let tags = if seen.is_empty() { "\"none\"".to_owned() } else { seen.join(", ") };
            let answer = known(&read, &tags).send().await.expect(200);
            assert_eq!(answer.json()["phase"], phase);
            seen.push(answer.etag().to_owned());
        }
        app.set_clock("2022-12-24T00:00:00Z");
        known(&read, &seen[2]).send().await.expect(304);
        // The tag of another phase is another representation's: changing the call by it is refused.
        let later = json!({"closesAt": "2022-12-31T22:59:59Z"});
        let patch = app.patch(&format!("/v1/calls/{}", world.call)).token(&world.administrator).json(&later);
        patch.clone().if_match(&seen[1]).send().await.problem(412, "precondition-failed");
        patch.if_match(&seen[2]).send().await.expect(200);
    })
    .await;
}

/// Every read that this world answers, to the two who see most.
async fn all_answers(
    app: &TestApp,
    world: &World,
    names: &[(&str, String)],
) -> Vec<(String, Request, Answer)> {
    let mut answers = Vec::new();
    for path in reads(names) {
        for token in [&world.caf_token, &world.administrator] {
            let read = app.get(&path).token(token);
            let answer = read.send().await;
            if answer.status == 200 {
                answers.push((path.clone(), read, answer));
            }
        }
    }
    answers
}

/// How many of these have another body now; none of them may still have its tag.
async fn assert_retagged(answers: Vec<(String, Request, Answer)>) -> usize {
    let mut stale = Vec::new();
    let mut changed = 0;
    for (path, read, first) in answers {
        let second = read.send().await.expect(200);
        changed += usize::from(second.text != first.text);
        if second.text != first.text && second.etag() == first.etag() {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "another body under the same strong ETag: {stale:#?}");
    changed
}

#[actix_web::test]
async fn a_tag_never_outlives_the_names_it_covers() {
    on_each_database(async |app| {
        let (world, names) = full_world(app).await;
        let before = all_answers(app, &world, &names).await;
        let organisation = format!("/v1/organisations/{}", world.organisation);
        for path in [format!("/v1/co-funders/{}", world.caf), organisation] {
            let patch = app.patch(&path).token(&world.administrator).if_match("*");
            patch.json(&json!({"name": "Autrement dit"})).send().await.expect(200);
        }
        assert!(assert_retagged(before).await > 20);
    })
    .await;
}

#[actix_web::test]
async fn a_tag_never_outlives_the_decisions_it_covers() {
    on_each_database(async |app| {
        let (world, names) = full_world(app).await;
        let before = all_answers(app, &world, &names).await;
        let (_, application) = names.iter().find(|(name, _)| *name == "{applicationId}").unwrap();
        let line = format!("/v1/applications/{application}/decisions/{}", world.city);
        app.put(&line).token(&world.city_token).json(&voted("1000.00")).send().await.expect(201);
        assert!(assert_retagged(before).await > 10);
    })
    .await;
}

#[actix_web::test]
async fn a_change_needs_the_tag_that_was_read() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let body = json!({"name": "Caf", "kind": "caf"});
        let made = app.post("/v1/co-funders").token(&token).json(&body).send().await.expect(201);
        let path = made.header("Location").unwrap();
        let patch = |name: &str| app.patch(path).token(&token).json(&json!({"name": name}));
        patch("a").send().await.problem(428, "precondition-required");
        for stale in ["\"0\"", "\"2\"", "W/\"1\"", "\"x\", \"y\""] {
            patch("a").if_match(stale).send().await.problem(412, "precondition-failed");
        }
        for malformed in ["1", "\"1", "\"1\" \"2\""] {
            let refused = patch("a").if_match(malformed).send().await;
            assert!([400, 412].contains(&refused.status), "{malformed}: {}", refused.text);
        }
        let read = app.get(path).send().await.expect(200);
        assert_eq!((read.text.as_str(), read.etag()), (made.text.as_str(), made.etag()));
        let changed = patch("b").if_match(&format!("\"x\", {}", made.etag())).send().await.expect(200);
        assert_ne!(changed.etag(), made.etag());
        let read = app.get(path).send().await.expect(200);
        assert_eq!((read.text.as_str(), read.etag()), (changed.text.as_str(), changed.etag()));
        patch("c").if_match(made.etag()).send().await.problem(412, "precondition-failed");
        patch("c").if_match("*").send().await.expect(200);
        assert_eq!(app.events("coFunder.updated").await, 2);
        let nothing = app.patch("/v1/co-funders/01890a5d-ac96-774b-bcce-b302099a8057").token(&token);
        nothing.json(&json!({"name": "x"})).send().await.problem(404, "not-found");
    })
    .await;
}

#[actix_web::test]
async fn of_parallel_patches_with_one_tag_exactly_one_wins() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let body = json!({"name": "Caf", "kind": "caf"});
        let made = app.post("/v1/co-funders").token(&token).json(&body).send().await.expect(201);
        let path = made.header("Location").unwrap();
        let mut tag = made.etag().to_owned();
        for round in 0..10 {
            let patches = (0..4).map(|writer| {
                let name = json!({"name": format!("Caf {round} {writer}")});
                let patch = app.patch(path).token(&token).if_match(&tag).json(&name);
                async move { patch.send().await }
            });
            let answers = join_all(patches).await;
            let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
            assert_eq!((won.len(), lost.len()), (1, 3));
            lost.iter().for_each(|answer| drop(answer.problem(412, "precondition-failed")));
            let kept = app.get(path).send().await.expect(200);
            assert_eq!(kept.text, won[0].text);
            tag = kept.etag().to_owned();
        }
        assert_eq!(app.events("coFunder.updated").await, 10);
    })
    .await;
}

#[actix_web::test]
async fn a_condition_on_a_put_is_never_ignored() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = format!("/v1/calls/{}/envelopes/{}", world.call, world.caf);
        let same = app.put(&path).token(&world.caf_token).json(&envelope("10000.00"));
        let mut unheeded = Vec::new();
        let mut must_fail = async |name: &'static str, request: Request| {
            let status = request.send().await.status;
            if status != 412 {
                unheeded.push(format!("{name}: {status}"));
            }
        };
        must_fail("If-None-Match: * on an envelope that exists", same.header("If-None-Match", "*")).await;
        let call = app.post("/v1/calls").token(&world.administrator).json(&world.call_body());
        let publication = format!("/v1/calls/{}/publication", id(&call.send().await.expect(201)));
        let publish = app.put(&publication).token(&world.administrator).if_match("\"0\"");
        must_fail("a stale If-Match on a publication", publish).await;
        let draft = world.draft(app, &world.application_body()).await;
        let path = format!("/v1/applications/{}", draft["id"].as_str().unwrap());
        let submission = app.put(&format!("{path}/submission")).token(&world.applicant);
        must_fail("a stale If-Match on a submission", submission.clone().if_match("\"0\"")).await;
        submission.send().await.expect(200);
        let judged = app.put(&format!("{path}/admissibility")).token(&world.instructor).if_match("\"0\"");
        must_fail("a stale If-Match on an admissibility", judged.json(&json!({"admissible": true}))).await;
        assert!(unheeded.is_empty(), "{unheeded:#?}");
    })
    .await;
}

/// A co-funder with a SIRET, its address and the token to change it.
async fn with_siret(app: &TestApp) -> (String, String) {
    let token = administrator(app).await;
    let body = json!({"name": "Caf", "kind": "caf", "siret": "73282932000074"});
    let made = app.post("/v1/co-funders").token(&token).json(&body).send().await.expect(201);
    (made.header("Location").unwrap().to_owned(), token)
}

#[actix_web::test]
async fn in_a_patch_absent_null_and_a_value_are_three_cases() {
    on_each_database(async |app| {
        let (path, token) = with_siret(app).await;
        let patch = async |body: Value| {
            let request = app.patch(&path).token(&token).if_match("*").json(&body);
            request.send().await.expect(200).json()
        };
        let absent = patch(json!({"name": "Caf 41"})).await;
        assert_eq!((&absent["name"], &absent["siret"]), (&json!("Caf 41"), &json!("73282932000074")));
        let value = patch(json!({"siret": "00000000100008"})).await;
        assert_eq!((&value["name"], &value["siret"]), (&json!("Caf 41"), &json!("00000000100008")));
        let null = patch(json!({"siret": null})).await;
        assert_eq!(
            (&null["name"], &null["kind"], &null["siret"]),
            (&json!("Caf 41"), &json!("caf"), &json!(null))
        );
        assert_eq!(app.get(&path).send().await.expect(200).json(), null);
    })
    .await;
}

#[actix_web::test]
async fn a_patch_is_held_to_the_rules_of_the_whole() {
    on_each_database(async |app| {
        let (path, token) = with_siret(app).await;
        let before = app.all_events().await;
        for (body, pointer, code) in [
            (json!({"surprise": 1}), "/surprise", "unknown-field"),
            (json!({"surprise": null}), "/surprise", "unknown-field"),
            (json!({"id": "x"}), "/id", "unknown-field"),
            (json!({"name": 5}), "/name", "wrong-type"),
            (json!({"name": null}), "/name", "required"),
            (json!({"kind": {"x": 1}}), "/kind", "wrong-type"),
            (json!({"kind": "bank"}), "/kind", "not-allowed-value"),
            (json!({"siret": "1"}), "/siret", "wrong-format"),
            (json!({"name": "a\u{0}"}), "/name", "forbidden-character"),
            (json!([]), "", "wrong-type"),
            (json!("x"), "", "wrong-type"),
            (json!({}), "", "too-few"),
        ] {
            let answer = app.patch(&path).token(&token).if_match("*").json(&body).send().await;
            let problem = answer.problem(422, "validation-failed");
            let found = faults(&problem);
            assert!(found.contains(&(pointer.to_owned(), code.to_owned())), "{body}: {found:?}");
        }
        assert_eq!(app.all_events().await, before);
    })
    .await;
}

#[actix_web::test]
async fn a_put_replaces_no_version_that_if_none_match_names() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let contract = format!("/v1/contracts/{}", world.contract);
        let seats = |seats: u32| json!({"createdOn": "2015-07-02", "parity": true, "colleges": [{"kind": "residents", "seats": seats}]});
        let granted = |amount: &str| app.put(&line).token(&world.caf_token).json(&voted(amount));
        let council = |count: u32| {
            app.put(&format!("{contract}/council")).token(&world.administrator).json(&seats(count))
        };
        let puts = |one: Request, other: Request| [one, other];
        for [same, other] in [
            puts(granted("100.00"), granted("200.00")),
            puts(council(20), council(10)),
        ] {
            let made = known(&same, "\"1\", W/\"2\"").send().await.expect(201);
            let (tag, before) = (made.etag(), app.all_events().await);
            for named in [tag.to_owned(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
                for put in [&same, &other, &other.clone().if_match(tag)] {
                    known(put, &named).send().await.problem(412, "precondition-failed");
                }
            }
            known(&known(&same, "*"), "*").send().await.problem(412, "precondition-failed");
            assert_eq!(app.all_events().await, before);
            known(&same, "\"x\"").send().await.expect(200);
            assert_eq!(app.all_events().await, before);
            known(&other.if_match(tag), "\"x\"").send().await.expect(200);
        }
    })
    .await;
}

#[actix_web::test]
async fn if_none_match_never_turns_a_change_into_304() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let line = world.caf_line(&world.admissible(app).await);
        let put = |amount: &str| app.put(&line).token(&world.caf_token).json(&voted(amount));
        let made = put("100.00").header("If-None-Match", "*").send().await.expect(201);
        // A retried client may name the version that its change is going to make.
        assert_eq!(made.etag(), "\"1\"");
        let changed =
            put("200.00").if_match("\"1\"").header("If-None-Match", "\"2\"").send().await.expect(200);
        assert_eq!((changed.etag(), &changed.json()["granted"]["amount"]), ("\"2\"", &json!("200.00")));
        let read = app.get(&line).token(&world.caf_token).header("If-None-Match", "\"2\"");
        read.send().await.expect(304);
    })
    .await;
}
