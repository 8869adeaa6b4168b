//! Whether it is meant: this plan, and this database.

use axum::http::StatusCode;
use maud::{Markup, html};

use super::Answer;
use super::form::{Form, to};
use super::frame::Section;
use super::plan::Wanted;
use super::visitor::Visitor;
use super::words::{text, verdict};
use crate::admin::api::extract::Query;
use crate::admin::api::read::planned;
use crate::admin::api::work::migrate;
use crate::admin::auth::{Action, Confirmation};
use crate::admin::failure::Failure;
use crate::engine::dry_run::DryRun;
use crate::plan::Way;
use crate::safety::LossKind;

pub(super) async fn show(visitor: Visitor, Query(wanted): Query<Wanted>) -> Answer {
    let way = wanted.way()?;
    let plan = planned(&visitor.portal, way).await?;
    if plan.plan != wanted.plan || plan.steps.is_empty() {
        let message = "the plan is not the one that was looked at: something has run meanwhile, or this is another binary";
        return Err(Failure::new(StatusCode::CONFLICT, message));
    }
    let (action, name, address) = match way {
        Way::Up(_) => (Action::Upgrade, "Upgrade", "/admin/upgrade"),
        Way::Down(_) => (Action::Downgrade, "Downgrade", "/admin/downgrade"),
    };
    let database = visitor.portal.database();
    let is_closed = plan.gates.iter().any(|gate| !gate.passed);
    let body = html! {
        (what(&plan))
        form.card.confirm method="post" action=(address) {
            (visitor.csrf()) (wanted.hidden())
            input type="hidden" name="plan" value=(plan.plan);
            p.field {
                label for="database" { "Type the database's name, " code { (text(database)) } ", to confirm" }
                input #database type="text" name="database" required autocomplete="off" autocapitalize="none" spellcheck="false"
                    disabled[!visitor.may(action)];
            }
            p.sort { "Plan " code { (text(plan.plan.get(..12).unwrap_or(&plan.plan))) } ". Where it has changed until then, nothing is begun." }
            div.actions {
                button.main.go type="submit" disabled[!visitor.may(action) || is_closed] { (name) " " (text(database)) }
                a.button href="/admin/plan" { "Back to the plan" }
            }
            (visitor.why_not(action))
            @if is_closed {
                p.note { "A gate is closed, and the run would be refused. What wants a backup opens when one is taken on the page " a href="/admin/backups" { "Backups" }
                    "; what wants " code { "--accept" } " is for the command." }
            }
        }
    };
    Ok(visitor.page(Section::Plan, &format!("{name} {database}?"), &body))
}

/// What would be done, as short as it can be said.
fn what(plan: &DryRun) -> Markup {
    html! {
        ol.steps-short {
            @for step in &plan.steps {
                li { code { (text(&step.stem)) } " " (verdict(step.verdict)) }
            }
        }
        @if !plan.losses.is_empty() {
            div.note.wrong {
                p { b { @if plan.losses.iter().all(|loss| loss.kind == LossKind::Code) { "This may destroy data:" } @else { "This destroys data:" } } }
                ul { @for loss in &plan.losses { li { (text(&loss.to_string())) } } }
            }
        }
        @for gate in plan.gates.iter().filter(|gate| !gate.passed) {
            p.note.wrong { b { "The gate " (gate.gate) " is closed: " } (text(&gate.what)) @if !gate.how.is_empty() { ". " (text(&gate.how)) } }
        }
    }
}

pub(super) async fn upgrade(visitor: Visitor, Form(wanted): Form<Wanted>) -> Answer {
    run(&visitor, &Wanted { steps: None, ..wanted }).await
}

pub(super) async fn downgrade(visitor: Visitor, Form(wanted): Form<Wanted>) -> Answer {
    if wanted.steps.is_none() {
        return Err(Failure::bad_request("say how many revisions"));
    }
    run(&visitor, &wanted).await
}

async fn run(visitor: &Visitor, wanted: &Wanted) -> Answer {
    let Wanted { plan, database, .. } = wanted;
    let confirmation = Confirmation { plan: plan.clone(), database: database.clone() };
    let job = migrate(&visitor.portal, &visitor.caller, wanted.way()?, &confirmation).await?;
    Ok(to(&format!("/admin/jobs/{}", job.id())))
}
