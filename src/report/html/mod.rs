//! The page: one file that loads nothing, runs nothing, and shows when which lock keeps whom from what.

mod axis;
mod lanes;
mod step;
mod timeline;

use std::fmt::Write;
use std::time::Duration;

use super::content::Standing;
use super::{Issue, Level, Outcome, Report, Section, locks, words};
use crate::catalog::Difference;
use crate::catalog::render::page::{begin, escaped};
use crate::engine::dry_run::{DryRun, DryStep};
use crate::safety::{TableFacts, Verdict};
use crate::words::{bytes, grouped};

/// Nothing is loaded, nothing is run, nothing is sent.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The look of what a page has in it.
#[cfg(feature = "admin")]
pub(crate) const STYLES: [&str; 2] = [crate::catalog::render::page::STYLE, include_str!("page.css")];

/// Up to so many revisions are open at first.
const OPEN: usize = 8;

/// Up to so many revisions are all in the first table.
const UNFOLDED: usize = 40;

impl Report<'_> {
    /// The report as a page of its own.
    pub(super) fn html(&self) -> String {
        let mut page = begin(
            &capital(&self.title),
            Some(POLICY),
            include_str!("page.css"),
            ("overview", "Skip to the overview"),
        );
        self.header(&mut page);
        page.push_str("<main class=\"report\">\n");
        self.parts_of_page(&mut page);
        let _ = write!(
            page,
            "</main>\n<footer><p>Made by {} {}.{}</p></footer>\n</body>\n</html>\n",
            self.tool.name,
            self.tool.version,
            if self.dry_run.is_some() { " Times are those of the rehearsal." } else { "" }
        );
        page
    }

    /// What stands between header and footer, for a page that has its own; it wants the look of [`STYLES`].
    #[cfg(feature = "admin")]
    pub(crate) fn html_parts(&self) -> String {
        let mut page = String::new();
        self.parts_of_page(&mut page);
        page
    }

    fn parts_of_page(&self, page: &mut String) {
        self.overview(page);
        if let Some(dry_run) = self.dry_run {
            timeline::timeline(page, dry_run);
        }
        self.revisions(page);
        self.others().iter().for_each(|section| self.other_page(page, section));
        tables(page, self.dry_run.map_or(&[], |dry_run| &dry_run.tables));
        self.one_by_one(page);
    }

    fn header(&self, page: &mut String) {
        let kicker = if self.dry_run.is_some() { "Dry run" } else { "Report" };
        let _ = write!(
            page,
            "<header>\n<p class=\"kicker\">{kicker}</p>\n<h1>{}</h1>\n<p class=\"verdict\">",
            escaped(&capital(&self.title))
        );
        if let Some(dry_run) = self.dry_run {
            let _ = write!(page, "{} ", verdict(dry_run.verdict));
        }
        let _ = write!(page, "{}</p>\n<dl class=\"ends\">\n", escaped(&capital(&self.closing())));
        for (label, value) in self.facts() {
            let _ = writeln!(page, "<div><dt>{label}</dt><dd>{}</dd></div>", escaped(&value));
        }
        page.push_str("</dl>\n</header>\n");
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![("Database", self.database.clone())];
        let Some(dry_run) = self.dry_run else { return facts };
        facts.push(("Server", format!("PostgreSQL {}", dry_run.server_version)));
        facts.push(("Depth", words::depth(dry_run)));
        facts.extend(super::human::took(dry_run).map(|took| ("Took", super::human(took))));
        facts.push(("Plan", words::short(&dry_run.plan).to_owned()));
        facts
    }

    fn overview(&self, page: &mut String) {
        page.push_str("<section aria-labelledby=\"overview\">\n<h2 id=\"overview\">Overview</h2>\n");
        if let Some(dry_run) = self.dry_run {
            counts(page, dry_run);
        }
        self.parts(page);
        page.push_str("</section>\n");
    }

    /// What is not about a revision, in a line each, with a link to the rest.
    fn parts(&self, page: &mut String) {
        page.push_str("<ul class=\"parts\">\n");
        for section in self.others() {
            let _ = writeln!(
                page,
                "<li>{} <a href=\"#{}\">{}</a> <span>{}</span></li>",
                standing(section.standing()),
                escaped(&anchor(&section.name)),
                escaped(&capital(&section.title)),
                escaped(&section.summary)
            );
        }
        page.push_str("</ul>\n");
    }

    /// The revisions in a table. Of many, the mild ones are folded.
    fn revisions(&self, page: &mut String) {
        let rows: Vec<Row<'_>> = self
            .steps()
            .zip(1..)
            .map(|((step, section), number)| Row { report: self, number, step, section })
            .collect();
        if rows.is_empty() {
            return;
        }
        page.push_str("<section aria-labelledby=\"revisions\">\n<h2 id=\"revisions\">Revisions</h2>\n");
        let (shown, folded): (Vec<_>, Vec<_>) =
            rows.iter().partition(|row| rows.len() <= UNFOLDED || !row.is_mild());
        table(page, &shown);
        if !folded.is_empty() {
            let number = folded.len();
            let _ = writeln!(
                page,
                "<details class=\"again more\"><summary>{number} more, all of them mild</summary>"
            );
            table(page, &folded);
            page.push_str("</details>\n");
        }
        page.push_str("</section>\n");
    }

    /// What came of a revision, where that is to be seen: not that all of it was skipped.
    fn unlike_passed(&self, section: &Section) -> String {
        match section.outcome {
            Outcome::Failed => format!(" {}", standing(Standing::Failed)),
            Outcome::Skipped { .. } if self.is_rehearsed() => format!(" {}", standing(Standing::Skipped)),
            _ => String::new(),
        }
    }

    /// Each revision with all that is known of it.
    fn one_by_one(&self, page: &mut String) {
        let number = self.dry_run.map_or(0, |dry_run| dry_run.steps.len());
        if number == 0 {
            return;
        }
        page.push_str("<section aria-labelledby=\"each\">\n<h2 id=\"each\">One by one</h2>\n");
        for (place, (step, section)) in self.steps().enumerate() {
            self.step(page, place + 1, step, section, number <= OPEN);
        }
        page.push_str("</section>\n");
    }

    fn other_page(&self, page: &mut String, section: &Section) {
        let id = escaped(&anchor(&section.name));
        let reason = match &section.outcome {
            Outcome::Skipped { reason } => format!(": {reason}"),
            _ => String::new(),
        };
        let _ = writeln!(
            page,
            "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{} {}</h2>\n<p class=\"summary\">{}{}</p>",
            escaped(&capital(&section.title)),
            standing(section.standing()),
            escaped(&capital(&section.summary)),
            escaped(&reason)
        );
        issues(page, section.issues.iter());
        let rehearsal = self.dry_run.and_then(|dry_run| dry_run.rehearsal.as_ref());
        if let Some(rehearsal) = rehearsal.filter(|_| section.name == "schema") {
            differences(page, rehearsal.differences.as_deref().unwrap_or_default());
        }
        page.push_str("</section>\n");
    }
}

