//! Bars from one value to another on a common scale, in groups: a tornado.

use std::fmt::Write;

/// Wider bars are no clearer.
const WIDEST: usize = 60;
/// The shortest scale.
const NARROWEST: usize = 10;

/// A bar between two values.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is about.
    pub label: String,
    /// Its left end.
    pub low: f64,
    /// Its right end.
    pub high: f64,
    /// The text behind it.
    pub text: String,
}

/// Bars under a heading, with a value marked in each.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The heading.
    pub title: String,
    /// The value marked.
    pub mark: f64,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// The groups as text no wider than `width`, all on one scale.
pub fn render(groups: &[Group], width: usize, unicode: bool) -> String {
    let bars = || groups.iter().flat_map(|group| &group.bars);
    let low = bars().map(|bar| bar.low).fold(f64::INFINITY, f64::min);
    let high = bars().map(|bar| bar.high).fold(f64::NEG_INFINITY, f64::max);
    let longest = |text: fn(&Bar) -> &str| bars().map(|bar| text(bar).chars().count()).max();
    let label = longest(|bar| &bar.label).unwrap_or(0);
    let text = longest(|bar| &bar.text).unwrap_or(0);
    let scale = width
        .saturating_sub(label + text + 6)
        .clamp(NARROWEST, WIDEST);
    let place = |value: f64| {
        let share = if high > low {
            (value - low) / (high - low)
        } else {
            0.0
        };
        (share.clamp(0.0, 1.0) * (scale - 1) as f64).round() as usize
    };
    let (full, mark) = if unicode { ('━', '┃') } else { ('=', '|') };
    let mut lines = String::new();
    for group in groups {
        lines.push_str(&group.title);
        lines.push('\n');
        for bar in &group.bars {
            let drawn: String = (0..scale)
                .map(|column| match column {
                    column if column == place(group.mark) => mark,
                    column if (place(bar.low)..=place(bar.high)).contains(&column) => full,
                    _ => ' ',
                })
                .collect();
            // Writing into a string does not fail.
            let _ = writeln!(lines, "  {:<label$}  {drawn}  {}", bar.label, bar.text);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Bar, Group, render};
    use snapbox::{assert_data_eq, str};

    #[test]
    fn bars_share_a_scale() {
        let bar = |label: &str, low: f64, high: f64| Bar {
            label: label.to_owned(),
            low,
            high,
            text: format!("${low} to ${high}"),
        };
        let groups = [
            Group {
                title: "spark, $20".to_owned(),
                mark: 20.0,
                bars: vec![bar("price", 10.0, 30.0), bar("resale", 15.0, 22.0)],
            },
            Group {
                title: "rig, $40".to_owned(),
                mark: 40.0,
                bars: vec![bar("price", 20.0, 50.0)],
            },
        ];
        assert_data_eq!(
            render(&groups, 60, false),
            str![[r#"
spark, $20
  price   =========|==========                    $10 to $30
  resale       ====|==                            $15 to $22
rig, $40
  price            ===================|=========  $20 to $50

"#]]
        );
    }
}
