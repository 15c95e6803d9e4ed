//! Only interrupted uploads and removals are swept by the service itself; what else the database does not record is left to
//! the operator.

use contrat_de_ville::applications::{
    UnrecordedFiles, list_unrecorded_files, remove_unrecorded_files, sweep_attachments,
};
use contrat_de_ville::db::schema::attachments;
use contrat_de_ville::files::Files;
use contrat_de_ville::types::Clock;
use diesel::prelude::*;

use super::storage::{LATER, LONG_AGO, at, keep, read, stores};
use super::{draft, piece, samples, stored};
use crate::support::{TestApp, World, id, on_each_database};

/// A database restored from a backup made before any attachment was recorded.
async fn restore_older_database(app: &TestApp) {
    app.db.write(|tx| Ok(diesel::delete(attachments::table).execute(tx)?)).await.unwrap();
}

/// The files that the operator's command lists, long after they were stored.
async fn listed(app: &TestApp, files: &Files) -> UnrecordedFiles {
    list_unrecorded_files(&app.db, files, &Clock::new(|| at(LATER))).await.unwrap()
}

fn markers(app: &TestApp) -> usize {
    std::fs::read_dir(app.folder().join("attachments/unrecorded")).map_or(0, Iterator::count)
}

#[actix_web::test]
async fn a_restored_database_sweeps_no_newer_file() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        for _ in 0..10 {
            piece(app, &world, &path, "quote").send().await.expect(201);
        }
        restore_older_database(app).await;
        assert_eq!(sweep_attachments(&app.db, &app.files, at(LATER)).await.unwrap(), 0);
        // New changes of the restored database make the files neither older nor known.
        piece(app, &world, &path, "quote").send().await.expect(201);
        draft(app, &world).await;
        assert_eq!(sweep_attachments(&app.db, &app.files, at(LATER)).await.unwrap(), 0);
        assert_eq!((stored(app).len(), listed(app, &app.files).await.files.len()), (11, 10));
    })
    .await;
}

#[actix_web::test]
async fn the_operator_lists_unrecorded_files_and_removes_them() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let lost = id(&piece(app, &world, &path, "quote").send().await.expect(201).json());
        restore_older_database(app).await;
        let kept = id(&piece(app, &world, &path, "quote").send().await.expect(201).json());
        let found = listed(app, &app.files).await;
        let keys: Vec<&str> = found.files.iter().map(|file| file.key.as_str()).collect();
        assert_eq!((keys, found.files[0].size), (vec![lost.as_str()], 100));
        // An upload that runs meanwhile is too young to be listed.
        let now = Clock::system();
        assert_eq!(list_unrecorded_files(&app.db, &app.files, &now).await.unwrap().files, []);
        assert_eq!(remove_unrecorded_files(&app.db, &app.files, &found).await.unwrap(), 1);
        assert_eq!(stored(app).into_iter().filter(|name| *name != "ledger").collect::<Vec<_>>(), [kept]);
    })
    .await;
}

#[actix_web::test]
async fn a_file_recorded_after_it_was_listed_is_not_removed() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        piece(app, &world, &path, "quote").send().await.expect(201);
        let rows: Vec<contrat_de_ville::types::AttachmentId> =
            app.db.read(|c| Ok(attachments::table.select(attachments::id).load(c)?)).await.unwrap();
        let file = contrat_de_ville::files::StoredFile {
            key: rows[0].to_string(),
            size: 100,
            stored_at: at(LONG_AGO),
        };
        let stale = UnrecordedFiles { files: vec![file], last_change: None };
        assert_eq!(remove_unrecorded_files(&app.db, &app.files, &stale).await.unwrap(), 0);
        assert_eq!(listed(app, &app.files).await.files, []);
    })
    .await;
}

/// As if the last change of the database were of that moment: its own clock stands still in a test.
async fn last_changed(app: &TestApp, moment: &str) {
    use contrat_de_ville::db::schema::events::dsl;
    let moment = at(moment);
    let change = move |tx: &mut contrat_de_ville::db::DbConnection| {
        diesel::update(dsl::events).set(dsl::recorded_at.eq(moment)).execute(tx)?;
        Ok(())
    };
    app.db.write(change).await.unwrap();
}

