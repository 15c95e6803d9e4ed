//! Pages: a walk loses and repeats nothing, and a cursor is good for the list it was given for.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use contrat_de_ville::auth::{Binding, Role};
use contrat_de_ville::http::ETag;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, World, all_pages, on_each_database, siret};

const PATH: &str = "/v1/co-funders";

async fn administrator(app: &TestApp) -> String {
    app.token(Role::Administrator, Binding::Staff).await
}

/// Makes co-funders of these names, in this order.
async fn make(app: &TestApp, token: &str, names: impl Iterator<Item = String>) {
    for name in names {
        let body = json!({"name": name, "kind": "other"});
        app.post(PATH).token(token).json(&body).send().await.expect(201);
    }
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

/// `next`, once it is known to agree with `Link`.
fn next(page: &Answer) -> Option<String> {
    let body = page.json();
    let next = body["next"].as_str().map(str::to_owned);
    assert!(next.is_some() || body["next"].is_null());
    assert_eq!(
        page.header("Link").map(str::to_owned),
        next.as_ref().map(|next| format!("<{next}>; rel=\"next\""))
    );
    next
}

fn cursor(next: &str) -> &str {
    let (_, query) = next.split_once('?').unwrap();
    query.split('&').find_map(|pair| pair.strip_prefix("cursor=")).unwrap()
}

/// Walks a list to its end, adding two co-funders before each page but the first.
async fn walk(app: &TestApp, token: &str, first: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut path = Some(first.to_owned());
    let mut round = 0;
    while let Some(here) = path {
        let page = app.get(&here).send().await.expect(200);
        let found = names(&page.json());
        assert!(!found.is_empty() && found.len() <= 2, "{found:?}");
        seen.extend(found);
        path = next(&page);
        if round < 3 {
            make(app, token, (0..2).map(|place| format!("late {round} {place}"))).await;
        }
        round += 1;
    }
    seen
}

#[actix_web::test]
async fn a_walk_loses_and_repeats_nothing_while_rows_are_inserted() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        make(app, &token, (0..7).map(|place| format!("early {place}"))).await;
        let seen = walk(app, &token, "/v1/co-funders?limit=2&sort=createdAt").await;
        let early = (0..7).map(|place| format!("early {place}"));
        let late = (0..3).flat_map(|round| (0..2).map(move |place| format!("late {round} {place}")));
        assert_eq!(seen, early.chain(late).collect::<Vec<_>>());
    })
    .await;
}

#[actix_web::test]
async fn a_walk_from_the_newest_shows_what_was_there_when_it_began() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        make(app, &token, (0..7).map(|place| format!("early {place}"))).await;
        let seen = walk(app, &token, "/v1/co-funders?sort=-createdAt&limit=2").await;
        assert_eq!(seen, (0..7).rev().map(|place| format!("early {place}")).collect::<Vec<_>>());
        let newest = app.get("/v1/co-funders?sort=-createdAt&limit=1").send().await.expect(200).json();
        assert_eq!(names(&newest), ["late 2 1"]);
    })
    .await;
}

#[actix_web::test]
async fn a_page_holds_fifty_unless_told_otherwise_and_the_last_one_has_no_next() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        let empty = app.get(PATH).send().await.expect(200);
        assert_eq!(empty.json(), json!({"items": [], "next": null}));
        assert_eq!(next(&empty), None);
        make(app, &token, (0..50).map(|place| format!("{place:02}"))).await;
        let full = app.get(PATH).send().await.expect(200);
        assert_eq!((names(&full.json()).len(), next(&full)), (50, None));
        make(app, &token, ["50".to_owned()].into_iter()).await;
        let first = app.get(PATH).send().await.expect(200);
        assert_eq!(names(&first.json()).len(), 50);
        let last = app.get(&next(&first).unwrap()).send().await.expect(200);
        assert_eq!((names(&last.json()), next(&last)), (vec!["50".to_owned()], None));
        let all = app.get("/v1/co-funders?limit=200").send().await.expect(200);
        assert_eq!((names(&all.json()).len(), next(&all)), (51, None));
    })
    .await;
}

