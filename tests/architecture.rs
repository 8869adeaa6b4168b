//! The invariants of docs/architecture.md, read from the sources.

use std::path::{Path, PathBuf};

/// A source file below the repository, with the code before its unit tests.
struct Source {
    path: String,
    code: String,
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join(folder), &mut files);
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let source = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let code =
            code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        Source { path: path.strip_prefix(root).unwrap().display().to_string(), code }
    };
    files.map(source).filter(|source| !source.path.contains("/tests/")).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// The files that hold one of these words.
fn naming(sources: &[Source], words: &[&str]) -> Vec<String> {
    let names = |source: &&Source| words.iter().any(|word| source.code.contains(word));
    sources.iter().filter(names).map(|source| source.path.clone()).collect()
}

#[test]
fn only_execute_names_refinery() {
    assert_eq!(naming(&sources("src"), &["refinery_core", "refinery::"]), ["src/engine/execute.rs"]);
}

#[test]
fn only_metrics_name_the_facade() {
    let mut named = naming(&sources("src"), &[" ::metrics::", "metrics_exporter_prometheus"]);
    named.sort_unstable();
    assert_eq!(named, ["src/engine/metrics.rs", "src/metrics/prometheus.rs", "src/metrics/table.rs"]);
}

#[test]
fn only_cli_names_clap_the_standard_streams_and_the_exit() {
    let words = ["clap::", "println!", "eprintln!", "io::stdout", "io::stderr", "process::exit", "ExitCode"];
    let elsewhere: Vec<String> = naming(&sources("src"), &words)
        .into_iter()
        .filter(|path| !path.starts_with("src/cli/") && path != "src/main.rs")
        .collect();
    assert_eq!(elsewhere, Vec::<String>::new());
}

#[test]
fn only_what_serves_names_axum() {
    let mut elsewhere: Vec<String> = naming(&sources("src"), &["axum::"])
        .into_iter()
        .filter(|path| !path.starts_with("src/admin/"))
        .collect();
    elsewhere.sort();
    assert_eq!(elsewhere, ["src/cli/serve.rs", "src/health/routes.rs"]);
}

#[test]
fn the_build_crate_imports_nothing_of_ours() {
    let imports = ["use hardtack", "use tokio", "use refinery"];
    assert_eq!(naming(&sources("macros/build/src"), &imports), Vec::<String>::new());
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("macros/build/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap();
    assert!(!dependencies.contains("hardtack"), "{dependencies}");
}

/// Each layer with what it may import; imports run downward only.
const LAYERS: [(&str, &[&str]); 16] = [
    ("config", &[]),
    ("metrics", &[]),
    ("db", &["config"]),
    ("revisions", &["config", "db"]),
    ("history", &["config", "db", "revisions"]),
    ("plan", &["history", "revisions"]),
    ("safety", &["config", "db", "plan", "revisions"]),
    ("catalog", &["config", "db"]),
    ("data", &["config", "db", "revisions"]),
    ("backup", &["catalog", "config", "db", "revisions"]),
    (
        "engine",
        &["backup", "catalog", "config", "data", "db", "history", "metrics", "plan", "revisions", "safety"],
    ),
    ("health", &["config", "data", "db", "engine", "history", "metrics", "plan", "revisions"]),
    (
        "report",
        &["backup", "catalog", "config", "data", "db", "engine", "history", "plan", "revisions", "safety"],
    ),
    (
        "admin",
        &[
            "backup",
            "catalog",
            "config",
            "data",
            "db",
            "engine",
            "health",
            "history",
            "plan",
            "report",
            "revisions",
            "safety",
        ],
    ),
    ("testing", &["backup", "catalog", "db", "engine", "plan", "revisions"]),
    (
        "cli",
        &[
            "admin",
            "backup",
            "catalog",
            "config",
            "data",
            "db",
            "engine",
            "health",
            "history",
            "metrics",
            "plan",
            "report",
            "revisions",
            "safety",
        ],
    ),
];

#[test]
fn imports_run_downward() {
    let sources = sources("src");
    for (layer, below) in LAYERS {
        let of_layer =
            |path: &str| path.starts_with(&format!("src/{layer}/")) || path == format!("src/{layer}.rs");
        for source in sources.iter().filter(|source| of_layer(&source.path)) {
            for (other, _) in LAYERS.iter().filter(|(other, _)| *other != layer && !below.contains(other)) {
                let import = format!("crate::{other}::");
                assert!(!source.code.contains(&import), "{} imports {import}", source.path);
            }
        }
    }
}

#[test]
fn every_layer_is_listed() {
    let library = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let modules: Vec<&str> =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let listed: Vec<&str> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    for module in &modules {
        assert!(listed.contains(module), "{module} has no place among the layers");
    }
    assert_eq!(modules.len(), listed.len());
}

/// Commands that read never write: the statements of the reading modules are queries.
#[test]
fn reading_modules_hold_no_statement_that_writes() {
    let words = ["insert into", "update ", "delete from", "create table", "create schema", "alter "];
    let reading = [
        "src/catalog/",
        "src/history/read.rs",
        "src/history/foreign/",
        "src/history/compatibility.rs",
        "src/history/logged_run.rs",
        "src/history/open_run.rs",
        "src/engine/migration_status.rs",
        "src/engine/status.rs",
        "src/health/",
        "src/engine/operations/verification/unsound.rs",
        "src/plan/",
        "src/safety/",
    ];
    // They make statements as text, or speak of them, and have no session to send one on.
    let writing = ["src/catalog/ddl/", "src/catalog/expand/", "src/catalog/render/", "src/safety/hazards/"];
    let is_in = |source: &Source, paths: &[&str]| paths.iter().any(|path| source.path.starts_with(path));
    for source in sources("src").iter().filter(|source| is_in(source, &reading)) {
        let words: &[&str] =
            if is_in(source, &writing) { &["Connection", "Client", "_query("] } else { &words };
        for word in words {
            assert!(!source.code.contains(word), "{} holds {word:?}", source.path);
        }
    }
}
