//! CSV files whose quotation marks, line breaks or widths would hide rows: refused as a whole, with the line of the fault.

use serde_json::{Value, json};

use super::{PATH, became, several};
use crate::support::{Request, TestApp, World, on_each_database};

const HEADER: &str = "applicationId;firmness;granted;credits;applicantConditions";

fn send(app: &TestApp, world: &World, query: &str, text: &str) -> Request {
    app.post(&format!("{PATH}{query}")).token(&world.caf_token).body("text/csv", text)
}

fn row(application: &str, conditions: &str) -> String {
    format!("{application};agreed;1000.00;mainstream;{conditions}")
}

/// Sends the rows below the header under each line break, atomic or not: the line of the fault, the rows read before it.
async fn assert_refused(app: &TestApp, world: &World, rows: &[String], line: u64, read: u64) {
    for end in ["\n", "\r\n", "\r"] {
        for query in ["", "?atomic=true", "?validateOnly=true"] {
            let text = format!("{HEADER}{end}{}{end}", rows.join(end));
            let answer = send(app, world, query, &text).send().await;
            let problem = answer.problem(400, "malformed-csv");
            assert_eq!((&problem["line"], &problem["recordsRead"]), (&json!(line), &json!(read)), "{text}");
            assert!(problem["detail"].as_str().unwrap().starts_with(&format!("Line {line} ")), "{problem}");
            let french = send(app, world, query, &text).french().send().await.problem(400, "malformed-csv");
            assert!(french["detail"].as_str().unwrap().starts_with(&format!("Ligne {line} ")), "{french}");
        }
    }
    assert_eq!(app.events("decision.recorded").await, 0);
}

#[actix_web::test]
async fn an_unclosed_quote_refuses_the_whole_file() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [a, b, c, d] = several::<4>(app, &world).await;
        let open = "\"Sous réserve du budget";
        let sound = [row(&b, ""), row(&c, ""), row(&d, "")];
        assert_refused(app, &world, &[&[row(&a, open)], &sound[..]].concat(), 2, 0).await;
        let last = [&sound[..], &[row(&a, open)]].concat();
        assert_refused(app, &world, &last, 5, 3).await;
        let orphans = [row(&a, open), row(&b, ""), row(&c, "\"du budget"), row(&d, "")];
        assert_refused(app, &world, &orphans, 2, 0).await;
        let neighbours = [row(&d, ""), row(&a, open), row(&b, "du budget\"")];
        assert_refused(app, &world, &neighbours, 3, 1).await;
        let middle =
            [format!("{a};\"agreed;1000.00;mainstream;"), format!("{b};agreed\";1000.00;mainstream;")];
        assert_refused(app, &world, &middle, 2, 0).await;
        let after = [row(&a, ""), row(&b, "\"Sous réserve\" du budget")];
        assert_refused(app, &world, &after, 3, 1).await;
    })
    .await;
}

#[actix_web::test]
async fn a_row_of_another_width_is_refused_with_its_line() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [a, b] = several::<2>(app, &world).await;
        let quoted = row(&a, "\"Sous réserve\ndu budget\"").replace('\n', "\r\n");
        let short = format!("{b};agreed;1000.00");
        assert_refused(app, &world, &[row(&a, ""), String::new(), short.clone()], 4, 1).await;
        assert_refused(app, &world, &[quoted, short], 4, 1).await;
        assert_refused(app, &world, &[format!("{};", row(&a, ""))], 2, 0).await;
    })
    .await;
}

#[actix_web::test]
async fn quoted_text_over_lines_is_recorded_as_written() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let [a, b] = several::<2>(app, &world).await;
        let text = format!(
            "{HEADER}\r\n{}\r\n{}\r\n",
            row(&a, "\"Sous réserve :\r\n- du budget ;\r\n- du \"\"oui\"\" du conseil\""),
            row(&b, "Sans \"réserve\"")
        );
        let batch = send(app, &world, "", &text).send().await.expect(201).json();
        assert_eq!(became(&batch), ["recorded 201", "recorded 201"]);
        assert_eq!(batch["received"], 2);
        let shown = async |application: &str| -> Value {
            let path = world.caf_line(application);
            let line = app.get(&path).token(&world.caf_token).send().await.expect(200).json();
            line["applicantConditions"].clone()
        };
        assert_eq!(shown(&a).await, "Sous réserve :\n- du budget ;\n- du \"oui\" du conseil");
        assert_eq!(shown(&b).await, "Sans \"réserve\"");
    })
    .await;
}
