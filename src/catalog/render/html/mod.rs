//! The page for reviewers: one file that loads nothing, and that reads the same without its script.

mod change;
mod sides;

use std::fmt::Write;

use super::changes::{Change, ChangeKind};
use super::page::{begin, escaped};
use super::{Comparison, Side, count};
use crate::catalog::ddl::Hazard;

/// So many statements of a hazard are linked.
const LINKS: usize = 40;

/// Up to so many changes are open at first.
const OPEN: usize = 12;

impl Comparison<'_> {
    /// The comparison as a page of its own.
    #[must_use]
    pub fn html(&self) -> String {
        let changes = self.changes();
        let title = format!("{} to {}", self.from.name, self.to.name);
        let mut page = begin(
            &format!("Schema diff: {title}"),
            None,
            include_str!("page.css"),
            ("overview", "Skip to the overview"),
        );
        self.header(&mut page);
        page.push_str("<div class=\"columns\">\n");
        index(&mut page, &changes);
        page.push_str("<main>\n");
        self.overview(&mut page, &changes);
        self.questions(&mut page);
        self.list(&mut page, &changes);
        self.whole(&mut page);
        let _ = write!(
            page,
            "</main>\n</div>\n<footer><p>Made by hardtack {} from two catalogs. Nothing of the plan has been run.</p></footer>\n\
             <script>\n{}</script>\n</body>\n</html>\n",
            env!("CARGO_PKG_VERSION"),
            include_str!("page.js")
        );
        page
    }

    fn header(&self, page: &mut String) {
        page.push_str("<header>\n<p class=\"kicker\">Schema diff</p>\n<h1>");
        let _ = write!(
            page,
            "<code>{}</code> <span class=\"to\"><span aria-hidden=\"true\">→</span><span class=\"unseen\">to</span></span> \
             <code>{}</code></h1>\n<dl class=\"ends\">\n",
            escaped(self.from.name),
            escaped(self.to.name)
        );
        for (label, side) in [("From", &self.from), ("To", &self.to)] {
            let _ = writeln!(page, "<div><dt>{label}</dt><dd>{}</dd></div>", escaped(&ends(side)));
        }
        page.push_str("</dl>\n</header>\n");
    }

    /// Counts, hazards first.
    fn overview(&self, page: &mut String, changes: &[Change]) {
        page.push_str("<section aria-labelledby=\"overview\">\n<h2 id=\"overview\">Overview</h2>\n");
        if changes.is_empty() && self.plan.is_empty() {
            page.push_str("<p class=\"equal\">The two are equal: there is nothing to do.</p>\n</section>\n");
            return;
        }
        page.push_str("<ul class=\"counts\">\n");
        for kind in KINDS {
            let number = changes.iter().filter(|change| change.change == kind).count();
            if number > 0 {
                let _ =
                    writeln!(page, "<li class=\"{0}\"><b>{number}</b> <span>{0}</span></li>", kind.name());
            }
        }
        let statements = self.plan.statements.len();
        let _ = writeln!(
            page,
            "<li><b>{statements}</b> <span>statement{}</span></li>\n</ul>\n<p>{}</p>",
            if statements == 1 { "" } else { "s" },
            self.transactions()
        );
        self.hazard_table(page);
        page.push_str("</section>\n");
    }

    fn transactions(&self) -> String {
        let outside = self.plan.statements.iter().filter(|statement| !statement.transactional).count();
        match (self.plan.statements.len(), outside) {
            (0, _) => "There is no statement to run.".to_owned(),
            (_, 0) => "One transaction holds all of it: it is done, or nothing is.".to_owned(),
            (_, outside) => format!(
                "{} outside a transaction: what is done before an error stays done.",
                if outside == 1 {
                    "1 statement runs".to_owned()
                } else {
                    format!("{outside} statements run")
                }
            ),
        }
    }

    fn hazard_table(&self, page: &mut String) {
        let hazards = self.hazards();
        if hazards.is_empty() {
            if !self.plan.statements.is_empty() {
                page.push_str("<p>No statement has a hazard.</p>\n");
            }
            return;
        }
        page.push_str(
            "<table class=\"hazards\">\n<caption>Hazards on a database in use</caption>\n<thead><tr><th scope=\"col\">Hazard</th>\
             <th scope=\"col\">What it means</th><th scope=\"col\">Statements</th></tr></thead>\n<tbody>\n",
        );
        for hazard in hazards.keys() {
            let has = |place: &usize| {
                self.plan.statements.get(*place).is_some_and(|one| one.hazards.contains(hazard))
            };
            let places: Vec<usize> = (0..self.plan.statements.len()).filter(has).collect();
            let link = |place: &usize| format!("<a href=\"#s{0}\">{0}</a>", place + 1);
            let mut links: Vec<String> = places.iter().take(LINKS).map(link).collect();
            if places.len() > LINKS {
                links.push(format!("and {} more", places.len() - LINKS));
            }
            let _ = writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"links\">{}</td></tr>",
                chip(*hazard),
                escaped(hazard.meaning()),
                links.join(" ")
            );
        }
        page.push_str("</tbody>\n</table>\n");
    }

    /// What the plan leaves open.
    fn questions(&self, page: &mut String) {
        if !self.plan.unexpressed.is_empty() {
            page.push_str("<section class=\"open\" aria-labelledby=\"unexpressed\">\n<h2 id=\"unexpressed\">Not in the plan</h2>\n");
            page.push_str("<p>These differences stay when all statements have run.</p>\n<ul>\n");
            for one in &self.plan.unexpressed {
                let (object, reason) = (escaped(&one.object.to_string()), escaped(&one.reason));
                let _ = writeln!(page, "<li><code>{object}</code>: {reason}</li>");
            }
            page.push_str("</ul>\n</section>\n");
        }
        if !self.plan.likely_renames.is_empty() {
            page.push_str("<section class=\"open\" aria-labelledby=\"renames\">\n<h2 id=\"renames\">Dropped and made anew, or renamed?</h2>\n");
            page.push_str("<p>Nobody said that these were renamed, so the plan drops the one and makes the other. If one was, diff again with its flag.</p>\n<ul>\n");
            for rename in &self.plan.likely_renames {
                let (from, to) = (escaped(&rename.from.to_string()), escaped(&rename.to.to_string()));
                let flag = escaped(&rename.flag());
                let _ = writeln!(
                    page,
                    "<li><code>{from}</code> → <code>{to}</code><br><code class=\"flag\">{flag}</code></li>"
                );
            }
            page.push_str("</ul>\n</section>\n");
        }
    }

    fn list(&self, page: &mut String, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        let _ = write!(
            page,
            "<section class=\"list\" aria-labelledby=\"changes\">\n<h2 id=\"changes\">{}</h2>\n",
            count(changes.len(), "object")
        );
        filters(page, changes);
        for (number, change) in changes.iter().enumerate() {
            self.change_page(page, change, number + 1, changes.len() <= OPEN);
        }
        page.push_str("<p class=\"none-left\" hidden>No object has that in its name.</p>\n</section>\n");
    }

    fn whole(&self, page: &mut String) {
        if self.plan.statements.is_empty() {
            return;
        }
        let _ = write!(
            page,
            "<section aria-labelledby=\"sql\">\n<div class=\"head\"><h2 id=\"sql\">The whole SQL</h2>\
             <button type=\"button\" id=\"copy\" hidden>Copy</button></div>\n<p>As psql takes it, in the order in which the server takes \
             it.</p>\n<pre class=\"whole\" tabindex=\"0\" aria-labelledby=\"sql\"><code>{}</code></pre>\n</section>\n",
            escaped(&self.sql())
        );
    }
}

