use std::ops::Range;

use crate::around::{AroundHeader, Moment};
use crate::directives::{DIRECTIVES, Directive};
use crate::duration::{DURATION_HELP, parse_duration};
use crate::nearest::did_you_mean;
use crate::requires::{version, versions};
use crate::revision::{Settings, Transaction};
use crate::rules::{Class, acceptable, class_of};
use crate::source::Problem;
use crate::split::Split;
use crate::squash::Range as Replaced;
use crate::stem::Part;

/// What the directives above a script's first statement say.
#[derive(Debug, Default)]
pub(crate) struct Header {
    pub(crate) settings: Settings,
    /// The reason, and where it is given.
    pub(crate) irreversible: Option<(String, usize)>,
    pub(crate) allows: Vec<Allow>,
    /// The range, and where it is given.
    pub(crate) replaces: Option<(Replaced, usize)>,
    pub(crate) around: AroundHeader,
}

/// `-- hardtack: check "name" QUERY` and its kin.
#[derive(Debug)]
pub(crate) struct HeaderCheck {
    pub(crate) name: String,
    pub(crate) moment: Moment,
    pub(crate) query: String,
    /// Where the directive is.
    pub(crate) offset: usize,
    /// Where its query starts.
    pub(crate) query_offset: usize,
}

/// `-- hardtack: allow RULE "reason"`.
#[derive(Debug)]
pub(crate) struct Allow {
    pub(crate) rule: String,
    pub(crate) reason: String,
    pub(crate) offset: usize,
}

impl Header {
    /// Reads the directives of an up or a down, and says what is wrong with them.
    pub(crate) fn read(text: &str, split: &Split<'_>, part: Part) -> (Self, Vec<Problem>) {
        let end = split.statements.first().map_or(text.len(), |statement| statement.range.start);
        let (mut header, mut problems, mut seen) = (Self::default(), Vec::new(), Vec::new());
        problems.extend(split.comments.iter().filter_map(|comment| misspelt(text, comment)));
        for (offset, directive) in split.comments.iter().filter_map(|comment| directive(text, comment)) {
            let misplaced = (offset > end).then(|| misplaced(offset));
            let checked =
                misplaced.map_or_else(|| header.apply(text, directive, offset, part, &mut seen), Err);
            problems.extend(checked.err());
        }
        (header, problems)
    }

    fn apply(
        &mut self,
        text: &str,
        directive: &str,
        offset: usize,
        part: Part,
        seen: &mut Vec<String>,
    ) -> Result<(), Problem> {
        let (name, arguments) = first_word(directive);
        let Some(Directive { form, is_for_downs, .. }) = Directive::named(name) else {
            return Err(unknown(name, offset));
        };
        if part == Part::Down && !is_for_downs {
            let help = format!("remove it: a down takes only {}", listed(|directive| directive.is_for_downs));
            return Err(problem(offset, format!("`{name}` says nothing in a down"), help));
        }
        if let Some(moment) = moment(name) {
            let check = HeaderCheck::read(moment, directive, arguments, offset, text);
            let malformed = || problem(offset, format!("malformed `{name}`"), help_for(name, form));
            self.around.checks.push(check.ok_or_else(malformed)?);
            return Ok(());
        }
        let key =
            if name == "allow" { format!("allow {}", first_word(arguments).0) } else { name.to_owned() };
        if seen.contains(&key) {
            return Err(problem(offset, format!("`{key}` is given twice"), "keep one of the two"));
        }
        seen.push(key);
        self.set(name, arguments, offset)
            .ok_or_else(|| problem(offset, format!("malformed `{name}`"), help_for(name, form)))?
    }

    /// Takes a directive in; none where its arguments are malformed.
    fn set(&mut self, name: &str, arguments: &str, offset: usize) -> Option<Result<(), Problem>> {
        match name {
            "no-transaction" if arguments.is_empty() => self.settings.transaction = Transaction::None,
            "lock-timeout" => self.settings.lock_timeout = Some(parse_duration(arguments)?),
            "irreversible" => self.irreversible = Some((quoted(arguments)?.to_owned(), offset)),
            "replaces" => self.replaces = Some((Replaced::parse(arguments)?, offset)),
            "requires" => self.around.requires = versions(arguments)?,
            "breaks-code-before" => self.around.breaks_before = Some(version(arguments)?),
            "allow" => {
                let (rule, reason) = first_word(arguments);
                let reason = quoted(reason)?.to_owned();
                if !class_of(rule).is_some_and(Class::is_acceptable) {
                    return Some(Err(unknown_rule(rule, offset)));
                }
                self.allows.push(Allow { rule: rule.to_owned(), reason, offset });
            }
            _ => return None,
        }
        Some(Ok(()))
    }
}

