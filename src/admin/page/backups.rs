use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::Answer;
use super::form::{Form, to};
use super::frame::Section;
use super::visitor::Visitor;
use super::words::{chip, empty, encoded, moment, text};
use crate::admin::api::backups::{begin, begin_verifying, listed};
use crate::admin::api::extract::Path;
use crate::admin::auth::Action;
use crate::admin::failure::Failure;
use crate::backup::{Depth, Listed, Strategy};
use crate::words::{bytes, grouped};

#[derive(Deserialize)]
pub(super) struct Wanted {
    strategy: Strategy,
}

#[derive(Deserialize)]
pub(super) struct Verify {
    depth: Depth,
}

/// What each strategy takes.
const STRATEGIES: [(Strategy, &str); 3] = [
    (Strategy::Full, "all of it"),
    (Strategy::SchemaOnly, "the schema without rows"),
    (Strategy::Tables, "the rows that pending revisions can lose"),
];

pub(super) async fn show(visitor: Visitor) -> Answer {
    let mut backups = listed(&visitor.portal).await?;
    backups.reverse();
    let may = visitor.may(Action::Backup);
    let body = html! {
        form.choice method="post" action="/admin/backups" {
            (visitor.csrf())
            label for="strategy" { "Take a backup of" }
            select #strategy name="strategy" disabled[!may] {
                @for (strategy, what) in STRATEGIES { option value=(strategy.name()) { (what) } }
            }
            button.main type="submit" disabled[!may] { "Take it" }
        }
        (visitor.why_not(Action::Backup))
        @if backups.is_empty() {
            (empty("There is no backup", &html! { "Take one above before a revision that can lose data." }))
        } @else {
            table.hazards.list {
                caption.unseen { "Backups, the newest first" }
                thead {
                    tr {
                        th scope="col" { "Backup" } th scope="col" { "Taken" } th scope="col" { "Of" }
                        th scope="col" { "Version" } th.number scope="col" { "Size" } th scope="col" { "Verified" }
                    }
                }
                tbody { @for backup in &backups { (row(&visitor, backup)) } }
            }
            p.sort { "A backup is restored by the command " code { "restore" } ", which the page does not offer." }
        }
    };
    Ok(visitor.page(Section::Backups, "Backups", &body))
}

fn row(visitor: &Visitor, backup: &Listed) -> Markup {
    let manifest = &backup.manifest;
    html! {
        tr {
            th scope="row" { code { (text(&manifest.name)) } @if manifest.is_encrypted() { " " (chip("mind", "encrypted")) } }
            td data-label="Taken" { (moment(manifest.taken_at)) }
            td data-label="Of" { (manifest.strategy.name()) @if !manifest.tables.is_empty() { br; span.sort { (grouped(manifest.rows())) " rows" } } }
            td data-label="Version" { (manifest.version.map_or("none".to_owned(), |version| version.to_string())) }
            td.number data-label="Size" { (bytes(manifest.bytes())) }
            td {
                @match &backup.verified {
                    Some(verified) => { (chip("well", if verified.depth == Depth::Full { "restored" } else { "read" })) " " (moment(verified.at)) }
                    None => { (chip("slow", "not verified")) }
                }
                form.small method="post" action={ "/admin/backups/" (encoded(&manifest.name)) "/verify" } {
                    (visitor.csrf())
                    @for (depth, name) in [("quick", "Verify by reading"), ("full", "Verify by restoring beside")] {
                        button type="submit" name="depth" value=(depth) disabled[!visitor.may(Action::VerifyBackup)] {
                            (name) span.unseen { " " (text(&manifest.name)) }
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn take(
    visitor: Visitor,
    Form(Wanted { strategy }): Form<Wanted>,
) -> Result<Response, Failure> {
    let job = begin(&visitor.portal, &visitor.caller, strategy)?;
    Ok(to(&format!("/admin/jobs/{}", job.id())))
}

pub(super) async fn verify(
    visitor: Visitor,
    Path(name): Path<String>,
    Form(Verify { depth }): Form<Verify>,
) -> Result<Response, Failure> {
    let job = begin_verifying(&visitor.portal, &visitor.caller, name, depth).await?;
    Ok(to(&format!("/admin/jobs/{}", job.id())))
}
