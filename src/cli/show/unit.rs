//! The units in the data's keys: base units for JSON, the usual ones for tables.

use crate::units::{compact, dollars, group_thousands};

/// A unit as it stands at the end of a key.
struct Unit {
    /// The end of the key in the data.
    written: &'static str,
    /// The end of the key in JSON.
    base: &'static str,
    /// Base units in one of it.
    factor: f64,
    /// The unit behind a value in tables.
    shown: &'static str,
}

const fn unit(written: &'static str, base: &'static str, factor: f64, shown: &'static str) -> Unit {
    Unit {
        written,
        base,
        factor,
        shown,
    }
}

/// Bytes in a gibibyte.
const GIB: f64 = 1_073_741_824.0;

/// The longer ends first.
const UNITS: [Unit; 18] = [
    unit("_tokens_per_second", "_tokens_per_second", 1.0, " tok/s"),
    unit("usd_per_kwh", "usd_per_kwh", 1.0, " $/kWh"),
    unit("_per_hour", "_per_hour", 1.0, " an hour"),
    unit("_gb_s", "_bytes_per_second", 1e9, " GB/s"),
    unit("_tflops", "_flops_per_second", 1e12, " TFLOPS"),
    unit("_tops", "_ops_per_second", 1e12, " TOPS"),
    unit("_seconds", "_seconds", 1.0, " s"),
    unit("_tokens", "_tokens", 1.0, " tokens"),
    unit("_hours", "_hours", 1.0, " h"),
    unit("_gib", "_bytes", GIB, " GiB"),
    unit("_dba", "_dba", 1.0, " dB(A)"),
    unit("_usd", "_usd", 1.0, " $"),
    unit("_mb", "_bytes", 1e6, " MB"),
    unit("_ms", "_seconds", 1e-3, " ms"),
    unit("_us", "_seconds", 1e-6, " us"),
    unit("_mm", "_millimetres", 1.0, " mm"),
    unit("_w", "_watts", 1.0, " W"),
    unit("_l", "_litres", 1.0, " l"),
];

/// What a key of the data is called.
pub struct Named {
    /// The key in JSON, with its base unit.
    pub key: String,
    /// The words in tables, without the unit.
    pub title: String,
    unit: Option<&'static Unit>,
}

impl Named {
    /// The names of a key.
    pub fn of(key: &str) -> Self {
        let unit = UNITS.iter().find(|unit| key.ends_with(unit.written));
        let stem = unit
            .and_then(|unit| key.strip_suffix(unit.written))
            .unwrap_or(key);
        Self {
            key: unit.map_or_else(|| key.to_owned(), |unit| format!("{stem}{}", unit.base)),
            title: match stem.trim_start_matches("ratings.") {
                "" => "price".to_owned(),
                stem => stem.replace(['_', '.'], " "),
            },
            unit,
        }
    }

    /// A number in base units. Whole where it all but is: 273.1 GB/s is
    /// 273,100,000,000 bytes a second.
    pub fn base(&self, number: f64) -> f64 {
        match self.unit {
            Some(unit) if unit.factor > 1.0 => (number * unit.factor).round(),
            Some(unit) if unit.factor < 1.0 => number * unit.factor,
            _ => number,
        }
    }

    /// A number with its unit.
    pub fn shown(&self, number: f64) -> String {
        if self.unit.is_some_and(|unit| unit.written == "_usd") {
            return dollars(number);
        }
        let plain = group_thousands(&number.to_string());
        let plain = if plain.len() > 12 && number.fract() != 0.0 {
            compact(number, 4)
        } else {
            plain
        };
        format!("{plain}{}", self.unit.map_or("", |unit| unit.shown))
    }
}

#[cfg(test)]
mod tests {
    use super::Named;

    #[test]
    fn units_are_taken_from_the_key() {
        let bandwidth = Named::of("bandwidth_gb_s");
        assert_eq!(bandwidth.key, "bandwidth_bytes_per_second");
        assert_eq!(bandwidth.title, "bandwidth");
        assert_eq!(bandwidth.base(273.1).to_string(), "273100000000");
        assert_eq!(bandwidth.shown(273.1), "273.1 GB/s");
        let latency = Named::of("latency_us");
        assert_eq!(latency.key, "latency_seconds");
        assert_eq!(Named::of("resale_3y.low").key, "resale_3y.low");
        assert_eq!(Named::of("resale_3y.low").title, "resale 3y low");
        assert_eq!(Named::of("total_params").shown(32_768_000.0), "32,768,000");
    }
}