/// A name that nothing else of the page has.
fn anchor(name: &str) -> String {
    format!("part-{}", name.replace(char::is_whitespace, "-"))
}

/// A duration that is not broken between its number and its unit.
fn time(duration: Duration) -> String {
    format!("<span class=\"time\">{}</span>", super::human(duration))
}

/// As it begins a line.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

pub(crate) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Safe | Verdict::BriefLock => "well",
        Verdict::Unknown => "mind",
        Verdict::BlocksWrites => "slow",
        Verdict::BlocksEverything | Verdict::LosesData | Verdict::BreaksRunningVersion => "bad",
    }
}

fn verdict(verdict: Verdict) -> String {
    format!("<span class=\"chip {}\">{verdict}</span>", class(verdict))
}

fn standing(standing: Standing) -> String {
    let class = match standing {
        Standing::Passed => "well",
        Standing::ToMind => "slow",
        Standing::Failed => "bad",
        Standing::Skipped => "mind",
    };
    format!("<span class=\"chip {class}\">{}</span>", standing.words())
}

/// How many revisions have each verdict, the worst first.
fn counts(page: &mut String, dry_run: &DryRun) {
    page.push_str("<ul class=\"counts\">\n");
    let all = dry_run.steps.len();
    let _ = writeln!(page, "<li><b>{all}</b> <span>revision{}</span></li>", if all == 1 { "" } else { "s" });
    for one in Verdict::ALL.into_iter().rev() {
        let number = dry_run.steps.iter().filter(|step| step.verdict == one).count();
        if number > 0 {
            let _ = writeln!(page, "<li class=\"{}\"><b>{number}</b> <span>{one}</span></li>", class(one));
        }
    }
    page.push_str("</ul>\n");
}

