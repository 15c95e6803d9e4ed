//! Clients and the token endpoint: who gets a token, what is in it, how others check it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use contrat_de_ville::auth::{Binding, Role, Scope, Scopes};
use contrat_de_ville::clients::{self, Client, NewClient};
use contrat_de_ville::types::{ClientId, Instant};
use diesel::prelude::*;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, jwk::JwkSet};
use serde_json::{Value, json};

use crate::support::{Answer, OPEN, Request, TestApp, World, on_each_database};

pub const ISSUER: &str = "http://ledger.test";

/// A registered client and its secret.
async fn client(app: &TestApp, role: Role, binding: Binding, scopes: Option<&str>) -> (Client, String) {
    let scopes = scopes.map(|scopes| Scopes::parse(scopes).unwrap());
    let new = NewClient { name: "SI du partenaire".to_owned(), role, scopes, binding };
    app.db.write(move |tx| clients::create(tx, &new, Instant::parse(OPEN).unwrap())).await.unwrap()
}

fn form(app: &TestApp, pairs: &[(&str, &str)]) -> Request {
    let body: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    app.post("/oauth/token").body("application/x-www-form-urlencoded", body.join("&"))
}

fn with_basic(request: Request, id: &str, secret: &str) -> Request {
    request.header("Authorization", &format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}"))))
}

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

/// The token of a client, in the scopes it asks for; in all of its own when it asks for none.
async fn token_for(app: &TestApp, (client, secret): &(Client, String), scope: &str) -> Answer {
    let pairs = [GRANT, ("scope", scope)];
    let asked = if scope.is_empty() { 1 } else { 2 };
    with_basic(form(app, &pairs[..asked]), &client.id.to_string(), secret).send().await
}

/// The header (0) or the claims (1) of a token, unchecked.
pub fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[actix_web::test]
async fn a_client_gets_a_token_by_basic_or_by_form_and_acts_with_it() {
    on_each_database(async |app| {
        let (client, secret) = client(app, Role::Administrator, Binding::Staff, None).await;
        let id = &client.id.to_string();
        let basic = with_basic(form(app, &[GRANT]), id, &secret);
        let posted = form(app, &[GRANT, ("client_id", id), ("client_secret", &secret)]);
        for (place, request) in [basic, posted].into_iter().enumerate() {
            let answer = request.send().await.expect(200);
            assert_eq!(answer.header("Cache-Control"), Some("no-store"));
            assert_eq!(answer.header("Content-Type"), Some("application/json"));
            let given = answer.json();
            assert_eq!(
                (&given["token_type"], given["expires_in"].as_i64() > Some(0)),
                (&json!("Bearer"), true)
            );
            assert_eq!(given["scope"], Role::Administrator.scopes().to_string());
            let token = given["access_token"].as_str().unwrap();
            let body = json!({"name": format!("Caf {place}"), "kind": "caf"});
            app.post("/v1/co-funders").token(token).json(&body).send().await.expect(201);
        }
        // RFC 6749 §3.2: what the endpoint does not know it ignores.
        let more = with_basic(form(app, &[GRANT, ("audience", "ledger")]), id, &secret);
        more.send().await.expect(200);
        // There too: a parameter without a value is one that was not sent.
        for blank in ["", "+", "%20%20", "%09+"] {
            let all = with_basic(form(app, &[GRANT, ("scope", blank)]), id, &secret).send().await.expect(200);
            assert_eq!(all.json()["scope"], Role::Administrator.scopes().to_string(), "{blank}");
        }
        // RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
        let encoded = with_basic(form(app, &[GRANT]), &id.replace('-', "%2D"), &secret);
        encoded.send().await.expect(200);
        app.get("/oauth/token").send().await.problem(405, "method-not-allowed");
    })
    .await;
}

#[actix_web::test]
async fn whoever_is_not_a_client_gets_no_token() {
    on_each_database(async |app| {
        let (client, secret) = client(app, Role::Administrator, Binding::Staff, None).await;
        let id = &client.id.to_string();
        let stranger = ClientId::generate();
        let half = &secret[1..];
        for request in [
            form(app, &[GRANT]),
            with_basic(form(app, &[GRANT]), id, "wrong"),
            with_basic(form(app, &[GRANT]), id, half),
            with_basic(form(app, &[GRANT]), id, ""),
            with_basic(form(app, &[GRANT]), &stranger.to_string(), &secret),
            with_basic(form(app, &[GRANT]), "nobody", &secret),
            form(app, &[GRANT]).header("Authorization", "Basic !!!"),
            form(app, &[GRANT]).header("Authorization", &format!("Basic {}", BASE64_STANDARD.encode(id))),
            form(app, &[GRANT]).header("Authorization", &format!("Bearer {secret}")),
            form(app, &[GRANT, ("client_id", id), ("client_secret", "wrong")]),
            form(app, &[GRANT, ("client_id", id)]),
            form(app, &[GRANT, ("client_id", "%00"), ("client_secret", "%00")]),
        ] {
            let answer = request.send().await;
            assert_eq!(answer.problem(401, "invalid-token")["error"], "invalid_client");
            assert!(answer.header("WWW-Authenticate").unwrap().starts_with("Basic realm="));
            assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        }
        let french = form(app, &[GRANT]).french().send().await.problem(401, "invalid-token");
        assert_eq!(french["detail"], "demande de jeton refusée : invalid_client");
    })
    .await;
}

