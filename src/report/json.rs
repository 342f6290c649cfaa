//! The answer for programs: one JSON object, plain numbers in base units.

use serde_json::{Map, Value as Json};

use super::{Report, Value};
use crate::evidence::Range;

/// Rises when a key is renamed or its meaning changes; new keys do not count.
pub const SCHEMA_VERSION: u32 = 1;
/// The largest whole number that a JSON reader with double precision keeps.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The JSON text, indented, with a line break at its end.
pub fn render(report: &Report) -> String {
    format!("{:#}\n", object(report))
}

/// The JSON object.
pub fn object(report: &Report) -> Json {
    let row = |row: &super::Row| {
        let cells = report.columns.iter().enumerate().map(|(index, column)| {
            (
                column.key.to_owned(),
                row.get(index).map_or(Json::Null, |cell| value(&cell.value)),
            )
        });
        Json::Object(cells.collect())
    };
    let assumptions = report
        .assumptions
        .iter()
        .map(|(key, given)| (key.clone(), value(given)));
    let mut whole = Map::new();
    whole.insert("schema_version".to_owned(), SCHEMA_VERSION.into());
    whole.insert("command".to_owned(), report.command.into());
    whole.insert("data_date".to_owned(), report.data_date.as_str().into());
    whole.insert(
        "assumptions".to_owned(),
        Json::Object(assumptions.collect()),
    );
    whole.insert("rows".to_owned(), report.rows.iter().map(row).collect());
    for (key, member) in &report.members {
        whole.entry(*key).or_insert_with(|| value(member));
    }
    Json::Object(whole)
}

/// A value as JSON; `null` for what is unknown or not finite.
pub fn value(given: &Value) -> Json {
    match given {
        Value::Null => Json::Null,
        Value::Bool(yes) => (*yes).into(),
        Value::Integer(whole) => (*whole).into(),
        Value::Number(number) => plain(*number),
        Value::Text(text) => text.as_str().into(),
        Value::Interval(range) => interval(range),
        Value::List(values) => values.iter().map(value).collect(),
        Value::Object(members) => Json::Object(
            members
                .iter()
                .map(|(key, member)| (key.clone(), value(member)))
                .collect(),
        ),
    }
}

/// A number, without `.0` where it is whole.
fn plain(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE {
        Json::from(number as i64)
    } else {
        // `From<f64>` gives null where the number is not finite.
        Json::from(number)
    }
}

/// An interval; unknown as a whole where its middle is.
fn interval(range: &Range) -> Json {
    if !range.mid.is_finite() {
        return Json::Null;
    }
    let bounds = [("low", range.low), ("mid", range.mid), ("high", range.high)];
    Json::Object(
        bounds
            .map(|(key, bound)| (key.to_owned(), plain(bound)))
            .into_iter()
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use snapbox::{assert_data_eq, str};

    use super::{Json, object, render, value};
    use crate::evidence::Range;
    use crate::report::testing::{sample, single};
    use crate::report::{Report, Value};

    #[test]
    fn a_report() {
        let mut report = sample();
        report.rows.truncate(1);
        assert_data_eq!(
            render(&report),
            str![[r#"
{
  "schema_version": 1,
  "command": "fit",
  "data_date": "2026-11-20",
  "assumptions": {
    "context_tokens": 32768,
    "note": null
  },
  "rows": [
    {
      "machine": "dgx-spark",
      "fits": "yes",
      "decode_tokens_per_second": {
        "low": 4.1,
        "mid": 4.63,
        "high": 5.2
      },
      "required_bytes": 42520000000,
      "price_usd": 4699,
      "max_context_tokens": 131072,
      "reasons": [
        "109 GiB usable",
        "slow memory: 273 GB/s",
        "the lowest power of the three"
      ],
      "quant": "q4_k_m"
    }
  ],
  "summary": {
    "n": 3,
    "share": 0.5
  }
}

"#]]
        );
    }

    #[test]
    fn numbers_are_plain() {
        assert_eq!(value(&38.0.into()).to_string(), "38");
        assert_eq!(value(&(-0.0).into()).to_string(), "0");
        assert_eq!(value(&38.5.into()).to_string(), "38.5");
        assert_eq!(value(&f64::NAN.into()), Json::Null);
        assert_eq!(value(&f64::INFINITY.into()), Json::Null);
        assert_eq!(value(&Range::exact(f64::NAN).into()), Json::Null);
        let open = Range {
            low: 1.0,
            mid: 2.0,
            high: f64::INFINITY,
        };
        assert_eq!(
            value(&open.into()).to_string(),
            r#"{"low":1,"mid":2,"high":null}"#
        );
    }

    #[test]
    fn members_cannot_replace_the_contract() {
        let mut report = Report::new("test", "2026", &[]);
        report
            .member("rows", 1i64)
            .member("flips", Vec::<i64>::new());
        assert_eq!(object(&report)["rows"], Json::Array(Vec::new()));
        assert_eq!(object(&report)["flips"], Json::Array(Vec::new()));
    }

    /// Values of any shape.
    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Integer),
            any::<f64>().prop_map(Value::Number),
            any::<String>().prop_map(Value::Text),
            any::<[f64; 3]>().prop_map(|[low, mid, high]| Value::Interval(Range {
                low,
                mid,
                high
            })),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            let list = proptest::collection::vec(inner.clone(), 0..4);
            let members = proptest::collection::vec((any::<String>(), inner), 0..4);
            prop_oneof![list.prop_map(Value::List), members.prop_map(Value::Object)]
        })
    }

    proptest! {
        #[test]
        fn read_back_it_is_equal(given in values()) {
            let report = single(given);
            let read: Json = serde_json::from_str(&render(&report)).expect("JSON");
            assert_eq!(read, object(&report));
        }
    }
}
