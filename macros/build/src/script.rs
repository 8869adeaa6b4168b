use crate::around::AroundHeader;
use crate::checks::{text_problem, transaction_problems};
use crate::effects::effects;
use crate::finding::Finding;
use crate::hazards::judge;
use crate::header::Header;
use crate::inspection::Question;
use crate::inspector::Inspector;
use crate::policy::Policy;
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

/// Splits and checks an SQL text, and lints it where asked.
pub(crate) fn read_script(
    source: Source,
    sha256: &str,
    part: Part,
    lint: bool,
    policy: &Policy,
    inspector: &mut Inspector,
) -> (ReadScript, Vec<Finding>) {
    let split = Split::new(&source.text);
    let (mut header, mut problems) = Header::read(&source.text, &split, part);
    match text_problem(&split) {
        Some(problem) => {
            // What lies behind it is read wrongly.
            problems.retain(|other| other.offset < problem.offset);
            problems.push(problem);
        }
        None => problems.extend(sql_problems(&source, sha256, &split, &header, lint, policy, inspector)),
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
    let hazards = Vec::new();
    let script = Script { file: source.file, statements, effects, hazards, settings, text: source.text };
    (ReadScript { script, irreversible, replaces, around }, findings)
}

fn sql_problems(
    source: &Source,
    sha256: &str,
    split: &Split<'_>,
    header: &Header,
    lint: bool,
    policy: &Policy,
    inspector: &mut Inspector,
) -> Vec<Problem> {
    let transaction = header.settings.transaction;
    let question = Question { lint, transactional: transaction == Transaction::PerRevision };
    let inspection = inspector.inspect(&source.text, sha256, question);
    let mut problems = transaction_problems(split, transaction);
    problems.extend(judge(inspection, split, &header.allows, policy));
    problems
}

/// A text that does not fit 32 bits is no migration; the server takes no statement of more than 1 GB.
fn offset(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
