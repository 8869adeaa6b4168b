use std::fmt::Write as _;

use hardtack::cli::ExitCode;
use syn::{Expr, ExprLit, Lit};

use super::source;

const SOURCE: &str = "src/cli/exit_code.rs";

pub(super) fn page() -> String {
    let mut page = String::from(
        "# Exit codes\n\nWhat the process's exit status means, of every command and of `--migrate-only`. The numbers are part of the public \
         interface, as `hardtack::cli::ExitCode`. With `--format json` an error has its number in the result too.\n\nWhat to do about \
         each stands in [troubleshooting](../troubleshooting.md).\n\n| code | name | what it means |\n| --- | --- | --- |\n",
    );
    for variant in source::an_enum(SOURCE, "ExitCode").variants {
        let Some((_, Expr::Lit(ExprLit { lit: Lit::Int(number), .. }))) = &variant.discriminant else {
            panic!("{} has no number", variant.ident);
        };
        let meaning = source::in_a_line(&variant.attrs);
        writeln!(page, "| {number} | `{}` | {meaning} |", variant.ident).unwrap();
    }
    page
}

/// The source that is read is the one that is compiled.
#[test]
fn the_numbers_are_those_of_the_library() {
    let page = page();
    for code in [ExitCode::Success, ExitCode::Conflict, ExitCode::NotReverted] {
        assert!(page.contains(&format!("| {code} | `{code:?}` |")), "{code:?}");
    }
}
