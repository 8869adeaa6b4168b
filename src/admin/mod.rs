//! What operators may do to a database over HTTP, and who is an operator.

pub mod auth;