/// A revision in the table.
#[derive(Clone, Copy)]
struct Row<'a> {
    report: &'a Report<'a>,
    number: usize,
    step: &'a DryStep,
    section: Option<&'a Section>,
}

impl Row<'_> {
    /// Whether nobody needs to look at it.
    fn is_mild(&self) -> bool {
        let is_quiet = |section: &Section| {
            let passed = section.outcome == Outcome::Passed || !self.report.is_rehearsed();
            passed && section.issues.is_empty()
        };
        self.step.verdict <= Verdict::BriefLock && self.section.is_none_or(is_quiet)
    }

    fn write(&self, page: &mut String) {
        let Row { report, number, step, section } = self;
        let lock = locks::totals(step).first().map_or(String::new(), |total| {
            format!(
                "<span class=\"mode {}\">{}</span> on <code>{}</code> for {}",
                lanes::class(total.mode.bars()),
                total.mode,
                escaped(total.relation),
                time(total.held)
            )
        });
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\"><a href=\"#r{number}\"><code>{}</code></a></th><td>{}{}</td><td class=\"number\">{}</td><td>{lock}</td><td>{}</td></tr>",
            // A long name is broken between its words.
            escaped(&step.stem).replace('_', "_<wbr>"),
            verdict(step.verdict),
            section.map_or(String::new(), |section| report.unlike_passed(section)),
            step.duration.map(super::human).unwrap_or_default(),
            section.map_or(String::new(), |section| rules(&section.issues)),
        );
    }
}

fn table(page: &mut String, rows: &[&Row<'_>]) {
    if rows.is_empty() {
        return;
    }
    page.push_str(
        "<table class=\"hazards revisions\">\n<thead><tr><th scope=\"col\">Revision</th><th scope=\"col\">Verdict</th>\
         <th scope=\"col\" class=\"number\">Time</th><th scope=\"col\">Strongest lock</th><th scope=\"col\">To mind</th></tr></thead>\n<tbody>\n",
    );
    rows.iter().for_each(|row| row.write(page));
    page.push_str("</tbody>\n</table>\n");
}

/// The names of the issues, each once.
fn rules(issues: &[Issue]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for issue in issues {
        if !names.contains(&&*issue.rule) {
            names.push(&issue.rule);
        }
    }
    names.iter().map(|name| format!("<code>{}</code>", escaped(name))).collect::<Vec<_>>().join(" ")
}

fn issues<'a>(page: &mut String, issues: impl Iterator<Item = &'a Issue>) {
    let mut issues = issues.peekable();
    if issues.peek().is_none() {
        return;
    }
    page.push_str("<ul class=\"issues\">\n");
    for issue in issues {
        let (class, word) = match issue.level {
            Level::Error => ("bad", "error"),
            Level::Warning => ("slow", "warning"),
            Level::Notice => ("mind", "notice"),
        };
        let line =
            issue.line.map_or(String::new(), |line| format!(" <span class=\"sort\">line {line}</span>"));
        let _ = write!(
            page,
            "<li class=\"{class}\"><p><span class=\"unseen\">{word}: </span><code>{}</code>{line}</p><p>{}</p>",
            escaped(&issue.rule),
            escaped(&issue.message)
        );
        if let Some(reason) = &issue.accepted {
            let _ = write!(page, "<p class=\"accepted\"><b>Accepted:</b> {}</p>", escaped(reason));
        }
        if !issue.help.is_empty() {
            let _ = write!(page, "<p class=\"help\"><b>Instead:</b> {}</p>", escaped(&issue.help));
        }
        page.push_str("</li>\n");
    }
    page.push_str("</ul>\n");
}

fn differences(page: &mut String, differences: &[Difference]) {
    if differences.is_empty() {
        return;
    }
    page.push_str("<ul class=\"differences\">\n");
    for difference in differences {
        let (class, sign) = match words::sign(difference) {
            '+' => ("added", '+'),
            '-' => ("removed", '−'),
            sign => ("changed", sign),
        };
        let _ = write!(
            page,
            "<li><span class=\"sign {class}\" aria-hidden=\"true\">{sign}</span><div><span class=\"unseen\">{} </span><code>{}</code>",
            words::verb(difference),
            escaped(&difference.object().to_string())
        );
        for field in words::fields(difference) {
            let _ = write!(page, "<br><span class=\"sort\">{}</span>", escaped(&field));
        }
        page.push_str("</div></li>\n");
    }
    page.push_str("</ul>\n");
}

