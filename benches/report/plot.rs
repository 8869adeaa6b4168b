use std::fmt::{self, Write};

/// Horizontal bars, as SVG that follows the reader's light or dark page.
#[derive(Debug)]
pub(crate) struct Plot {
    title: String,
    bars: Vec<Bar>,
}

/// A median, with quartiles where there are any.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) quartiles: Option<(f64, f64)>,
}

impl Plot {
    pub(crate) fn new(title: &str, bars: Vec<Bar>) -> Self {
        Self { title: title.to_owned(), bars }
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }
}

impl Bar {
    /// From a cell of a table: `**1.30** (1.22–1.40)`, or a number. None where the cell has neither.
    pub(crate) fn from_cell(label: String, cell: &str) -> Option<Self> {
        let plain = cell.replace(['*', ','], "");
        let (value, rest) = plain.split_once(' ').unwrap_or((&plain, ""));
        let quartiles = rest.trim_matches(['(', ')']).split_once('–');
        let quartiles = quartiles.and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
        let value = value.parse().ok().filter(|value: &f64| value.is_finite())?;
        Some(Self { label, value, quartiles })
    }
}

const WIDTH: f64 = 760.0;
const LABELS: f64 = 290.0;
/// For the numbers behind the bars.
const NUMBERS: f64 = 70.0;
const ROW: f64 = 24.0;
const HEAD: f64 = 34.0;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600}.bar{fill:#8c959f}.ours{fill:#0969da}\
    .line{stroke:#24292f;stroke-width:1.5}.one{stroke:#afb8c1;stroke-dasharray:3 3}@media(prefers-color-scheme:dark){text{fill:#d0d7de}\
    .bar{fill:#6e7681}.ours{fill:#4493f8}.line{stroke:#d0d7de}.one{stroke:#57606a}}";

impl fmt::Display for Plot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reach = |bar: &Bar| bar.quartiles.map_or(bar.value, |(_, high)| high.max(bar.value));
        let most = self.bars.iter().map(reach).fold(f64::MIN_POSITIVE, f64::max);
        let x = |value: f64| LABELS + value / most * (WIDTH - LABELS - NUMBERS);
        let rows: String = self.bars.iter().zip(0_u32..).map(|(bar, row)| row_of(bar, row, &x)).collect();
        let height = HEAD + ROW * f64::from(u32::try_from(self.bars.len()).unwrap_or(u32::MAX)) + 8.0;
        writeln!(
            formatter,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\"><style>{STYLE}</style>\n\
             <text class=\"title\" x=\"0\" y=\"18\">{title}</text>",
            title = escaped(&self.title)
        )?;
        if most > 1.0 && self.bars.iter().any(|bar| bar.quartiles.is_some()) {
            writeln!(
                formatter,
                "<line class=\"one\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{HEAD}\" y2=\"{height}\"/>",
                x = x(1.0)
            )?;
        }
        writeln!(formatter, "{rows}</svg>")
    }
}

fn row_of(bar: &Bar, row: u32, x: &impl Fn(f64) -> f64) -> String {
    let top = HEAD + ROW * f64::from(row);
    let (base, middle) = (top + 15.0, top + 10.5);
    let class = if bar.label.contains("hardtack") { "bar ours" } else { "bar" };
    let mut text = String::new();
    let _ = writeln!(
        text,
        "<text x=\"{labels}\" y=\"{base}\" text-anchor=\"end\">{label}</text><rect class=\"{class}\" x=\"{LABELS}\" y=\"{y}\" \
         width=\"{width:.1}\" height=\"15\" rx=\"2\"/><text x=\"{behind:.1}\" y=\"{base}\">{value}</text>",
        labels = LABELS - 8.0,
        label = escaped(&bar.label),
        y = top + 3.0,
        width = x(bar.value) - LABELS,
        behind = x(bar.quartiles.map_or(bar.value, |(_, high)| high.max(bar.value))) + 6.0,
        value = crate::statistics::short(bar.value),
    );
    if let Some((low, high)) = bar.quartiles {
        let _ = writeln!(
            text,
            "<line class=\"line\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle}\" y2=\"{middle}\"/>",
            x(low),
            x(high)
        );
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('`', "")
}