#[actix_web::test]
async fn a_wrong_token_request_is_refused_in_the_words_of_rfc_6749() {
    on_each_database(async |app| {
        let (client, secret) =
            client(app, Role::CoFunder, Binding::CoFunder(some()), Some("decisions:read")).await;
        let id = &client.id.to_string();
        for (pairs, error) in [
            (vec![("grant_type", "password")], "unsupported_grant_type"),
            (vec![("grant_type", "authorization_code"), ("code", "x")], "unsupported_grant_type"),
            (vec![GRANT, ("scope", "decisions:read moon:write")], "invalid_scope"),
            (vec![GRANT, ("scope", "contracts:write")], "invalid_scope"),
            (vec![GRANT, ("scope", "decisions:read+decisions:write")], "invalid_scope"),
            (vec![], "invalid_request"),
            (vec![("scope", "decisions:read")], "invalid_request"),
            (vec![GRANT, GRANT], "invalid_request"),
            (vec![GRANT, ("client_id", id), ("client_secret", "x")], "invalid_request"),
        ] {
            let answer = with_basic(form(app, &pairs), id, &secret).send().await;
            assert_eq!(answer.problem(400, "invalid-parameter")["error"], error, "{pairs:?}");
        }
        let bytes =
            app.post("/oauth/token").body("application/x-www-form-urlencoded", b"grant_type=\xff".to_vec());
        let answer = with_basic(bytes, id, &secret).send().await;
        assert_eq!(answer.problem(400, "invalid-parameter")["error"], "invalid_request");
    })
    .await;
}

fn some<K>() -> contrat_de_ville::types::Id<K> {
    "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()
}

#[actix_web::test]
async fn a_client_may_ask_for_fewer_scopes_and_is_held_to_them() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let caf = client(app, Role::CoFunder, Binding::CoFunder(world.caf.parse().unwrap()), None).await;
        let answer = token_for(app, &caf, "applications:read").await.expect(200).json();
        assert_eq!(answer["scope"], "applications:read");
        let token = answer["access_token"].as_str().unwrap();
        app.get("/v1/applications").token(token).send().await.expect(200);
        let refused = app.get("/v1/organisations").token(token).send().await;
        let problem = refused.problem(403, "insufficient-scope");
        assert_eq!(problem["scope"], "organisations:read");
        let challenge = "Bearer error=\"insufficient_scope\", scope=\"organisations:read\"";
        assert_eq!(refused.header("WWW-Authenticate"), Some(challenge));
        let all = token_for(app, &caf, "").await.expect(200).json();
        assert_eq!(all["scope"], Role::CoFunder.scopes().to_string());
    })
    .await;
}

#[actix_web::test]
async fn a_token_says_who_acts_and_for_what() {
    on_each_database(async |app| {
        let cases = [
            (Role::Administrator, Binding::Staff, None),
            (Role::Instructor, Binding::Staff, None),
            (Role::CoFunder, Binding::CoFunder(some()), Some("co_funder_id")),
            (Role::Applicant, Binding::Organisation(some()), Some("organisation_id")),
            (Role::Council, Binding::Council(some()), Some("contract_id")),
        ];
        let kid = app.get("/.well-known/jwks.json").send().await.expect(200).json()["keys"][0]["kid"].clone();
        let mut jtis = Vec::new();
        for (role, binding, bound) in cases {
            let known = client(app, role, binding, None).await;
            let given = token_for(app, &known, "").await.expect(200).json();
            let token = given["access_token"].as_str().unwrap();
            assert_eq!(part(token, 0), json!({"typ": "at+jwt", "alg": "EdDSA", "kid": kid}));
            let claims = part(token, 1);
            assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(ISSUER)));
            let id = json!(known.0.id);
            assert_eq!((&claims["sub"], &claims["client_id"]), (&id, &id));
            assert_eq!((&claims["scope"], &claims["role"]), (&given["scope"], &json!(role.as_str())));
            let now = Instant::parse(OPEN).unwrap().unix_seconds();
            assert_eq!(claims["iat"], now);
            assert_eq!(claims["exp"].as_i64().unwrap() - now, given["expires_in"].as_i64().unwrap());
            for name in ["co_funder_id", "organisation_id", "contract_id"] {
                let wanted = if bound == Some(name) { json!(some::<()>()) } else { Value::Null };
                assert_eq!(claims[name], wanted, "{name} of {role}");
            }
            jtis.push(claims["jti"].as_str().unwrap().to_owned());
        }
        jtis.sort_unstable();
        jtis.dedup();
        assert_eq!(jtis.len(), 5);
    })
    .await;
}