impl HeaderCheck {
    /// Reads `"name" QUERY`, the end of a directive; none where it is not that.
    fn read(moment: Moment, directive: &str, arguments: &str, offset: usize, text: &str) -> Option<Self> {
        let (name, query) = arguments.strip_prefix('"')?.split_once('"')?;
        let (name, query) = (name.trim(), query.trim());
        if name.is_empty() || query.is_empty() {
            return None;
        }
        // The query ends where the directive does.
        let end = offset + text[offset..].find(directive)? + directive.len();
        let (name, query, query_offset) = (name.to_owned(), query.to_owned(), end - query.len());
        Some(Self { name, moment, query, offset, query_offset })
    }
}

fn moment(directive: &str) -> Option<Moment> {
    match directive {
        "check" => Some(Moment::After),
        "check-before" => Some(Moment::Before),
        "unchanged" => Some(Moment::Unchanged),
        _ => None,
    }
}

/// The text of a directive and where its comment starts.
fn directive<'a>(text: &'a str, comment: &Range<usize>) -> Option<(usize, &'a str)> {
    let body = text[comment.clone()].strip_prefix("--")?.trim();
    Some((comment.start, body.strip_prefix("hardtack:")?.trim()))
}

/// What reads as a directive to its author and to nobody else: `-- hardtack no-transaction`.
fn misspelt(text: &str, comment: &Range<usize>) -> Option<Problem> {
    let body = text[comment.clone()].strip_prefix("--")?.trim();
    let (prefix, rest) = body.split_at_checked("hardtack".len())?;
    let is_right = prefix == "hardtack" && rest.starts_with(':');
    if is_right || !prefix.eq_ignore_ascii_case("hardtack") {
        return None;
    }
    let is_between = |letter: char| letter.is_whitespace() || letter.is_ascii_punctuation();
    let (name, _) = first_word(rest.trim_start_matches(is_between));
    let directive = Directive::named(name)?;
    let message = format!("`{name}` without `hardtack:` is no directive");
    Some(problem(comment.start, message, format!("write it as `{}`", directive.form)))
}

fn first_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}

fn quoted(text: &str) -> Option<&str> {
    let reason = text.strip_prefix('"')?.strip_suffix('"')?.trim();
    (!reason.is_empty()).then_some(reason)
}

fn problem(offset: usize, message: String, help: impl Into<String>) -> Problem {
    Problem::error("directive", offset, message, help)
}

fn unknown(name: &str, offset: usize) -> Problem {
    let near = did_you_mean(name, DIRECTIVES.iter().map(|directive| directive.name));
    let all = listed(|_| true);
    problem(offset, format!("unknown directive `{name}`"), format!("{near}the directives are {all}"))
}

/// The names of the directives of a kind, for a sentence.
fn listed(which: impl Fn(&Directive) -> bool) -> String {
    let of_kind = DIRECTIVES.iter().filter(|directive| which(directive));
    of_kind.map(|directive| format!("`{}`", directive.name)).collect::<Vec<_>>().join(", ")
}

fn unknown_rule(rule: &str, offset: usize) -> Problem {
    let (message, help) = match class_of(rule) {
        Some(_) => (
            format!("rule `{rule}` is never reported"),
            "remove it: hardtack sees to it by itself".to_owned(),
        ),
        None => {
            let near = did_you_mean(rule, acceptable());
            (format!("unknown rule `{rule}`"), format!("{near}use the name in the brackets of a finding"))
        }
    };
    problem(offset, message, help)
}

fn misplaced(offset: usize) -> Problem {
    let help = "move it above the first statement";
    problem(offset, "a directive behind the first statement has no effect".to_owned(), help)
}

