//! As much of Markdown as these pages are made of.

use std::collections::BTreeSet;
use std::path::Path;

/// A file of documentation.
pub(super) struct Page {
    /// Below the repository, with forward slashes.
    pub(super) path: String,
    lines: Vec<Line>,
}

struct Line {
    text: String,
    /// Whether it is a fence, or between two.
    is_code: bool,
}

/// What stands between two fences.
pub(super) struct Block {
    /// Where it is, for messages: `docs/hooks.md:24`.
    pub(super) place: String,
    /// The first word behind the fence.
    pub(super) language: String,
    /// What follows that, with commas between.
    pub(super) words: Vec<String>,
    pub(super) text: String,
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page of the book, its contents among them, and what stands beside it.
pub(super) fn pages() -> Vec<Page> {
    let mut paths = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned(), "CHANGELOG.md".to_owned()];
    walk("docs", &mut paths);
    paths.sort_unstable();
    paths.iter().map(|path| Page::read(path)).collect()
}

/// All blocks in one of these languages, but for fragments.
pub(super) fn blocks(languages: &[&str]) -> Vec<Block> {
    let all = pages().into_iter().flat_map(|page| page.blocks());
    all.filter(|block| languages.contains(&block.language.as_str()) && !block.is_fragment()).collect()
}

fn walk(folder: &str, paths: &mut Vec<String>) {
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            walk(&path, paths);
        } else if path.ends_with(".md") {
            paths.push(path);
        }
    }
}

impl Block {
    fn is_fragment(&self) -> bool {
        self.words.iter().any(|word| word == "fragment")
    }
}

impl Page {
    fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(root().join(path)).expect(path);
        let mut fence: Option<String> = None;
        let lines = text.lines().map(|line| {
            let trimmed = line.trim_start();
            let ticks = &trimmed[..trimmed.len() - trimmed.trim_start_matches('`').len()];
            let is_fence = match &fence {
                Some(open) => trimmed.trim_end() == open,
                None => ticks.len() >= 3,
            };
            let is_code = is_fence || fence.is_some();
            if is_fence {
                fence = if fence.is_some() { None } else { Some(ticks.to_owned()) };
            }
            Line { text: line.to_owned(), is_code }
        });
        let lines = lines.collect();
        assert!(fence.is_none(), "{path}: a block has no end");
        Self { path: path.to_owned(), lines }
    }

    /// The blocks, without the space before them where they stand in a list.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut open): (Vec<Block>, Option<(Block, usize)>) = (Vec::new(), None);
        for (place, line) in self.lines.iter().enumerate().filter(|(_, line)| line.is_code) {
            let trimmed = line.text.trim_start();
            let is_fence = trimmed.starts_with("```");
            match open.as_mut() {
                None => {
                    let mut words = trimmed.trim_matches('`').split([',', ' ']).map(str::to_owned);
                    let language = words.next().unwrap_or_default();
                    let place = format!("{}:{}", self.path, place + 1);
                    let block = Block { place, language, words: words.collect(), text: String::new() };
                    open = Some((block, line.text.len() - trimmed.len()));
                }
                Some(_) if is_fence => blocks.extend(open.take().map(|(block, _)| block)),
                Some((block, indent)) => {
                    let indent = (*indent).min(line.text.len() - trimmed.len());
                    block.text.push_str(&line.text[indent..]);
                    block.text.push('\n');
                }
            }
        }
        blocks
    }

    /// The lines that are prose, with their numbers and without code.
    fn prose(&self) -> impl Iterator<Item = (usize, String)> {
        let prose = self.lines.iter().enumerate().filter(|(_, line)| !line.is_code);
        prose.map(|(place, line)| (place + 1, without_code(&line.text)))
    }

    /// What stands in backticks, line by line.
    pub(super) fn code_spans(&self) -> Vec<(usize, String)> {
        let prose = self.lines.iter().enumerate().filter(|(_, line)| !line.is_code);
        let spans = prose.flat_map(|(place, line)| {
            line.text.split('`').skip(1).step_by(2).map(move |span| (place + 1, span.to_owned()))
        });
        spans.collect()
    }

    /// Every link and image with its line: what stands in `](..)`, and behind `[name]: `.
    pub(super) fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (number, line) in self.prose() {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
            links.extend(targets.map(|target| (number, target.to_owned())));
            let definition = line.strip_prefix('[').and_then(|line| line.split_once("]: "));
            links.extend(definition.map(|(_, target)| (number, target.trim().to_owned())));
        }
        links
    }

    /// What a link may name behind `#`, as GitHub and mdBook make it of headings.
    pub(super) fn anchors(&self) -> BTreeSet<String> {
        let (mut anchors, mut is_html) = (BTreeSet::new(), false);
        for line in self.lines.iter().filter(|line| !line.is_code) {
            // HTML goes on to an empty line, and a heading before that is none.
            is_html = !line.text.is_empty() && (is_html || line.text.starts_with('<'));
            let Some((marks, heading)) = line.text.split_once(' ').filter(|_| !is_html) else { continue };
            if marks.is_empty() || marks.len() > 6 || marks.bytes().any(|byte| byte != b'#') {
                continue;
            }
            let slug = slug(heading);
            let numbered = (1..).map(|number| format!("{slug}-{number}"));
            let free = std::iter::once(slug.clone()).chain(numbered).find(|slug| !anchors.contains(slug));
            anchors.extend(free);
        }
        anchors
    }
}

/// A line with its code emptied, so that nothing in there is taken for a link.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// Letters, digits, hyphens and underscores, and hyphens for spaces. Of a link its text counts.
fn slug(heading: &str) -> String {
    let mut text = String::new();
    let mut rest = heading.trim();
    while let Some((before, after)) = rest.split_once("](") {
        text.push_str(before);
        rest = after.split_once(')').map_or("", |(_, behind)| behind);
    }
    text.push_str(rest);
    let kept = text.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        letter if letter.is_alphanumeric() => Some(letter),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

#[test]
fn headings_have_the_anchors_of_github() {
    let cases = [
        ("A role to work as", "a-role-to-work-as"),
        ("In `hardtack.toml`", "in-hardtacktoml"),
        ("What [locks](x.md) do, and 3 more", "what-locks-do-and-3-more"),
        ("`#[hardtack::up]`", "hardtackup"),
    ];
    for (heading, expected) in cases {
        assert_eq!(slug(heading), expected);
    }
}
