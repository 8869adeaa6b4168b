//! The code of the pages in `docs/`, compiled.
//!
//! Not that of the cookbook: its recipes are the files of a crate in `tests/cookbook`.

macro_rules! pages {
    ($($name:ident: $page:literal,)*) => {
        $(
            #[doc = include_str!($page)]
            mod $name {}
        )*
    };
}

pages! {
    admin: "../docs/admin.md",
    backfills: "../docs/backfills.md",
    events: "../docs/reference/events.md",
    hooks: "../docs/hooks.md",
    monitoring: "../docs/monitoring.md",
    reports: "../docs/reports.md",
    safe_migrations: "../docs/safe-migrations.md",
    testing: "../docs/testing.md",
    tutorial: "../docs/tutorial.md",
    typed_tables: "../docs/typed-tables.md",
}
