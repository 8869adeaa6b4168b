/// A line of two texts that were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// In both: as the first and the second one have it.
    Same(&'a str, &'a str),
    /// In the first one only.
    Removed(&'a str),
    /// In the second one only.
    Added(&'a str),
}

/// Beyond this many pairs of lines, what is in the middle counts as replaced altogether.
const LARGEST: usize = 4_000_000;

/// Compares two texts line by line; what is removed stands before what is added in its place. A comma at the end of a line
/// counts only where nothing else is different: it says that a list goes on.
pub(super) fn compared<'a>(from: &'a str, to: &'a str) -> Vec<Line<'a>> {
    let but_commas = |one: &str, other: &str| one.trim_end_matches(',') == other.trim_end_matches(',');
    let lines = compared_by(from, to, but_commas);
    if from != to && lines.iter().all(|line| matches!(line, Line::Same(..))) {
        return compared_by(from, to, |one, other| one == other);
    }
    lines
}

fn compared_by<'a>(from: &'a str, to: &'a str, is_same: impl Fn(&str, &str) -> bool) -> Vec<Line<'a>> {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.lines().collect(), to.lines().collect());
    let same = |(one, other): &(&&str, &&str)| is_same(one, other);
    let start = from.iter().zip(&to).take_while(same).count();
    let (first, second) = (&from[start..], &to[start..]);
    let end = first.iter().rev().zip(second.iter().rev()).take_while(same).count();
    let (first, second) = (&first[..first.len() - end], &second[..second.len() - end]);
    let both = |(from, to): (&&'a str, &&'a str)| Line::Same(from, to);
    let mut lines: Vec<Line<'_>> = from.iter().zip(&to).take(start).map(both).collect();
    lines.extend(middle(first, second, &is_same));
    lines.extend(from[from.len() - end..].iter().zip(&to[to.len() - end..]).map(both));
    lines
}

/// By the longest common subsequence.
fn middle<'a>(from: &[&'a str], to: &[&'a str], is_same: &impl Fn(&str, &str) -> bool) -> Vec<Line<'a>> {
    let replaced = || from.iter().copied().map(Line::Removed).chain(to.iter().copied().map(Line::Added));
    let width = to.len() + 1;
    if from.is_empty() || to.is_empty() || (from.len() + 1) * width > LARGEST {
        return replaced().collect();
    }
    // The length of the longest one from a pair of places on.
    let mut longest = vec![0_u32; (from.len() + 1) * width];
    for one in (0..from.len()).rev() {
        for other in (0..to.len()).rev() {
            longest[one * width + other] = if is_same(from[one], to[other]) {
                longest[(one + 1) * width + other + 1] + 1
            } else {
                longest[(one + 1) * width + other].max(longest[one * width + other + 1])
            };
        }
    }
    let (mut one, mut other) = (0, 0);
    let mut lines = Vec::new();
    while one < from.len() || other < to.len() {
        if one < from.len() && other < to.len() && is_same(from[one], to[other]) {
            lines.push(Line::Same(from[one], to[other]));
            (one, other) = (one + 1, other + 1);
        } else if other == to.len()
            || (one < from.len() && longest[(one + 1) * width + other] >= longest[one * width + other + 1])
        {
            lines.push(Line::Removed(from[one]));
            one += 1;
        } else {
            lines.push(Line::Added(to[other]));
            other += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_changed_line_is_removed_and_added() {
        let lines = compared("a\nb\nc\nd", "a\nx\nc\nd,\ne");
        let expected = [
            Line::Same("a", "a"),
            Line::Removed("b"),
            Line::Added("x"),
            Line::Same("c", "c"),
            Line::Same("d", "d,"),
            Line::Added("e"),
        ];
        assert_eq!(lines, expected);
        assert_eq!(compared("", ""), []);
        assert_eq!(compared("a,", "a"), [Line::Removed("a,"), Line::Added("a")]);
    }

    proptest! {
        #[test]
        fn either_side_is_the_text_it_was(
            from in prop::collection::vec("[ab],?", 0..9),
            to in prop::collection::vec("[ab],?", 0..9),
        ) {
            let (first, second) = (from.join("\n"), to.join("\n"));
            let lines = compared(&first, &second);
            let one: Vec<&str> = lines.iter().filter_map(|line| match line {
                Line::Same(text, _) | Line::Removed(text) => Some(*text),
                Line::Added(_) => None,
            }).collect();
            let other: Vec<&str> = lines.iter().filter_map(|line| match line {
                Line::Same(_, text) | Line::Added(text) => Some(*text),
                Line::Removed(_) => None,
            }).collect();
            prop_assert_eq!(one, from);
            prop_assert_eq!(other, to);
        }
    }
}
