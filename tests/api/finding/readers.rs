//! Each reader finds by what it may read: what was received while it is corrected, and the lines it may see.

use serde_json::{Value, json};

use super::{PATH, asking, draft, edit, judge, send_back, submit, titles};
use crate::support::{DECIDING, TestApp, World, all_pages, eur, id, items, on_each_database};

/// What these clients find by a query.
async fn found(app: &TestApp, query: &[(&str, &str)], tokens: [&String; 2]) -> [usize; 2] {
    let mut counts = [0; 2];
    for (count, token) in counts.iter_mut().zip(tokens) {
        *count = titles(app, query, token).await.len();
    }
    counts
}

#[actix_web::test]
async fn while_it_is_corrected_it_is_found_by_what_each_reads() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let inside = [&world.applicant, &world.instructor];
        let outside = [&world.caf_token, &world.council];
        let application = draft(app, &world, &json!({"title": "Potager", "objectives": "Semer"})).await;
        assert_eq!(found(app, &[("q", "potager")], inside).await, [1, 1]);
        assert_eq!(found(app, &[("q", "potager")], outside).await, [0, 0], "a draft is its own");
        submit(app, &world, &application).await;
        assert_eq!(found(app, &[("q", "potager")], outside).await, [1, 1]);
        send_back(app, &world, &application).await;
        let correction = json!({
            "title": "Verger", "objectives": "Planter", "challenges": [4], "neighbourhoods": ["sud"], "strand": "other",
            "requests": asking(&[(&world.landlord, "1.00")])
        });
        edit(app, &format!("{PATH}/{application}"), &world.applicant, &correction).await;
        let received = [
            ("q", "potager"), ("q", "semer"), ("q", "potager jardins"), ("challenge", "5"), ("neighbourhood", "nord"),
            ("strand", "life"), ("coFunder", &world.caf),
        ];
        let corrected = [
            ("q", "verger"), ("q", "planter"), ("q", "verger jardins"), ("challenge", "4"), ("neighbourhood", "sud"),
            ("strand", "other"), ("coFunder", &world.landlord),
        ];
        for (before, after) in received.into_iter().zip(corrected) {
            assert_eq!(found(app, &[before], outside).await, [1, 1], "{before:?}");
            assert_eq!(found(app, &[after], outside).await, [0, 0], "{after:?}");
            assert_eq!(found(app, &[before], inside).await, [0, 0], "{before:?}");
            assert_eq!(found(app, &[after], inside).await, [1, 1], "{after:?}");
        }
        let back = json!({"title": "Verger du quartier", "strand": "life", "challenges": [5], "neighbourhoods": ["nord"],
            "requests": world.application_body()["requests"]});
        edit(app, &format!("{PATH}/{application}"), &world.applicant, &back).await;
        submit(app, &world, &application).await;
        for tokens in [inside, outside] {
            assert_eq!(found(app, &[("q", "verger quartier")], tokens).await, [1, 1]);
            assert_eq!(found(app, &[("q", "potager")], tokens).await, [0, 0]);
            assert_eq!(found(app, &[], tokens).await, [1, 1], "once");
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_withdrawn_while_it_is_corrected_stays_what_was_received() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let application = draft(app, &world, &json!({"title": "Potager"})).await;
        submit(app, &world, &application).await;
        send_back(app, &world, &application).await;
        edit(app, &format!("{PATH}/{application}"), &world.applicant, &json!({"title": "Verger"})).await;
        let path = format!("{PATH}/{application}/withdrawal");
        app.put(&path).token(&world.applicant).json(&json!({})).send().await.expect(200);
        let query = [("q", "verger"), ("status", "withdrawn")];
        assert_eq!(titles(app, &query, &world.applicant).await, ["Verger"]);
        assert_eq!(titles(app, &query, &world.caf_token).await, [""; 0]);
        assert_eq!(titles(app, &[("status", "withdrawn")], &world.council).await, ["Potager"]);
    })
    .await;
}

/// Titles and amounts in order, as a reader's list shows them.
async fn in_order(app: &TestApp, sort: &str, token: &str) -> Vec<String> {
    titles(app, &[("sort", sort), ("limit", "1")], token).await
}

#[actix_web::test]
async fn a_correction_does_not_show_through_the_order() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for title in ["Bal", "Danse", "Fanfare"] {
            let application = draft(app, &world, &json!({"title": title})).await;
            submit(app, &world, &application).await;
            if title == "Danse" {
                send_back(app, &world, &application).await;
                let change = json!({"title": "Zumba", "requests": asking(&[(&world.caf, "1.00")])});
                edit(app, &format!("{PATH}/{application}"), &world.applicant, &change).await;
            }
        }
        for sort in ["title", "requested"] {
            assert_eq!(in_order(app, sort, &world.caf_token).await, ["Bal", "Danse", "Fanfare"]);
            assert_eq!(in_order(app, sort, &world.council).await, ["Bal", "Danse", "Fanfare"]);
        }
        assert_eq!(in_order(app, "title", &world.instructor).await, ["Bal", "Fanfare", "Zumba"]);
        assert_eq!(in_order(app, "requested", &world.applicant).await, ["Zumba", "Bal", "Fanfare"]);
    })
    .await;
}

