use std::fmt::Write as _;

use clap::{Arg, Command};

use super::flags::{self, Said};

const ABOUT: &str = "# Commands

Of `hardtack`, the program. An application that takes [`DbCommand`](https://docs.rs/hardtack/latest/hardtack/cli/enum.DbCommand.html) in has the same below a
command of its own, as `app db upgrade`, and has the options of a start, as `app --migrate-only`.

What an option says wins over its variable, which wins over `hardtack.toml`: [settings](settings.md). How a command ended is told by its [exit
code](exit-codes.md).
";

pub(super) fn page() -> String {
    let (mut page, program) = (ABOUT.to_owned(), flags::program());
    page.push_str("\n| command | what it does |\n| --- | --- |\n");
    for (path, command) in flags::commands(&program, "hardtack").into_iter().skip(1) {
        let about = flags::in_markdown(&about(&command));
        writeln!(page, "| [`{path}`](#{}) | {about} |", path.replace(' ', "-")).unwrap();
    }
    for (path, command) in flags::commands(&program, "hardtack") {
        section(&mut page, &path, &command);
    }
    page
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn section(page: &mut String, path: &str, command: &Command) {
    let is_program = path == "hardtack";
    let marks = if path.split(' ').count() > 2 { "###" } else { "##" };
    let title = if is_program { "A start, and options of every command" } else { path };
    let usage = command.clone().bin_name(path).render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().replace("\n       ", "\n");
    write!(page, "\n{marks} {title}\n\n{}.\n\n```text\n{usage}\n```\n", flags::in_markdown(&about(command)))
        .unwrap();
    let arguments: Vec<&Arg> = command.get_arguments().filter(|argument| !argument.is_hide_set()).collect();
    let mut headings: Vec<Option<&str>> = Vec::new();
    for argument in &arguments {
        if !headings.contains(&argument.get_help_heading()) {
            headings.push(argument.get_help_heading());
        }
    }
    for heading in headings {
        if let Some(heading) = heading {
            write!(page, "\n**{heading}**\n").unwrap();
        }
        page.push_str("\n| | what it says | default | variable |\n| --- | --- | --- | --- |\n");
        for argument in arguments.iter().filter(|argument| argument.get_help_heading() == heading) {
            row(page, argument);
        }
    }
    if let Some(examples) = command.get_after_help() {
        write!(page, "\n```text\n{}\n```\n", examples.to_string().trim_end()).unwrap();
    }
}

fn row(page: &mut String, argument: &Arg) {
    let Said { mut text, variable, default } = flags::said(argument);
    let values = argument.get_possible_values();
    let values: Vec<String> = values
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    text = flags::in_markdown(&text);
    if flags::takes_a_value(argument) && !values.is_empty() && !is_boolean(&values) {
        write!(text, ": {}", values.join(", ")).unwrap();
    }
    if argument.is_required_set() {
        text.push_str(" (required)");
    }
    let code =
        |text: Option<String>| text.map(|text| format!("`{}`", text.replace('|', "\\|"))).unwrap_or_default();
    let written = code(Some(flags::written(argument)));
    // A sentence is no value.
    let default = match default {
        Some(text) if text.contains(' ') => flags::in_markdown(&text),
        value => code(value),
    };
    writeln!(page, "| {written} | {text} | {default} | {} |", code(variable)).unwrap();
}

fn is_boolean(values: &[String]) -> bool {
    values == ["`true`", "`false`"]
}
