use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::json::pretty;
use super::{Issue, Level, Report, Section, github};
use crate::safety::hazard;

/// Where the meaning of rules is written down.
const INFORMATION: &str = env!("CARGO_PKG_REPOSITORY");

impl Report<'_> {
    /// The report for code scanning. Issues with a file are results; those without are notifications, because a result without a
    /// place in the repository is refused where results are uploaded.
    pub(super) fn sarif(&self) -> String {
        let all = self.worst_first();
        let (placed, unplaced): (Vec<_>, Vec<_>) = all.iter().partition(|(_, issue)| issue.file.is_some());
        let mut rules: BTreeMap<&str, Level> = BTreeMap::new();
        for (_, issue) in &all {
            let level = rules.entry(&issue.rule).or_insert(issue.level);
            *level = (*level).max(issue.level);
        }
        let number = |rule: &str| rules.range(..rule).count();
        pretty(&json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": self.tool.name,
                    "version": self.tool.version,
                    "semanticVersion": self.tool.version,
                    "informationUri": INFORMATION,
                    "rules": rules.iter().map(|(name, level)| rule(name, *level)).collect::<Vec<_>>(),
                } },
                "automationDetails": { "description": { "text": self.title } },
                "invocations": [{
                    "executionSuccessful": true,
                    "toolExecutionNotifications":
                        unplaced.iter().map(|(section, issue)| notification(section, issue)).collect::<Vec<_>>(),
                }],
                "columnKind": "unicodeCodePoints",
                "results":
                    placed.iter().map(|(section, issue)| result(section, issue, number(&issue.rule))).collect::<Vec<_>>(),
            }],
        }))
    }
}

fn rule(name: &str, level: Level) -> Value {
    let mut rule = json!({ "id": name, "defaultConfiguration": { "level": word(level) } });
    let Some(hazard) = hazard(name) else { return rule };
    rule["shortDescription"] = json!({ "text": hazard.danger });
    if !hazard.recipe.is_empty() {
        rule["help"] = json!({ "text": hazard.recipe });
    }
    rule
}

fn result(section: &Section, issue: &Issue, rule: usize) -> Value {
    let mut result = json!({
        "ruleId": issue.rule,
        "ruleIndex": rule,
        "level": word(issue.level),
        "message": { "text": github::message(issue) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(issue.file.as_deref().unwrap_or_default()) },
                "region": { "startLine": issue.line.unwrap_or(1).max(1) },
            },
            "logicalLocations": [{ "name": section.name, "kind": "revision" }],
        }],
    });
    if let Some(reason) = &issue.accepted {
        result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
    }
    result
}

fn notification(section: &Section, issue: &Issue) -> Value {
    json!({
        "level": word(issue.level),
        "message": { "text": format!("{}: {}", section.title, github::message(issue)) },
        "descriptor": { "id": issue.rule },
    })
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Notice => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// A path as a relative reference of RFC 3986.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn run(dry_run: &crate::engine::dry_run::DryRun) -> Value {
        let text = Report::of_dry_run(dry_run, Some("migrations")).sarif();
        let mut document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["version"], "2.1.0");
        document["runs"][0].take()
    }

    #[test]
    fn an_issue_with_a_file_is_a_result() {
        let run = run(&fixture::three());
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 5);
        let first = &results[0];
        assert_eq!(
            (&first["level"], &first["ruleId"]),
            (&json!("error"), &json!("require-concurrent-index-creation"))
        );
        let place = &first["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "migrations/V8__orders_by_day.sql");
        assert_eq!(place["region"]["startLine"], 3);
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
    }

    #[test]
    fn what_was_accepted_is_suppressed() {
        let run = run(&fixture::three());
        let results = run["results"].as_array().unwrap();
        let suppressed: Vec<&Value> = results.iter().filter_map(|one| one.get("suppressions")).collect();
        assert_eq!(suppressed, [&json!([{ "kind": "inSource", "justification": "unused since 2.3" }])]);
    }

    #[test]
    fn an_issue_without_a_file_is_a_notification() {
        let run = run(&fixture::three());
        let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        assert_eq!(notifications.len(), 7);
        let named = |id: &str| notifications.iter().any(|one| one["descriptor"]["id"] == id);
        assert!(named("long-transaction") && named("accept"), "{notifications:?}");
    }

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("db/V7__x.sql"), "db/V7__x.sql");
        assert_eq!(uri("a b/ü:%.sql"), "a%20b/%C3%BC%3A%25.sql");
        assert_eq!(run(&fixture::hostile())["results"][0]["level"], "error");
    }
}
