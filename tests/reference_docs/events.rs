use std::fmt::Write as _;

use serde_json::Value;
use syn::spanned::Spanned;
use syn::{Field, Variant};

use super::{logged, source};
use crate::support::{TestDatabase, hardtack};

const SOURCE: &str = "src/engine/events.rs";

const ABOUT: &str = "# Events

What a run tells while it works, as `hardtack::Event`. The library never prints; whoever wants to know sets a sink:

```rust
use hardtack::{Event, Migrator};

fn told(migrator: Migrator) -> Migrator {
    migrator.on_event(|event| {
        if let Event::StepFinished { revision, duration, .. } = event {
            println!(\"{} took {duration:?}\", revision.stem());
        }
    })
}
```

It is called on the task of the run, which waits for it. The enum is not exhaustive: a newer hardtack may tell more.

The commands make text for people of it, and with `--log-format json` a line of JSON each on standard error, for those that say so below. `message` and
the fields are in `fields`:

```json
{\"timestamp\":\"2026-11-28T18:31:20.481523Z\",\"level\":\"INFO\",\"fields\":{\"message\":\"step finished\",\"revision\":\"V1__accounts\",\"duration_ms\":2.31},\"target\":\"hardtack::cli::progress\"}
```

Its level is chosen by `RUST_LOG`; without that it is `warn,hardtack=info`. Durations end in `_ms`. A field without a value is left out.

What runs do is told as [metrics and traces](../monitoring.md) as well.
";

pub(super) fn page() -> String {
    let (mut page, mut logged) = (ABOUT.to_owned(), logged::lines());
    for variant in source::an_enum(SOURCE, "Event").variants {
        let lines = logged.remove(&variant.ident.to_string()).unwrap_or_default();
        section(&mut page, &variant, &lines);
    }
    assert!(logged.is_empty(), "no events: {:?}", logged.keys());
    page
}

fn section(page: &mut String, variant: &Variant, lines: &[logged::Line]) {
    write!(page, "\n## {}\n\n{}\n", variant.ident, source::comment(&variant.attrs)).unwrap();
    if let Some(feature) = source::feature(&variant.attrs) {
        write!(page, "\nWith the feature `{feature}`.\n").unwrap();
    }
    if !variant.fields.is_empty() {
        page.push_str("\n| field | type | what it is |\n| --- | --- | --- |\n");
    }
    for field in &variant.fields {
        let name = field.ident.as_ref().unwrap();
        writeln!(page, "| `{name}` | `{}` | {} |", type_of(field), source::in_a_line(&field.attrs)).unwrap();
    }
    if !lines.is_empty() {
        page.push('\n');
    }
    for logged::Line { level, message, fields } in lines {
        let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
        let fields = if fields.is_empty() { String::new() } else { format!(", with {}", fields.join(", ")) };
        writeln!(page, "- In the log: {level} `{message}`{fields}.").unwrap();
    }
}

fn type_of(field: &Field) -> String {
    let text = field.ty.span().source_text().expect("outside of a macro");
    text.replace("&'a ", "&").replace("<'a>", "<'_>")
}

/// What a run really logs is among the lines that were read.
#[tokio::test]
async fn the_log_has_the_lines_that_are_on_the_page() {
    let database = TestDatabase::empty().await;
    let folder = tempfile::tempdir().unwrap();
    let output =
        hardtack(folder.path(), Some(&database.url()), &["upgrade", "--to", "2", "--log-format", "json"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let known: Vec<logged::Line> = logged::lines().into_values().flatten().collect();
    let mut told = 0;
    for line in output.stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let fields = line["fields"].as_object().unwrap();
        let has_it = known.iter().any(|known| {
            let is_known = |name: &String| name == "message" || known.fields.contains(name);
            line["level"] == known.level.as_str()
                && fields["message"] == known.message.as_str()
                && fields.keys().all(is_known)
        });
        assert!(line["target"] != "hardtack::cli::progress" || has_it, "{line}");
        told += usize::from(has_it);
    }
    assert!(told >= 5, "planned, and two steps: {}", output.stderr);
}