#[actix_web::test]
async fn a_correction_does_not_show_through_the_date() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let corrected = draft(app, &world, &json!({"title": "Bal"})).await;
        submit(app, &world, &corrected).await;
        send_back(app, &world, &corrected).await;
        app.set_clock("2022-10-21T10:00:00Z");
        let other = draft(app, &world, &json!({"title": "Danse"})).await;
        submit(app, &world, &other).await;
        let path = format!("{PATH}/{corrected}");
        let read = async |token: &str| app.get(&path).token(token).send().await.expect(200);
        let before = (read(&world.caf_token).await, read(&world.council).await);
        app.set_clock("2022-10-22T10:00:00Z");
        edit(app, &path, &world.applicant, &json!({"title": "Zumba"})).await;
        let after = (read(&world.caf_token).await, read(&world.council).await);
        assert_eq!((&after.0.text, after.0.etag()), (&before.0.text, before.0.etag()));
        assert_eq!((&after.1.text, after.1.etag()), (&before.1.text, before.1.etag()));
        assert_eq!(after.0.json()["warnings"], json!([]), "what it needs is its applicant's business");
        assert_eq!(in_order(app, "-updatedAt", &world.caf_token).await, ["Danse", "Bal"]);
        assert_eq!(in_order(app, "-updatedAt", &world.instructor).await, ["Zumba", "Danse"]);
        assert_eq!(read(&world.applicant).await.json()["updatedAt"], "2022-10-22T10:00:00Z");
    })
    .await;
}

/// An application of two requests of 1,000.00 EUR, admissible, with these lines of the Caf and the city.
async fn decided(app: &TestApp, world: &World, lines: [&str; 2]) -> String {
    let application = draft(app, world, &small(world)).await;
    submit(app, world, &application).await;
    judge(app, world, &application).await;
    for (line, (co_funder, token)) in
        lines.into_iter().zip([(&world.caf, &world.caf_token), (&world.city, &world.city_token)])
    {
        let Some(line) = line_of(line) else { continue };
        let path = format!("{PATH}/{application}/decisions/{co_funder}");
        app.put(&path).token(token).json(&line).send().await.expect(201);
    }
    application
}

fn small(world: &World) -> Value {
    let line = |co_funder: Option<&String>, account: &str, amount: &str| json!({"account": account, "amount": eur(amount), "coFunderId": co_funder});
    json!({
        "requests": asking(&[(&world.caf, "1000.00"), (&world.city, "1000.00")]), "viabilityFloor": null,
        "budget": {
            "charges": [{"account": "60", "amount": eur("10000.00")}],
            "products": [
                line(Some(&world.caf), "74", "1000.00"), line(Some(&world.city), "74", "1000.00"),
                line(None, "70", "8000.00")
            ]
        }
    })
}

fn line_of(firmness: &str) -> Option<Value> {
    let credits = "mainstream";
    Some(match firmness {
        "" => return None,
        "intended" => json!({"firmness": firmness, "proposed": eur("1000.00"), "credits": credits}),
        "refused" | "deferred" => json!({"firmness": firmness, "credits": credits}),
        "agreed" => json!({"firmness": firmness, "granted": eur("1000.00"), "credits": credits}),
        "half" => json!({"firmness": "agreed", "granted": eur("500.00"), "credits": credits}),
        voted => json!({
            "firmness": voted, "granted": eur("1000.00"), "credits": credits,
            "actReference": "ACT-1", "actDate": "2022-10-19"
        }),
    })
}

#[actix_web::test]
async fn the_funding_filter_agrees_with_what_each_reader_is_shown() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        draft(app, &world, &small(&world)).await;
        let mut made = Vec::new();
        for lines in [
            ["", ""],
            ["intended", "intended"],
            ["agreed", ""],
            ["agreed", "agreed"],
            ["half", "refused"],
            ["voted", ""],
            ["voted", "agreed"],
            ["voted", "voted"],
            ["refused", "refused"],
            ["refused", ""],
            ["deferred", "refused"],
            ["notified", "refused"],
        ] {
            made.push(decided(app, &world, lines).await);
        }
        // One is withdrawn after a line that its applicant does not see, one is on its way back.
        let withdrawal = format!("{PATH}/{}/withdrawal", made[3]);
        app.put(&withdrawal).token(&world.applicant).json(&json!({})).send().await.expect(200);
        let returned = draft(app, &world, &small(&world)).await;
        submit(app, &world, &returned).await;
        send_back(app, &world, &returned).await;
        edit(app, &format!("{PATH}/{returned}"), &world.applicant, &json!({"requests": []})).await;
        app.set_clock(DECIDING);
        let readers =
            [&world.instructor, &world.caf_token, &world.landlord_token, &world.applicant, &world.council];
        let mut seen = Vec::new();
        for (reader, token) in readers.into_iter().enumerate() {
            let list = all_pages(app, PATH, token).await;
            for status in ["none", "partial", "full", "refused"] {
                let shown = list.iter().filter(|one| one["funding"]["status"] == status);
                let shown: Vec<String> = shown.map(id).collect();
                let page = app.get(&format!("{PATH}?fundingStatus={status}")).token(token).send().await;
                let found: Vec<String> = items(&page.expect(200).json()).iter().map(id).collect();
                assert_eq!(found, shown, "reader {reader}, {status}");
                seen.push((reader, status, shown.len()));
            }
        }
        assert_eq!(
            &seen[..4],
            [(0, "none", 7), (0, "partial", 4), (0, "full", 2), (0, "refused", 1)]
                .map(|(reader, status, count)| (reader, status, count))
        );
        assert_eq!(seen[15], (3, "refused", 0), "an applicant cannot tell a refusal that was not voted");
        let wrong = app.get(&format!("{PATH}?fundingStatus=agreed")).token(&world.instructor).send().await;
        wrong.problem(400, "invalid-parameter");
    })
    .await;
}
