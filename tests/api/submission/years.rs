//! Multi-year plans: their statements, their dates, their budgets year by year (rules S2, S3, S7).

use serde_json::{Value, json};

use super::check_with;
use crate::support::{World, eur, on_each_database};

fn budget(charges: &str, products: &str) -> Value {
    json!({
        "charges": [{"account": "60", "amount": eur(charges)}],
        "products": [{"account": "70", "amount": eur(products)}]
    })
}

fn plan(years: &[i32]) -> Value {
    years.iter().map(|year| json!({"year": year, "budget": budget("9000.00", "9000.00")})).collect()
}

#[actix_web::test]
async fn a_plan_has_a_balanced_budget_for_each_year_it_reaches() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let base = [
            ("/multiYear", json!(true)),
            ("/statements", json!([{"priority": "gender-equality", "statement": "Ateliers mixtes."}])),
        ];
        let check = async |ends_on: &str, further: Value, expected| {
            let own = [("/endsOn", json!(ends_on)), ("/furtherYears", further)];
            check_with(app, &world, &[base.clone(), own].concat(), expected).await;
        };
        check("2023-12-31", json!([]), vec![("/multiYear", "not-applicable")]).await;
        check("2025-12-31", plan(&[2024, 2025]), vec![]).await;
        check("2025-01-01", plan(&[2025]), vec![("/furtherYears", "required")]).await;
        check("2024-12-31", plan(&[2024, 2025]), vec![("/furtherYears/1/year", "outside-period")]).await;
        check("2024-12-31", plan(&[2023, 2024]), vec![("/furtherYears/0/year", "outside-period")]).await;
        // The call allows three years: the plan is told to end earlier, not to be longer.
        check("2026-01-01", plan(&[2024, 2025]), vec![("/endsOn", "outside-period")]).await;
        let unbalanced = json!([{"year": 2024, "budget": budget("9000.00", "8999.99")}]);
        check("2024-12-31", unbalanced, vec![("/furtherYears/0/budget", "unbalanced")]).await;
        let empty = json!([{"year": 2024, "budget": {}}]);
        check("2024-12-31", empty, vec![("/furtherYears/0/budget/charges", "required")]).await;
        let mut nameless = plan(&[2024]);
        nameless[0]["budget"]["products"][0]["account"] = json!("74");
        let at = "/furtherYears/0/budget/products/0/funder";
        check("2024-12-31", nameless.clone(), vec![(at, "required")]).await;
        nameless[0]["budget"]["products"][0]["coFunderId"] = json!(world.caf);
        check("2024-12-31", nameless.clone(), vec![]).await;
        // One that is not asked this year may be counted on next year; one that is not of the call may not.
        nameless[0]["budget"]["products"][0]["coFunderId"] = json!(world.landlord);
        check("2024-12-31", nameless.clone(), vec![]).await;
        let (stranger, _) = world.another_co_funder(app, "Région").await;
        nameless[0]["budget"]["products"][0]["coFunderId"] = json!(stranger);
        let at = "/furtherYears/0/budget/products/0/coFunderId";
        check("2024-12-31", nameless, vec![(at, "request-mismatch")]).await;
        check_with(
            app,
            &world,
            &[("/furtherYears", plan(&[2024]))],
            vec![("/furtherYears", "not-applicable")],
        )
        .await;
    })
    .await;
}

#[actix_web::test]
async fn the_call_says_how_many_years_a_plan_may_last() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let mut body = world.call_body();
        body["rules"]["maximumYears"] = json!(2);
        world.call = world.published(app, &body).await;
        let plan = |ends_on: &str, years: &[i32]| {
            [
                ("/multiYear", json!(true)),
                ("/statements", json!([{"priority": "gender-equality", "statement": "Ateliers mixtes."}])),
                ("/endsOn", json!(ends_on)),
                ("/furtherYears", plan(years)),
            ]
        };
        check_with(app, &world, &plan("2024-12-31", &[2024]), vec![]).await;
        let told = vec![("/endsOn", "outside-period"), ("/furtherYears/1/year", "outside-period")];
        check_with(app, &world, &plan("2025-01-01", &[2024, 2025]), told).await;
    })
    .await;
}

