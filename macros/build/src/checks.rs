//! What PostgreSQL, or our wrapping of a revision, refuses however well it parses.

use crate::revision::Transaction;
use crate::source::Problem;
use crate::split::{Split, Statement};

/// What makes a text no plain SQL: quotes that never end, psql's own commands, `COPY` over the connection,
/// lines that not everybody ends at the same place.
/// Nothing more is worth saying about such a text.
pub(crate) fn text_problem(split: &Split<'_>) -> Option<Problem> {
    let copy = split.statements.iter().find(|statement| is_copy_over_connection(split, statement));
    let candidates = [
        copy.map(|statement| copy_stdin(statement.range.start)),
        split.backslash().map(meta_command),
        split.carriage_return.map(lone_cr),
        split.unterminated.map(|open| {
            let (message, help) =
                (format!("this {} never ends", open.what), format!("end the {}", open.what));
            Problem::error("unterminated", open.start, message, help)
        }),
    ];
    // The data behind a COPY looks like anything; the first problem is the cause of the rest.
    candidates.into_iter().flatten().min_by_key(|problem| problem.offset)
}

/// Commands that end our transaction in a revision that has one, and commands that refuse to run in one.
pub(crate) fn transaction_problems(split: &Split<'_>, transaction: Transaction) -> Vec<Problem> {
    if transaction == Transaction::None {
        return Vec::new();
    }
    let problem = |statement: &Statement| {
        let words = split.leading(statement, 6);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        if let Some(command) = transaction_control(&words) {
            return Some(control_problem(statement.range.start, command));
        }
        let command = needs_no_transaction(split, statement, &words)?;
        Some(needs_problem(statement.range.start, command))
    };
    split.statements.iter().filter_map(problem).collect()
}

pub(crate) fn transaction_control(words: &[&str]) -> Option<&'static str> {
    Some(match words {
        ["BEGIN", ..] => "BEGIN",
        ["START", "TRANSACTION", ..] => "START TRANSACTION",
        ["COMMIT", "PREPARED", ..] => "COMMIT PREPARED",
        ["COMMIT", ..] => "COMMIT",
        ["END", ..] => "END",
        ["ABORT", ..] => "ABORT",
        ["PREPARE", "TRANSACTION", ..] => "PREPARE TRANSACTION",
        ["ROLLBACK", "PREPARED", ..] => "ROLLBACK PREPARED",
        // Back to a savepoint of its own.
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO", ..] => return None,
        ["ROLLBACK", ..] => "ROLLBACK",
        _ => return None,
    })
}

pub(crate) fn needs_no_transaction(
    split: &Split<'_>,
    statement: &Statement,
    words: &[&str],
) -> Option<&'static str> {
    let has = |run: &[&str]| split.contains(statement, run);
    Some(match words {
        ["CREATE", "INDEX", "CONCURRENTLY", ..] | ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", ..] => {
            "CREATE INDEX CONCURRENTLY"
        }
        ["DROP", "INDEX", "CONCURRENTLY", ..] => "DROP INDEX CONCURRENTLY",
        ["REINDEX", ..] => return reindex(split, statement, words),
        ["ALTER", "TABLE", ..] if has(&["DETACH", "PARTITION"]) && has(&["CONCURRENTLY"]) => {
            "DETACH PARTITION CONCURRENTLY"
        }
        ["VACUUM", ..] => "VACUUM",
        ["CREATE", "DATABASE", ..] => "CREATE DATABASE",
        ["DROP", "DATABASE", ..] => "DROP DATABASE",
        ["CREATE", "TABLESPACE", ..] => "CREATE TABLESPACE",
        ["DROP", "TABLESPACE", ..] => "DROP TABLESPACE",
        ["ALTER", "SYSTEM", ..] => "ALTER SYSTEM",
        ["ALTER", "DATABASE", _, "SET", "TABLESPACE", ..] => "ALTER DATABASE .. SET TABLESPACE",
        ["CREATE", "SUBSCRIPTION", ..] if !is_unconnected(split, statement) => "CREATE SUBSCRIPTION",
        ["ALTER", "SUBSCRIPTION", _, action @ ..] => return subscription_change(split, statement, action),
        ["DROP", "SUBSCRIPTION", ..] => "DROP SUBSCRIPTION",
        ["CLUSTER"] | ["CLUSTER", "VERBOSE"] | ["CLUSTER", "(", _, ")"] => "CLUSTER of all tables",
        ["DISCARD", "ALL"] => "DISCARD ALL",
        _ => return None,
    })
}

