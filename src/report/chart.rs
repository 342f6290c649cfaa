//! Line charts in the terminal: lines of braille dots with a letter on each,
//! so that they are told apart without colour; plain dots where there is no Unicode.

use std::fmt::Write;

use super::wrap::wrap_text;

/// Rows of the plot.
const HEIGHT: usize = 14;
/// Wider plots are no clearer.
const WIDEST: usize = 110;
/// Columns between the letters of neighbouring lines.
const LETTER_STEP: usize = 7;
/// Ticks of the horizontal axis.
const TICKS: usize = 4;
/// Dots of a braille cell.
const DOTS: (usize, usize) = (2, 4);
/// The bit of each dot of a braille cell, by column and row.
const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// A line of a chart.
pub struct Line<'a> {
    /// Its name in the legend.
    pub name: String,
    /// Its height at a place.
    pub at: Box<dyn Fn(f64) -> f64 + 'a>,
}

/// A chart of lines over one axis.
pub struct LineChart<'a> {
    /// What it shows.
    pub title: String,
    /// The ends of the horizontal axis.
    pub from: f64,
    /// Its right end.
    pub to: f64,
    /// A number of the horizontal axis as text.
    pub x_text: fn(f64) -> String,
    /// A number of the vertical axis as text.
    pub y_text: fn(f64) -> String,
    /// The lines; the first are drawn over the later ones.
    pub lines: Vec<Line<'a>>,
}

/// The letter of a line.
fn letter(index: usize) -> char {
    char::from(b'A' + (index % 26) as u8)
}

impl LineChart<'_> {
    /// The chart as text no wider than `width`.
    pub fn render(&self, width: usize, unicode: bool) -> String {
        let (low, high, step) = self.scale();
        let steps = ((high - low) / step).round() as usize;
        let labels: Vec<String> = (0..=steps)
            .map(|tick| (self.y_text)(low + step * tick as f64))
            .collect();
        let margin = labels.iter().map(String::len).max().unwrap_or(0);
        let columns = width.min(WIDEST).saturating_sub(margin + 3).max(20);
        let cells = self.cells(columns, low, high, unicode);
        let (bar, corner, dash) = if unicode {
            ('│', '└', '─')
        } else {
            ('|', '+', '-')
        };
        let mut text = format!("{}\n", self.title);
        for (row, line) in cells.iter().enumerate() {
            // A label stands at the row that its value falls into.
            let label = (0..=steps)
                .find(|tick| row_of(low + step * *tick as f64, low, high) == row)
                .map_or("", |tick| labels[tick].as_str());
            let drawn: String = line.iter().collect();
            text.push_str(format!("{label:>margin$} {bar}{drawn}").trim_end());
            text.push('\n');
        }
        let axis: String = std::iter::repeat_n(dash, columns).collect();
        // Writing into a string does not fail.
        let _ = writeln!(text, "{:margin$} {corner}{axis}", "");
        text.push_str(&self.ticks(margin, columns));
        text.push_str(&self.legend(width));
        text
    }

    /// Lower end, upper end and step of the vertical axis: round numbers.
    fn scale(&self) -> (f64, f64, f64) {
        let samples = 64;
        let values = self.lines.iter().flat_map(|line| {
            (0..=samples).map(|sample| {
                let share = f64::from(sample) / f64::from(samples);
                (line.at)(self.from + (self.to - self.from) * share)
            })
        });
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if low > high {
            return (0.0, 1.0, 1.0);
        }
        let rough = ((high - low) / 4.0).max(high.abs().max(1.0) * 1e-3);
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * power)
            .find(|step| *step >= rough)
            .unwrap_or(rough);
        let bottom = (low / step).floor() * step;
        let top = ((high / step).ceil() * step).max(bottom + step);
        (bottom, top, step)
    }

    /// The plot's characters, top row first.
    fn cells(&self, columns: usize, low: f64, high: f64, unicode: bool) -> Vec<Vec<char>> {
        let (wide, tall) = DOTS;
        let mut dots = vec![vec![0u32; columns]; HEIGHT];
        let dot_columns = columns * wide;
        let height_at = |line: &Line<'_>, dot: usize| {
            let share = dot as f64 / (dot_columns - 1) as f64;
            let value = (line.at)(self.from + (self.to - self.from) * share);
            let up = (value - low) / (high - low) * (HEIGHT * tall - 1) as f64;
            (HEIGHT * tall - 1) - (up.round().max(0.0) as usize).min(HEIGHT * tall - 1)
        };
        for line in &self.lines {
            let mut last = height_at(line, 0);
            for dot in 0..dot_columns {
                let next = height_at(line, dot);
                for y in last.min(next)..=last.max(next) {
                    dots[y / tall][dot / wide] |= BITS[dot % wide][y % tall];
                }
                last = next;
            }
        }
        let mut cells: Vec<Vec<char>> = dots
            .iter()
            .map(|row| row.iter().map(|bits| dotted(*bits, unicode)).collect())
            .collect();
        for (index, line) in self.lines.iter().enumerate().rev() {
            let every = LETTER_STEP * self.lines.len();
            let first = LETTER_STEP / 2 + LETTER_STEP * index;
            for column in (first..columns).step_by(every.max(1)) {
                cells[height_at(line, column * wide) / tall][column] = letter(index);
            }
        }
        cells
    }

    /// The numbers under the horizontal axis.
    fn ticks(&self, margin: usize, columns: usize) -> String {
        let mut row = vec![' '; margin + 2 + columns];
        for tick in 0..=TICKS {
            let share = tick as f64 / TICKS as f64;
            let text = (self.x_text)(self.from + (self.to - self.from) * share);
            let place = margin + 2 + ((columns - 1) as f64 * share).round() as usize;
            // The last number ends at the axis' end, the others begin under their place.
            let start = if tick == TICKS {
                (place + 1).saturating_sub(text.len())
            } else {
                place
            };
            for (offset, char) in text.chars().enumerate() {
                if let Some(cell) = row.get_mut(start + offset) {
                    *cell = char;
                }
            }
        }
        let row: String = row.into_iter().collect();
        format!("{}\n", row.trim_end())
    }

    fn legend(&self, width: usize) -> String {
        let names: Vec<String> = self
            .lines
            .iter()
            .enumerate()
            .map(|(index, line)| format!("{}\u{a0}{}", letter(index), line.name))
            .collect();
        wrap_text(&names.join("  "), width)
            .iter()
            .map(|line| line.replace('\u{a0}', " ") + "\n")
            .collect()
    }
}

