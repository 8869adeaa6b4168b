//! What stands around every page.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use super::assets::VERSION;
use super::visitor::csrf;
use super::words::text;
use crate::admin::Portal;
use crate::admin::auth::{Action, Principal, Via};

/// The parts of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Timeline,
    Plan,
    Jobs,
    Runs,
    Backfills,
    Drift,
    Backups,
    Audit,
    Tokens,
    /// Nothing of these.
    None,
}

/// Each with its address, its name, and what may be done by whoever sees it.
const SECTIONS: [(Section, &str, &str, Action); 9] = [
    (Section::Timeline, "/admin", "Timeline", Action::View),
    (Section::Plan, "/admin/plan", "Plan", Action::View),
    (Section::Jobs, "/admin/jobs", "Jobs", Action::View),
    (Section::Runs, "/admin/runs", "Run log", Action::View),
    (Section::Backfills, "/admin/backfills", "Backfills", Action::View),
    (Section::Drift, "/admin/drift", "Drift", Action::View),
    (Section::Backups, "/admin/backups", "Backups", Action::View),
    (Section::Audit, "/admin/audit", "Audit", Action::ViewAudit),
    (Section::Tokens, "/admin/tokens", "Tokens", Action::ViewTokens),
];

/// A biscuit, so that a tab is found.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect x='1' y='1' width='14' height='14' rx='3' fill='%23c68a3e'/%3E%3Cg fill='%236b4315'%3E%3Ccircle cx='5' cy='5' r='1'/%3E%3Ccircle cx='11' cy='5' r='1'/%3E%3Ccircle cx='8' cy='8' r='1'/%3E%3Ccircle cx='5' cy='11' r='1'/%3E%3Ccircle cx='11' cy='11' r='1'/%3E%3C/g%3E%3C/svg%3E";

/// Before whom a page stands, and where.
pub(super) struct Frame<'a> {
    pub(super) portal: &'a Portal,
    /// None where nobody is known.
    pub(super) principal: Option<&'a Principal>,
    pub(super) section: Section,
}

impl Frame<'_> {
    pub(super) fn page(&self, title: &str, body: &Markup) -> Html<String> {
        self.page_with(title, &html! {}, body)
    }

    /// With more in its head.
    pub(super) fn page_with(&self, title: &str, head: &Markup, body: &Markup) -> Html<String> {
        let database = self.portal.database();
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (text(title)) " · " (text(database)) }
                    link rel="icon" href=(ICON);
                    link rel="stylesheet" href={ "/admin/style.css?v=" (*VERSION) };
                    script src={ "/admin/page.js?v=" (*VERSION) } defer {}
                    (head)
                }
                body {
                    a.skip href="#content" { "Skip to the content" }
                    (self.top(database))
                    main #content tabindex="-1" {
                        h1 { (text(title)) }
                        (body)
                    }
                    footer { p { "hardtack " (env!("CARGO_PKG_VERSION")) " · times are UTC" } }
                }
            }
        };
        Html(page.into_string())
    }

    fn top(&self, database: &str) -> Markup {
        html! {
            header.top {
                div.row {
                    p.brand { a href="/admin" { (biscuit()) "hardtack" } }
                    p.where { span.unseen { "Database " } code { (text(database)) } }
                    @if let Some(principal) = self.principal { (who(principal)) }
                }
                @if let Some(principal) = self.principal {
                    nav aria-label="Parts" {
                        ul {
                            @for (section, address, name, action) in SECTIONS {
                                @if principal.may(action).is_ok() {
                                    li { a href=(address) aria-current=[(section == self.section).then_some("page")] { (name) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn who(principal: &Principal) -> Markup {
    html! {
        div.who {
            span { b { (text(&principal.name)) } " " span.role { (principal.role) } }
            @if matches!(principal.via, Via::Session { .. }) {
                form method="post" action="/admin/logout" { (csrf(principal)) button.quiet type="submit" { "Log out" } }
            }
        }
    }
}

fn biscuit() -> Markup {
    html! {
        svg.biscuit viewBox="0 0 16 16" aria-hidden="true" focusable="false" {
            path d="M4 1h8a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V4a3 3 0 0 1 3-3z" {}
            @for (x, y) in [(5, 5), (11, 5), (8, 8), (5, 11), (11, 11)] { circle cx=(x) cy=(y) r="1" {} }
        }
    }
}
