//! The `OpenAPI` document: what is checked in is what is served, and it names every route.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::REVISIONS;
use super::house::House;

pub(super) fn document() -> Value {
    serde_json::to_value(hardtack::admin::openapi()).unwrap()
}

/// Every operation of the document: its method, its path and itself.
pub(super) fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |path: &'_ String| document["paths"][path].as_object().unwrap();
    paths
        .keys()
        .flat_map(|path| of(path).iter().map(move |(method, operation)| (&**method, &**path, operation)))
        .collect()
}

/// `HARDTACK_TEST_OVERWRITE=1` writes the document anew: read the difference before you commit it.
#[test]
fn the_document_that_is_checked_in_is_the_one_that_is_served() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&document()).unwrap());
    if std::env::var_os("HARDTACK_TEST_OVERWRITE").is_some() {
        std::fs::write(&place, &text).unwrap();
    }
    let checked_in = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(text == checked_in, "docs/openapi.json is stale: HARDTACK_TEST_OVERWRITE=1 writes it anew");
}

#[tokio::test]
async fn it_is_served_to_whoever_may_look() {
    let house = House::of(&REVISIONS).await;
    let served = house.get("/openapi.json").await;
    assert_eq!((served.status, served.json()), (200, document()));
}

#[test]
fn every_operation_has_a_name_and_says_what_it_answers() {
    let document = document();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        assert!(
            names.insert(operation["operationId"].as_str().unwrap()),
            "{method} {path}: the name is taken"
        );
        let answers = operation["responses"].as_object().unwrap();
        for status in ["401", "403", "429", "503"] {
            let body = &answers[status]["content"]["application/json"]["schema"]["$ref"];
            assert_eq!(body, "#/components/schemas/FailureBody", "{method} {path} {status}");
        }
        let takes_a_body = operation["requestBody"].is_object();
        for status in ["400", "408", "413", "415", "422"].iter().filter(|_| takes_a_body) {
            assert!(answers.contains_key(*status), "{method} {path} {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (name, place) = (parameter["name"].as_str().unwrap(), &parameter["in"]);
            assert_eq!(path.contains(&format!("{{{name}}}")), place == "path", "{method} {path} {name}");
        }
    }
}

/// What docs/security.md names as tests, in the last column of its tables, is there.
#[test]
fn every_threat_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| --- |"));
    let mut named = 0;
    for row in rows.filter_map(|row| row.strip_suffix(" |")?.split(" | ").nth(2)) {
        for name in row.split('`').skip(1).step_by(2) {
            assert!(is_there(root, name), "docs/security.md names {name}, which is not there");
            named += 1;
        }
    }
    assert!(named > 60, "{named}");
}

fn is_there(root: &Path, name: &str) -> bool {
    if name.contains('/') {
        return root.join(name).is_file();
    }
    let parts: Vec<&str> = name.trim_end_matches("..").split("::").collect();
    let (function, modules) = parts.split_last().unwrap();
    let holds = |path: &str, text: &str| {
        std::fs::read_to_string(root.join(path)).is_ok_and(|source| source.contains(text))
    };
    // Unit tests are named by their file, those through HTTP and the library by their modules.
    if parts.contains(&"tests") {
        let text = if *function == "tests" { "mod tests {".to_owned() } else { format!("fn {function}") };
        let folders =
            ["src/admin", "src/admin/auth", "src/admin/api", "src/admin/page", "src/catalog/render/page"];
        return folders.iter().any(|folder| holds(&format!("{folder}/{}.rs", parts[0]), &text));
    }
    holds(&format!("tests/{}.rs", modules.join("/")), &format!("fn {function}"))
}
