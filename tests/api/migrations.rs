//! Migrations go up, down and up again, and leave the same schema, on both databases.

use std::path::Path;

use contrat_de_ville::db::{DbConnection, Migrations, Target, migrate};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness;

use crate::support::{Lease, databases};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn target(lease: &Lease, folder: &Path) -> Target {
    match lease {
        Lease::Sqlite => Target::Sqlite(folder.join("ledger.sqlite")),
        Lease::Postgres(database) => Target::parse(&database.url()).unwrap(),
    }
}

/// Every table, column, index and constraint, as text.
fn schema(connection: &mut DbConnection) -> Vec<String> {
    let sql = match connection {
        DbConnection::Sqlite(_) => {
            "SELECT name || ': ' || sql AS line FROM sqlite_master WHERE sql IS NOT NULL
             AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
        }
        DbConnection::Postgres(_) => {
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable AS line
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%'
             UNION ALL SELECT conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_\\_%' ORDER BY 1"
        }
    };
    let lines: Vec<Line> = diesel::sql_query(sql).load(connection).unwrap();
    lines.into_iter().map(|one| one.line).collect()
}

#[test]
fn they_go_up_down_and_up_again() {
    for lease in databases() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = target(&lease, folder.path()).open().unwrap();
        migrate(&mut connection).unwrap();
        let up = schema(&mut connection);
        assert!(up.len() > 14, "{up:?}");
        let all = Migrations::of(&connection);
        connection.revert_all_migrations(all).unwrap();
        assert_eq!(schema(&mut connection), Vec::<String>::new());
        let own = match lease {
            Lease::Sqlite => 1,
            Lease::Postgres(_) => 2,
        };
        assert_eq!(migrate(&mut connection).unwrap().len(), 20 + own);
        assert_eq!(schema(&mut connection), up);
        assert_eq!(migrate(&mut connection).unwrap(), Vec::<String>::new(), "nothing is left to do");
    }
}

#[test]
fn a_database_of_another_program_is_left_as_it_is() {
    for lease in databases() {
        let folder = tempfile::tempdir().unwrap();
        let target = target(&lease, folder.path());
        let mut connection = target.open().unwrap();
        migrate(&mut connection).unwrap();
        // There is something left to do, which is not done either.
        connection.revert_last_migration(Migrations::of(&connection)).unwrap();
        let unknown = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')";
        diesel::sql_query(unknown).execute(&mut connection).unwrap();
        let before = schema(&mut connection);
        // The second asks while the first is still there: the right to migrate is given back.
        let mut second = target.open().unwrap();
        for asking in [&mut connection, &mut second] {
            let refused = migrate(asking).unwrap_err().to_string();
            assert!(refused.contains("29991231000000"), "{refused}");
        }
        assert_eq!(schema(&mut connection), before);
        let known = "DELETE FROM __diesel_schema_migrations WHERE version = '29991231000000'";
        diesel::sql_query(known).execute(&mut connection).unwrap();
        assert_eq!(migrate(&mut second).unwrap().len(), 1);
    }
}
