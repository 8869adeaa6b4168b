use maud::{Markup, html};

use super::Answer;
use super::frame::Section;
use super::visitor::Visitor;
use super::words::{empty, moment, outcome, text, took};
use crate::admin::job::{Job, JobView};

pub(super) async fn show(visitor: Visitor) -> Answer {
    let jobs: Vec<JobView> = visitor.portal.jobs().list().iter().map(Job::summary).collect();
    let body = html! {
        p { "What this process was asked to do. It forgets its jobs when it ends; the run log keeps what changed the database." }
        @if jobs.is_empty() {
            (empty("Nothing was asked yet", &html! { "Begin at the " a href="/admin/plan" { "plan" } ": rehearse it, or run it." }))
        } @else {
            table.hazards.list #jobs data-refresh="3" {
                caption.unseen { "Jobs, the newest first" }
                thead {
                    tr {
                        th scope="col" { "Job" } th scope="col" { "State" } th scope="col" { "By" }
                        th scope="col" { "Begun" } th scope="col" { "Took" }
                    }
                }
                tbody { @for job in &jobs { (row(job)) } }
            }
        }
    };
    Ok(visitor.page(Section::Jobs, "Jobs", &body))
}

fn row(job: &JobView) -> Markup {
    let duration = job.finished_at.and_then(|at| (at - job.started_at).try_into().ok());
    html! {
        tr {
            th scope="row" { a href={ "/admin/jobs/" (job.id) } { (text(&job.title)) } }
            td { (outcome(job.state.name())) }
            td data-label="By" { (text(&job.by)) }
            td data-label="Begun" { (moment(job.started_at)) }
            td data-label="Took" { @if let Some(duration) = duration { (took(duration)) } @else { "…" } }
        }
    }
}
