//! The histories of other migration tools, as `adopt` reads them. A file a tool; reading never writes.

mod alembic;
mod dbmate;
mod diesel;
mod find;
mod flyway;
mod golang_migrate;
mod goose;
mod prisma;
mod refinery_table;
mod row;
mod sea_orm;
mod source;
mod sqlx;
mod tool;

pub use find::{ForeignError, ForeignTable};
pub(crate) use find::{find, read};
pub(crate) use row::split;
pub use row::{ForeignRow, ForeignState};
pub use tool::Tool;
