//! What does not compile, and with which message.
//!
//! `tests/ui/bake/*.case` are migrations folders in one file each, with the compile errors that they give beside
//! them; `tests/ui/macros/*.rs` are uses of the macros. `TRYBUILD=overwrite cargo test compile_fail` writes the
//! expectations anew: read the difference before you commit it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

use std::fs;
use std::path::{Path, PathBuf};

use hardtack_build::{Policy, render, resolve};

#[test]
fn faults_of_a_folder_and_of_a_function_are_compile_errors() {
    // Relative, as the compiler's messages are; cargo runs a test in its package's folder.
    let rendered = Path::new("tests/ui/rendered");
    let _ = fs::remove_dir_all(rendered);
    let cases = cases(Path::new("tests/ui/bake"));
    for case in &cases {
        write(case, rendered);
    }
    {
        let tests = trybuild::TestCases::new();
        tests.compile_fail("tests/ui/rendered/*.rs");
        tests.compile_fail("tests/ui/macros/*.rs");
    }
    if std::env::var_os("TRYBUILD").is_some_and(|value| value == "overwrite") {
        for case in &cases {
            let name = case.file_stem().unwrap().to_str().unwrap();
            fs::copy(rendered.join(format!("{name}.stderr")), case.with_extension("stderr")).unwrap();
        }
    }
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|e| e == "case")).collect();
    cases.sort();
    cases
}

/// What a case says in letters that editors and version control leave alone.
fn bytes_of(letter: char) -> Vec<u8> {
    match letter {
        // A byte that UTF-8 cannot hold.
        '\u{fffd}' => vec![0xff],
        '␍' => vec![b'\r'],
        letter => letter.to_string().into_bytes(),
    }
}

/// Lays the case's folder out, bakes it, and puts a crate around what was baked.
fn write(case: &Path, rendered: &Path) {
    let name = case.file_stem().unwrap().to_str().unwrap();
    let home = rendered.join(name);
    let folder = home.join("migrations");
    // The folder itself comes with its first file: a case without one is about a folder that is not there.
    fs::create_dir_all(&home).unwrap();
    for section in fs::read_to_string(case).unwrap().split("==> ").skip(1) {
        let (file, text) = section.split_once(" <==\n").expect("a section starts with its file's name");
        let bytes: Vec<u8> = text.chars().flat_map(bytes_of).collect();
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let policy = Policy::load(&folder.join("hardtack.toml")).unwrap();
    let text = render(&resolve(&folder, &policy).unwrap());
    let text =
        format!("mod migrations {{\n{text}\n}}\n\nfn main() {{\n    let _ = &migrations::REVISIONS;\n}}\n");
    fs::write(rendered.join(format!("{name}.rs")), text).unwrap();
    let expected = case.with_extension("stderr");
    if expected.exists() {
        fs::copy(expected, rendered.join(format!("{name}.stderr"))).unwrap();
    }
}