/// In the order in which they are counted.
const KINDS: [ChangeKind; 6] = [
    ChangeKind::Removed,
    ChangeKind::Changed,
    ChangeKind::Renamed,
    ChangeKind::Rebuilt,
    ChangeKind::Touched,
    ChangeKind::Added,
];

/// What a side is: `PostgreSQL 17.2, 412 objects, fingerprint 3f2a..`.
fn ends(side: &Side<'_>) -> String {
    let server = side.server().map(|server| format!("{server}, ")).unwrap_or_default();
    let fingerprint = side.catalog.fingerprint();
    let short = fingerprint.get(..12).unwrap_or(&fingerprint);
    format!("{server}{}, fingerprint {short}", count(side.catalog.objects.len(), "object"))
}

fn index(page: &mut String, changes: &[Change]) {
    if changes.is_empty() {
        return;
    }
    page.push_str("<nav aria-label=\"Changed objects\">\n<ul>\n");
    for (number, change) in changes.iter().enumerate() {
        let _ = writeln!(
            page,
            "<li><a href=\"#o{}\"><span class=\"sign {}\" aria-hidden=\"true\">{}</span><span>{}</span></a></li>",
            number + 1,
            change.change.name(),
            sign(change.change),
            escaped(&change::name(&change.object))
        );
    }
    page.push_str("</ul>\n</nav>\n");
}

/// Which of the changes are shown: by kind without the script, by name with it.
fn filters(page: &mut String, changes: &[Change]) {
    page.push_str("<div class=\"filters\">\n<fieldset><legend class=\"unseen\">Show</legend>\n");
    for kind in KINDS {
        if changes.iter().any(|change| change.change == kind) {
            let _ = writeln!(
                page,
                "<label><input type=\"checkbox\" id=\"show-{0}\" checked> {0}</label>",
                kind.name()
            );
        }
    }
    page.push_str(
        "<label><input type=\"checkbox\" id=\"show-hazards\"> only with hazards</label>\n</fieldset>\n\
         <p class=\"scripted\" hidden><label for=\"filter\">Name</label> <input type=\"search\" id=\"filter\" autocomplete=\"off\">\n\
         <button type=\"button\" id=\"open\">Open all</button> <button type=\"button\" id=\"close\">Close all</button></p>\n</div>\n",
    );
}

fn sign(kind: ChangeKind) -> char {
    match kind.sign() {
        '-' => '−',
        sign => sign,
    }
}

/// A hazard's name with how bad it is.
fn chip(hazard: Hazard) -> String {
    let class = match hazard {
        Hazard::DeletesData => "bad",
        Hazard::RewritesTable | Hazard::ScansTable | Hazard::BlocksWrites => "slow",
        _ => "mind",
    };
    format!("<span class=\"chip {class}\">{hazard}</span>")
}
