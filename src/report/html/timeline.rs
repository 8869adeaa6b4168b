use std::fmt::Write;
use std::time::Duration;

use super::super::{human, locks, words};
use super::axis::Axis;
use super::escaped;
use super::lanes::{Bar, Lane, class, lanes};
use crate::catalog::render::count;
use crate::engine::dry_run::{DryRun, DryStep};

/// So many lanes are seen at first.
const SHOWN: usize = 16;

/// So many revisions have their beginnings marked through all lanes.
const MARKED: usize = 40;

/// Per cent of the width from which on a revision's number fits into its place.
const LABELLED: f64 = 3.5;

/// When which lock kept whom from what; nothing where no time was measured.
pub(super) fn timeline(page: &mut String, dry_run: &DryRun) {
    let lanes = lanes(dry_run);
    let spans: Vec<Span<'_>> = spans(dry_run);
    let ends = spans.iter().map(|span| span.until);
    let ends = ends.chain(lanes.iter().flat_map(|lane| lane.bars.iter().map(|bar| bar.lock.until)));
    let from = spans.iter().map(|span| span.from).min().unwrap_or_default();
    let Some(axis) = Axis::of(from, ends.max().unwrap_or_default()) else { return };
    page.push_str(
        "<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Timeline of locks</h2>\n\
         <p>When the rehearsal held a lock, and what that keeps an application from. The longest block is on top.</p>\n\
         <ul class=\"legend\">\n",
    );
    for bars in [crate::safety::Bars::Everything, crate::safety::Bars::Writes, crate::safety::Bars::Nothing] {
        let _ = writeln!(
            page,
            "<li><svg class=\"key\" aria-hidden=\"true\">{}</svg> {}</li>",
            rect(class(bars), 0.0, 100.0, ""),
            words::bars(bars)
        );
    }
    page.push_str("</ul>\n");
    let (shown, folded) = lanes.split_at(lanes.len().min(SHOWN));
    picture(page, &axis, &spans, shown);
    if !folded.is_empty() {
        let _ = writeln!(
            page,
            "<details class=\"again more\"><summary>{} with shorter blocks, or none</summary>",
            count(folded.len(), "more relation")
        );
        picture(page, &axis, &spans, folded);
        page.push_str("</details>\n");
    }
    page.push_str("</section>\n");
}

/// When a step ran.
struct Span<'a> {
    step: &'a DryStep,
    number: usize,
    from: Duration,
    until: Duration,
}

fn spans(dry_run: &DryRun) -> Vec<Span<'_>> {
    let span = |(place, step)| {
        let (from, until) = locks::span(step)?;
        Some(Span { step, number: place + 1, from, until })
    };
    dry_run.steps.iter().enumerate().filter_map(span).collect()
}

fn picture(page: &mut String, axis: &Axis, spans: &[Span<'_>], lanes: &[Lane<'_>]) {
    page.push_str("<div class=\"timeline\">\n");
    grid(page, axis, spans);
    page.push_str("<ol class=\"lanes\">\n");
    revisions(page, axis, spans);
    lanes.iter().for_each(|one| lane(page, axis, one));
    page.push_str("</ol>\n");
    ticks(page, axis);
    page.push_str("</div>\n");
}