#[actix_web::test]
async fn statements_and_several_years_follow_the_call() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let statement = |priority: &str| json!([{"priority": priority, "statement": "Ateliers mixtes."}]);
        let years = ("/multiYear", json!(true));
        let longer = [("/endsOn", json!("2024-06-30")), ("/furtherYears", plan(&[2024])), years.clone()];
        check_with(app, &world, &longer, vec![("/statements", "required")]).await;
        let equality = ("/statements", statement("gender-equality"));
        let outside = "outside-period";
        check_with(app, &world, &[("/endsOn", json!("2024-01-01"))], vec![("/endsOn", outside)]).await;
        check_with(app, &world, &[("/startsOn", json!("2022-12-31"))], vec![("/startsOn", outside)]).await;
        check_with(
            app,
            &world,
            &[years.clone(), equality, ("/startsOn", json!("2024-01-01")), ("/endsOn", json!("2024-02-01"))],
            vec![("/startsOn", outside), ("/furtherYears", "required")],
        )
        .await;
        check_with(
            app,
            &world,
            &[("/startsOn", json!("2023-01-01")), ("/endsOn", json!("2023-12-31"))],
            vec![],
        )
        .await;
        let mut body = world.call_body();
        body["crossCuttingPriorities"] = json!([
            {"code": "age", "title": {"fr": "âge"}, "statement": "required"},
            {"code": "gender-equality", "title": {"fr": "égalité"}, "statement": "optional"}
        ]);
        body["rules"]["multiYearAllowed"] = json!(false);
        world.call = world.published(app, &body).await;
        check_with(app, &world, &[], vec![("/statements", "required")]).await;
        check_with(app, &world, &[("/statements", statement("age"))], vec![]).await;
        check_with(
            app,
            &world,
            &[&longer[..], &[("/statements", statement("age"))]].concat(),
            vec![("/statements", "required"), ("/multiYear", "not-allowed-value")],
        )
        .await;
    })
    .await;
}

#[actix_web::test]
async fn equality_is_always_spoken_of_when_several_years_are_asked_for() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let mut body = world.call_body();
        body["crossCuttingPriorities"] = json!([]);
        world.call = world.published(app, &body).await;
        check_with(app, &world, &[], vec![]).await;
        let years =
            [("/multiYear", json!(true)), ("/endsOn", json!("2024-06-30")), ("/furtherYears", plan(&[2024]))];
        check_with(app, &world, &years, vec![("/statements", "required")]).await;
        let statement = json!([{"priority": "gender-equality", "statement": "Ateliers mixtes."}]);
        check_with(app, &world, &[&years[..], &[("/statements", statement)]].concat(), vec![]).await;
    })
    .await;
}

#[actix_web::test]
async fn a_multi_year_plan_inside_one_year_keeps_from_submitting() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let several = [
            ("/multiYear", json!(true)),
            ("/statements", json!([{"priority": "gender-equality", "statement": "Ateliers mixtes."}])),
        ];
        let ending = |day: &str, years: &[i32]| {
            let own = [("/endsOn", json!(day)), ("/furtherYears", plan(years))];
            [several.clone(), own].concat()
        };
        let one_year = ("/multiYear", "not-applicable");
        check_with(app, &world, &ending("2023-12-31", &[]), vec![one_year]).await;
        check_with(app, &world, &ending("2024-01-01", &[2024]), vec![]).await;
        // Budgets of years that the plan does not reach do not make it longer.
        let beyond = ("/furtherYears/0/year", "outside-period");
        check_with(app, &world, &ending("2023-12-31", &[2024]), vec![one_year, beyond]).await;
        // Until the last day is known nothing is said of it.
        let mut open = several.to_vec();
        open.push(("/endsOn", Value::Null));
        check_with(app, &world, &open, vec![("/endsOn", "required")]).await;
        let mut draft = world.application_body();
        draft["multiYear"] = json!(true);
        let draft = world.draft(app, &draft).await;
        let warning = draft["warnings"].as_array().unwrap().iter().find(|one| one["pointer"] == "/multiYear");
        let said = "convention pluriannuelle : l’action se termine en 2023 : une convention pluriannuelle couvre aussi les \
                    années suivantes";
        assert_eq!(warning.unwrap()["detail"]["fr"], said);
    })
    .await;
}