fn tables(page: &mut String, tables: &[TableFacts]) {
    if tables.is_empty() {
        return;
    }
    page.push_str(
        "<section aria-labelledby=\"tables\">\n<h2 id=\"tables\">Tables that are touched</h2>\n<table class=\"hazards facts\">\n\
         <caption>As they are now; rows by the server's estimate</caption>\n<thead><tr><th scope=\"col\">Table</th><th scope=\"col\" class=\"number\">Rows</th>\
         <th scope=\"col\" class=\"number\">Size</th><th scope=\"col\" class=\"number\">Indexes</th></tr></thead>\n<tbody>\n",
    );
    for table in tables {
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\"><code>{}</code></th><td class=\"number\" data-label=\"Rows\">{}</td><td class=\"number\" data-label=\"Size\">{}</td>\
             <td class=\"number\" data-label=\"Indexes\">{}</td></tr>",
            escaped(&table.table),
            table.rows.map_or("not known".to_owned(), grouped),
            bytes(table.bytes),
            bytes(table.index_bytes)
        );
    }
    page.push_str("</tbody>\n</table>\n</section>\n");
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, kept};
    use super::*;

    fn is_sound(page: &str) {
        assert!(
            !page.contains("<script") && !page.contains(" style=") && !page.contains("http://"),
            "{page}"
        );
        for element in
            ["section", "details", "table", "ul", "ol", "li", "td", "tr", "svg", "code", "p", "span", "div"]
        {
            let opened =
                page.matches(&format!("<{element} ")).count() + page.matches(&format!("<{element}>")).count();
            assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
        }
        let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len(), "an id occurs twice");
        for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.contains(&target), "{target} is nowhere");
        }
    }

    #[test]
    fn a_page_of_three() {
        let dry_run = fixture::three();
        let page = Report::of_dry_run(&dry_run, Some("migrations")).html();
        kept("three.html", &page);
        is_sound(&page);
        for text in [
            "Dry run of an upgrade of shop from 7 to 10",
            "breaks the running version",
            "unused since 2.3",
            "52,000,000",
            "is open for 42 min",
            "Rewrites table public.orders: 9.1 GB become 8.5 GB",
            "type: integer -&gt; bigint",
        ] {
            assert!(page.contains(text), "{text}");
        }
    }

    #[test]
    fn a_page_of_three_hundred_is_not_large() {
        let dry_run = fixture::three_hundred();
        let page = Report::of_dry_run(&dry_run, None).html();
        kept("three-hundred.html", &page);
        is_sound(&page);
        assert!(page.len() < 1_500_000, "{}", page.len());
    }

    #[test]
    fn nothing_of_a_name_is_markup() {
        let dry_run = fixture::hostile();
        let page = Report::of_dry_run(&dry_run, Some("\"><b>")).html();
        kept("hostile.html", &page);
        is_sound(&page);
        assert!(!page.contains("alert('") && !page.contains('\u{202e}') && !page.contains('\u{1b}'));
    }

    #[test]
    fn sections_alone_and_a_plan_alone_are_pages() {
        let section = Section {
            name: "a \"name\"".to_owned(),
            title: "the data".to_owned(),
            outcome: Outcome::Failed,
            summary: "1 check fails".to_owned(),
            issues: Vec::new(),
        };
        let page = Report::of_sections("verification of shop", "shop", vec![section]).html();
        kept("sections.html", &page);
        is_sound(&page);
        assert!(page.contains("<h2 id=\"part-a-&quot;name&quot;\">"), "{page}");
        let mut dry_run = fixture::three();
        dry_run.rehearsal = None;
        for step in &mut dry_run.steps {
            step.statements.iter_mut().for_each(|statement| statement.measured = None);
        }
        let page = Report::of_dry_run(&dry_run, None).html();
        kept("plan.html", &page);
        is_sound(&page);
        assert!(!page.contains("id=\"timeline\""));
        dry_run.steps.clear();
        is_sound(&Report::of_dry_run(&dry_run, None).html());
    }
}