#[actix_web::test]
async fn an_interrupted_upload_is_swept_once_it_is_old() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let stores = stores().await;
        let mut stores: Vec<&Files> = stores.iter().map(|(_, files)| files).collect();
        stores.push(&app.files);
        for files in stores {
            let made = piece(app, &world, &path, "quote").send().await.expect(201).json();
            let kept = made["id"].as_str().unwrap();
            files.mark_unrecorded(kept).await.unwrap();
            keep(files, kept, &samples::pdf(100)).await;
            let [stray, never_stored, unmarked] = [0; 3].map(|_| uuid::Uuid::now_v7().to_string());
            files.mark_unrecorded(&stray).await.unwrap();
            keep(files, &stray, &samples::pdf(300_000)).await;
            files.mark_unrecorded(&never_stored).await.unwrap();
            keep(files, &unmarked, &samples::pdf(100)).await;
            keep(files, "of-somebody-else", &samples::pdf(100)).await;
            last_changed(app, LATER).await;
            assert_eq!(sweep_attachments(&app.db, files, at(LONG_AGO)).await.unwrap(), 0);
            assert!(read(files, &stray).await.is_some(), "an upload may be about to record it");
            sweep_attachments(&app.db, files, at(LATER)).await.unwrap();
            assert!(read(files, &stray).await.is_none());
            for key in [kept, &unmarked, "of-somebody-else"] {
                assert!(read(files, key).await.is_some(), "{key}");
            }
            assert_eq!(files.list_marked_before(at(LATER)).await.unwrap(), Vec::<String>::new());
            let keys: Vec<String> = listed(app, files).await.files.into_iter().map(|file| file.key).collect();
            assert_eq!(keys, [unmarked]);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_file_stored_long_after_its_marker_is_not_swept() {
    for (folder, files) in stores().await {
        let key = uuid::Uuid::now_v7().to_string();
        files.mark_unrecorded(&key).await.unwrap();
        let marker = folder.path().join("attachments/unrecorded").join(&key);
        if !marker.exists() {
            // On S3 the time of an object cannot be set.
            continue;
        }
        let hours_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
        std::fs::File::open(&marker).unwrap().set_modified(hours_ago).unwrap();
        let an_hour_ago = Clock::system().now().plus_seconds(-3_600);
        assert_eq!(files.list_marked_before(an_hour_ago).await.unwrap(), std::slice::from_ref(&key));
        keep(&files, &key, &samples::pdf(100)).await;
        assert_eq!(files.list_marked_before(an_hour_ago).await.unwrap(), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn uploads_and_removals_leave_no_marker() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let made = piece(app, &world, &path, "quote").send().await.expect(201);
        let address = made.header("Location").unwrap();
        let remove = app.request("DELETE", address).token(&world.applicant);
        // Refused: neither the file nor its marker may tell of it.
        remove.clone().send().await.problem(428, "precondition-required");
        remove.clone().if_match("\"other\"").send().await.problem(412, "precondition-failed");
        assert_eq!((stored(app).len(), markers(app)), (1, 0));
        app.get(&format!("{address}/content")).token(&world.applicant).send().await.expect(200);
        remove.if_match(made.etag()).send().await.expect(204);
        assert_eq!((stored(app).len(), markers(app)), (0, 0));
        // One that is refused in its transaction, when its file is stored already.
        for _ in 0..50 {
            piece(app, &world, &path, "quote").send().await.expect(201);
        }
        piece(app, &world, &path, "quote").send().await.problem(422, "validation-failed");
        assert_eq!((stored(app).len(), markers(app)), (50, 0));
    })
    .await;
}

#[actix_web::test]
async fn a_removal_that_the_store_missed_is_swept() {
    on_each_database(async |app| {
        let world = World::new(app).await;
        let path = draft(app, &world).await;
        let made = id(&piece(app, &world, &path, "quote").send().await.expect(201).json());
        // As a process leaves it that is killed between the commit and the removal of the file.
        app.files.mark_unrecorded(&made).await.unwrap();
        restore_older_database(app).await;
        // The file was marked after the last change of this database: a newer one may record it.
        assert_eq!(sweep_attachments(&app.db, &app.files, at(LATER)).await.unwrap(), 0);
        assert_eq!((stored(app).len(), markers(app)), (1, 1));
        last_changed(app, LATER).await;
        assert_eq!(sweep_attachments(&app.db, &app.files, at(LATER)).await.unwrap(), 1);
        assert_eq!((stored(app).len(), markers(app)), (0, 0));
    })
    .await;
}

#[actix_web::test]
async fn a_folder_forgets_what_was_half_written() {
    on_each_database(async |app| {
        let half = app.folder().join("attachments").join(format!("{}#1", uuid::Uuid::now_v7()));
        std::fs::write(&half, "half").unwrap();
        assert_eq!(sweep_attachments(&app.db, &app.files, at(LONG_AGO)).await.unwrap(), 0);
        assert!(half.exists());
        assert_eq!(sweep_attachments(&app.db, &app.files, at(LATER)).await.unwrap(), 1);
        assert!(!half.exists());
    })
    .await;
}
