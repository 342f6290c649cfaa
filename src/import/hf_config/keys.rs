//! Access to the keys of a config, with their paths for messages.

use serde_json::Value;

/// A config: the text part of a multimodal model, and the whole around it.
pub(super) struct Keys<'a> {
    root: &'a Value,
    /// Name of the part that describes the text model; none where that is the whole.
    part: Option<&'static str>,
    text: &'a Value,
    /// What makes it impossible to go on, each with its key.
    pub(super) problems: Vec<String>,
    /// What was assumed.
    pub(super) assumptions: Vec<String>,
}

/// Names under which multimodal models keep their text part.
const PARTS: [&str; 5] = [
    "text_config",
    "llm_config",
    "language_config",
    "thinker_config",
    "language_model_config",
];

impl<'a> Keys<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        let mut text = root;
        let mut part = None;
        // Omni models nest twice: thinker_config.text_config.
        for _ in 0..2 {
            let next = PARTS.iter().find_map(|name| {
                text.get(name)
                    .filter(|value| value.is_object())
                    .map(|value| (*name, value))
            });
            let Some((name, value)) = next else { break };
            (part, text) = (Some(name), value);
        }
        Self {
            root,
            part,
            text,
            problems: Vec::new(),
            assumptions: Vec::new(),
        }
    }

    /// A value by the first of its names that is there and not null, in the text
    /// part before the whole.
    pub(super) fn get(&self, names: &[&str]) -> Option<&'a Value> {
        let find = |object: &'a Value| {
            names
                .iter()
                .find_map(|name| object.get(name).filter(|value| !value.is_null()))
        };
        find(self.text).or_else(|| find(self.root))
    }

    /// A key's path for a message.
    pub(super) fn path(&self, name: &str) -> String {
        self.part
            .map_or_else(|| format!("`{name}`"), |part| format!("`{part}.{name}`"))
    }

    pub(super) fn problem(&mut self, name: &str, problem: &str) {
        let text = format!("{} {problem}", self.path(name));
        self.problems.push(text);
    }

    pub(super) fn assume(&mut self, sentence: impl Into<String>) {
        self.assumptions.push(sentence.into());
    }

    /// A whole number; of a list with one for each layer, the first. Something
    /// else is a problem.
    pub(super) fn number(&mut self, names: &[&str]) -> Option<u32> {
        let value = self.get(names)?;
        let value = value
            .as_array()
            .and_then(|list| list.first())
            .unwrap_or(value);
        // A key that is switched off: `"sliding_window": false`.
        if value.as_bool() == Some(false) || value.is_null() {
            return None;
        }
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        if number.is_none() {
            self.problem(
                names.first().copied().unwrap_or_default(),
                "is no whole number from 0 to 2^32",
            );
        }
        number
    }

    /// A number above zero that may be missing.
    pub(super) fn positive(&mut self, names: &[&str]) -> Option<u32> {
        self.number(names).filter(|number| *number > 0)
    }

    /// A number above zero that must be there.
    pub(super) fn required(&mut self, names: &[&str]) -> u32 {
        let name = names.first().copied().unwrap_or_default();
        let known = self.problems.len();
        match self.number(names) {
            Some(0) => self.problem(name, "is 0; give the config of a whole model"),
            Some(number) => return number,
            // A broken value was reported already.
            None if self.problems.len() > known => {}
            None => self.problem(name, "is missing"),
        }
        1
    }

    pub(super) fn flag(&self, names: &[&str]) -> Option<bool> {
        self.get(names)?.as_bool()
    }

    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        self.get(names)?.as_str().map(str::to_owned)
    }

    /// The text of the inner part only.
    pub(super) fn inner_text(&self, name: &str) -> Option<&'a str> {
        self.text.get(name)?.as_str()
    }

    pub(super) fn outer_text(&self, name: &str) -> Option<&'a str> {
        self.root.get(name)?.as_str()
    }

    /// A list.
    pub(super) fn list(&self, names: &[&str]) -> Option<&'a [Value]> {
        self.get(names)?.as_array().map(Vec::as_slice)
    }

    /// A list of words, such as `layer_types`.
    pub(super) fn words(&self, names: &[&str]) -> Option<Vec<&'a str>> {
        self.list(names).map(|list| {
            list.iter()
                .map(|item| item.as_str().unwrap_or_default())
                .collect()
        })
    }

    /// A list of numbers; what is no number counts as 0.
    pub(super) fn numbers(&self, names: &[&str]) -> Option<Vec<u32>> {
        let number = |item: &Value| {
            item.as_u64()
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(0)
        };
        self.list(names)
            .map(|list| list.iter().map(number).collect())
    }
}

/// The places in a list where something holds.
pub(super) fn places<T>(list: &[T], holds: impl Fn(&T) -> bool) -> Vec<u32> {
    (0..)
        .zip(list)
        .filter(|(_, item)| holds(item))
        .map(|(index, _)| index)
        .collect()
}
