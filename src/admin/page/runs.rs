use maud::{Markup, html};

use super::Answer;
use super::frame::Section;
use super::visitor::Visitor;
use super::words::{between, chip, empty, outcome, stamp, text, took};
use crate::admin::api::extract::Query;
use crate::history::LoggedRun;

/// Runs of one page.
const PAGE: u32 = 50;

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    before: Option<i64>,
}

pub(super) async fn show(visitor: Visitor, Query(Wanted { before }): Query<Wanted>) -> Answer {
    let runs = visitor.portal.migrator().runs(before, PAGE).await?;
    let is_full = runs.len() == PAGE as usize;
    let body = html! {
        p { "Everything that has changed the history, from whichever machine." }
        @if runs.is_empty() {
            (empty("The log is empty", &html! { "It begins with the first upgrade that hardtack does here." }))
        } @else {
            table.hazards.list {
                caption.unseen { "Runs, the newest first" }
                thead {
                    tr {
                        th scope="col" { "Run" } th scope="col" { "Outcome" } th scope="col" { "Begun" }
                        th scope="col" { "Took" } th scope="col" { "Steps" } th scope="col" { "By" }
                    }
                }
                tbody { @for run in &runs { (row(run)) } }
            }
            @if let Some(last) = runs.last().filter(|_| is_full) {
                p.actions { a.button href={ "/admin/runs?before=" (last.id) } { "Older" } }
            }
        }
    };
    Ok(visitor.page(Section::Runs, "Run log", &body))
}

fn row(run: &LoggedRun) -> Markup {
    let duration = run.finished_at.as_deref().and_then(|until| between(&run.started_at, until));
    html! {
        tr {
            th scope="row" { span.sort { (run.id) } " " (text(&run.command)) @if let Some(note) = &run.note { br; span.sort { (text(note)) } } }
            td {
                @match &run.outcome { Some(word) => { (outcome(word)) } None => { (chip("slow", "not ended")) } }
                @if let Some(error) = &run.error { p.error { (text(error)) } }
            }
            td data-label="Begun" { (stamp(&run.started_at)) }
            td data-label="Took" { @if let Some(duration) = duration { (took(duration)) } }
            td data-label="Steps" { (steps(&run.steps)) }
            td data-label="By" { (text(&run.database_role)) @if let Some(host) = &run.host { br; span.sort { (text(host)) } } }
        }
    }
}

/// Many steps are folded behind the first and the last.
fn steps(steps: &[String]) -> Markup {
    html! {
        @match steps {
            [first, .., last] if steps.len() > 4 => {
                details { summary { (text(first)) " … " (text(last)) } (text(&steps.join(", "))) }
            }
            steps => { (text(&steps.join(", "))) }
        }
    }
}
