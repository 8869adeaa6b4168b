use std::fmt::Write;

use super::super::{Report, Section, words};
use super::{capital, escaped, issues, lanes, time, verdict};
use crate::engine::dry_run::{DryStatement, DryStep, HeldLock, StatementKind};
use crate::revisions::Transaction;

impl Report<'_> {
    /// One revision: what is to be minded about it, and its statements with what was measured.
    pub(super) fn step(
        &self,
        page: &mut String,
        number: usize,
        step: &DryStep,
        section: Option<&Section>,
        open: bool,
    ) {
        // A browser opens what is folded around the place that a link leads to.
        let _ = write!(
            page,
            "<details class=\"change\"{}>\n<summary><span class=\"what\"><span class=\"name\"><code>{}</code></span> \
             <span class=\"sort\">{}</span></span><span class=\"chips\">{}{}</span></summary>\n<div class=\"body\" id=\"r{number}\">\n<p class=\"sort\">{}</p>\n",
            if open { " open" } else { "" },
            escaped(&step.stem),
            step.duration.map(super::super::human).unwrap_or_default(),
            verdict(step.verdict),
            section.map_or(String::new(), |section| self.unlike_passed(section)),
            escaped(&self.about(step))
        );
        if let Some(trouble) = self.trouble(step) {
            let _ = writeln!(page, "<p class=\"note\">{}</p>", escaped(&capital(&trouble)));
        }
        issues(page, section.into_iter().flat_map(Section::hazards));
        if !step.statements.is_empty() {
            page.push_str("<ol class=\"statements\">\n");
            step.statements.iter().for_each(|one| statement(page, one));
            page.push_str("</ol>\n");
        }
        page.push_str("</div>\n</details>\n");
    }

    /// The file and how it runs.
    fn about(&self, step: &DryStep) -> String {
        let transaction = match step.revision.transaction {
            Transaction::PerRevision => "in one transaction",
            Transaction::None => "without a transaction",
        };
        format!("{}, {transaction}", self.path(&step.file))
    }
}

fn statement(page: &mut String, statement: &DryStatement) {
    match statement.kind {
        StatementKind::Sql => {
            let _ = writeln!(
                page,
                "<li value=\"{0}\">\n<pre tabindex=\"0\" aria-label=\"Statement in line {0}\"><code>{1}</code></pre>",
                statement.line,
                escaped(statement.text.trim_end())
            );
        }
        StatementKind::Function | StatementKind::Before | StatementKind::After => {
            let _ = writeln!(
                page,
                "<li class=\"rust\">\n<p class=\"code\">{}</p>",
                escaped(&capital(&statement.text))
            );
        }
    }
    let Some(measured) = &statement.measured else {
        page.push_str("<p class=\"measured sort\">Not measured</p>\n</li>\n");
        return;
    };
    let _ =
        write!(page, "<ul class=\"measured\">\n<li><b>{}</b></li>\n", super::super::human(measured.duration));
    measured.locks.iter().for_each(|one| lock(page, one));
    for text in words::measured(measured) {
        let _ = writeln!(page, "<li>{}</li>", escaped(&capital(&text)));
    }
    page.push_str("</ul>\n</li>\n");
}

fn lock(page: &mut String, lock: &HeldLock) {
    let carried = if lock.carried { "; an earlier step may have taken it" } else { "" };
    let _ = writeln!(
        page,
        "<li><span class=\"mode {}\">{}</span> on {} <code>{}</code> for {} <span class=\"sort\">{}{carried}</span></li>",
        lanes::class(lock.mode.bars()),
        lock.mode,
        escaped(&lock.kind),
        escaped(&lock.relation),
        time(lock.held),
        words::bars(lock.mode.bars())
    );
}