fn help_for(name: &str, form: &str) -> String {
    match name {
        "lock-timeout" => DURATION_HELP.to_owned(),
        _ => format!("write it as `{form}`"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(text: &str, part: Part) -> (Header, Vec<String>) {
        let (header, problems) = Header::read(text, &Split::new(text), part);
        (
            header,
            problems.into_iter().map(|problem| format!("{} / {}", problem.message, problem.help)).collect(),
        )
    }

    #[test]
    fn all_directives_are_read() {
        let text = "-- about\n--hardtack: no-transaction\n/* x */ -- hardtack:  lock-timeout 500ms\n\
                    -- hardtack: irreversible \"it drops \"a\"\"\n\
                    -- hardtack: allow ban-drop-column \"unused\"\n-- hardtack: requires V7, U9\n-- hardtack: breaks-code-before V8\nselect 1;";
        let (header, problems) = read(text, Part::Up);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(header.settings.transaction, Transaction::None);
        assert_eq!(header.settings.lock_timeout, Some(Duration::from_millis(500)));
        assert_eq!(header.irreversible.unwrap().0, "it drops \"a\"");
        assert_eq!(header.allows[0].rule, "ban-drop-column");
        assert_eq!(header.allows[0].reason, "unused");
        assert_eq!((header.around.requires.as_slice(), header.around.breaks_before), (&[7, 9][..], Some(8)));
    }

    #[test]
    fn checks_know_where_their_query_is() {
        let text = "-- x\n--hardtack: check \"a b\"  select 'ü', \"x\" \nselect 1;";
        let (header, problems) = read(text, Part::Up);
        assert_eq!(problems, Vec::<String>::new());
        let [check] = header.around.checks.as_slice() else { panic!("{:?}", header.around.checks) };
        assert_eq!((check.name.as_str(), check.query.as_str()), ("a b", "select 'ü', \"x\""));
        assert_eq!(&text[check.query_offset..][..6], "select");
        assert_eq!(check.offset, 5);
    }

    #[test]
    fn a_directive_without_its_colon_is_found() {
        for text in [
            "-- hardtack no-transaction",
            "--hardtack no-transaction",
            "-- hardtack : no-transaction",
            "-- hardtack; no-transaction",
            "-- Hardtack: no-transaction",
        ] {
            let (header, problems) = read(text, Part::Up);
            assert_eq!(header.settings.transaction, Transaction::PerRevision);
            assert_eq!(
                problems,
                [
                    "`no-transaction` without `hardtack:` is no directive / write it as `-- hardtack: no-transaction`"
                ],
                "{text}"
            );
        }
        for prose in ["-- hardtack runs this", "-- hardtack", "-- hardtacks allow it", "-- hard", "-- größße"]
        {
            assert_eq!(read(prose, Part::Up).1, Vec::<String>::new(), "{prose}");
        }
    }

    #[test]
    fn wrong_directives_are_named() {
        let cases = [
            (
                "-- hardtack: no-transactions",
                "unknown directive `no-transactions` / did you mean `no-transaction`?",
            ),
            ("-- hardtack: no-transaction please", "malformed `no-transaction` / write it as"),
            ("-- hardtack: irreversible", "malformed `irreversible` / write it as"),
            ("-- hardtack: irreversible \" \"", "malformed `irreversible` / write it as"),
            ("-- hardtack: requires 7", "malformed `requires` / write it as `-- hardtack: requires V7`"),
            ("-- hardtack: lock-timeout 2h", "malformed `lock-timeout` / write a number"),
            ("-- hardtack: allow ban-drop-column", "malformed `allow` / write it as"),
            ("-- hardtack: allow ban-drop-colum \"x\"", "unknown rule `ban-drop-colum` / did you mean"),
            (
                "-- hardtack: allow transaction-nesting \"x\"",
                "rule `transaction-nesting` is never reported / remove",
            ),
            (
                "-- hardtack: lock-timeout 1s\n-- hardtack: lock-timeout 2s",
                "`lock-timeout` is given twice / keep",
            ),
            (
                "select 1; -- hardtack: no-transaction",
                "a directive behind the first statement has no effect / move",
            ),
        ];
        for (text, expected) in cases {
            let (_, problems) = read(text, Part::Up);
            assert_eq!(problems.len(), 1, "{text}");
            assert!(problems[0].starts_with(expected), "{text}: {problems:?}");
        }
        for malformed in ["check", "check \"a\"", "check-before a select 1", "unchanged \"\" select 1"] {
            let (_, problems) = read(&format!("-- hardtack: {malformed}"), Part::Up);
            assert!(problems[0].starts_with("malformed `"), "{problems:?}");
        }
        let (_, problems) = read("-- hardtack: check \"x\" select true", Part::Down);
        assert!(problems[0].starts_with("`check` says nothing in a down"));
        let (_, problems) = read("-- hardtack: irreversible \"x\"", Part::Down);
        assert!(problems[0].starts_with("`irreversible` says nothing in a down"));
        let (header, problems) = read("-- hardtack: allow long-lock \"x\"\nselect 1", Part::Down);
        assert_eq!((header.allows.len(), problems.len()), (1, 0));
    }
}
