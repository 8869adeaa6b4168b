use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use clap::Arg;
use hardtack_build::Policy;
use serde_json::Value;
use syn::{Field, ItemStruct};

use super::flags::{self, Said};
use super::source;
use crate::support::{hardtack_command, output_of};

const FILE: &str = "src/cli/config_file.rs";
const BUILD: &str = "macros/build/src/policy.rs";

const ABOUT: &str = "# Settings

A flag wins over its variable, which wins over `hardtack.toml` (its table for the environment before its defaults), which wins over the default. `--show-config`
prints what won and from where, with secrets masked. [Configuration](../configuration.md) has an example of the file, and what databases are named by.

Times are a number and `ms`, `s` or `min`; how old something may be, in `[gates]`, a number and `min`, `h` or `d`. `RUST_LOG` sets the level of the log: `warn`.
";

const COLUMNS: &str = "| key | flag | variable | default | what it says |\n| --- | --- | --- | --- | --- |\n";

pub(super) fn page() -> String {
    let known = Known::new();
    let mut page = ABOUT.to_owned();
    page.push_str("\n## `[defaults]` and `[environments.NAME]`\n\n");
    page.push_str(COLUMNS);
    let values = source::a_struct(FILE, "Values");
    let tables = ["drift", "gates", "deploy"];
    let is_setting = |key: &String| !tables.contains(&key.as_str());
    for (key, field) in source::keys(&values).into_iter().filter(|(key, _)| is_setting(key)) {
        known.row(&mut page, &key, field);
    }
    let about = "Written for one run or one process, and refused in the file.";
    write!(page, "\n## Not in the file\n\n{about}\n\n| flag | variable | default | what it says |\n| --- | --- | --- | --- |\n")
        .unwrap();
    let keys: Vec<String> = source::keys(&values).into_iter().map(|(key, _)| key).collect();
    known.rows_beside(&mut page, &keys);
    for (table, title) in [("DeployTable", "deploy"), ("GateTable", "gates"), ("Drift", "drift")] {
        write!(page, "\n## `[{title}]` and `[environments.NAME.{title}]`\n\n").unwrap();
        known.table(&mut page, &source::a_struct(FILE, table), title);
    }
    page.push_str("\n[Deploy](../deploy.md#in-hardtacktoml), [gates](../gates.md) and [drift](../drift.md#what-is-not-to-count) say more of these.\n");
    build(&mut page);
    known.assert_no_other_variables(&page);
    page
}

/// What the build reads.
fn build(page: &mut String) {
    let policy = Policy::default();
    let word = |verdict| format!("`{verdict:?}`").to_lowercase();
    let defaults = BTreeMap::from([
        ("missing-down", word(policy.missing_down)),
        ("hazards", word(policy.hazards)),
        ("postgres", format!("`{}`", policy.postgres)),
    ]);
    page.push_str("\n## `[build]`\n\nRead by the build script, and by `--dir`, `lock` and `verify --dir`. A verdict is `deny`, `warn` or `allow`.\n");
    for (name, title, is_list) in [("Build", "build", false), ("RawAccept", "[build.accept]", true)] {
        if is_list {
            write!(page, "\n## `[{title}]`\n\nOnce for each fault. All keys are wanted.\n").unwrap();
        }
        page.push_str("\n| key | default | what it says |\n| --- | --- | --- |\n");
        for (key, field) in source::keys(&source::a_struct(BUILD, name)) {
            let default = defaults.get(key.as_str()).cloned().unwrap_or_default();
            let about = source::in_a_line(&field.attrs);
            assert!(!about.is_empty(), "{key} of {name} has no comment");
            writeln!(page, "| `{key}` | {default} | {about} |").unwrap();
        }
    }
}

/// What is known of settings beside their keys.
struct Known {
    /// The values where nothing is set, as `--show-config` shows them.
    defaults: BTreeMap<String, String>,
    /// Every flag of every command, with the command's path.
    flags: Vec<(String, Arg)>,
    folder: tempfile::TempDir,
}

