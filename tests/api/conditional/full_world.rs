//! A world in which every address leads somewhere.

use serde_json::json;

use super::id;
use crate::support::{DECIDING, TestApp, World, eur, voted};

/// A world in which every read finds something, and the names its path parameters stand for.
pub async fn full_world(app: &TestApp) -> (World, Vec<(&'static str, String)>) {
    let world = World::new(app).await;
    let (application, returned) = corrected(app, &world).await;
    app.put(&world.caf_line(&application))
        .token(&world.caf_token)
        .json(&voted("4000.00"))
        .send()
        .await
        .expect(201);
    let line = world.caf_line(&application);
    let paid =
        json!({"kind": "advance", "amount": eur("1000.00"), "paidOn": "2023-03-17", "reference": "MDT-1"});
    let payment = app.post(&format!("{line}/payments")).token(&world.caf_token).json(&paid);
    let payment = id(&payment.send().await.expect(201));
    let told = json!({"view": "favourable", "reasons": "Utile."});
    let opinion =
        app.post(&format!("/v1/applications/{application}/opinions")).token(&world.council).json(&told);
    let opinion = id(&opinion.send().await.expect(201));
    let intended = json!({"firmness": "intended", "proposed": eur("4000.00"), "credits": "mainstream"});
    let lines = json!({"lines": [{"applicationId": application, "decision": intended}]});
    let batch = app.post("/v1/decision-batches").token(&world.caf_token).json(&lines);
    let batch = id(&batch.send().await.expect(201));
    let session = committee_session(app, &world, &application).await;
    let attachment = crate::attachments::first(app, &world, &application).await;
    let path = format!("/v1/applications/{application}/evaluations");
    let given = json!({"criteria": [{"name": "Participation", "grade": 4}]});
    let evaluation = app.post(&path).token(&world.caf_token).json(&given).send().await.expect(201);
    let path = format!("/v1/contracts/{}/amendments", world.contract);
    let drafted = json!({
        "kind": "ordinary", "title": "Avenant", "effectiveOn": "2022-12-01",
        "changes": [{"type": "extendPeriod", "endsOn": "2023-12-31"}]
    });
    let amendment = app.post(&path).token(&world.administrator).json(&drafted).send().await.expect(201);
    let path = format!("/v1/amendments/{}/signatures", id(&amendment));
    app.post(&path).token(&world.caf_token).json(&json!({"signedOn": "2022-11-02"})).send().await.expect(201);
    let report = commitment_reported(app, &world).await;
    let names = vec![
        ("{contractId}", world.contract.clone()),
        ("{amendmentId}", id(&amendment)),
        ("{coFunderId}", world.caf.clone()),
        ("{organisationId}", world.organisation.clone()),
        ("{callId}", world.call.clone()),
        ("{applicationId}", application),
        ("{evaluationId}", id(&evaluation)),
        ("{commitmentCode}", "desk".to_owned()),
        ("{reportId}", report),
        ("{returnId}", returned),
        ("{attachmentId}", attachment),
        ("{sessionId}", session),
        ("{paymentId}", payment),
        ("{opinionId}", opinion),
        ("{batchId}", batch),
        ("{code}", "not-found".to_owned()),
    ];
    (world, names)
}

/// A session that was opened on the application: its id.
async fn committee_session(app: &TestApp, world: &World, application: &str) -> String {
    let planned = json!({"title": "Comité", "heldAt": "2023-03-20T13:00:00Z", "agenda": [application]});
    let path = format!("/v1/calls/{}/committee-sessions", world.call);
    let session = app.post(&path).token(&world.instructor).json(&planned).send().await.expect(201);
    let session = id(&session);
    let path = format!("/v1/committee-sessions/{session}/opening");
    app.put(&path).token(&world.instructor).send().await.expect(200);
    session
}

/// An admissible application that was returned once: its id, and that of the return.
async fn corrected(app: &TestApp, world: &World) -> (String, String) {
    let application = world.submitted(app, &world.application_body()).await;
    let path = format!("/v1/applications/{application}");
    let back =
        json!({"reasons": [{"pointer": "/title", "comment": "vague"}], "correctBy": "2022-12-05T00:00:00Z"});
    let back =
        app.post(&format!("{path}/returns")).token(&world.instructor).json(&back).send().await.expect(201);
    let statutes =
        crate::attachments::pdf(&app.post(&format!("{path}/attachments?kind=statutes&fileName=a.pdf")));
    statutes.token(&world.applicant).send().await.expect(201);
    app.put(&format!("{path}/submission")).token(&world.applicant).send().await.expect(200);
    let judge = app.put(&format!("{path}/admissibility")).token(&world.instructor);
    judge.json(&json!({"admissible": true})).send().await.expect(200);
    app.set_clock(DECIDING);
    (application, id(&back))
}

/// A council, and a commitment of the Caf it has reported on: the id of the report.
async fn commitment_reported(app: &TestApp, world: &World) -> String {
    let contract = format!("/v1/contracts/{}", world.contract);
    let council =
        json!({"createdOn": "2015-07-02", "parity": true, "colleges": [{"kind": "residents", "seats": 20}]});
    let set = app.put(&format!("{contract}/council")).token(&world.administrator).json(&council);
    set.send().await.expect(201);
    let commitment =
        json!({"code": "desk", "coFunderId": world.caf, "challenge": 5, "text": "Ouvrir une permanence."});
    let drafted = json!({
        "kind": "ordinary", "title": "Avenant", "effectiveOn": "2017-01-01",
        "changes": [{"type": "addCommitment", "commitment": commitment}]
    });
    let path = format!("{contract}/amendments");
    let amendment = app.post(&path).token(&world.administrator).json(&drafted).send().await.expect(201);
    for token in [&world.caf_token, &world.city_token] {
        let sign = app.post(&format!("/v1/amendments/{}/signatures", id(&amendment))).token(token);
        sign.json(&json!({"signedOn": "2017-01-01"})).send().await.expect(201);
    }
    let told = json!({"state": "underway", "note": "", "reportedOn": "2018-01-01"});
    let report =
        app.post(&format!("{contract}/commitments/desk/reports")).token(&world.caf_token).json(&told);
    id(&report.send().await.expect(201))
}
