//! Finding a row by what a person typed, and "did you mean" where there is none.

/// The known name nearest to what was typed, if any is near enough: at most
/// three edits (fewer for short names), or one contained in the other.
pub fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let allowed = (typed.chars().count() / 3).clamp(1, 3);
    known
        .filter_map(|name| {
            let distance = strsim::damerau_levenshtein(&typed, name);
            let contained = typed.len() >= 3
                && (name.contains(&typed) || typed.contains(name) && name.len() >= 3);
            let rank = match (distance <= allowed, contained) {
                (true, _) => distance,
                (false, true) => allowed + 1 + distance,
                (false, false) => return None,
            };
            Some((rank, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// Nothing goes by the name that was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{typed}`{}", self.next_step())]
pub struct Unknown {
    /// `model`, `machine`, ...
    pub what: &'static str,
    /// What was typed.
    pub typed: String,
    /// The nearest known name.
    pub nearest: Option<String>,
}

impl Unknown {
    /// The nearest name, or where all of them are listed.
    fn next_step(&self) -> String {
        match (&self.nearest, self.what) {
            (Some(near), _) => format!("; did you mean `{near}`?"),
            (None, "part") => {
                "; name a device, a host or a machine (`hwcmp list devices`, `hwcmp list machines`)"
                    .to_owned()
            }
            (None, "machine or model") => {
                "; `hwcmp list machines` and `hwcmp list models` have them all".to_owned()
            }
            (None, "country") => "; `hwcmp list countries` has them all".to_owned(),
            (None, "criterion") => "; `hwcmp verdict --explain` names them all".to_owned(),
            (None, what) => format!("; `hwcmp list {what}s` has them all"),
        }
    }

    /// With the nearest of the known names.
    pub fn new<'a>(what: &'static str, typed: &str, known: impl Iterator<Item = &'a str>) -> Self {
        Self {
            what,
            typed: typed.to_owned(),
            nearest: nearest(typed, known).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_the_nearest() {
        let known = ["rtx-3090", "rtx-4090", "dgx-spark", "strix-halo-128"];
        assert_eq!(nearest("rtx-309", known.into_iter()), Some("rtx-3090"));
        assert_eq!(nearest("dgx-sprak", known.into_iter()), Some("dgx-spark"));
        assert_eq!(nearest("spark", known.into_iter()), Some("dgx-spark"));
        assert_eq!(nearest("zzz", known.into_iter()), None);
    }
}