#[actix_web::test]
async fn a_cursor_that_was_bent_is_refused() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        make(app, &token, (0..4).map(|place| place.to_string())).await;
        let page = app.get("/v1/co-funders?limit=2").send().await.expect(200);
        let link = next(&page).unwrap();
        let good = cursor(&link).to_owned();
        app.get(&link).send().await.expect(200);
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(&good).unwrap()).unwrap();
        let other = page.json()["items"][0]["id"].as_str().unwrap().to_owned() + &text[36..];
        let forged = [
            format!("{good}A"),
            format!("A{good}"),
            good[..good.len() - 4].to_owned(),
            BASE64_URL_SAFE_NO_PAD.encode(other),
            BASE64_URL_SAFE_NO_PAD.encode([0xff; 60]),
            "x".to_owned(),
        ];
        for cursor in forged {
            let answer = app.get(&format!("/v1/co-funders?limit=2&cursor={cursor}")).send().await;
            answer.problem(400, "invalid-cursor");
        }
        for cursor in ["", "%20", "a.b", &"x".repeat(1001)] {
            let answer = app.get(&format!("/v1/co-funders?cursor={cursor}")).send().await;
            answer.problem(400, "invalid-parameter");
        }
    })
    .await;
}

/// Whoever knows how cursors are made can seal anything: what is no id must still be refused.
#[actix_web::test]
async fn a_cursor_sealed_around_no_id_is_refused() {
    on_each_database(async |app| {
        for id in ["\0".repeat(36), "'".repeat(36), "z".repeat(36)] {
            let seal = ETag::of_bytes(format!("{id}\n{PATH}\n").as_bytes()).quoted();
            let cursor = BASE64_URL_SAFE_NO_PAD.encode(format!("{id}{seal}"));
            app.get(&format!("{PATH}?cursor={cursor}")).send().await.problem(400, "invalid-cursor");
        }
    })
    .await;
}

/// The ids of a page of applications.
fn ids(page: &Answer) -> Vec<String> {
    let body = page.json();
    let items = body["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn next_keeps_the_filters_and_the_order() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut drafts = Vec::new();
        for _ in 0..3 {
            let draft = world.draft(app, &world.application_body()).await;
            drafts.push(draft["id"].as_str().unwrap().to_owned());
            world.admissible(app).await;
            app.set_clock(crate::support::OPEN);
        }
        let filters = format!("call={}&status=draft&strand=life&sort=-createdAt&limit=1", world.call);
        let mut path = Some(format!("/v1/applications?{filters}"));
        let mut seen = Vec::new();
        while let Some(here) = path {
            let page = app.get(&here).token(&world.applicant).send().await.expect(200);
            seen.extend(ids(&page));
            path = next(&page);
            if let Some(next) = &path {
                assert!(next.starts_with(&format!("/v1/applications?{filters}&cursor=")), "{next}");
            }
        }
        drafts.reverse();
        assert_eq!(seen, drafts);
    })
    .await;
}

#[actix_web::test]
async fn a_cursor_is_good_for_its_own_list_its_own_filters_and_its_own_order() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for _ in 0..2 {
            world.draft(app, &world.application_body()).await;
        }
        let get = async |path: String| app.get(&path).token(&world.applicant).send().await;
        let page = get("/v1/applications?status=draft&limit=1".to_owned()).await.expect(200);
        let link = next(&page).unwrap();
        let cursor = cursor(&link).to_owned();
        let again = get(format!("/v1/applications?status=draft&limit=2&cursor={cursor}")).await.expect(200);
        assert_eq!(ids(&again).len(), 1, "another limit is no other list");
        for path in [
            "/v1/applications?limit=1".to_owned(),
            "/v1/applications?status=submitted&limit=1".to_owned(),
            format!("/v1/applications?status=draft&call={}&limit=1", world.call),
            "/v1/applications?status=draft&sort=-createdAt&limit=1".to_owned(),
            "/v1/organisations?limit=1".to_owned(),
            "/v1/co-funders?limit=1".to_owned(),
            format!("/v1/contracts/{}/amendments?limit=1", world.contract),
        ] {
            get(format!("{path}&cursor={cursor}")).await.problem(400, "invalid-cursor");
        }
    })
    .await;
}

#[actix_web::test]
async fn next_escapes_what_a_query_holds() {
    on_each_database(async |app| {
        let token = administrator(app).await;
        for rank in 1..=2 {
            let body = json!({"name": format!("Café & bar +100% #{rank}"), "siret": siret(rank)});
            app.post("/v1/organisations").token(&token).json(&body).send().await.expect(201);
        }
        let first = "/v1/organisations?q=caf%C3%A9+%26+bar+%2B100%25+%23&limit=1";
        let found = all_pages(app, first, &token).await;
        let found: Vec<&Value> = found.iter().map(|one| &one["name"]).collect();
        assert_eq!(found, ["Café & bar +100% #1", "Café & bar +100% #2"]);
    })
    .await;
}
