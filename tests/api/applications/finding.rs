//! Finding applications by what they are for and whom they ask.

use serde_json::{Value, json};

use super::{PATH, listed, read};
use crate::support::{TestApp, World, eur, id, on_each_database};

/// A draft of the world's application with these members changed.
async fn draft(app: &TestApp, world: &World, changes: &Value) -> String {
    let mut body = world.application_body();
    for (member, value) in changes.as_object().unwrap() {
        body[member] = value.clone();
    }
    id(&world.draft(app, &body).await)
}

#[actix_web::test]
async fn the_list_is_narrowed_by_challenge_neighbourhood_co_funder_and_organisation() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let asked =
            |co_funder: &str| json!([{"coFunderId": co_funder, "amount": eur("1.00"), "credits": "specific"}]);
        let both = draft(app, &world, &json!({"challenges": [4, 5], "neighbourhoods": ["nord", "sud"]})).await;
        let city = draft(app, &world, &json!({"challenges": [4], "requests": asked(&world.city)})).await;
        let bare = draft(app, &world, &json!({"challenges": [], "neighbourhoods": [], "requests": []})).await;
        let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
        for (query, expected) in [
            ("?challenge=4".to_owned(), vec![&both, &city]),
            ("?challenge=5".to_owned(), vec![&both]),
            ("?challenge=9".to_owned(), vec![]),
            ("?neighbourhood=nord".to_owned(), vec![&both, &city]),
            ("?neighbourhood=sud".to_owned(), vec![&both]),
            (format!("?coFunder={}", world.city), vec![&both, &city]),
            (format!("?coFunder={}", world.caf), vec![&both]),
            (format!("?coFunder={unknown}"), vec![]),
            (format!("?organisation={}", world.organisation), vec![&both, &city, &bare]),
            (format!("?organisation={unknown}"), vec![]),
            (format!("?coFunder={}&challenge=4&neighbourhood=sud", world.city), vec![&both]),
        ] {
            let found = listed(app, &query, &world.instructor).await;
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
        }
        for wrong in ["?challenge=0", "?challenge=x", "?neighbourhood=Nord", "?coFunder=caf", "?organisation="] {
            let answer = app.get(&format!("{PATH}{wrong}")).token(&world.instructor).send().await;
            answer.problem(400, "invalid-parameter");
        }
        // What is changed is found where it now belongs.
        let address = format!("{PATH}/{city}");
        let etag = read(app, &address, &world.applicant).await.etag().to_owned();
        let change = json!({"challenges": [5], "requests": asked(&world.caf)});
        let patch = app.patch(&address).token(&world.applicant).if_match(&etag).json(&change);
        patch.send().await.expect(200);
        assert_eq!(listed(app, "?challenge=4", &world.instructor).await, std::slice::from_ref(&both));
        let of_the_caf = format!("?coFunder={}", world.caf);
        assert_eq!(listed(app, &of_the_caf, &world.instructor).await, [both, city]);
        assert_eq!(listed(app, "?challenge=5", &world.caf_token).await, [""; 0], "drafts stay their own");
    })
    .await;
}
