//! What is stored and what is on record agree, whatever is repeated, refused or cut short. The store itself is tested as a
//! folder and, with `TEST_S3_ENDPOINT` and the `AWS_*` variables that lead there, on an S3 server.

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use contrat_de_ville::db::{Db, Target};
use contrat_de_ville::files::{Files, MediaType, Owner, Place};
use contrat_de_ville::types::{ClientId, Instant, LedgerId};
use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};

use super::life::submission;
use super::{draft, pdf, piece, samples, stored};
use crate::identity::part;
use crate::support::{Request, World, at_once, count, items, on_each_database, sorted_faults, told};

pub const LONG_AGO: &str = "2000-01-01T00:00:00Z";
pub const LATER: &str = "2100-01-01T00:00:00Z";

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// A store of each kind, each empty; the folder that some need lasts as long as the first of the pair.
pub async fn stores() -> Vec<(tempfile::TempDir, Files)> {
    let mut places = vec![None];
    if let Ok(endpoint) = std::env::var("TEST_S3_ENDPOINT") {
        // The bucket may be there from another test.
        Request::new("PUT", &endpoint, "/ville").send().await.expect(200);
        let prefix = uuid::Uuid::now_v7();
        places.push(Some(Place::S3 { bucket: "ville".to_owned(), prefix: format!("tests/{prefix}") }));
    }
    let mut stores = Vec::new();
    for place in places {
        let folder = tempfile::tempdir().unwrap();
        let place = place.unwrap_or_else(|| Place::Folder(folder.path().join("attachments")));
        let files = Files::open(&place, folder.path().join("arrivals")).await.unwrap();
        stores.push((folder, files));
    }
    stores
}

