//! The words of a table's cells, and the values that stand in its notes.

/// The notes of a row, in which some values stand as `key=value`.
#[derive(Clone, Copy)]
pub(super) struct Notes<'a>(pub(super) &'a str);

impl Notes<'_> {
    pub(super) fn number(self, key: &str) -> Option<f64> {
        let (_, rest) = self.0.split_once(key)?;
        let end = rest
            .find(|char: char| char != '.' && !char.is_ascii_digit())
            .unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    }

    pub(super) fn count(self, key: &str) -> Option<u32> {
        self.number(key).map(|number| number as u32)
    }

    /// The kernels that a vLLM server was told to use, as its flag stands in the notes.
    pub(super) fn linear_backend(self) -> Option<String> {
        let (_, rest) = self.0.split_once("--linear-backend ")?;
        let word = rest.split([' ', ',', ';', '"']).next()?;
        (!word.is_empty()).then(|| word.to_owned())
    }
}

/// A switch as people write it.
pub(super) fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "y" | "yes" | "true" | "on" => Some(true),
        "0" | "n" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// The id of a cache type, both where keys and values differ.
pub(super) fn kv_type(text: &str) -> String {
    let one = |text: &str| match text.trim() {
        "q8" => "q8_0".to_owned(),
        "q4" => "q4_0".to_owned(),
        "fp16" => "f16".to_owned(),
        fp8 if fp8.starts_with("fp8") => "fp8".to_owned(),
        other => other.to_owned(),
    };
    match text.split_once('/') {
        Some((keys, values)) if one(keys) != one(values) => {
            format!("{}/{}", one(keys), one(values))
        }
        Some((keys, _)) => one(keys),
        None => one(text),
    }
}

/// The id of a link from the corpus' short words.
pub(super) fn link(text: &str) -> String {
    match text {
        "tb5" => "thunderbolt-5".to_owned(),
        "nvlink" => "nvlink-3090".to_owned(),
        "roce" | "200gb" => "connectx-7".to_owned(),
        other => match other
            .strip_prefix("pcie")
            .and_then(|rest| rest.split_once(' '))
        {
            // Cards on slots of several widths wait for the narrowest.
            Some((generation, widths)) => {
                let lanes =
                    |width: &&str| width.trim_start_matches('x').parse().unwrap_or(u32::MAX);
                let width = widths.split('/').min_by_key(lanes).unwrap_or(widths);
                format!("pcie-{generation}-{width}")
            }
            None => other.to_owned(),
        },
    }
}
