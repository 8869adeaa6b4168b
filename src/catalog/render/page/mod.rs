//! What every page for reviewers has: one look, and texts that cannot become markup.

mod escape;

pub(crate) use escape::escaped;

/// The look. What a page has beside it goes behind it.
pub(crate) const STYLE: &str = include_str!("base.css");

/// What a page begins with, to its first element. `policy` says what it may load and run, which is nothing where it can.
pub(crate) fn begin(title: &str, policy: Option<&str>, style: &str, skip: (&str, &str)) -> String {
    let policy = policy.map_or(String::new(), |policy| {
        format!("<meta http-equiv=\"content-security-policy\" content=\"{}\">\n", escaped(policy))
    });
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{policy}\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#{}\">{}</a>\n",
        escaped(title),
        escaped(skip.0),
        escaped(skip.1)
    )
}
