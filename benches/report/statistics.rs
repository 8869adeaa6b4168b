use std::time::Duration;

use crate::Result;

/// What one run of one peer took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    /// On a processor, in its main thread; none where the kernel does not say.
    pub(crate) cpu: Option<Duration>,
}

/// The runs of one peer, one a round.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) samples: Vec<Sample>,
}

/// Runs the peers in turn, round by round.
pub(crate) fn alternate(
    rounds: usize,
    peers: &[String],
    run: impl FnMut(usize) -> Result<Sample>,
) -> Result<Vec<Series>> {
    let all = in_turns(rounds, peers.len(), run)?;
    Ok(peers.iter().zip(all).map(|(name, samples)| Series { name: name.clone(), samples }).collect())
}

/// Runs so many peers in turn, round by round; who starts changes, so that none always follows the same one.
pub(crate) fn in_turns<T>(
    rounds: usize,
    peers: usize,
    mut run: impl FnMut(usize) -> Result<T>,
) -> Result<Vec<Vec<T>>> {
    let mut all: Vec<Vec<T>> = (0..peers).map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for step in 0..peers {
            let index = (round + step) % peers;
            all[index].push(run(index)?);
        }
    }
    Ok(all)
}

impl Series {
    fn walls(&self) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.wall.as_secs_f64() * 1000.0).collect()
    }

    fn cpus(&self) -> Vec<f64> {
        self.samples.iter().filter_map(|sample| Some(sample.cpu?.as_secs_f64() * 1000.0)).collect()
    }

    /// Median, and least to most, in milliseconds.
    pub(crate) fn wall(&self) -> String {
        spread(&self.walls())
    }

    pub(crate) fn cpu(&self) -> String {
        let cpus = sorted(self.cpus());
        if cpus.is_empty() { "–".to_owned() } else { short(quantile(&cpus, 0.5)) }
    }

    /// The median of the ratios within a round, and their quartiles.
    pub(crate) fn ratio(&self, floor: &Self) -> String {
        ratio(&self.walls(), &floor.walls())
    }

    pub(crate) fn cpu_ratio(&self, floor: &Self) -> String {
        ratio(&self.cpus(), &floor.cpus())
    }
}

/// The median of paired ratios, with quartiles.
pub(crate) fn ratio(values: &[f64], floors: &[f64]) -> String {
    let ratios = sorted(values.iter().zip(floors).map(|(value, floor)| value / floor).collect());
    if ratios.is_empty() {
        return "–".to_owned();
    }
    let [low, median, high] = [0.25, 0.5, 0.75].map(|part| quantile(&ratios, part));
    format!("**{median:.2}** ({low:.2}–{high:.2})")
}

/// Median, and least to most.
pub(crate) fn spread(values: &[f64]) -> String {
    if values.is_empty() {
        return "–".to_owned();
    }
    let values = sorted(values.to_vec());
    let [least, median, most] = [0.0, 0.5, 1.0].map(|part| short(quantile(&values, part)));
    format!("{median} ({least}–{most})")
}

pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(&sorted(values.to_vec()), 0.5)
}

/// Three digits, or all before the point.
pub(crate) fn short(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

pub(crate) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Of sorted values, between neighbours in proportion.
pub(crate) fn quantile(values: &[f64], part: f64) -> f64 {
    let mut place = part;
    for pair in values.windows(2) {
        // Each step between neighbours is one part of as many as there are steps.
        let step = 1.0 / f64::from(u32::try_from(values.len() - 1).unwrap_or(u32::MAX));
        if place <= step {
            return pair[0] + (pair[1] - pair[0]) * (place / step);
        }
        place -= step;
    }
    values.last().copied().unwrap_or(f64::NAN)
}
