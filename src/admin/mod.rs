//! What operators may do to a database over HTTP, and who is an operator: a JSON API below `/admin/api`, and a page at `/admin`.
//!
//! Both go through one [`Door`](auth::Door). Nothing of it is there unless an application merges [`routes`] into its own router, or `serve` is
//! told to.

mod api;
pub mod auth;
mod failure;
mod guard;
mod job;
mod jobs;
mod page;
mod phase;
mod portal;
mod product;

pub use api::openapi;
pub use portal::{Portal, routes};
