use std::collections::{BTreeMap, BTreeSet};

use super::markdown::{Page, pages, root};

/// The book's contents.
const SUMMARY: &str = "docs/SUMMARY.md";

/// The book's first page.
const FIRST: &str = "docs/README.md";

/// Where the repository is on the web: a page of the book names its files by that, because the book does not have them.
fn in_repository(link: &str) -> Option<&str> {
    let behind = link.strip_prefix(env!("CARGO_PKG_REPOSITORY"))?;
    behind.strip_prefix("/blob/main/").or_else(|| behind.strip_prefix("/tree/main/"))
}

/// A path that is written as seen from a page, as seen from the repository.
fn resolved(page: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    Some(parts.join("/"))
}

/// What is wrong with a link.
fn fault(page: &Page, link: &str, anchors: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = match in_repository(path) {
        Some(path) => path.to_owned(),
        None if link.contains("://") || link.starts_with("mailto:") => return None,
        None if path.is_empty() => page.path.clone(),
        None => match resolved(&page.path, path) {
            Some(target) if page.path.starts_with("docs/") && !target.starts_with("docs/") => {
                return Some(format!(
                    "the book has no {target}: write {}/blob/main/{target}",
                    env!("CARGO_PKG_REPOSITORY")
                ));
            }
            Some(target) => target,
            None => return Some("leads out of the repository".to_owned()),
        },
    };
    if !root().join(&target).exists() {
        return Some(format!("there is no {target}"));
    }
    let anchor = anchor.filter(|_| target.ends_with(".md"))?;
    let has_it = anchors.get(&target).is_some_and(|anchors| anchors.contains(anchor));
    (!has_it).then(|| format!("{target} has no heading #{anchor}"))
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let pages = pages();
    let anchors: BTreeMap<_, _> = pages.iter().map(|page| (page.path.clone(), page.anchors())).collect();
    let (mut faults, mut checked) = (Vec::new(), 0);
    for page in &pages {
        for (line, link) in page.links() {
            checked += 1;
            faults.extend(
                fault(page, &link, &anchors).map(|fault| format!("{}:{line}: {link}: {fault}", page.path)),
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(checked > 300, "only {checked} links");
}

/// The pages that one leads to.
fn linked(page: &Page) -> Vec<String> {
    let paths = page.links().into_iter().filter(|(_, link)| !link.contains("://"));
    let targets = paths.filter_map(|(_, link)| {
        let path = link.split('#').next().filter(|path| !path.is_empty())?.to_owned();
        resolved(&page.path, &path)
    });
    targets.collect()
}

#[test]
fn the_contents_have_every_page_once() {
    let pages = pages();
    let contents = pages.iter().find(|page| page.path == SUMMARY).unwrap();
    let mut listed = linked(contents);
    listed.sort_unstable();
    let all = pages.iter().map(|page| page.path.clone());
    let book: Vec<String> = all.filter(|path| path.starts_with("docs/") && path != SUMMARY).collect();
    assert_eq!(listed, book);
}

/// A reader who comes from anywhere finds each page but the first.
#[test]
fn some_other_page_leads_to_each() {
    let pages = pages();
    let others = pages.iter().filter(|page| page.path != SUMMARY);
    let found: BTreeSet<String> =
        others.flat_map(|page| linked(page).into_iter().filter(|target| *target != page.path)).collect();
    let orphans: Vec<&str> = pages
        .iter()
        .map(|page| page.path.as_str())
        .filter(|path| {
            path.starts_with("docs/") && ![SUMMARY, FIRST].contains(path) && !found.contains(*path)
        })
        .collect();
    assert_eq!(orphans, Vec::<&str>::new());
}
