use maud::{Markup, html};

use super::Answer;
use super::frame::Section;
use super::sql::lines;
use super::visitor::Visitor;
use super::words::{outcome, sentence, stamp, text, took, verdict};
use crate::admin::api::extract::Path;
use crate::admin::api::extract::version;
use crate::admin::api::read::{HazardView, RevisionTexts, texts};
use crate::report;
use crate::safety::Verdict;

pub(super) async fn show(visitor: Visitor, Path(wanted): Path<String>) -> Answer {
    let found = texts(&visitor.portal, version(&wanted)?).await?;
    let body = html! {
        (facts(&found))
        (hazards(&found.revision.hazards))
        (way("up", "Up", found.up.as_deref(), &html! { "It is a Rust function: its text is in the file " code { (text(&found.file)) } "." }))
        (way("down", "Down", found.down.as_deref(), &no_down(&found)))
    };
    Ok(visitor.page(Section::Timeline, &found.revision.stem, &body))
}

fn facts(found: &RevisionTexts) -> Markup {
    let view = &found.revision;
    html! {
        p.lead { (outcome(view.state)) @if let Some(at) = &view.applied_at { " " (stamp(at)) } }
        dl.ends {
            @if let Some(duration) = view.duration { div { dt { "Took" } dd { (took(duration)) } } }
            div { dt { "Kind" } dd { @if view.language == "rust" { "Rust" } @else { "SQL" } } }
            div { dt { "File" } dd { code { (text(&found.file)) } } }
            div { dt { "SHA-256" } dd { code.hash { (text(&found.sha256)) } } }
        }
    }
}

fn hazards(hazards: &[HazardView]) -> Markup {
    html! {
        section aria-labelledby="hazards" {
            h2 #hazards { "Hazards" }
            @if hazards.is_empty() {
                p { "None is known of its text. What the live database makes of it, the plan says." }
            } @else {
                ul.issues { @for hazard in hazards { (issue(hazard)) } }
            }
        }
    }
}

fn issue(hazard: &HazardView) -> Markup {
    let worst = hazard.verdict.parse::<Verdict>().unwrap_or(Verdict::Unknown);
    html! {
        li class=(report::class(worst)) {
            p { (verdict(worst)) " " code { (text(&hazard.name)) } @if !hazard.object.is_empty() { " on " code { (text(&hazard.object)) } } }
            @if !hazard.danger.is_empty() { p { (sentence(hazard.danger)) } }
            @if let Some(reason) = &hazard.allowed { p.accepted { b { "Accepted: " } (text(reason)) } }
            @if !hazard.recipe.is_empty() { p.help { b { "Instead: " } (text(hazard.recipe)) } }
        }
    }
}

fn way(id: &str, name: &str, sql: Option<&str>, otherwise: &Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (name) }
            @match sql {
                Some(sql) => { (lines(&format!("SQL, {id}"), sql)) }
                None => { p { (otherwise) } }
            }
        }
    }
}

fn no_down(found: &RevisionTexts) -> Markup {
    html! {
        @match &found.irreversible {
            Some(reason) => { "There is no way back: " (text(reason)) }
            None if found.revision.language == "rust" => { "It is a Rust function, or there is none." }
            None => { "There is none. A downgrade stops above this revision." }
        }
    }
}
