//! Typed tables: what the `schema` module of a Rust revision is made of.
//!
//! The build makes `schema` of the revision's snapshot, `snapshots/V8__normalise_emails.json`: a module for each table and
//! view that the revision's file names, with a `Row` and a constant for each column. Tables of `public` stand in `schema`
//! itself, those of another schema in a module of its name.
//!
//! ```
//! # mod schema {
//! #     hardtack::__table! {
//! #         accounts "\"public\".\"accounts\"";
//! #         id ID "\"id\"" "bigint not null" i64,
//! #         email EMAIL "\"email\"" "text not null" ::std::string::String,
//! #     }
//! # }
//! # use schema::accounts; /*
//! use super::schema::accounts; // as the catalog stood before this revision
//! # */
//! use hardtack::prelude::*;
//!
//! # async fn up(context: &mut Context<'_>) -> Result<()> {
//! for row in context.rows::<accounts::Row>("where email <> lower(email)", &[]).await? {
//!     let email = row.email.trim().to_lowercase();
//!     let statement = format!("update {} set {} = $1 where id = $2", accounts::Row::TABLE, accounts::EMAIL);
//!     context.execute(&statement, &[&email, &row.id]).await?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Types
//!
//! | PostgreSQL | Rust |
//! | --- | --- |
//! | `boolean` | `bool` |
//! | `smallint`, `integer`, `bigint` | `i16`, `i32`, `i64` |
//! | `real`, `double precision` | `f32`, `f64` |
//! | `numeric` | [`Numeric`] |
//! | `text`, `character varying`, `character`, `name`, `citext` | `String` |
//! | `"char"`, `oid` | `i8`, `u32` |
//! | `bytea` | `Vec<u8>` |
//! | `date`, `time` | [`time::Date`], [`time::Time`] |
//! | `timestamp`, `timestamp with time zone` | [`time::PrimitiveDateTime`], [`time::OffsetDateTime`] |
//! | `uuid` | [`uuid::Uuid`] |
//! | `json`, `jsonb` | [`serde_json::Value`] |
//! | an enum | an enum in `schema`, ordered as its labels; `as_str`, `Display` and `FromStr` |
//! | a composite type | a struct in `schema`; each field an `Option`, because an attribute can always be null |
//! | a domain | what its base type is |
//! | an array | `Vec<Option<T>>`: no declaration keeps nulls out of an array |
//! | all others, and arrays of them | [`Raw`] |
//!
//! A column is an `Option` unless it, or its domain, is not null; all columns of a view are.
//!
//! # What does not fit
//!
//! Some values have no home in their column's Rust type: `infinity` and `24:00:00` in the `time` crate; in a `Vec` an array
//! of more than one dimension, or one that does not begin at 1. Reading one is an error that says so, never another value.
//! [`Context::columns`](crate::Context::columns) reads the columns that matter and leaves the others alone.
//!
//! JSON is the exception. A [`serde_json::Value`] holds numbers as `i64`, `u64` or `f64`, and of the text of a `json` it
//! keeps neither white space nor repeated keys nor their order. Cast to `text` what has to come back as it was.
//!
//! # Names
//!
//! Modules, fields and columns are in snake case, types and variants in camel case: `"UserId"` is `user_id`, `in-progress` is
//! `InProgress`. A character that Rust has no room for becomes `_`, and `_` comes before a first digit. A keyword is raw,
//! `r#type`; `self`, `super` and `crate`, which cannot be, get `_` at the end. Where two names become one, the one that is
//! written the same in PostgreSQL keeps it, and the others get `_2`, `_3` and so on, in order of column or name.

mod column;
mod composite;
mod domain;
mod label;
mod macros;
mod numeric;
mod raw;
mod table_row;

pub use column::{Column, Columns};
pub(crate) use domain::{Parameter, by_reference};
pub use label::UnknownLabel;
pub use numeric::{NotNumeric, Numeric};
pub use raw::Raw;
pub use table_row::{ReadError, RowReader, TableRow};
pub use {serde_json, time, uuid};

/// What generated code names besides.
#[doc(hidden)]
pub mod generated {
    pub use tokio_postgres::Row;
    pub use tokio_postgres::types::private::BytesMut;
    pub use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

    pub use super::composite::{CompositeReader, is_composite, write_composite};
    pub use super::label::{is_enum, read_label};

    /// What conversions fail with.
    pub type Error = Box<dyn std::error::Error + Send + Sync>;
}