/// Lines behind all lanes: one at each tick, and one where each revision begins, as long as there are few.
fn grid(page: &mut String, axis: &Axis, spans: &[Span<'_>]) {
    page.push_str("<svg class=\"grid\" aria-hidden=\"true\">");
    for (place, _) in axis.ticks() {
        let _ = write!(page, "<line x1=\"{place:.2}%\" x2=\"{place:.2}%\" y1=\"0\" y2=\"100%\"/>");
    }
    for span in spans.iter().filter(|_| spans.len() <= MARKED) {
        let place = axis.place(span.from);
        let _ = write!(
            page,
            "<line class=\"begins\" x1=\"{place:.2}%\" x2=\"{place:.2}%\" y1=\"0\" y2=\"100%\"/>"
        );
    }
    page.push_str("</svg>\n");
}

/// The lane of the revisions themselves.
fn revisions(page: &mut String, axis: &Axis, spans: &[Span<'_>]) {
    let _ = write!(
        page,
        "<li class=\"steps\"><span class=\"relation\">Revisions</span><svg role=\"img\" aria-label=\"{}, one after the other\">",
        count(spans.len(), "revision")
    );
    for span in spans {
        let (from, until) = (axis.place(span.from), axis.place(span.until));
        let parity = if span.number % 2 == 0 { "step even" } else { "step" };
        let length = human(span.until.saturating_sub(span.from));
        page.push_str(&rect(parity, from, until - from, &format!("{}, {length}", span.step.stem)));
        if until - from >= LABELLED {
            let _ = write!(
                page,
                "<text x=\"{:.2}%\" y=\"15\">{}</text>",
                f64::midpoint(from, until),
                span.step.revision.version
            );
        }
    }
    page.push_str("</svg></li>\n");
}

fn lane(page: &mut String, axis: &Axis, lane: &Lane<'_>) {
    let longest = lane.longest().map(|bar| format!("{} for {}", bar.lock.mode, human(bar.held())));
    let longest = longest.unwrap_or_default();
    let label = format!("{}; the longest: {longest}", count(lane.bars.len(), "lock"));
    let _ = write!(
        page,
        "<li><span class=\"relation\"><code>{}</code> <span class=\"sort\">{longest}</span></span><svg role=\"img\" aria-label=\"{}\">",
        escaped(lane.relation),
        escaped(&label)
    );
    for bar in &lane.bars {
        let (from, until) = (axis.place(bar.lock.from), axis.place(bar.lock.until));
        let carried = if bar.lock.carried { " carried" } else { "" };
        let class = format!("{}{carried}", class(bar.lock.mode.bars()));
        page.push_str(&rect(&class, from, until - from, &title(bar)));
    }
    page.push_str("</svg></li>\n");
}

/// What a bar says to whoever points at it.
fn title(bar: &Bar<'_>) -> String {
    let carried = if bar.lock.carried { "; an earlier step may have taken it" } else { "" };
    format!(
        "{} on {} for {}, by {}; {}{carried}",
        bar.lock.mode,
        bar.lock.relation,
        human(bar.held()),
        bar.step.stem,
        words::bars(bar.lock.mode.bars())
    )
}

/// A bar; its height and colour are those of its class.
fn rect(class: &str, from: f64, width: f64, title: &str) -> String {
    let title = if title.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(title)) };
    format!("<rect class=\"{class}\" x=\"{from:.3}%\" width=\"{width:.3}%\">{title}</rect>")
}

fn ticks(page: &mut String, axis: &Axis) {
    page.push_str("<svg class=\"axis\" aria-hidden=\"true\">");
    for (place, text) in axis.ticks() {
        let anchor = match place {
            place if place < 2.0 => "start",
            place if place > 95.0 => "end",
            _ => "middle",
        };
        let _ = write!(page, "<text x=\"{place:.2}%\" y=\"14\" text-anchor=\"{anchor}\">{text}</text>");
    }
    page.push_str("</svg>\n");
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    fn of(dry_run: &DryRun) -> String {
        let mut page = String::new();
        timeline(&mut page, dry_run);
        page
    }

    #[test]
    fn bars_say_what_they_are() {
        let page = of(&fixture::three());
        assert!(
            page.contains(
                "<title>SHARE on public.orders for 2.3 s, by V8__orders_by_day; bars writing</title>"
            )
        );
        assert!(page.contains("class=\"writes carried\""), "{page}");
        assert_eq!(page.matches("class=\"begins\"").count(), 2);
        assert_eq!(page.matches("<details").count(), 0);
    }

    #[test]
    fn many_lanes_are_folded_and_many_beginnings_are_not_marked() {
        let page = of(&fixture::three_hundred());
        assert!(page.contains("<summary>81 more relations with shorter blocks, or none</summary>"), "{page}");
        assert!(!page.contains("class=\"begins\""));
    }

    #[test]
    fn without_times_there_is_no_timeline() {
        let mut dry_run = fixture::three();
        dry_run.steps.drain(..2);
        assert_eq!(of(&dry_run), "");
    }
}
