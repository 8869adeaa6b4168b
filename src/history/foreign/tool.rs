use std::fmt;

use serde::Serialize;

use super::source::Source;
use super::{alembic, dbmate, diesel, flyway, golang_migrate, goose, prisma, refinery_table, sea_orm, sqlx};

/// A tool whose history can be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Tool {
    /// Refinery, with 32-bit or 64-bit versions, under any table name but our own.
    Refinery,
    /// sqlx.
    Sqlx,
    /// Diesel.
    Diesel,
    /// `SeaORM`.
    SeaOrm,
    /// Flyway.
    Flyway,
    /// Alembic.
    Alembic,
    /// golang-migrate.
    GolangMigrate,
    /// goose.
    Goose,
    /// dbmate; Rails keeps its versions in the same way.
    Dbmate,
    /// Prisma Migrate.
    Prisma,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Refinery,
        Self::Sqlx,
        Self::Diesel,
        Self::SeaOrm,
        Self::Flyway,
        Self::Alembic,
        Self::GolangMigrate,
        Self::Goose,
        Self::Dbmate,
        Self::Prisma,
    ];

    /// The name by which it is asked for: `golang-migrate`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Refinery => "refinery",
            Self::Sqlx => "sqlx",
            Self::Diesel => "diesel",
            Self::SeaOrm => "sea-orm",
            Self::Flyway => "flyway",
            Self::Alembic => "alembic",
            Self::GolangMigrate => "golang-migrate",
            Self::Goose => "goose",
            Self::Dbmate => "dbmate",
            Self::Prisma => "prisma",
        }
    }

    pub(super) fn source(self) -> &'static Source {
        match self {
            Self::Refinery => &refinery_table::SOURCE,
            Self::Sqlx => &sqlx::SOURCE,
            Self::Diesel => &diesel::SOURCE,
            Self::SeaOrm => &sea_orm::SOURCE,
            Self::Flyway => &flyway::SOURCE,
            Self::Alembic => &alembic::SOURCE,
            Self::GolangMigrate => &golang_migrate::SOURCE,
            Self::Goose => &goose::SOURCE,
            Self::Dbmate => &dbmate::SOURCE,
            Self::Prisma => &prisma::SOURCE,
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
