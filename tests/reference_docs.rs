//! The pages of `docs/reference`, which are made of the code that they describe.
//!
//! `HARDTACK_TEST_OVERWRITE=1` writes them anew: read the difference before you commit it.

mod commands;
mod directives;
mod events;
mod exit_codes;
mod flags;
mod logged;
mod settings;
mod source;

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn place(page: &str) -> PathBuf {
    root().join("docs/reference").join(page)
}

/// Compares a page with its file, or writes that.
fn assert_is(page: &str, text: &str) {
    if std::env::var_os("HARDTACK_TEST_OVERWRITE").is_some() {
        std::fs::create_dir_all(place("")).unwrap();
        std::fs::write(place(page), text).unwrap();
    }
    let kept = std::fs::read_to_string(place(page)).unwrap_or_default();
    assert!(kept == text, "docs/reference/{page} is stale: HARDTACK_TEST_OVERWRITE=1 writes it anew");
}

#[test]
fn commands_are_those_of_the_program() {
    assert_is("commands.md", &commands::page());
}

#[test]
fn directives_are_those_of_the_build() {
    assert_is("directives.md", &directives::page());
}

#[test]
fn events_are_those_of_the_engine() {
    assert_is("events.md", &events::page());
}

#[test]
fn exit_codes_are_those_of_the_program() {
    assert_is("exit-codes.md", &exit_codes::page());
}

#[test]
fn settings_are_those_that_are_resolved() {
    assert_is("settings.md", &settings::page());
}

/// Nothing else is kept in the folder.
#[test]
fn every_page_is_made() {
    let names = std::fs::read_dir(place("")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["commands.md", "directives.md", "events.md", "exit-codes.md", "settings.md"]);
}