impl Known {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (code, text) = shown(folder.path(), None);
        assert_eq!(code, 0, "{text}");
        let Value::Array(settings) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
        let word = |setting: &Value, name: &str| setting[name].as_str().unwrap().to_owned();
        let defaults =
            settings.iter().map(|setting| (word(setting, "name"), word(setting, "value"))).collect();
        let flags = flags::commands(&flags::program(), "hardtack").into_iter().flat_map(|(path, command)| {
            let arguments: Vec<Arg> = command.get_arguments().cloned().collect();
            arguments.into_iter().map(move |argument| (path.clone(), argument))
        });
        Self { defaults, flags: flags.collect(), folder }
    }

    /// A setting of the file's general tables.
    fn row(&self, page: &mut String, key: &str, field: &Field) {
        let variable = self.variable(key);
        let flags = self.flags_of(key, variable.as_deref());
        // Some commands say more than what holds for all.
        let help = flags.iter().map(|(_, argument)| flags::said(argument)).min_by_key(|said| said.text.len());
        let default = self.default(key, help.as_ref());
        let about =
            help.map_or_else(|| source::in_a_line(&field.attrs), |help| flags::in_markdown(&help.text));
        assert!(!about.is_empty(), "{key} has no flag with a help, and no comment");
        let (flags, variable) = (named(&flags), code(variable.as_deref()));
        writeln!(page, "| `{key}` | {flags} | {variable} | {default} | {about} |").unwrap();
    }

    /// What is a flag of every command, and no key of the file.
    fn rows_beside(&self, page: &mut String, keys: &[String]) {
        let of_all =
            self.flags.iter().filter(|(path, argument)| path == "hardtack" && argument.is_global_set());
        for (_, argument) in of_all.filter(|(_, argument)| flags::takes_a_value(argument)) {
            let long = argument.get_long().unwrap();
            if keys.iter().any(|key| key == long) {
                continue;
            }
            let help = flags::said(argument);
            let (variable, default) = (self.variable(long), self.default(long, Some(&help)));
            assert_eq!(variable, help.variable, "what the help of --{long} says");
            let (variable, about) = (code(variable.as_deref()), flags::in_markdown(&help.text));
            writeln!(page, "| `--{long}` | {variable} | {default} | {about} |").unwrap();
        }
    }

    /// A table of its own. Of a command of its name the keys are flags.
    fn table(&self, page: &mut String, item: &ItemStruct, title: &str) {
        let command = format!("hardtack {title}");
        let of_command: Vec<&Arg> =
            self.flags.iter().filter(|(path, _)| *path == command).map(|(_, flag)| flag).collect();
        let has_flags = !of_command.is_empty();
        page.push_str(if has_flags { "| key | flag " } else { "| key " });
        page.push_str("| default | what it says |\n| --- | --- | --- |");
        page.push_str(if has_flags { " --- |\n" } else { "\n" });
        for (key, field) in source::keys(item) {
            let flag = of_command.iter().find(|flag| flag.get_long() == Some(&key));
            let help = flag.map(|flag| flags::said(flag));
            let default = self.default(&format!("{title}.{key}"), help.as_ref());
            let about =
                help.map_or_else(|| source::in_a_line(&field.attrs), |help| flags::in_markdown(&help.text));
            assert!(!about.is_empty(), "{key} of {title} has no comment");
            assert_eq!(flag.is_some(), has_flags, "--{key} of {title}");
            let flag = flag.map(|_| format!(" `--{key}` |")).unwrap_or_default();
            writeln!(page, "| `{key}` |{flag} {default} | {about} |").unwrap();
        }
    }

    /// The variable that a setting is really taken from: a value that nobody means comes back, in a message or as what is in force.
    fn variable(&self, key: &str) -> Option<String> {
        let name = match key {
            "database-url" => "DATABASE_URL".to_owned(),
            key => format!("HARDTACK_{}", key.replace('-', "_").to_uppercase()),
        };
        let value = if key == "database-url" { "postgres://no-such-value" } else { "no-such-value" };
        let (_, text) = shown(self.folder.path(), Some((&name, value)));
        (text.contains("no-such-value") || text.contains(&name)).then_some(name)
    }

    /// What a help says of a variable is true of one that is on the page.
    fn assert_no_other_variables(&self, page: &str) {
        for name in self.flags.iter().filter_map(|(_, argument)| flags::said(argument).variable) {
            assert!(page.contains(&format!("`{name}`")), "a help names {name}, from which nothing is taken");
        }
    }

    /// The flags that set the same: of that name on every command or at a start, or whose help names the variable.
    fn flags_of(&self, key: &str, variable: Option<&str>) -> Vec<(String, Arg)> {
        let says =
            |argument: &Arg| variable.is_some() && flags::said(argument).variable.as_deref() == variable;
        let is_it = |(path, argument): &&(String, Arg)| {
            says(argument) || (path == "hardtack" && argument.get_long() == Some(key))
        };
        self.flags.iter().filter(is_it).cloned().collect()
    }

    /// What the help says, where that is a sentence; what is in force otherwise. They say the same.
    fn default(&self, name: &str, help: Option<&Said>) -> String {
        let said = help.and_then(|help| help.default.as_deref());
        let in_force = self.defaults.get(name).map(String::as_str).filter(|value| *value != "(none)");
        match (said, in_force) {
            (Some(said), _) if said.contains(' ') => flags::in_markdown(said),
            (Some(said), Some(in_force)) => {
                assert_eq!(said, in_force, "the default of {name}");
                code(Some(said))
            }
            (said, in_force) => code(said.or(in_force).map(|name| name.replace('"', "")).as_deref()),
        }
    }
}

fn code(text: Option<&str>) -> String {
    text.map(|text| format!("`{text}`")).unwrap_or_default()
}

/// `--keep` of `backup`, `--backups` of `deploy`: each flag once, with its commands.
fn named(flags: &[(String, Arg)]) -> String {
    let mut commands: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (path, argument) in flags {
        let command = match path.strip_prefix("hardtack ") {
            Some(command) => format!("`{command}`"),
            None if argument.is_global_set() => String::new(),
            None => "a start".to_owned(),
        };
        commands.entry(argument.get_long().unwrap()).or_default().push(command);
    }
    let flags = commands.into_iter().map(|(flag, commands)| match commands.join(", ") {
        all if all.is_empty() => format!("`--{flag}`"),
        some => format!("`--{flag}` of {some}"),
    });
    flags.collect::<Vec<_>>().join("; ")
}

/// What `--show-config` says, or why it does not.
fn shown(folder: &Path, variable: Option<(&str, &str)>) -> (i32, String) {
    let mut command = hardtack_command(folder);
    command.env_remove("HARDTACK_PG_BIN").envs(variable);
    let output = output_of(command.args(["--show-config", "--format", "json"]));
    (output.code, output.stdout + &output.stderr)
}