#[actix_web::test]
async fn the_published_keys_verify_a_token() {
    on_each_database(async |app| {
        let known = client(app, Role::Administrator, Binding::Staff, None).await;
        let given = token_for(app, &known, "").await.expect(200).json();
        let token = given["access_token"].as_str().unwrap();
        let keys = app.get("/.well-known/jwks.json").send().await.expect(200);
        assert!(!keys.text.contains("\"d\""), "the private half must never be shown");
        let set: JwkSet = serde_json::from_str(&keys.text).unwrap();
        let key = set.find(part(token, 0)["kid"].as_str().unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.validate_exp = false;
        let read = decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &validation).unwrap();
        assert_eq!(read.claims, part(token, 1));
    })
    .await;
}

#[actix_web::test]
async fn clients_discover_the_token_endpoint() {
    on_each_database(async |app| {
        let shown = app.get("/.well-known/oauth-authorization-server").send().await.expect(200).json();
        assert_eq!(shown["issuer"], ISSUER);
        for (member, path) in [("token_endpoint", "/oauth/token"), ("jwks_uri", "/.well-known/jwks.json")] {
            assert_eq!(shown[member], format!("{ISSUER}{path}"));
            assert_ne!(app.get(path).send().await.status, 404);
        }
        assert_eq!(shown["grant_types_supported"], json!(["client_credentials"]));
        let methods = json!(["client_secret_basic", "client_secret_post"]);
        assert_eq!(shown["token_endpoint_auth_methods_supported"], methods);
        assert!(!shown["response_types_supported"].as_array().unwrap().is_empty());
        let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        assert_eq!(shown["scopes_supported"], json!(scopes));
    })
    .await;
}

#[actix_web::test]
async fn a_revoked_client_gets_no_token_and_writes_nothing_more() {
    on_each_database(async |app| {
        let known = client(app, Role::Administrator, Binding::Staff, None).await;
        let given = token_for(app, &known, "").await.expect(200).json();
        let token = given["access_token"].as_str().unwrap();
        let made = app.post("/v1/co-funders").token(token).json(&json!({"name": "Caf", "kind": "caf"}));
        let made = made.send().await.expect(201);
        let id = known.0.id;
        assert!(
            app.db.write(move |tx| clients::revoke(tx, id, Instant::parse(OPEN).unwrap())).await.unwrap()
        );
        assert_eq!(token_for(app, &known, "").await.problem(401, "invalid-token")["error"], "invalid_client");
        let post = app.post("/v1/co-funders").token(token).json(&json!({"name": "Ville", "kind": "city"}));
        post.send().await.problem(401, "invalid-token");
        post.key("one").send().await.problem(401, "invalid-token");
        let path = made.header("Location").unwrap();
        let patch = app.patch(path).token(token).if_match("*").json(&json!({"name": "x"})).send().await;
        patch.problem(401, "invalid-token");
        assert!(patch.header("WWW-Authenticate").unwrap().contains("invalid_token"));
        assert_eq!(app.all_events().await, 1);
    })
    .await;
}

#[actix_web::test]
async fn only_the_sha_256_of_a_secret_is_stored() {
    on_each_database(async |app| {
        use contrat_de_ville::db::schema::clients;
        let (first, secret) = client(app, Role::Administrator, Binding::Staff, None).await;
        let (second, other) = client(app, Role::Administrator, Binding::Staff, None).await;
        assert!(secret != other && secret.len() >= 43);
        let hashes = app.db.read(move |connection| {
            let ids = [first.id, second.id];
            let rows = clients::table
                .filter(clients::id.eq_any(ids))
                .select(clients::secret_sha256)
                .order(clients::id);
            Ok(rows.load::<String>(connection)?)
        });
        let hashes = hashes.await.unwrap();
        let sha_256 = |secret: &str| {
            let digest = digest(&SHA256, secret.as_bytes());
            digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        assert_eq!(hashes, [sha_256(&secret), sha_256(&other)]);
    })
    .await;
}
