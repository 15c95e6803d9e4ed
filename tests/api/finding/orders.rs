//! Orders: the same on both databases, whole whatever is inserted meanwhile, and sealed.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{PATH, asking, draft, edit, judge, submit, titles};
use crate::support::{OPEN, TestApp, World, all_pages, id, on_each_database};

/// Applications whose titles, amounts and days of submission are in different orders, with ties in each.
async fn several(app: &TestApp, world: &World) -> Vec<String> {
    let mut made = Vec::new();
    for (rank, (title, amount)) in [
        ("Zèbre", "300.00"),
        ("école", "100.00"),
        ("Eclair", "200.00"),
        ("Été", "100.00"),
        ("abeille", "300.00"),
        ("Ça et là", "100.00"),
        ("école", "200.00"),
        ("", "100.00"),
        ("Œuvre", "50.00"),
        ("orange", "50.00"),
    ]
    .into_iter()
    .enumerate()
    {
        app.set_clock(&format!("2022-10-{:02}T10:00:00Z", 5 + rank / 2));
        let body = json!({"title": title, "requests": asking(&[(&world.caf, amount)])});
        made.push(draft(app, world, &body).await);
    }
    app.set_clock(OPEN);
    made
}

/// What orders an item, as this list shows it.
fn key(item: &Value, sort: &str) -> (u8, String) {
    let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    match sort {
        "title" => (0, deunicode::deunicode(&text("title")).to_lowercase()),
        "requested" => {
            let cents = item["funding"]["requested"]["amount"].as_str().unwrap().replace('.', "");
            (0, format!("{cents:0>20}"))
        }
        "submittedAt" => (u8::from(item["submittedAt"].is_null()), text("submittedAt")),
        other => (0, text(other)),
    }
}

#[actix_web::test]
async fn a_list_is_walked_in_every_order_and_the_id_breaks_ties() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let made = several(app, &world).await;
        for application in [&made[6], &made[1], &made[2], &made[4]] {
            let body = json!({"title": "x", "requests": world.application_body()["requests"]});
            edit(app, &format!("{PATH}/{application}"), &world.applicant, &body).await;
            submit(app, &world, application).await;
            judge(app, &world, application).await;
        }
        for sort in ["createdAt", "updatedAt", "title", "requested", "submittedAt"] {
            for token in [&world.instructor, &world.applicant, &world.caf_token, &world.council] {
                let mut expected = all_pages(app, PATH, token).await;
                expected.sort_by_key(|item| (key(item, sort), id(item)));
                let expected: Vec<String> = expected.iter().map(id).collect();
                let walked = all_pages(app, &format!("{PATH}?sort={sort}&limit=3"), token).await;
                assert_eq!(walked.iter().map(id).collect::<Vec<_>>(), expected, "{sort}");
                let walked = all_pages(app, &format!("{PATH}?sort=-{sort}&limit=3"), token).await;
                assert_eq!(walked.iter().map(id).rev().collect::<Vec<_>>(), expected, "-{sort}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn accents_and_case_do_not_order_titles() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        several(app, &world).await;
        let expected =
            ["", "abeille", "Ça et là", "Eclair", "école", "école", "Été", "Œuvre", "orange", "Zèbre"];
        assert_eq!(titles(app, &[("sort", "title")], &world.instructor).await, expected);
    })
    .await;
}

#[actix_web::test]
async fn a_walk_in_order_loses_and_repeats_nothing_while_rows_are_inserted() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for title in ["b", "d", "d", "d", "f", "h"] {
            draft(app, &world, &json!({"title": title})).await;
        }
        let mut next = Some(format!("{PATH}?sort=title&limit=1"));
        let mut seen = Vec::new();
        while let Some(path) = next {
            let page = app.get(&path).token(&world.applicant).send().await.expect(200).json();
            seen.push(page["items"][0]["title"].as_str().unwrap().to_owned());
            next = page["next"].as_str().map(str::to_owned);
            if seen.len() == 2 {
                for title in ["a", "c", "e", "d"] {
                    draft(app, &world, &json!({"title": title})).await;
                }
            }
        }
        assert_eq!(seen, ["b", "d", "d", "d", "d", "e", "f", "h"], "what comes before the place is past");
    })
    .await;
}

#[actix_web::test]
async fn a_cursor_of_an_order_is_sealed_and_good_for_that_order() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        several(app, &world).await;
        let get = async |path: String| app.get(&path).token(&world.instructor).send().await;
        for sort in ["updatedAt", "title", "requested", "submittedAt"] {
            let page = get(format!("{PATH}?sort={sort}&limit=2")).await.expect(200).json();
            let next = page["next"].as_str().unwrap();
            let cursor = next.split_once("cursor=").unwrap().1;
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
            let (seal, key) = text.split_at(60);
            for bent in
                [format!("{seal}0{key}"), seal.to_owned(), format!("{seal}{key}0"), format!("0{text}")]
            {
                let bent = BASE64_URL_SAFE_NO_PAD.encode(bent);
                let refused = get(format!("{PATH}?sort={sort}&limit=2&cursor={bent}")).await;
                refused.problem(400, "invalid-cursor");
            }
            let other = get(format!("{PATH}?sort=-{sort}&limit=2&cursor={cursor}")).await;
            other.problem(400, "invalid-cursor");
        }
        for sort in ["number", "-", "createdat", "title,requested"] {
            get(format!("{PATH}?sort={sort}")).await.problem(400, "invalid-parameter");
        }
        get("/v1/organisations?sort=title".to_owned()).await.problem(400, "invalid-parameter");
    })
    .await;
}
