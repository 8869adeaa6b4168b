use std::path::Path;

use hardtack_build::Policy;
use serde_json::Value;

use super::markdown::{Block, blocks, pages, root};
use crate::support::{hardtack_command, output_of};

/// The recipes are baked and compiled by a crate of their own; `cookbook::page` sees that the page shows them as they are.
const COMPILED_ELSEWHERE: &str = "docs/cookbook.md";

#[test]
fn rust_of_every_page_is_a_doctest() {
    let doctests = std::fs::read_to_string(root().join("src/doctests.rs")).unwrap();
    let library = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for page in pages().iter().filter(|page| page.path != COMPILED_ELSEWHERE) {
        let rust: Vec<Block> = page.blocks().into_iter().filter(|block| block.language == "rust").collect();
        let is_compiled =
            [&doctests, &library].iter().any(|text| text.contains(&format!("../{}\"", page.path)));
        assert!(rust.is_empty() || is_compiled, "{} is missing in src/doctests.rs", page.path);
        for block in &rust {
            assert!(!block.words.iter().any(|word| word == "ignore"), "{} is not compiled", block.place);
        }
    }
}

/// Rustdoc takes a block without a language for Rust, and so for what is to be compiled.
#[test]
fn every_block_names_its_language() {
    for block in pages().iter().flat_map(super::markdown::Page::blocks) {
        assert!(!block.language.is_empty(), "{}: write ```text", block.place);
    }
}

#[test]
fn json_is_well_formed() {
    for block in blocks(&["json"]) {
        let documents = serde_json::Deserializer::from_str(&block.text).into_iter::<Value>();
        let faults: Vec<_> = documents.filter_map(Result::err).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", block.place);
    }
}

/// Of `Cargo.toml` is what has one of its tables; the rest is of `hardtack.toml`, and read as that.
#[test]
fn toml_is_what_its_reader_takes() {
    for block in blocks(&["toml"]) {
        let table: toml::Table =
            block.text.parse().unwrap_or_else(|error| panic!("{}: {error}", block.place));
        let of_cargo =
            ["package", "dependencies", "dev-dependencies", "build-dependencies", "features", "profile"];
        if !of_cargo.iter().any(|name| table.contains_key(*name)) {
            assert_configures(&block, &table);
        }
    }
}

fn assert_configures(block: &Block, table: &toml::Table) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hardtack.toml");
    std::fs::write(&file, &block.text).unwrap();
    Policy::load(&file).unwrap_or_else(|error| panic!("{}: {error}", block.place));
    let environments = table.get("environments").and_then(toml::Value::as_table);
    let names = environments.into_iter().flat_map(toml::Table::keys).map(|name| Some(name.as_str()));
    for environment in names.chain([None]) {
        let output = shown(folder.path(), environment);
        assert!(output.is_empty(), "{} with --env {environment:?}: {output}", block.place);
    }
}

/// Why the program does not take the configuration that is in a folder.
fn shown(folder: &Path, environment: Option<&str>) -> String {
    let mut command = hardtack_command(folder);
    command.arg("--show-config");
    if let Some(environment) = environment {
        command.args(["--env", environment]);
    }
    let output = output_of(&mut command);
    if output.code == 0 { String::new() } else { output.stderr }
}