fn reindex(split: &Split<'_>, statement: &Statement, words: &[&str]) -> Option<&'static str> {
    let target = words.iter().find(|word| ["DATABASE", "SYSTEM", "SCHEMA", "TABLE", "INDEX"].contains(word));
    match target {
        Some(&("DATABASE" | "SYSTEM" | "SCHEMA")) => Some("REINDEX of many tables"),
        _ if split.contains(statement, &["CONCURRENTLY"]) => Some("REINDEX CONCURRENTLY"),
        _ => None,
    }
}

/// A subscription that makes no replication slot may be created in a transaction.
fn is_unconnected(split: &Split<'_>, statement: &Statement) -> bool {
    ["create_slot", "connect"].iter().any(|option| is_off(split, statement, option))
}

/// What reaches for the publisher cannot be rolled back there.
fn subscription_change(split: &Split<'_>, statement: &Statement, action: &[&str]) -> Option<&'static str> {
    let sets = |option: &str| ["(", ","].iter().any(|before| split.contains(statement, &[before, option]));
    match action {
        ["REFRESH", ..] => Some("ALTER SUBSCRIPTION .. REFRESH"),
        ["SET" | "ADD" | "DROP", "PUBLICATION", ..] if !is_off(split, statement, "refresh") => {
            Some("ALTER SUBSCRIPTION with refresh")
        }
        ["SET", "(", ..] if sets("failover") || is_off(split, statement, "two_phase") => {
            Some("ALTER SUBSCRIPTION .. SET of its slot")
        }
        _ => None,
    }
}

fn is_off(split: &Split<'_>, statement: &Statement, option: &str) -> bool {
    ["false", "off", "0"].iter().any(|value| split.contains(statement, &[option, "=", value]))
}

fn is_copy_over_connection(split: &Split<'_>, statement: &Statement) -> bool {
    split.leading(statement, 1).first().is_some_and(|word| word == "COPY")
        && (split.contains(statement, &["FROM", "STDIN"]) || split.contains(statement, &["TO", "STDOUT"]))
}

fn copy_stdin(offset: usize) -> Problem {
    let help = "write the rows as INSERT statements, or copy them in a Rust revision with `context.client()`";
    Problem::error("copy-stdin", offset, "COPY over the connection is not SQL text", help)
}

fn meta_command(offset: usize) -> Problem {
    let help = "remove it: only psql knows backslash commands, and hardtack sends the text to the server";
    Problem::error("meta-command", offset, "a psql meta-command in a revision", help)
}

/// CRLF is folded before, so that what remains stands alone.
fn lone_cr(offset: usize) -> Problem {
    let message = "a lone carriage return: PostgreSQL ends a comment at it, editors and linters do not";
    Problem::error("lone-cr", offset, message, "save the file with LF or CRLF line ends")
}

fn control_problem(offset: usize, command: &str) -> Problem {
    let message = format!("`{command}` in a revision that runs in one transaction");
    let help = "remove it: hardtack wraps the revision together with its history row; or put \
                `-- hardtack: no-transaction` at the top";
    Problem::error("transaction-control", offset, message, help)
}

fn needs_problem(offset: usize, command: &str) -> Problem {
    let message = format!("{command} cannot run inside a transaction");
    let help = "move it to a revision of its own with `-- hardtack: no-transaction` at the top";
    Problem::error("needs-no-transaction", offset, message, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        let split = Split::new(text);
        let problems = transaction_problems(&split, Transaction::PerRevision);
        problems.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn transaction_commands_are_found() {
        for command in [
            "begin",
            "BEGIN ISOLATION LEVEL SERIALIZABLE",
            "start transaction",
            "commit",
            "commit and chain",
            "END",
            "abort",
            "rollback",
            "rollback work",
            "prepare transaction 'x'",
            "commit prepared 'x'",
            "rollback prepared 'x'",
        ] {
            assert!(codes(command)[0].contains("in a revision that runs in one transaction"), "{command}");
        }
    }

    #[test]
    fn commands_outside_transactions_are_found() {
        for command in [
            "create index concurrently on t (a)",
            "create unique index concurrently if not exists i on t (a)",
            "drop index concurrently i",
            "reindex table concurrently t",
            "reindex (concurrently) index i",
            "reindex (verbose) database d",
            "reindex schema s",
            "alter table p detach partition q concurrently",
            "vacuum full t",
            "create database d",
            "drop database if exists d",
            "create tablespace t location '/x'",
            "drop tablespace t",
            "alter system set work_mem = '1MB'",
            "alter database d set tablespace t",
            "create subscription s connection 'x' publication p",
            "drop subscription s",
            "alter subscription s refresh publication",
            "alter subscription s set publication p with (copy_data = false)",
            "alter subscription \"S\" add publication p, q with (refresh = true)",
            "alter subscription s drop publication p",
            "alter subscription s set (binary = true, failover = false)",
            "alter subscription s set (two_phase = off)",
            "cluster",
            "cluster verbose",
            "cluster (verbose)",
            "discard all",
        ] {
            assert!(codes(command).iter().any(|message| message.contains("cannot run inside")), "{command}");
        }
    }

    #[test]
    fn kin_that_may_run_in_a_transaction_pass() {
        for command in [
            "rollback to savepoint a",
            "rollback transaction to a",
            "savepoint a",
            "prepare q as select 1",
            "refresh materialized view concurrently v",
            "create index on t (\"concurrently\")",
            "reindex table t",
            "cluster t using i",
            "alter table p detach partition q",
            "create subscription s connection 'x' publication p with (connect = false)",
            "alter subscription s set publication p with (refresh = false)",
            "alter subscription s set (slot_name = none)",
            "alter subscription s disable",
            "alter subscription s rename to t",
            "create function f() returns int begin atomic select 1; end",
            "do $$ begin perform 1; end $$",
            "alter database d set search_path = a",
            "discard temp",
        ] {
            assert_eq!(codes(command), Vec::<String>::new(), "{command}");
        }
    }

    #[test]
    fn texts_that_are_no_sql() {
        for (text, code) in [
            ("select 'a", "unterminated"),
            ("/* /* */", "unterminated"),
            ("select $a$ $b$", "unterminated"),
            ("\\connect x", "meta-command"),
            ("copy t (a) from stdin;\n1\t'\n\\.\n", "copy-stdin"),
            ("copy t to stdout with csv", "copy-stdin"),
            ("-- header\rcreate table t ();\r", "lone-cr"),
            ("select 1 -- a\r; commit", "lone-cr"),
            ("select 'a;\rcommit", "unterminated"),
        ] {
            assert_eq!(text_problem(&Split::new(text)).unwrap().code, code, "{text}");
        }
        assert!(text_problem(&Split::new("copy t from '/x'; select '\\', $$\\$$ -- \\")).is_none());
        assert!(text_problem(&Split::new("select 'a\r', $$\r$$")).is_none());
    }
}
