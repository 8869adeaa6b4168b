use clap::error::ErrorKind;
use clap::{Command, CommandFactory};
use hardtack::cli::Program;

use super::markdown::{blocks, pages};

/// The commands of a line of a shell, in words; as much of a shell as pages need.
fn commands(line: &str) -> Vec<Vec<String>> {
    let (mut commands, mut words) = (Vec::new(), Vec::new());
    let (mut word, mut quote): (Option<String>, Option<char>) = (None, None);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (closing, Some(open)) if closing == open => quote = None,
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(letters.next()),
            ('#', None) if word.is_none() => break,
            (' ' | '|' | '&' | ';' | '>' | '<', None) => {
                words.extend(word.take());
                if letter != ' ' && !words.is_empty() {
                    commands.push(std::mem::take(&mut words));
                }
            }
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    commands.push(words);
    commands
}

/// What follows the program in a command of ours: `hardtack`, an application, or the one of this repository.
fn arguments(words: &[String]) -> Option<Vec<&str>> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_variable = |word: &&&str| word.split_once('=').is_some_and(|(name, _)| !name.starts_with('-'));
    let from = words.iter().take_while(is_variable).count();
    match words.get(from..)? {
        ["app" | "./app", "db", rest @ ..]
        | ["hardtack" | "app" | "./app", rest @ ..]
        | ["cargo", "run", "--", rest @ ..] => Some(rest.to_vec()),
        _ => None,
    }
}

/// A text in which no line goes on in the next.
fn joined(text: &str) -> String {
    let mut parts = text.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |joined, part| format!("{} {}", joined.trim_end(), part.trim_start()))
}

/// Asks the program's parser.
struct Judge {
    program: Command,
    /// Prose may name a command without what it wants.
    may_be_open: bool,
    faults: Vec<String>,
    found: usize,
}

impl Judge {
    fn new() -> Self {
        Self { program: Program::command(), may_be_open: false, faults: Vec::new(), found: 0 }
    }

    /// Takes all commands of ours in a line.
    fn take(&mut self, place: &str, line: &str) {
        for words in commands(line) {
            let Some(arguments) = arguments(&words) else { continue };
            self.found += 1;
            if let Some(refusal) = self.refusal(&arguments) {
                self.faults.push(format!("{place}: {line}\n{refusal}"));
            }
        }
    }

    fn refusal(&self, arguments: &[&str]) -> Option<String> {
        use ErrorKind::{
            DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion, MissingRequiredArgument,
        };
        let given = std::iter::once("hardtack").chain(arguments.iter().copied());
        let error = self.program.clone().try_get_matches_from(given).err()?;
        let is_fine = match error.kind() {
            DisplayHelp | DisplayVersion => true,
            MissingRequiredArgument | DisplayHelpOnMissingArgumentOrSubcommand => self.may_be_open,
            _ => false,
        };
        (!is_fine).then(|| error.to_string())
    }

    fn assert_found(&self, least: usize) {
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n"));
        assert!(self.found >= least, "only {} command lines", self.found);
    }
}

#[test]
fn the_program_takes_the_command_lines_of_pages() {
    let mut judge = Judge::new();
    for block in blocks(&["console", "sh", "bash", "yaml"]) {
        // What a pipeline puts in place itself is none of a shell's.
        for line in joined(&block.text).lines().filter(|line| !line.contains("${{")) {
            let line = match block.language.as_str() {
                "console" => line.strip_prefix("$ "),
                _ => Some(line.trim_start().trim_start_matches("- ").trim_start_matches("run: ")),
            };
            line.into_iter().for_each(|line| judge.take(&block.place, line));
        }
    }
    judge.assert_found(40);
}

/// What prose names as a command; what leaves something open has brackets in it.
#[test]
fn the_program_takes_the_commands_that_prose_names() {
    let mut judge = Judge { may_be_open: true, ..Judge::new() };
    for page in pages() {
        for (line, span) in page.code_spans() {
            let is_command = span.starts_with("hardtack ") || span.starts_with("app db ");
            if is_command && !span.contains(['[', '|', '<']) {
                judge.take(&format!("{}:{line}", page.path), &span);
            }
        }
    }
    judge.assert_found(80);
}

#[test]
fn the_program_takes_the_examples_of_its_help() {
    let (mut judge, program) = (Judge::new(), Program::command());
    let mut waiting = vec![&program];
    while let Some(command) = waiting.pop() {
        waiting.extend(command.get_subcommands());
        let help = joined(&command.get_after_help().map(ToString::to_string).unwrap_or_default());
        for line in help.lines().filter(|line| line.starts_with("  hardtack ")) {
            // What it does stands behind a wider space.
            let example = line.trim_start().split("  ").next().unwrap_or_default();
            judge.take(command.get_name(), example);
        }
    }
    judge.assert_found(60);
}
