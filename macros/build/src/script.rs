use crate::around::AroundHeader;
use crate::checks::{text_problem, transaction_problems};
use crate::effects::effects;
use crate::finding::Finding;
use crate::hazards::{StaticHazard, baked, hazards, judge, syntax_problems};
use crate::header::Header;
use crate::inspection::Question;
use crate::inspector::Inspector;
use crate::policy::{Accept, Policy};
use crate::query::read_query;
use crate::revision::{Script, Transaction};
use crate::source::{Problem, Source, position};
use crate::split::Split;
use crate::squash::Range;
use crate::stem::Part;

/// A script, and what its header says about the way back.
pub(crate) struct ReadScript {
    pub(crate) script: Script,
    /// The reason, with line and column.
    pub(crate) irreversible: Option<(String, (usize, usize))>,
    /// The range, with line and column.
    pub(crate) replaces: Option<(Range, (usize, usize))>,
    pub(crate) around: AroundHeader,
}

/// How a script is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look<'a> {
    pub(crate) part: Part,
    /// Whether its hazards are findings; else they are told to the run only.
    pub(crate) judged: bool,
    pub(crate) policy: &'a Policy,
    /// What `hardtack.toml` accepts of the revision.
    pub(crate) accepted: &'a [&'a Accept],
}

/// Splits, checks and lints an SQL text.
pub(crate) fn read_script(
    source: Source,
    sha256: &str,
    look: Look<'_>,
    inspector: &mut Inspector,
) -> (ReadScript, Vec<Finding>) {
    let split = Split::new(&source.text);
    let (mut header, mut problems) = Header::read(&source.text, &split, look.part);
    let mut hazards = Vec::new();
    match text_problem(&split) {
        Some(problem) => {
            // What lies behind it is read wrongly.
            problems.retain(|other| other.offset < problem.offset);
            problems.push(problem);
        }
        None => {
            let more;
            (more, hazards) = sql_problems(&source, sha256, &split, &header, look, inspector);
            problems.extend(more);
        }
    }
    for check in &mut header.around.checks {
        match read_query(&check.query, check.query_offset, inspector) {
            Ok(query) => check.query = query,
            Err(problem) => problems.push(problem),
        }
    }
    let findings = problems.into_iter().map(|problem| source.finding(problem)).collect();
    let statements = split.statements.iter().map(|statement| &statement.range);
    let statements = statements.map(|range| (offset(range.start), offset(range.end))).collect();
    let irreversible = header.irreversible.map(|(reason, offset)| (reason, position(&source.text, offset)));
    let replaces = header.replaces.map(|(range, offset)| (range, position(&source.text, offset)));
    let (effects, settings, around) = (effects(&split), header.settings, header.around);
    let script = Script { file: source.file, statements, effects, hazards, settings, text: source.text };
    (ReadScript { script, irreversible, replaces, around }, findings)
}

fn sql_problems(
    source: &Source,
    sha256: &str,
    split: &Split<'_>,
    header: &Header,
    look: Look<'_>,
    inspector: &mut Inspector,
) -> (Vec<Problem>, Vec<StaticHazard>) {
    let transaction = header.settings.transaction;
    let transactional = transaction == Transaction::PerRevision;
    let inspection = inspector.inspect(&source.text, sha256, Question { lint: true, transactional });
    let mut problems = transaction_problems(split, transaction);
    problems.extend(syntax_problems(&inspection.errors, split));
    let was_linted = inspection.hazards.is_some();
    let seen = hazards(inspection.hazards.unwrap_or_default(), split, transactional, look.policy);
    if look.judged {
        problems.extend(judge(&seen, was_linted, &header.allows, look.policy));
    }
    (problems, baked(&seen, &header.allows, look.accepted))
}

/// A text that does not fit 32 bits is no migration; the server takes no statement of more than 1 GB.
fn offset(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
