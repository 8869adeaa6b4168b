use std::time::Duration;

/// The steps between the ticks of an axis, in milliseconds: from 1 µs to 1 d.
const STEPS: &[f64] = &[
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0,
    500.0, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3, 7200e3,
    21600e3, 43200e3, 86400e3,
];

/// So many ticks at most, beside the one at the beginning: they fit on a telephone.
const TICKS: f64 = 7.0;

/// The time that a picture shows from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    from: f64,
    until: f64,
}

impl Axis {
    /// From the first to the last of these; none where there is no time between them.
    pub(super) fn of(from: Duration, until: Duration) -> Option<Self> {
        let (from, until) = (milliseconds(from), milliseconds(until));
        (until > from).then_some(Self { from, until })
    }

    /// Where a time is, in per cent of the width.
    pub(super) fn place(&self, time: Duration) -> f64 {
        ((milliseconds(time) - self.from) / (self.until - self.from) * 100.0).clamp(0.0, 100.0)
    }

    /// The ticks: where they are, in per cent, and what they say.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let length = self.until - self.from;
        let step = STEPS.iter().copied().find(|step| length / step <= TICKS).unwrap_or(length / TICKS);
        let mut ticks = Vec::new();
        let mut time = 0.0;
        while time <= length {
            ticks.push((time / length * 100.0, words(time)));
            time += step;
        }
        ticks
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// A round time in its shortest form: `0`, `250 ms`, `1.5 s`, `2 min`.
fn words(time: f64) -> String {
    let rounded = |number: f64| (number * 1e3).round() / 1e3;
    match time {
        t if t <= 0.0 => "0".to_owned(),
        t if t < 0.9995 => format!("{} µs", rounded(t * 1e3)),
        t if t < 999.5 => format!("{} ms", rounded(t)),
        t if t < 59_999.5 => format!("{} s", rounded(t / 1e3)),
        t if t < 3_599_999.5 => format!("{} min", rounded(t / 60e3)),
        t => format!("{} h", rounded(t / 3600e3)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(from: u64, until: u64) -> Vec<String> {
        let axis = Axis::of(Duration::from_micros(from), Duration::from_micros(until)).unwrap();
        axis.ticks().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks(0, 900), ["0", "200 µs", "400 µs", "600 µs", "800 µs"]);
        assert_eq!(ticks(0, 4_180_000), ["0", "1 s", "2 s", "3 s", "4 s"]);
        assert_eq!(ticks(10, 2_600_010), ["0", "500 ms", "1 s", "1.5 s", "2 s", "2.5 s"]);
        assert_eq!(ticks(0, 540_000_000), ["0", "2 min", "4 min", "6 min", "8 min"]);
        assert_eq!(ticks(0, 5_400_000_000), ["0", "15 min", "30 min", "45 min", "1 h", "1.25 h", "1.5 h"]);
    }

    #[test]
    fn a_place_is_in_per_cent() {
        let axis = Axis::of(Duration::from_secs(1), Duration::from_secs(5)).unwrap();
        let places = [0, 1, 2, 5, 9].map(|second| axis.place(Duration::from_secs(second)));
        assert_eq!(places.map(|place| format!("{place:.0}")), ["0", "0", "25", "100", "100"]);
        assert!(Axis::of(Duration::ZERO, Duration::ZERO).is_none());
    }
}
