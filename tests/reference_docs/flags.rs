//! Flags as clap has them, and what their help says beside the text.

use clap::{Arg, Command, CommandFactory};
use hardtack::cli::Program;

/// The program, with a name for each command that says how it is reached.
pub(super) fn program() -> Command {
    Program::command()
}

/// All commands below one, itself among them, each with its path: `hardtack backup list`.
pub(super) fn commands(command: &Command, path: &str) -> Vec<(String, Command)> {
    let mut all = vec![(path.to_owned(), command.clone())];
    for sub in command.get_subcommands() {
        all.extend(commands(sub, &format!("{path} {}", sub.get_name())));
    }
    all
}

/// What the help of an argument says.
pub(super) struct Said {
    pub(super) text: String,
    /// From `[env: NAME]`. The variables are looked up where settings are resolved, and not by clap.
    pub(super) variable: Option<String>,
    /// From `[default: WHAT]`, or clap's own.
    pub(super) default: Option<String>,
}

pub(super) fn said(argument: &Arg) -> Said {
    let help = argument.get_long_help().or_else(|| argument.get_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let mut text = help.replace("\n\n", ". ").split_whitespace().collect::<Vec<_>>().join(" ");
    let variable = taken_out(&mut text, "[env: ");
    let own = argument.get_default_values().first();
    let own = own.map(|value| value.to_string_lossy().into_owned()).filter(|_| takes_a_value(argument));
    let default = taken_out(&mut text, "[default: ").or(own);
    Said { text, variable, default }
}

/// Takes `[kind: what]` out of a text.
fn taken_out(text: &mut String, opening: &str) -> Option<String> {
    let from = text.find(opening)?;
    let length = text[from..].find(']')?;
    let what = text[from + opening.len()..from + length].to_owned();
    let without = format!("{}{}", text[..from].trim_end(), &text[from + length + 1..]);
    *text = without.trim().to_owned();
    Some(what)
}

pub(super) fn takes_a_value(argument: &Arg) -> bool {
    argument.get_num_args().is_none_or(|number| number.takes_values()) && argument.get_action().takes_values()
}

/// `-o, --output <DIR>`, or `[BACKUP]`.
pub(super) fn written(argument: &Arg) -> String {
    let Some(long) = argument.get_long() else { return format!("<{}>", value_name(argument)) };
    let short = argument.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
    if !takes_a_value(argument) {
        return format!("{short}--{long}");
    }
    let is_optional = argument.get_num_args().is_some_and(|number| number.min_values() == 0);
    let value = value_name(argument);
    let value = if is_optional { format!("[=<{value}>]") } else { format!(" <{value}>") };
    format!("{short}--{long}{value}")
}

fn value_name(argument: &Arg) -> String {
    let names = argument.get_value_names().and_then(|names| names.first());
    names.map_or_else(|| argument.get_id().as_str().to_uppercase(), ToString::to_string)
}

/// What help says in plain text, as Markdown for a cell: what stands in backticks is code already.
pub(super) fn in_markdown(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(place, part)| {
        let part = part.replace('|', "\\|");
        if place % 2 == 1 { part } else { part.replace('*', "\\*").replace('<', "&lt;").replace('[', "\\[") }
    });
    parts.collect::<Vec<_>>().join("`")
}