pub async fn keep(files: &Files, key: &str, bytes: &[u8]) {
    let chunks: Vec<Result<Bytes, PayloadError>> =
        bytes.chunks(50_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let upload =
        files.receive(ClientId::generate(), MediaType::Pdf, None, stream::iter(chunks)).await.unwrap();
    files.keep(key, upload).await.unwrap();
}

pub async fn read(files: &Files, key: &str) -> Option<Vec<u8>> {
    let content = files.read(key).await.unwrap()?;
    let size = content.size;
    let parts: Vec<Bytes> = content.try_collect().await.unwrap();
    let bytes = parts.concat();
    assert_eq!(u64::try_from(bytes.len()).unwrap(), size);
    Some(bytes)
}

async fn keys(files: &Files, moment: &str) -> Vec<String> {
    let listed = files.list_stored_before(at(moment));
    let mut keys: Vec<String> = listed.map(|file| file.unwrap().key).collect().await;
    keys.sort();
    keys
}

#[actix_web::test]
async fn every_store_keeps_lists_and_removes() {
    for (_folder, files) in stores().await {
        // One part; several, the last one whole or not; more than S3 takes at once.
        let sizes = [100, 262_144, 524_288, 700_001, 5_242_880, 12_000_000];
        for (place, size) in sizes.into_iter().enumerate() {
            keep(&files, &format!("key-{place}"), &samples::pdf(size)).await;
        }
        for (place, size) in sizes.into_iter().enumerate() {
            assert!(
                read(&files, &format!("key-{place}")).await == Some(samples::pdf(size)),
                "{files:?} {size}"
            );
        }
        assert_eq!(keys(&files, LATER).await, ["key-0", "key-1", "key-2", "key-3", "key-4", "key-5"]);
        assert_eq!(keys(&files, LONG_AGO).await, Vec::<String>::new());
        files.remove("key-3").await.unwrap();
        files.remove("key-3").await.unwrap();
        assert_eq!(read(&files, "key-3").await, None);
        assert_eq!(keys(&files, LATER).await.len(), 5);
    }
}

#[actix_web::test]
async fn a_store_belongs_to_one_ledger() {
    for (_folder, files) in stores().await {
        assert_eq!(files.owner().await.unwrap(), Owner::Nobody);
        let ledgers: Vec<LedgerId> = (0..8).map(|_| LedgerId::generate()).collect();
        let racing = join_all(ledgers.iter().map(|ledger| files.claim(*ledger))).await;
        let owners: Vec<Owner> = racing.into_iter().map(Result::unwrap).collect();
        assert!(owners.iter().all(|owner| *owner == owners[0]), "{files:?} {owners:?}");
        assert!(ledgers.iter().any(|ledger| Owner::Ledger(*ledger) == owners[0]));
        for ledger in ledgers {
            assert_eq!(files.claim(ledger).await.unwrap(), owners[0]);
        }
    }
}

#[actix_web::test]
async fn a_database_is_one_ledger_to_every_process() {
    on_each_database(async |app| {
        let target = match app.postgres() {
            None => Target::Sqlite(app.folder().join("ledger.sqlite")),
            Some(postgres) => Target::parse(&postgres.url()).unwrap(),
        };
        let others: Vec<Db> = (0..4).map(|_| Db::open(target.clone(), 2).unwrap()).collect();
        let told = join_all(others.iter().chain([&app.db, &app.db]).map(Db::ledger)).await;
        let told: Vec<LedgerId> = told.into_iter().map(Result::unwrap).collect();
        assert_eq!(told, vec![app.db.ledger().await.unwrap(); 6]);
    })
    .await;
}

#[actix_web::test]
async fn a_retry_answers_as_the_first_time_and_leaves_one_file() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let post = piece(app, &world, &path, "quote").key("one");
        let first = post.send().await.expect(201);
        let second = post.send().await.expect(201);
        assert_eq!((&second.text, second.lasting_headers()), (&first.text, first.lasting_headers()));
        let other =
            app.post(&format!("{path}?kind=quote&fileName=quote.pdf")).token(&world.applicant).key("one");
        let other = other.body("application/pdf", samples::pdf(200)).send().await;
        other.problem(422, "idempotency-key-reused");
        // A name that does not fit is told whatever was kept: what is kept may be forgotten meanwhile.
        let misnamed =
            app.post(&format!("{path}?kind=quote&fileName=quote.exe")).token(&world.applicant).key("one");
        let misnamed = pdf(&misnamed).send().await.problem(422, "validation-failed");
        assert_eq!(sorted_faults(&misnamed), told(&[("fileName", "not-allowed-value")]));
        assert_eq!((stored(app).len(), app.events("attachment.added").await), (1, 1));
        let racing = at_once((0..5).map(|_| piece(app, &world, &path, "statutes").key("two"))).await;
        assert_eq!(count(&racing, 201) + count(&racing, 409), 5);
        assert!(count(&racing, 201) >= 1);
        assert_eq!((stored(app).len(), app.events("attachment.added").await), (2, 2));
        // The answer was lost, and the application has moved on since: the retry still hears what became of it.
        submission(app, &world, &path).send().await.expect(200);
        assert_eq!(post.send().await.expect(201).text, first.text);
        assert_eq!(items(&app.get(&path).token(&world.applicant).send().await.expect(200).json()).len(), 2);
        assert_eq!(stored(app).len(), 2);
    })
    .await;
}

/// Eight files of a client that never arrive whole.
fn endless(files: &Files, client: ClientId) -> Vec<impl Future + Unpin> {
    let mut arriving: Vec<_> =
        (0..8).map(|_| Box::pin(files.receive(client, MediaType::Pdf, None, stream::pending()))).collect();
    for one in &mut arriving {
        assert!(one.now_or_never().is_none(), "there is room for it, and it never ends");
    }
    arriving
}

#[actix_web::test]
async fn slow_uploads_of_one_client_leave_room_for_others() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let post = piece(app, &world, &path, "quote");
        let refuse = async || {
            let refused = post.send().await;
            refused.problem(503, "busy");
            assert_eq!(refused.header("Retry-After"), Some("2"));
            let french = post.clone().french().send().await.problem(503, "busy");
            assert_eq!(french["title"], "Trop de données sont en cours de réception");
        };
        let own: ClientId = part(&world.applicant, 1)["client_id"].as_str().unwrap().parse().unwrap();
        let mut held: Vec<_> = (0..3).map(|_| endless(&app.files, ClientId::generate())).collect();
        post.send().await.expect(201);
        // Its own share is held, while others have room.
        held.push(endless(&app.files, own));
        refuse().await;
        held.pop();
        post.send().await.expect(201);
        // All places are held, none of them by this client.
        held.push(endless(&app.files, ClientId::generate()));
        refuse().await;
        assert_eq!((stored(app).len(), app.events("attachment.added").await), (2, 2));
        held.pop();
        // The place is free again after each.
        for _ in 0..9 {
            post.send().await.expect(201);
        }
    })
    .await;
}
