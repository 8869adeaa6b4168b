//! Small pieces that pages are made of.

use std::time::Duration;

use maud::{Markup, PreEscaped, html};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::catalog::render::page::escaped;
use crate::report;
use crate::safety::Verdict;
use crate::words::seconds;

/// A text that comes from elsewhere, as it may stand between tags and in an attribute; it cannot turn the direction of what is read, either.
pub(super) fn text(text: &str) -> PreEscaped<String> {
    PreEscaped(escaped(text))
}

/// What a failure says, as a sentence of its own.
pub(super) fn sentence(said: &str) -> PreEscaped<String> {
    let mut letters = said.trim_end_matches('.').chars();
    let capital: String =
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect());
    text(&format!("{capital}."))
}

/// A text as it may stand in an address.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A time, as long ago as it is.
pub(super) fn moment(at: OffsetDateTime) -> Markup {
    let exact = at.format(&Rfc3339).unwrap_or_default();
    html! { time datetime=(exact) title=(absolute(at)) { (ago(at)) } }
}

/// A time as the database has written it, long ago and exactly.
pub(super) fn stamp(at: &str) -> Markup {
    match read(at) {
        Some(at) => html! { (moment(at)) " " span.sort.exact { (absolute(at)) } },
        None => html! { (text(at)) },
    }
}

/// As RFC 3339 has it, or as the server writes it in UTC.
fn read(at: &str) -> Option<OffsetDateTime> {
    let of_server = || Some(format!("{}Z", at.strip_suffix("+00")?.replace(' ', "T")));
    OffsetDateTime::parse(at, &Rfc3339).ok().or_else(|| OffsetDateTime::parse(&of_server()?, &Rfc3339).ok())
}

/// The time between two that the database has written.
pub(super) fn between(from: &str, until: &str) -> Option<Duration> {
    let [from, until] = [from, until].map(read);
    Duration::try_from(until? - from?).ok()
}

fn ago(at: OffsetDateTime) -> String {
    let passed = OffsetDateTime::now_utc() - at;
    match u64::try_from(passed.whole_seconds()) {
        Ok(0..5) => "just now".to_owned(),
        Ok(passed) => format!("{} ago", seconds(passed)),
        // What was just said to end in 90 days does.
        Err(_) => format!("in {}", seconds(passed.whole_seconds().unsigned_abs() + 59)),
    }
}

/// `28 Nov 2026, 18:31:20`.
pub(super) fn absolute(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    let month = at.month().to_string();
    let month = month.get(..3).unwrap_or(&month);
    format!("{} {month} {}, {:02}:{:02}:{:02}", at.day(), at.year(), at.hour(), at.minute(), at.second())
}

/// A duration, not broken between its number and its unit.
pub(super) fn took(duration: Duration) -> Markup {
    html! { span.time { (report::human(duration)) } }
}

pub(super) fn verdict(verdict: Verdict) -> Markup {
    html! { span class={ "chip " (report::class(verdict)) } { (verdict) } }
}

/// A word about how it is with something; `class` says it by colour as well.
pub(super) fn chip(class: &str, word: &str) -> Markup {
    html! { span class={ "chip " (class) } { (word) } }
}

/// How it ended, as the run log and jobs have it.
pub(super) fn outcome(word: &str) -> Markup {
    let class = match word {
        "succeeded" | "applied" | "finished" | "live" | "allowed" => "well",
        "failed" | "refused" | "revoked" => "bad",
        "running" | "pending" | "paused" | "stopped" | "cancelled" | "expired" => "slow",
        _ => "mind",
    };
    chip(class, word)
}

/// A part of something, as a bar with words for those who do not see it.
pub(super) fn bar(label: &str, part: f64) -> Markup {
    let width = format!("{:.2}", (part * 100.0).clamp(0.0, 100.0));
    html! {
        svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=(label) focusable="false" {
            rect.all width="100" height="8" {}
            rect.part width=(width) height="8" {}
        }
    }
}

/// What to do where there is nothing to see.
pub(super) fn empty(title: &str, advice: &Markup) -> Markup {
    html! { div.empty { p.what { (title) } p { (advice) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_takes_any_name() {
        assert_eq!(encoded("a b/c?d&é"), "a%20b%2Fc%3Fd%26%C3%A9");
    }

    #[test]
    fn times_are_read_in_both_ways() {
        let shown = stamp("2020-02-03T04:05:06.7Z").into_string();
        assert!(shown.contains("3 Feb 2020, 04:05:06") && shown.contains(" days ago"), "{shown}");
        assert_eq!(stamp("2020-02-03 04:05:06.7+00").into_string(), shown);
        assert_eq!(
            between("2020-02-03T04:05:06Z", "2020-02-03T04:05:07.5Z"),
            Some(Duration::from_millis(1_500))
        );
    }
}
