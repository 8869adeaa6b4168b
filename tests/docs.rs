//! The documentation as its reader has it: code that compiles, command lines that are accepted, links that lead somewhere.
//!
//! Rust of pages is compiled as doctests, see `src/doctests.rs`. A block that is only a part of something says so behind its language:
//! ```` ```sql,fragment ````.

mod code;
mod console;
mod links;
mod markdown;
mod messages;
mod sql;
