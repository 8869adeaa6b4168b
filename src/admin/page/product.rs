//! What a job came to.

use maud::{Markup, PreEscaped, html};

use super::drift::drift;
use super::words::{absolute, bar, text, took};
use crate::admin::product::Product;
use crate::backup::Verified;
use crate::engine::{Run, StepReport, TakenBackup};
use crate::report::Report;
use crate::words::{bytes, grouped};

pub(super) fn product(product: &Product) -> Markup {
    match product {
        Product::Nothing => html! {},
        Product::DryRun(dry_run) => PreEscaped(Report::of_dry_run(dry_run, None).html_parts()),
        Product::Run(run) => of_run(run),
        Product::Drift(found) => drift(found),
        Product::Backup(backup) => of_backup(backup),
        Product::Verified(verified) => of_verified(verified),
    }
}

fn of_run(run: &Run) -> Markup {
    let version =
        |version: Option<i64>| version.map_or("no version".to_owned(), |version| version.to_string());
    html! {
        section aria-labelledby="result" {
            h2 #result { "Result" }
            p {
                @if run.applied.is_empty() && run.undone.is_empty() {
                    "Nothing was left to do: another run had done it. The database is at " b { (version(run.to)) } "."
                } @else {
                    "From " b { (version(run.from)) } " to " b { (version(run.to)) } " in " (took(run.duration)) "."
                }
            }
            (steps("Applied", &run.applied))
            (steps("Undone", &run.undone))
        }
    }
}

fn steps(name: &str, steps: &[StepReport]) -> Markup {
    let longest = steps.iter().map(|step| step.duration).max().unwrap_or_default().as_secs_f64();
    html! {
        @if !steps.is_empty() {
            table.hazards.list {
                caption { (name) }
                thead { tr { th scope="col" { "Revision" } th scope="col" { "Took" } } }
                tbody {
                    @for step in steps {
                        @let part = step.duration.as_secs_f64() / longest.max(f64::MIN_POSITIVE);
                        tr {
                            th scope="row" {
                                a href={ "/admin/revisions/" (step.version) } { code { "V" (step.version) "__" (text(&step.name)) } }
                            }
                            td.took { (took(step.duration)) (bar(&format!("{:.0} per cent of the longest", part * 100.0), part)) }
                        }
                    }
                }
            }
        }
    }
}

fn of_backup(backup: &TakenBackup) -> Markup {
    let manifest = &backup.manifest;
    html! {
        section aria-labelledby="result" {
            h2 #result { "Result" }
            dl.ends {
                div { dt { "Name" } dd { code { (text(&manifest.name)) } } }
                div { dt { "Where" } dd { code { (text(&backup.path)) } } }
                div { dt { "Size" } dd { (bytes(manifest.bytes())) } }
                div { dt { "Rows" } dd { (grouped(manifest.rows())) } }
            }
            p.actions { a.button href="/admin/backups" { "See the backups" } }
        }
    }
}

fn of_verified(verified: &Verified) -> Markup {
    html! {
        section aria-labelledby="result" {
            h2 #result { "Result" }
            p {
                "The backup is what was taken. It was read" @if verified.server_version.is_some() { ", and restored into a scratch database" }
                ", on " (absolute(verified.at)) "."
            }
            p.actions { a.button href="/admin/backups" { "See the backups" } }
        }
    }
}