/// The row, from the top, that a value falls into.
fn row_of(value: f64, low: f64, high: f64) -> usize {
    let (_, tall) = DOTS;
    let up = ((value - low) / (high - low) * (HEIGHT * tall - 1) as f64).round() as usize;
    ((HEIGHT * tall - 1) - up.min(HEIGHT * tall - 1)) / tall
}

/// A cell of dots: braille, or a full stop for any.
fn dotted(bits: u32, unicode: bool) -> char {
    match (bits, unicode) {
        (0, _) => ' ',
        (_, false) => '.',
        (bits, true) => char::from_u32(0x2800 + bits).unwrap_or('.'),
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, LineChart};
    use snapbox::{assert_data_eq, str};

    fn chart() -> LineChart<'static> {
        LineChart {
            title: "net cost".to_owned(),
            from: 0.0,
            to: 24.0,
            x_text: |hours| format!("{hours:.0} h"),
            y_text: |usd| format!("${usd:.0}"),
            lines: vec![
                Line {
                    name: "spark".to_owned(),
                    at: Box::new(|hours| 2000.0 + 10.0 * hours),
                },
                Line {
                    name: "rig".to_owned(),
                    at: Box::new(|hours| 1000.0 + 100.0 * hours),
                },
            ],
        }
    }

    #[test]
    fn lines_cross_in_plain_characters() {
        assert_data_eq!(
            chart().render(60, false),
            str![[r#"
net cost
$4000 |
      |
      |                                                   .
      |                                              ......
$3000 |                                          .....
      |                                     .B....
      |                                ......
      |                            .....
      |              ...A......B......A.............A......
$2000 |...A...........   ......
      |             ......
      |         .B...
      |    ......
$1000 |.....
      +----------------------------------------------------
       0 h          6 h          12 h        18 h      24 h
A spark  B rig

"#]]
        );
    }

    #[test]
    fn it_keeps_to_the_width() {
        for width in [60, 80, 140] {
            for unicode in [false, true] {
                let text = chart().render(width, unicode);
                assert!(text.lines().all(|line| line.chars().count() <= width));
                assert_eq!(text.is_ascii(), !unicode);
            }
        }
    }

    #[test]
    fn a_flat_line_has_a_scale() {
        let mut flat = chart();
        flat.lines = vec![Line {
            name: "flat".to_owned(),
            at: Box::new(|_| 100.0),
        }];
        assert!(flat.render(80, true).contains("$100"));
    }
}
