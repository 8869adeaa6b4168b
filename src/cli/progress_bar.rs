use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::revisions::Progress;

/// How many characters stand for the whole.
const WIDTH: usize = 24;

/// The longest line, so that a narrow terminal does not break it in two.
const LONGEST: usize = 78;

/// Whether the cursor stands behind a bar.
static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// Draws how far a piece of work has come over what was drawn before; false where standard error is no terminal.
#[expect(clippy::print_stderr, reason = "it is drawn there")]
pub(super) fn draw(progress: &Progress<'_>) -> bool {
    if !std::io::stderr().is_terminal() {
        return false;
    }
    IS_OPEN.store(true, Ordering::Relaxed);
    eprint!("\r{}\x1b[K", bar(progress));
    true
}

/// Leaves the line of a bar, before anything else is written.
#[expect(clippy::print_stderr, reason = "it was drawn there")]
pub(super) fn leave() {
    if IS_OPEN.swap(false, Ordering::Relaxed) {
        eprintln!();
    }
}

fn bar(progress: &Progress<'_>) -> String {
    let Progress { work, done, total, held_back } = progress;
    let share = match (total, progress.percent()) {
        (Some(total), Some(percent)) => {
            let filled = (1..=WIDTH).filter(|place| percent * to_f64(WIDTH) >= to_f64(place * 100)).count();
            let (full, rest) = ("#".repeat(filled), "-".repeat(WIDTH - filled));
            format!("[{full}{rest}] {percent:3.0} %  {done} of {total}")
        }
        _ => format!("{done}"),
    };
    let held_back = held_back.map_or(String::new(), |why| format!("  held back: {why}"));
    format!("    {work}  {share}{held_back}").chars().take(LONGEST).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
fn to_f64(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_with_the_work() {
        let at = |done, total| bar(&Progress { total, ..Progress::new("titles", done) });
        assert_eq!(at(0, Some(400)), "    titles  [------------------------]   0 %  0 of 400");
        assert_eq!(at(100, Some(400)), "    titles  [######------------------]  25 %  100 of 400");
        assert_eq!(at(399, Some(400)), "    titles  [#######################-] 100 %  399 of 400");
        assert_eq!(at(400, Some(400)), "    titles  [########################] 100 %  400 of 400");
        assert_eq!(at(7, None), "    titles  7");
    }

    #[test]
    fn a_bar_is_one_short_line() {
        let why = "replica standby at 10.0.0.7 is 1234567890 bytes behind".repeat(3);
        let progress = Progress { total: Some(9), held_back: Some(&why), ..Progress::new("titles", 1) };
        assert_eq!(bar(&progress).chars().count(), LONGEST);
    }
}
