use hardtack_build::stem_of;

use crate::report::Issue;

/// A hazard's safe way, before the way to accept it.
pub(super) fn with_safe_way(mut issue: Issue) -> Issue {
    let recipe = crate::safety::hazard(&issue.rule).map_or("", |known| known.recipe);
    if !recipe.is_empty() {
        let rule = &issue.rule;
        issue.help = format!(
            "the safe way: {recipe}; or, where it does no harm, put `-- hardtack: allow {rule} \"reason\"` at the top"
        );
    }
    issue
}

/// How a revision that has shipped is as it was again.
pub(super) fn to_put_back(stem: &str, side: &str, files: &[String]) -> String {
    let files: Vec<_> = of_stem(stem, files).collect();
    format!(
        "put it back: `git checkout {side} -- {}`; what you want to change goes into a new revision: `hardtack generate NAME`",
        files.join(" ")
    )
}

/// How a revision gets a version that nobody has.
pub(super) fn to_rename(stem: &str, version: i64, files: &[String]) -> String {
    let name = stem.split_once("__").map_or("", |(_, name)| name);
    let free = format!("{}{version}__{name}", stem.get(..1).unwrap_or("V"));
    let moves = of_stem(stem, files).map(|file| {
        let (folder, name) = file.split_at(file.rfind('/').map_or(0, |slash| slash + 1));
        format!("git mv {file} {folder}{}", name.replacen(stem, &free, 1))
    });
    let moves: Vec<String> = moves.collect();
    format!("give it a version from {version} on: `{}`", moves.join(" && "))
}

fn of_stem<'a>(stem: &'a str, files: &'a [String]) -> impl Iterator<Item = &'a str> {
    let is_of = move |file: &&str| stem_of(file).is_some_and(|(of, _)| of == stem);
    files.iter().map(String::as_str).filter(is_of)
}
