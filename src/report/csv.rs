//! The answer for spreadsheets: RFC 4180, plain numbers, column keys as header.

use super::json::value as json;
use super::{Report, Value};
use crate::evidence::Range;

/// What stands between the values of a list.
const SEPARATOR: &str = "; ";

/// The CSV text. A column that holds an interval becomes `key_low`, `key_mid`
/// and `key_high`; unknown is an empty field.
pub fn render(report: &Report) -> String {
    let is_interval = |index: usize| {
        report
            .column_cells(index)
            .flatten()
            .any(|cell| matches!(cell.value, Value::Interval(_)))
    };
    let wide: Vec<bool> = (0..report.columns.len()).map(is_interval).collect();
    let header = report.columns.iter().zip(&wide).flat_map(|(column, wide)| {
        let ends: &[&str] = if *wide {
            &["_low", "_mid", "_high"]
        } else {
            &[""]
        };
        ends.iter().map(move |end| format!("{}{end}", column.key))
    });
    let mut records: Vec<Vec<String>> = vec![header.collect()];
    for row in &report.rows {
        let fields = wide.iter().enumerate().flat_map(|(index, wide)| {
            let value = row.get(index).map_or(&Value::Null, |cell| &cell.value);
            if *wide {
                bounds(value).to_vec()
            } else {
                vec![field(value)]
            }
        });
        records.push(fields.collect());
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in &records {
        // A record of the header's length into memory: there is nothing to fail.
        let _ = writer.write_record(record);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// Low, mid and high; an exact value is all three of them.
fn bounds(value: &Value) -> [String; 3] {
    let Range { low, mid, high } = match value {
        Value::Interval(range) => *range,
        other => match other.number() {
            Some(number) => Range::exact(number),
            None => return [String::new(), field(other), String::new()],
        },
    };
    [low, mid, high].map(|bound| field(&Value::Number(bound)))
}

/// A value as one field.
fn field(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        Value::List(values) => values.iter().map(field).collect::<Vec<_>>().join(SEPARATOR),
        other => match json(other) {
            serde_json::Value::Null => String::new(),
            json => json.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::report::testing::{sample, single};
    use crate::report::{Report, Value};

    #[test]
    fn intervals_take_three_columns_and_lists_one() {
        snapbox::assert_data_eq!(
            render(&sample()),
            snapbox::str![[r#"
machine,fits,decode_tokens_per_second_low,decode_tokens_per_second_mid,decode_tokens_per_second_high,required_bytes,price_usd,max_context_tokens,reasons,quant
dgx-spark,yes,4.1,4.63,5.2,42520000000,4699,131072,109 GiB usable; slow memory: 273 GB/s; the lowest power of the three,q4_k_m
4x3090-budget,yes,12,14.6,17.8,43100000000,4100.5,100000,4 x 24 GiB; fastest | loudest,q4_k_m
rtx-5090,no,,,,42520000000,,0,,q4_k_m

"#]]
        );
    }

    #[test]
    fn fields_are_quoted_where_needed() {
        assert_eq!(
            render(&single("a \"b\", c\nd".into())),
            "key\n\"a \"\"b\"\", c\nd\"\n"
        );
        assert_eq!(
            render(&single(Value::object([("a", 1i64.into())]))),
            "key\n\"{\"\"a\"\":1}\"\n"
        );
        assert_eq!(render(&single(f64::NAN.into())), "key\n\"\"\n");
    }

    #[test]
    fn no_rows_leave_the_header() {
        let mut report = sample();
        report.rows.clear();
        assert!(render(&report).starts_with("machine,fits,"));
        assert_eq!(render(&Report::new("test", "2026", &[])), "\"\"\n");
    }
}
