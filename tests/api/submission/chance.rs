//! Applications by chance: none is accepted that breaks one of the rules S2 to S7, and of those that are refused each
//! broken rule is told with its pointer, no more and no less. The reference reads the JSON that was sent, by itself.

mod applications;
mod reference;

use serde_json::{Value, json};

use super::{check, path};
use crate::support::{Random, World, faults, id, on_each_database};
use applications::Maker;
use reference::broken;

const TRIALS: usize = 250;

/// A call of two strands, with a statement for all and one for several years.
fn call(world: &World) -> Value {
    let mut body = world.call_body();
    body["launchedBy"] = json!([world.caf, world.city]);
    let strand = |code: &str, challenge: u32| {
        json!({
            "code": code, "title": {"fr": code}, "challenges": [challenge],
            "operationalPriorities": [{"code": format!("{code}-1"), "title": {"fr": "première"}}]
        })
    };
    body["strands"] = json!([strand("life", 5), strand("school", 4)]);
    body["crossCuttingPriorities"] = json!([
        {"code": "secularism", "title": {"fr": "laïcité"}, "statement": "required"},
        {"code": "age", "title": {"fr": "âge"}, "statement": "requiredIfMultiYear"},
        {"code": "digital", "title": {"fr": "numérique"}, "statement": "optional"}
    ]);
    body
}

#[actix_web::test]
async fn what_is_accepted_breaks_no_rule_and_what_is_refused_is_told_all_it_breaks() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let call = call(&world);
        world.call = world.published(app, &call).await;
        let mut random = Random::new(12_156);
        let (mut accepted, mut single) = (0, std::collections::BTreeSet::new());
        for _ in 0..TRIALS {
            let body = Maker { random: &mut random, world: &world }.application();
            let expected = broken(&body, &call);
            let expected: Vec<(&str, &str)> =
                expected.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
            check(app, &world, &body, &expected).await;
            match expected.as_slice() {
                [] => accepted += 1,
                [(pointer, code)] => drop(single.insert((reference::family(pointer), (*code).to_owned()))),
                _ => {}
            }
        }
        // Chance went everywhere: much was accepted, and rules of every kind were broken alone.
        assert!(accepted >= TRIALS / 10, "{accepted} accepted");
        assert!(single.len() >= 12, "{single:?}");
    })
    .await;
}

#[actix_web::test]
async fn every_refusal_names_its_field_in_both_languages() {
    on_each_database(async |app| {
        let mut world = World::new(app).await;
        let call = call(&world);
        world.call = world.published(app, &call).await;
        let mut random = Random::new(2_027);
        let mut names = std::collections::BTreeMap::new();
        for _ in 0..60 {
            let body = Maker { random: &mut random, world: &world }.application();
            let draft = world.draft(app, &body).await;
            let submit = app.put(&format!("{}/submission", path(&id(&draft)))).token(&world.applicant);
            let refused = [submit.clone().send().await, submit.french().send().await];
            if refused[0].status == 200 {
                continue;
            }
            let [english, french] = refused.map(|answer| answer.problem(422, "validation-failed"));
            assert_eq!(faults(&english), faults(&french));
            for place in 0..faults(&english).len() {
                let (english, french) = (&english["errors"][place], &french["errors"][place]);
                let name = |fault: &Value, sign: &str| {
                    let detail = fault["detail"].as_str().unwrap();
                    let (name, rest) = detail.split_once(sign).unwrap_or_else(|| panic!("no name: {detail}"));
                    assert!(!name.is_empty() && !name.starts_with('/') && !rest.is_empty(), "{detail}");
                    name.to_owned()
                };
                let both = (name(english, ": "), name(french, " : "));
                names.insert(reference::family(english["pointer"].as_str().unwrap()), both);
            }
            let shown = &draft["warnings"];
            assert_eq!(faults(&json!({"errors": shown})), faults(&english));
            for (warning, fault) in
                shown.as_array().unwrap().iter().zip(english["errors"].as_array().unwrap())
            {
                assert_eq!(warning["detail"]["en"], fault["detail"]);
            }
        }
        assert!(names.len() >= 15, "{names:?}");
        assert_eq!(
            names["/startsOn"],
            ("first day of the action".to_owned(), "début de l’action".to_owned())
        );
        let different = names.values().filter(|(english, french)| english != french).count();
        assert!(different + 2 >= names.len(), "only the budget is called the same: {names:?}");
    })
    .await;
}
