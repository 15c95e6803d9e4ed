//! Audiences: nobody is counted twice, by whatever they are told apart.

use serde_json::{Value, json};

use super::{check, check_with, submit};
use crate::support::{World, id, on_each_database};

fn line(age_band: &str, gender: &str, residence: &str, count: u32) -> Value {
    json!({"ageBand": age_band, "gender": gender, "residence": residence, "count": count})
}

#[actix_web::test]
async fn a_total_beside_its_parts_keeps_from_submitting() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let all = || line("all", "all", "all", 60);
        for (parts, refused) in [
            // By age: the parts add up to the total, to less, and to more than it.
            (vec![all(), line("6-15", "all", "all", 40), line("16-17", "all", "all", 20)], vec![1, 2]),
            (vec![all(), line("6-15", "all", "all", 5)], vec![1]),
            (vec![line("6-15", "all", "all", 61), all()], vec![1]),
            // By gender, by residence, and a total of nobody.
            (vec![line("6-15", "women", "all", 20), line("6-15", "all", "all", 40)], vec![1]),
            (vec![line("all", "men", "watchNeighbourhood", 3), line("all", "men", "all", 9)], vec![1]),
            (vec![line("all", "all", "all", 0), line("6-15", "all", "all", 5)], vec![1]),
            // Two ways to divide the same people.
            (vec![line("6-15", "all", "all", 30), line("all", "women", "all", 15)], vec![1]),
            (vec![line("6-15", "women", "all", 8), line("6-15", "all", "elsewhere", 8)], vec![1]),
        ] {
            let pointers: Vec<String> = refused.iter().map(|index| format!("/audiences/{index}")).collect();
            let mut body = world.application_body();
            body["audiences"] = json!(parts);
            let expected: Vec<(&str, &str)> =
                pointers.iter().map(|pointer| (pointer.as_str(), "duplicate")).collect();
            check(app, &world, &body, &expected).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn audiences_that_share_nobody_are_submitted() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        for parts in [
            json!([line("all", "all", "all", 60)]),
            json!([line("6-15", "all", "all", 40), line("16-17", "all", "all", 20)]),
            json!([
                line("6-15", "women", "all", 40),
                line("6-15", "men", "priorityNeighbourhood", 9),
                line("6-15", "men", "elsewhere", 1),
                line("65-and-over", "all", "all", 20)
            ]),
        ] {
            check_with(app, &world, &[("/audiences", parts)], vec![]).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn a_double_count_is_explained_in_both_languages() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let mut body = world.application_body();
        body["audiences"] = json!([line("6-15", "women", "all", 8), line("6-15", "all", "all", 20)]);
        let application = id(&world.draft(app, &body).await);
        let english = submit(app, &world, &application).await.problem(422, "validation-failed");
        let detail = "audiences: counts people whom line 1 counts already (ageBand 6-15, gender women, residence all): \
                      give a total or its parts, not both";
        assert_eq!(english["errors"][0]["detail"], detail);
        let path = format!("/v1/applications/{application}/submission");
        let french = app.put(&path).token(&world.applicant).french().send().await;
        let detail = "publics : compte des personnes déjà comptées à la ligne 1 (âge : 6 à 15 ans, genre : femmes, \
                      résidence : tous) : indiquez le total ou le détail, pas les deux";
        assert_eq!(french.problem(422, "validation-failed")["errors"][0]["detail"], detail);
        assert_eq!(app.events("application.submitted").await, 0);
    })
    .await;
}
