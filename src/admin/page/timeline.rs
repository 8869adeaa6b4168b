//! All revisions on one line, the newest on top.

use std::time::Duration;

use maud::{Markup, html};

use super::Answer;
use super::frame::Section;
use super::visitor::Visitor;
use super::words::{bar, chip, empty, outcome, sentence, stamp, text, took, verdict};
use crate::admin::api::read::{HazardView, RevisionView, views};
use crate::admin::phase;
use crate::engine::Status;
use crate::health::Phase;
use crate::revisions::Direction;
use crate::safety::Verdict;

pub(super) async fn show(visitor: Visitor) -> Answer {
    let mut status = visitor.portal.migrator().status().await?;
    let mut revisions = views(&visitor.portal, std::mem::take(&mut status.applied));
    revisions.reverse();
    let body = html! {
        div #revisions-line data-refresh="5" {
            (facts(&visitor, &status))
            (notices(&status))
            @if revisions.is_empty() {
                (empty("There are no revisions yet", &html! { "Write one with " code { "hardtack generate NAME" } ", build the application again, and start it." }))
            } @else {
                (line(&revisions, &status))
            }
        }
    };
    Ok(visitor.page(Section::Timeline, "Timeline", &body))
}

fn facts(visitor: &Visitor, status: &Status) -> Markup {
    let version = |version: Option<i64>| version.map_or("none".to_owned(), |version| version.to_string());
    let pending = status.pending.len();
    // An application that looks after its schema in another way says nothing of it.
    let at = visitor.portal.monitor().phase();
    html! {
        section.summary-card aria-label="Where the database stands" {
            p.lead {
                @if pending == 0 && !status.conflicts.is_empty() {
                    (chip("bad", "in conflict")) " at version " b { (version(status.current)) }
                } @else if pending == 0 {
                    (chip("well", "up to date")) " at version " b { (version(status.current)) }
                } @else {
                    (chip("slow", &format!("{pending} pending"))) " at version " b { (version(status.current)) } " of " b { (version(status.head)) }
                }
            }
            dl.ends {
                div { dt { "Server" } dd { "PostgreSQL " (text(&status.server_version)) } }
                div { dt { "History" } dd { code { (text(&status.history_table)) } } }
                @if at != Phase::Starting { div { dt { "This process" } dd { (text(&phase::words(&at))) } } }
            }
            @if pending > 0 {
                p.actions { a.button.main href="/admin/plan" { "Look at the plan" } }
            }
        }
    }
}

/// What wants to be seen to first.
fn notices(status: &Status) -> Markup {
    let name = |version: i64| format!("V{version}");
    html! {
        @for conflict in &status.conflicts {
            p.note.wrong { b { "Conflict: " } (sentence(&conflict.to_string())) }
        }
        @for step in &status.unfinished {
            p.note {
                b { "Unfinished: " } (name(step.version)) " was begun" @if step.direction == Direction::Down { " on its way back" }
                ", and " (step.done) " of its statements are done. The next run goes on behind them."
            }
        }
        @for backfill in &status.backfills {
            p.note {
                b { "Backfill: " } "that of " (name(backfill.version))
                @if backfill.blocked { " waits for somebody. " } @else { " is not done yet. " }
                a href="/admin/backfills" { "See the backfills" }
            }
        }
    }
}

fn line(revisions: &[RevisionView], status: &Status) -> Markup {
    let longest = revisions.iter().filter_map(|view| view.duration).max().unwrap_or_default();
    html! {
        table.line {
            caption.unseen { "Revisions, the newest first" }
            thead {
                tr {
                    th scope="col" { "Revision" }
                    th scope="col" { "State" }
                    th scope="col" { "Applied" }
                    th scope="col" { "Took" }
                    th scope="col" { "Hazards" }
                }
            }
            tbody { @for view in revisions { (row(view, status, longest)) } }
        }
    }
}

fn row(view: &RevisionView, status: &Status, longest: Duration) -> Markup {
    let is_current = status.current == Some(view.version);
    let is_unfinished = status.unfinished.iter().any(|step| step.version == view.version);
    html! {
        tr class={ (view.state) @if is_current { " current" } } {
            th scope="row" {
                @if view.language == "unknown" {
                    code { (stem(&view.stem)) }
                } @else {
                    a href={ "/admin/revisions/" (view.version) } { code { (stem(&view.stem)) } }
                }
                @if view.language == "rust" { " " span.sort { "Rust" } }
            }
            td {
                @match view.state {
                    "ahead" => { (chip("slow", "ahead of this binary")) }
                    "missing" => { (chip("bad", "not in this binary")) }
                    "replaced" => { (chip("mind", "squashed")) }
                    state => { (outcome(state)) }
                }
                @if is_current { " " (chip("mind", "current")) }
                @if is_unfinished { " " (chip("slow", "unfinished")) }
            }
            td { @if let Some(at) = &view.applied_at { (stamp(at)) } }
            td.took {
                @if let Some(duration) = view.duration { (took(duration)) (length(duration, longest)) }
            }
            td { (hazards(&view.hazards)) }
        }
    }
}

/// A name that is broken between its words.
fn stem(stem: &str) -> maud::PreEscaped<String> {
    maud::PreEscaped(text(stem).0.replace('_', "_<wbr>"))
}

fn length(duration: Duration, longest: Duration) -> Markup {
    let part = duration.as_secs_f64() / longest.as_secs_f64().max(f64::MIN_POSITIVE);
    let label = format!("{:.0} per cent of the longest", part * 100.0);
    bar(&label, part)
}

/// The verdicts, the worst first, with how many hazards have it.
fn hazards(hazards: &[HazardView]) -> Markup {
    let verdict_of = |hazard: &HazardView| hazard.verdict.parse::<Verdict>().unwrap_or(Verdict::Unknown);
    html! {
        @for one in Verdict::ALL.into_iter().rev() {
            @let of_it: Vec<&HazardView> = hazards.iter().filter(|hazard| verdict_of(hazard) == one).collect();
            @if !of_it.is_empty() {
                span.hazard {
                    (verdict(one)) " "
                    @if of_it.len() > 1 { span.sort { "×" (of_it.len()) } " " }
                    @if of_it.iter().all(|hazard| hazard.allowed.is_some()) { span.sort { "accepted" } }
                }
            }
        }
    }
}
